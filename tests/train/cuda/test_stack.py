"""The stacked engine on the CPU, where its steps run without a CUDA graph: E stacked networks equal E single ones."""

from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from train import loop
from train.cuda import convolutions, members
from train.cuda.autotune import agrees
from train.cuda.stack import Stack
from train.norms import BY_KEY
from train.study import Trial

NORMS = tuple(BY_KEY)
# The learning rate is small: with the published one, rounding in float32 grows within a few steps.
BASE = Trial("GN", 0.0, 0.0, 32, dropout=0.0, train_images=80, epochs=2, lr=2e-3)


def variants(norm: str) -> tuple[Trial, ...]:
    """Trials that share a stack: other seeds, penalties and learning rates."""
    base = replace(BASE, norm=norm)
    return base, replace(base, l1=1e-3, seed=2), replace(base, l2=1e-2, seed=3, lr=1e-3)


@pytest.mark.parametrize("norm", NORMS)
def test_stacked_networks_train_as_they_do_alone(mnist, norm):
    trials = variants(norm)
    stacked = Stack(trials, mnist, "cpu")
    list(stacked.train_epoch())  # two whole batches and a short one
    for index, trial in enumerate(trials):
        alone = loop.Reference(trial, mnist)
        *_, sums = alone.train_epoch(trial.lr_at(1))
        assert stacked.losses[index].item() == pytest.approx(sums.loss, rel=1e-5)
        assert int(stacked.corrects[index]) == sums.correct
        state = stacked.networks.state(index)
        for name, expected in alone.state().items():
            torch.testing.assert_close(
                state[name], expected, atol=1e-5, rtol=1e-4, msg=name
            )
        tested = alone.evaluate(mnist.test.first(50))
        torch.testing.assert_close(
            stacked.networks.evaluate(mnist.test.first(50))[index],
            tested.log_probs,
            atol=1e-4,
            rtol=1e-4,
        )


# PyTorch's norms on the CPU may be less exact on channels-last tensors; a stack does not choose a route that is.
INEXACT = {("channels-last", "BN")}
EXACT = [
    (route, norm)
    for route in convolutions.ROUTES
    for norm in NORMS
    if (route, norm) not in INEXACT
]


@pytest.mark.parametrize(("route", "norm"), EXACT)
def test_on_every_route_stacked_gradients_are_those_of_single_networks(
    mnist, route, norm
):
    trials = variants(norm)
    stacked = Stack(trials, mnist, "cpu")
    assert agrees(stacked, route)
    stacked.networks.route = route
    images = torch.randn(8, 3, 28, 28, generator=torch.Generator().manual_seed(0))
    labels = torch.randint(10, (3, 8), generator=torch.Generator().manual_seed(1))
    log_probs = stacked.networks.forward(images, training=True)
    loss = -log_probs.gather(2, labels.unsqueeze(2)).mean(1).sum()
    (gradients,) = torch.autograd.grad(loss, stacked.networks.weights)
    for index, trial in enumerate(trials):
        network = loop.Reference(trial, mnist).network.train()
        alone = torch.nn.functional.nll_loss(
            network(images[:, index : index + 1]), labels[index]
        )
        expected = torch.autograd.grad(alone, network.parameters())
        flat = torch.cat([gradient.flatten() for gradient in expected])
        atol = 1e-4 * float(flat.abs().max())
        torch.testing.assert_close(gradients[index], flat, atol=atol, rtol=1e-4)


def test_a_route_that_is_not_exact_does_not_agree(mnist, monkeypatch):
    stacked = Stack(variants("LN"), mnist, "cpu")
    monkeypatch.setitem(
        convolutions.ROUTES, "wrong", lambda x, w: convolutions.grouped(x, w.flip(4))
    )
    assert not agrees(stacked, "wrong")
    assert agrees(stacked, "unfolded")


def failing(x, w):
    raise RuntimeError("no kernel image is available")


@pytest.mark.parametrize(
    "wrong", [lambda x, w: convolutions.grouped(x, w.flip(4)), failing]
)
def test_the_comparison_of_routes_changes_nothing(mnist, monkeypatch, wrong):
    stacked = Stack(variants("BN"), mnist, "cpu")
    stacked.networks.route = "dense"
    monkeypatch.setitem(convolutions.ROUTES, "wrong", wrong)
    before = [stacked.networks.state(index) for index in range(3)]
    for route in ("unfolded", "wrong"):
        with suppress(RuntimeError):
            agrees(stacked, route)
    assert stacked.networks.route == "dense"
    for index, state in enumerate(before):
        for name, values in stacked.networks.state(index).items():
            assert torch.equal(values, state[name]), name


def test_a_stack_gives_the_checkpoints_of_its_trials(few):
    trials = tuple(replace(trial, dropout=0.069) for trial in variants("BN"))
    reports = []
    checkpoints = list(members.train(trials, few, reports.append, device="cpu"))
    assert [checkpoint.trial for checkpoint in checkpoints] == list(trials)
    assert [(report.done, report.total) for report in reports] == [
        (done, 6) for done in range(1, 7)
    ]
    for checkpoint in checkpoints:
        assert [row["epoch"] for row in checkpoint.history] == [1, 2]
        assert checkpoint.engine == "stacked-cpu-grouped"
        tested = loop.evaluate(checkpoint.network(), few.test)
        assert tested.digits == checkpoint.test_digits


def test_a_network_that_diverges_leaves_the_others_alone(few):
    calm = replace(BASE, epochs=3)
    wild = replace(calm, lr=1e30, lr_decay=1.0)
    calm = replace(calm, lr_decay=1.0)
    both = {
        checkpoint.trial: checkpoint
        for checkpoint in members.train((wild, calm), few, lambda _: None, "cpu")
    }
    alone = next(members.train((calm,), few, lambda _: None, "cpu"))
    assert both[wild].summary["diverged"]
    assert both[calm].summary["diverged"] is None
    for name, expected in alone.state.items():
        torch.testing.assert_close(
            both[calm].state[name], expected, atol=1e-5, rtol=1e-4
        )


def test_trials_are_stacked_where_they_are_alike():
    trials = [
        replace(trial, seed=seed)
        for seed in range(40)
        for trial in (*variants("BN"), *variants("GN"))
    ]
    groups = members.stacks(trials)
    assert sorted(map(str, sum(groups, ()))) == sorted(map(str, trials))
    assert all(
        len({(t.norm, t.batch_size, t.epochs) for t in group}) == 1 for group in groups
    )
    assert max(map(len, groups)) == members.MOST_IMAGES // 32 == 64
    assert members.stacks([replace(BASE, batch_size=60_000)] * 2) == [
        (replace(BASE, batch_size=60_000),),
        (replace(BASE, batch_size=60_000),),
    ]
