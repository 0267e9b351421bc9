"""The kernels against PyTorch: gradients, whole steps, and the checkpoints of the engine."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from train import loop
from train.cpu import engine, kernels, layout
from train.data import Mnist, Split, normalise
from train.data_sets import MNIST_PIXELS
from train.evaluate import evaluate
from train.model import CHANNELS
from train.norms import BY_KEY
from train.study import Trial

ROOT = Path(__file__).parents[3]
NORMS = tuple(BY_KEY)
TRIAL = Trial("GN", 0.0, 0.0, 128, train_images=300)


def learners(trial: Trial, mnist: Mnist) -> tuple[engine.Kernels, loop.Reference]:
    """Engine and reference in the same state, with random gains and biases."""
    fast, slow = engine.Kernels(trial, mnist), loop.Reference(trial, mnist)
    generator = torch.Generator().manual_seed(7)
    state = slow.state()
    for name, values in state.items():
        if "norm" in name and values.is_floating_point():
            values.uniform_(0.5, 1.5, generator=generator)
    for learner in (fast, slow):
        learner.restore(state)
    return fast, slow


class Masks(torch.nn.Module):
    """Substitute for dropout with given masks (B, C, H, W), already divided by the probability of keeping."""

    def __init__(self):
        super().__init__()
        self.masks = None

    def forward(self, x):
        return x * self.masks if self.training else x


def random_states(noise: np.ndarray, steps: int) -> np.ndarray:
    """Next states (steps, 16) of a tile's generators, by xorshift32 written out."""
    states, x = [], noise.copy()
    for _ in range(steps):
        x ^= x << np.uint32(13)
        x ^= x >> np.uint32(17)
        x ^= x << np.uint32(5)
        states.append(x.copy())
    return np.stack(states)


def dropout_masks(
    noise: np.ndarray, images: int, norm: str, drop: int
) -> list[torch.Tensor]:
    """Dropout masks of the kernels for a batch, per block (B, C, H, W), from the documented order of draws.

    A draw is 16 bits of a lane's state, the lower half first. Elements are drawn in order of channel, row and column:
    two per state, within a row; before a pool in squares of 2 x 2; after the last pool one per state.
    """
    blocks = [[] for _ in range(6)]
    for tile in range(math.ceil(images / 16)):
        # With a norm of the image all tiles use the memory of the first.
        own = noise[tile if BY_KEY[norm].over_batch else 0]
        for block in range(6):
            channels, size = CHANNELS[block + 1], layout.SIZES[block]
            if block == 5:
                shape, draws = (
                    (channels, 3, 3),
                    [
                        ((c, h, w),)
                        for c in range(channels)
                        for h in range(3)
                        for w in range(3)
                    ],
                )
            elif block in (1, 3):
                shape = (channels, size, size)
                draws = []
                for c in range(channels):
                    for h in range(0, size, 2):
                        for w in range(0, size, 2):
                            draws += [
                                ((c, h, w), (c, h, w + 1)),
                                ((c, h + 1, w), (c, h + 1, w + 1)),
                            ]
            else:
                shape = (channels, size, size)
                draws = [
                    tuple((c, h, v) for v in (w, w + 1) if v < size)
                    for c in range(channels)
                    for h in range(size)
                    for w in range(0, size, 2)
                ]
            states = random_states(own, len(draws))
            own[:] = states[-1]
            mask = np.zeros((16, *shape), np.float32)
            for state, elements in zip(states, draws, strict=True):
                for half, element in enumerate(elements):
                    mask[(slice(None), *element)] = (
                        (state >> np.uint32(16 * half)) & np.uint32(0xFFFF)
                    ) >= drop
            blocks[block].append(torch.from_numpy(mask))
    return [torch.cat(tiles)[:images] * (65536 / (65536 - drop)) for tiles in blocks]


def train_both(
    fast: engine.Kernels, slow: loop.Reference, lr: float = 0.0
) -> tuple[float, float]:
    """Trains both on the same batch of all images; returns their summed losses."""
    noise = fast.work.noise.copy()
    *_, fast_sums = fast.train_epoch(lr)
    images = len(slow.digits.labels)
    drop = int(fast.drop)
    masks = (
        dropout_masks(noise, images, fast.trial.norm, drop)
        if drop
        else [torch.ones(1)] * 6
    )
    for block, mask in zip(slow.network.blocks, masks, strict=True):
        block.dropout = Masks()
        block.dropout.masks = mask
    *_, slow_sums = slow.train_epoch(lr)
    assert fast_sums.correct == pytest.approx(slow_sums.correct, abs=1)
    return fast_sums.loss, slow_sums.loss


def deviation(actual, expected) -> float:
    """Largest difference, as a share of the largest expected value."""
    return float((actual - expected).abs().max() / expected.abs().max())


def choices(fast: engine.Kernels, block: int, images: int) -> tuple[Tensor, Tensor]:
    """Elements that ReLU, and that pool and dropout, passed in a block of the kernels, as 0 and 1 (B, C, S, S)."""
    tiles = range(math.ceil(images / 16))
    rectified = [fast.work.rectified[block][tile] > 0 for tile in tiles]
    bits = [
        fast.work.masks[block][tile][..., None] >> np.arange(16) & 1 for tile in tiles
    ]
    return tuple(
        torch.from_numpy(
            np.concatenate([tile.transpose(3, 0, 1, 2) for tile in flags])
        )[:images].double()
        for flags in (rectified, bits)
    )


def gradients_at_their_choices(
    fast: engine.Kernels, images: Tensor, labels: Tensor, dropped: list[Tensor]
) -> Tensor:
    """Autograd's gradients in float64, as one vector, of a batch on which the kernels have just trained.

    Rounding may change which elements a ReLU or a pool passes, and with them single gradients. So the kernels' choices
    are used here, after a check that they are correct up to such ties. `dropped` are the dropout masks.
    """
    network = fast.network.double()
    for parameter in network.parameters():
        parameter.grad = None
    keep = 65536 / (65536 - int(fast.drop))
    x = images.double()
    for index, block in enumerate(network.blocks):
        passed, chosen = choices(fast, index, len(labels))
        z = block.conv(x)
        assert (((z > 0) == passed.bool()) | (z.abs() < 1e-4)).all()
        y = block.norm(z * passed)
        x = y * chosen * keep
        if block.pooled:
            x = 4 * F.avg_pool2d(x, 2)  # one of four is chosen, or none
        mask = dropped[index]
        if block.pool_first:
            expected = F.max_pool2d(y, 2) * mask
        else:
            expected = F.max_pool2d(y * mask, 2) if block.pooled else y * mask
        assert (x - expected).abs().max() < 1e-4
    logits = network.head(x.mean((2, 3), keepdim=True)).flatten(1)
    F.nll_loss(F.log_softmax(logits, 1), labels).backward()
    gradients = torch.cat([p.grad.flatten() for p in network.parameters()])
    network.float()
    return gradients


def assert_close_in_every_tensor(
    fast: engine.Kernels, actual: Tensor, expected: Tensor
):
    sizes = [parameter.numel() for parameter in fast.network.parameters()]
    for part, wanted in zip(
        actual.double().split(sizes), expected.split(sizes), strict=True
    ):
        assert deviation(part, wanted) < 5e-4
        assert float((part - wanted).norm() / wanted.norm()) < 5e-4


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("images", [1, 7, 16, 17, 123])
@pytest.mark.parametrize("dropout", [0.0, 0.069, 0.5])
def test_gradients_are_those_of_autograd(mnist, norm, images, dropout):
    trial = replace(
        TRIAL, norm=norm, batch_size=images, train_images=images, dropout=dropout
    )
    fast, _ = learners(trial, mnist)
    noise = fast.work.noise.copy()
    dropped = [torch.ones(1)] * 6
    if dropout:
        dropped = dropout_masks(noise.copy(), images, norm, int(fast.drop))
    streams = loop.Streams.of(trial.seed, "cpu")
    pictures, labels = next(loop.epoch_batches(fast.digits, trial, streams))
    list(fast.train_epoch(0.0))
    whole = torch.from_numpy(fast.gradients.vector.copy())
    if BY_KEY[norm].over_batch:
        expected = gradients_at_their_choices(fast, pictures, labels, dropped)
        return assert_close_in_every_tensor(fast, whole, expected)
    # A norm of the image has the memory of one tile, so the tiles of the batch are trained one by one with the same noise.
    fast.work.noise[:] = noise
    order, steps = loop.epoch_order(images, trial, loop.Streams.of(trial.seed, "cpu"))
    total = torch.zeros_like(whole)
    for first in range(0, images, 16):
        part = slice(first, first + 16)
        train_on(fast, order[part].numpy(), steps[part].numpy())
        gradients = torch.from_numpy(fast.gradients.vector.copy())
        expected = gradients_at_their_choices(
            fast,
            pictures[part],
            labels[part],
            [mask[part] if len(mask) > 1 else mask for mask in dropped],
        )
        assert_close_in_every_tensor(fast, gradients, expected)
        total += gradients * len(labels[part]) / images
    assert_close_in_every_tensor(fast, whole, total.double())


def train_on(fast: engine.Kernels, order: np.ndarray, steps: np.ndarray):
    """Trains one batch of these images with learning rate 0, for its gradients and choices."""
    images, labels = fast.digits.images.numpy(), fast.digits.labels.numpy()
    none = np.float32(0)
    settings = layout.Settings(len(order), fast.norm, fast.drop, none, none, none, none)
    batch = layout.Batch(images, labels, order, steps)
    kernels.train_batches(
        batch, settings, fast.weights, fast.gradients, fast.velocity, fast.work
    )


@pytest.mark.parametrize("images", [1, 7, 16, 17, 123])
def test_running_averages_and_loss_are_the_references(mnist, images):
    trial = replace(TRIAL, norm="BN", batch_size=images, train_images=images)
    fast, slow = learners(trial, mnist)
    losses = train_both(fast, slow)
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for name, values in slow.state().items():
        if "running" in name or "tracked" in name:
            torch.testing.assert_close(fast.state()[name], values, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("start", ["initial", "after an epoch", "after the decay"])
def test_a_whole_step_is_the_references(mnist, norm, start):
    trial = Trial(norm, 1e-4, 4e-4, 64, train_images=64)
    fast, slow = learners(trial, mnist)
    lr = trial.lr
    if start != "initial":
        warm = engine.Kernels(replace(trial, train_images=6400), mnist)
        list(warm.train_epoch(trial.lr))
        fast.restore(warm.state())
        slow.restore(warm.state())
    if start == "after the decay":
        lr = trial.lr_at(25)
    before = fast.state()
    train_both(fast, slow, lr)
    actual, expected = fast.state(), slow.state()
    for name, values in expected.items():
        if values.is_floating_point():
            moved = (values - before[name]).abs().max()
            assert (actual[name] - values).abs().max() <= 2e-3 * moved + 1e-6, name


def test_momentum_and_penalties_add_up_over_steps(mnist):
    # Ten steps on the same few images with a small rate, so that rounding has no time to grow.
    trial = Trial("LN", 1e-3, 1e-2, 16, train_images=16, dropout=0.0)
    fast, slow = learners(trial, mnist)
    before = fast.state()
    for _ in range(10):
        train_both(fast, slow, 1e-4)
    actual, expected = fast.state(), slow.state()
    for name, values in expected.items():
        moved = (values - before[name]).abs().max()
        assert (actual[name] - values).abs().max() <= 1e-2 * moved, name


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("count", [1, 15, 33])
def test_predictions_are_the_networks(mnist, norm, count):
    trial = replace(TRIAL, norm=norm, train_images=1600)
    fast, slow = learners(trial, mnist)
    list(fast.train_epoch(0.04))
    slow.restore(fast.state())
    some = mnist.test.first(count)
    expected = evaluate(slow.network, some)
    torch.testing.assert_close(
        fast.evaluate(some).log_probs, expected.log_probs, atol=2e-5, rtol=1e-4
    )


@pytest.mark.parametrize("images", [40, 256])  # 40 are no multiple of a tile
def test_a_split_as_one_batch_is_the_network_in_training_without_dropout(
    mnist, trained, images
):
    checkpoint = trained[1]
    assert checkpoint.trial.norm == "BN" and checkpoint.trial.dropout
    split = mnist.test.first(images)
    network = checkpoint.network().train()
    for block in network.parts():
        block.dropout.eval()
    with torch.inference_mode():
        predicted = network(normalise(split.images, MNIST_PIXELS)).argmax(1)
    correct = engine.correct_as_batch(checkpoint, split)
    assert abs(correct - int((predicted == split.labels).sum())) <= 1


def test_images_are_rotated_and_normalised_as_in_the_reference(mnist):
    fast = engine.Kernels(
        replace(TRIAL, train_images=16, batch_size=16, rotation=60.0), mnist
    )
    streams = loop.Streams.of(fast.trial.seed, "cpu")
    images, _ = next(loop.epoch_batches(fast.digits, fast.trial, streams))
    list(fast.train_epoch(0.0))
    pixels = torch.from_numpy(fast.work.inputs[0][0, 0, 1:29, 1:29]).permute(2, 0, 1)
    torch.testing.assert_close(pixels, images[:, 0], atol=1e-6, rtol=1e-6)
    assert not fast.work.inputs[0][0, 0, 0].any()  # the border


def test_testing_does_not_change_training(mnist):
    ends = []
    for tests in (0, 2):
        fast = engine.Kernels(replace(TRIAL, norm="BN"), mnist)
        for _ in range(tests):
            fast.evaluate(mnist.test.first(40))
        list(fast.train_epoch(0.04))
        ends.append(fast.state())
    assert all(torch.equal(ends[0][name], values) for name, values in ends[1].items())


@pytest.mark.parametrize("norm", NORMS)
def test_the_engine_gives_a_whole_checkpoint_and_is_repeatable(few, tiny, norm):
    trial = replace(tiny, norm=norm, batch_size=40)
    reports = []
    first = loop.finish(engine.train(trial, few), reports.append)
    again = loop.finish(engine.train(trial, few))
    assert all(
        torch.equal(first.state[name], values) for name, values in again.state.items()
    )
    assert first.engine == "numba-winograd"
    assert [(report.done, report.total) for report in reports] == [(3, 6), (6, 6)]
    assert [(report.epoch, report.images) for report in reports] == [(1, 96), (2, 96)]
    assert evaluate(first.network(), few.test).digits == first.test_digits
    assert set(first.history[0]) == set(loop.finish(loop.train(trial, few)).history[0])


def test_a_divergence_is_detected(few, tiny):
    trial = replace(tiny, lr=1e30, lr_decay=1.0, epochs=5)
    checkpoint = loop.finish(engine.train(trial, few))
    assert checkpoint.summary["diverged"] == len(checkpoint.history) < 5
    assert all(values.isfinite().all() for values in checkpoint.state.values())


def test_a_batch_that_is_larger_than_the_data_has_all_images(few, tiny):
    trial = replace(tiny, norm="BN", batch_size=60_000)
    assert len(loop.finish(engine.train(trial, few)).history) == 2


def test_a_split_of_zeros_stays_finite():
    digits = Split(
        torch.zeros(5, 28, 28, dtype=torch.uint8), torch.zeros(5, dtype=torch.int64)
    )
    for norm in NORMS:
        fast = engine.Kernels(
            replace(TRIAL, norm=norm, train_images=5), Mnist(digits, digits)
        )
        *_, sums = fast.train_epoch(0.04)
        assert math.isfinite(sums.loss)
        assert np.isfinite(fast.weights.vector).all()
        assert F.softmax(fast.evaluate(digits).log_probs, 1).sum(1) == pytest.approx(
            np.ones(5), abs=1e-5
        )
