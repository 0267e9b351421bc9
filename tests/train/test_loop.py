import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from train import loop
from train.checkpoint import Checkpoint
from train.data import normalise
from train.data_sets import MNIST_PIXELS
from train.evaluate import evaluate
from train.model import Network, layers
from train.study import Trial

TRIAL = Trial("GN", 1e-3, 4e-4, 16, dropout=0.0)


def test_two_steps_are_sgd_with_momentum_weight_decay_and_the_l1_subgradient(mnist):
    network = Network(TRIAL).initialise(torch.Generator().manual_seed(0)).train()
    twin = Network(TRIAL).train()
    twin.load_state_dict(network.state_dict())
    optimiser = torch.optim.SGD(
        network.parameters(), TRIAL.lr, TRIAL.momentum, weight_decay=TRIAL.l2
    )
    velocity = {name: 0 for name, _ in twin.named_parameters()}
    for step in range(2):
        images = normalise(mnist.train.images[16 * step : 16 * step + 16], MNIST_PIXELS)
        labels = mnist.train.labels[16 * step : 16 * step + 16]
        loop.train_step(network, optimiser, images, labels, TRIAL.l1)
        names, weights = zip(*twin.named_parameters(), strict=True)
        gradients = torch.autograd.grad(F.nll_loss(twin(images), labels), weights)
        with torch.no_grad():
            for name, w, g in zip(names, weights, gradients, strict=True):
                velocity[name] = 0.9 * velocity[name] + g + 1e-3 * w.sign() + 4e-4 * w
                w -= 0.04104 * velocity[name]
    for ours, expected in zip(network.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, expected, atol=1e-6, rtol=1e-5)


def test_an_epoch_has_every_image_once_and_keeps_the_short_batch(mnist):
    trial = replace(TRIAL, rotation=0.0, batch_size=100)
    split = mnist.train.first(250)
    streams = loop.Streams.of(1, "cpu")
    batches = list(loop.epoch_batches(split, trial, streams))
    assert [len(labels) for _, labels in batches] == [100, 100, 50]
    shown = torch.cat([images for images, _ in batches]).flatten(1)
    expected = normalise(split.images, MNIST_PIXELS).flatten(1)
    assert sorted(map(tuple, shown.tolist())) == sorted(map(tuple, expected.tolist()))
    again = torch.cat(
        [images for images, _ in loop.epoch_batches(split, trial, streams)]
    )
    assert not torch.equal(shown, again.flatten(1))


def test_angles_fill_the_range_and_no_more():
    streams = loop.Streams.of(1, "cpu")
    angles = torch.empty(1000).uniform_(-7, 7, generator=streams.angles)
    assert -7 <= angles.min() < -6.9 and 6.9 < angles.max() <= 7


def test_the_streams_are_separate(mnist):
    split = mnist.train.first(64)
    plain, other = loop.Streams.of(1, "cpu"), loop.Streams.of(1, "cpu")
    torch.rand(1000, generator=other.weights)
    torch.rand(1000, generator=other.noise)
    for (left, _), (right, _) in zip(
        loop.epoch_batches(split, TRIAL, plain),
        loop.epoch_batches(split, TRIAL, other),
        strict=True,
    ):
        assert torch.equal(left, right)
    first = [
        torch.rand(4, generator=stream).tolist()
        for stream in vars(loop.Streams.of(1, "cpu")).values()
    ]
    assert len(set(map(tuple, first))) == 4


@pytest.fixture(scope="module")
def learned(few, tiny) -> Checkpoint:
    """A network trained by the reference loop and tested on few digits."""
    trial = replace(tiny, norm="BN", l1=1e-4, l2=4e-4)
    return loop.finish(loop.train(trial, few))


def test_the_same_trial_gives_the_same_weights_bit_for_bit(learned, few):
    torch.manual_seed(123)  # the trial does not use the global generator
    again = loop.finish(loop.train(learned.trial, few))
    assert all(
        torch.equal(again.state[name], value) for name, value in learned.state.items()
    )
    assert again.test_digits == learned.test_digits
    timeless = [{**row, "seconds": 0} for row in again.history]
    assert timeless == [{**row, "seconds": 0} for row in learned.history]


def test_another_seed_gives_another_network(learned, few):
    other = loop.finish(loop.train(replace(learned.trial, seed=2), few))
    assert not torch.equal(other.state["head.weight"], learned.state["head.weight"])


def test_a_row_has_the_measurements_of_its_epoch(learned, few):
    assert [row["epoch"] for row in learned.history] == [1, 2]
    row, network = learned.history[-1], learned.network()
    tested = evaluate(network, few.test)
    assert (row["test_acc"], row["test_loss"]) == (tested.acc, tested.loss)
    assert learned.test_digits == "".join(map(str, tested.preds.tolist()))
    for key, power in (("abs_sums", 1), ("square_sums", 2)):
        expected = [
            sum((p.abs() ** power).sum().item() for p in layer)
            for layer in layers(network.state_dict()).values()
        ]
        assert row[key] == pytest.approx(expected, rel=1e-5)
    assert row["near_zero"] == [
        sum(weight.abs().item() < 1e-3 * largest for weight in weights)
        for weights in (
            torch.cat([p.flatten() for p in layer])
            for layer in layers(network.state_dict()).values()
        )
        for largest in [weights.abs().max().item()]
    ]
    assert row["lr"] == learned.trial.lr
    assert 0 < row["seconds"] < 600


def test_the_summary_has_the_last_and_best_epoch_and_the_clean_accuracy(learned, few):
    summary = learned.summary
    best = max(learned.history, key=lambda row: row["test_acc"])
    assert summary["best"] == {"epoch": best["epoch"], "test_acc": best["test_acc"]}
    assert summary["last"]["test_acc"] == learned.history[-1]["test_acc"]
    clean = evaluate(learned.network(), few.train.first(learned.trial.train_images))
    assert (summary["clean_train_acc"], summary["clean_train_loss"]) == (
        clean.acc,
        clean.loss,
    )
    assert sum(summary["reliability"]["count"]) == len(few.test.labels)
    assert summary["diverged"] is None


def test_train_loss_and_accuracy_are_means_over_the_images_of_the_epoch(few, tiny):
    # Without rotation and dropout and with a tiny learning rate they are those of the initial weights.
    trial = replace(tiny, batch_size=40, dropout=0.0, rotation=0.0, epochs=1, lr=1e-9)
    row = loop.advance(loop.train(trial, few))
    network = Network(trial).initialise(loop.Streams.of(trial.seed, "cpu").weights)
    start = evaluate(network, few.train.first(96))
    assert row["train_loss"] == pytest.approx(start.loss, rel=1e-4)
    assert row["train_acc"] == start.acc


def test_progress_is_reported_after_every_step(few, tiny):
    reports = []
    checkpoint = loop.finish(loop.train(tiny, few), reports.append)
    assert [(report.done, report.total) for report in reports] == [
        (done, 6) for done in range(1, 7)
    ]
    for row, report in zip(checkpoint.history, reports[2::3], strict=True):
        assert (row["epoch"], row["train_loss"]) == (report.epoch, report.loss / 96)
        assert row["train_acc"] == report.correct / report.images


def test_a_stopped_trial_keeps_the_weights_that_it_had_learned(few, tiny):
    learner = loop.Reference(tiny, few)
    events, rows = loop.run(tiny, few, learner), []
    for event in events:
        if not isinstance(event, loop.Progress):
            rows.append(event)
        elif event.done == 5:  # of 6: in the second epoch
            break
    kept = learner.state()
    network = Checkpoint(tiny, kept, [], "", {}, learner.engine)
    stopped = loop.stopped(network, few, rows, event, learner.evaluate, 1.5)
    assert stopped.summary["stopped"] == 5
    assert stopped.history[0] == rows[0]
    assert stopped.history[1]["train_loss"] == event.loss / 64
    assert stopped.history[1]["test_acc"] == stopped.summary["last"]["test_acc"]
    assert evaluate(stopped.network(), few.test).digits == stopped.test_digits
    whole = loop.finish(events)
    assert whole.history[0] == rows[0]
    assert any(not torch.equal(whole.state[name], kept[name]) for name in kept)


def test_a_loss_that_is_not_finite_ends_the_trial_and_keeps_its_history(few, tiny):
    trial = replace(tiny, norm="BN", lr=1e30, lr_decay=1.0, epochs=5)
    diverged = loop.finish(loop.train(trial, few))
    assert diverged.summary["diverged"] == len(diverged.history) < 5
    assert diverged.history[-1]["train_loss"] is None
    assert all(value.isfinite().all() for value in diverged.state.values())
    values = [
        value
        for row in diverged.history
        for value in row.values()
        if isinstance(value, float)
    ]
    assert all(map(math.isfinite, values))
