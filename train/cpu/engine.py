"""Fast engine for the CPU: `loop.run` on the kernels, one trial on one core."""

import math
import time
from collections.abc import Callable, Generator
from dataclasses import replace

import numpy as np
import torch
from numba import uint32
from torch import Tensor

from train import loop
from train.checkpoint import Checkpoint
from train.cpu import cache, kernels, winograd
from train.cpu.layout import (
    BLOCKS,
    POOLS,
    SIZES,
    Batch,
    Coefficients,
    Norm,
    Parameters,
    Settings,
    Workspace,
)
from train.data import Mnist, Split, rotation_steps
from train.evaluate import Evaluation
from train.model import CHANNELS, Network
from train.norms import BY_KEY
from train.study import Trial

CALL = 2048  # images per call of the kernels, approximately: tenths of a second
ALIGNMENT = 64  # bytes of a vector and of a cache line


def train(
    trial: Trial, data: Mnist
) -> Generator[loop.Progress | dict, None, Checkpoint]:
    """`loop.run` with the kernels: initial weights, order and rotations of the reference, other dropout masks."""
    return loop.run(trial, data, Kernels(trial, data))


def compile_kernels() -> float:
    """Compiles the kernels or loads them from the cache; returns the seconds taken."""
    start = time.perf_counter()
    blank = _blank()
    learner = Kernels(Trial("BN", 0.0, 0.0, 2, train_images=2), blank)
    list(learner.train_epoch(0.1))
    learner.evaluate(blank.test)
    cache.mark_whole()
    return time.perf_counter() - start


def reader(checkpoint: Checkpoint) -> Callable[[Split], Evaluation]:
    """Function that evaluates a trained network on a split; not for concurrent calls."""
    learner = Kernels(checkpoint.trial, _blank())
    learner.restore(checkpoint.state)
    pixels = checkpoint.setup.pixels
    return lambda split: learner.evaluate(replace(split, pixels=pixels))


def correct_as_batch(checkpoint: Checkpoint, split: Split) -> int:
    """Correct answers of a network with BN, without dropout, where every block's mean and variance are those of the whole split.

    An image takes 120 kB.
    """
    count = len(split.labels)
    trial = replace(checkpoint.trial, batch_size=count, train_images=count)
    learner = Kernels(trial, Mnist(split, split))
    learner.restore(checkpoint.state)
    return kernels.correct_as_batch(
        _upright(split), learner.weights, learner.gradients, learner.work
    )


def _upright(split: Split) -> Batch:
    """All images in order, without rotation."""
    count = len(split.labels)
    steps = rotation_steps(torch.zeros(count)).numpy()
    return Batch(
        split.images.numpy(),
        split.labels.numpy(),
        np.arange(count),
        steps,
        _levels(split),
    )


def _levels(split: Split) -> np.ndarray:
    """Standardised grey levels (256,) of a split, for MNIST the same as in the layout."""
    mean, std = split.pixels
    return ((np.arange(256) / 255 - mean) / std).astype(np.float32)


def _blank() -> Mnist:
    """Two blank images, as data for kernels that are only compiled or evaluated."""
    digits = Split(
        torch.zeros(2, 28, 28, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64)
    )
    return Mnist(digits, digits)


class Kernels:
    """A `loop.Learner` on the kernels."""

    engine = "numba-winograd"  # older checkpoints: "numba-cpu", of earlier kernels

    def __init__(self, trial: Trial, data: Mnist):
        self.trial = trial
        self.digits = data.train.first(trial.train_images)
        self.streams = loop.Streams.of(trial.seed, "cpu")
        # For the initial weights, and names and shapes of the state dict.
        self.network = Network(trial).initialise(self.streams.weights)
        assert BY_KEY[trial.norm].has_kernels, f"there are no kernels of {trial.norm}"
        self.norm = _norm(trial)
        self.drop = uint32(round(trial.dropout * 65536))
        self.weights, self.gradients = _parameters(), _parameters()
        self.velocity = np.zeros_like(self.weights.vector)
        batch_size = min(trial.batch_size, len(self.digits.labels))
        tiles = math.ceil(batch_size / 16) if self.norm.over_batch else 1
        self.work = _workspace(tiles, trial.seed)
        self.steps_done = 0
        self.restore(self.network.state_dict())

    def train_epoch(self, lr: float) -> Generator[loop.EpochSums, None, None]:
        trial = self.trial
        sgd = map(np.float32, (lr, trial.momentum, trial.l1, trial.l2))
        settings = Settings(trial.batch_size, self.norm, self.drop, *sgd)
        images, labels = self.digits.images.numpy(), self.digits.labels.numpy()
        levels = _levels(self.digits)
        order, steps = (
            tensor.numpy()
            for tensor in loop.epoch_order(len(labels), trial, self.streams)
        )
        batches = max(1, CALL // trial.batch_size)
        loss, correct, before = 0.0, 0, self.steps_done
        for first in range(0, len(order), batches * trial.batch_size):
            part = slice(first, first + batches * trial.batch_size)
            batch = Batch(images, labels, order[part], steps[part], levels)
            more_loss, more_correct = kernels.train_batches(
                batch, settings, self.weights, self.gradients, self.velocity, self.work
            )
            loss, correct = loss + more_loss, correct + more_correct
            done = math.ceil(min(part.stop, len(order)) / trial.batch_size)
            self.steps_done = before + done
            yield loop.EpochSums(done, loss, correct)

    def evaluate(self, split: Split) -> Evaluation:
        log_probs = np.empty((len(split.labels), 10), np.float32)
        kernels.predict(
            _upright(split),
            self.norm,
            self.weights,
            self.gradients,
            self.work,
            log_probs,
        )
        return Evaluation(torch.from_numpy(log_probs), split.labels)

    def state(self) -> dict[str, Tensor]:
        vector = torch.from_numpy(self.weights.vector.copy())
        torch.nn.utils.vector_to_parameters(vector, self.network.parameters())
        state = self.network.state_dict()
        if self.norm.over_batch:
            for block in range(BLOCKS):
                name, channels = f"blocks.{block}.norm", CHANNELS[block + 1]
                for key in ("mean", "var"):
                    running = getattr(self.work, f"running_{key}")[block, :channels]
                    state[f"{name}.running_{key}"] = torch.from_numpy(running).float()
                state[f"{name}.num_batches_tracked"] = torch.tensor(self.steps_done)
        return {name: value.detach().clone() for name, value in state.items()}

    def restore(self, state: dict[str, Tensor]):
        self.network.load_state_dict(state)
        vector = torch.nn.utils.parameters_to_vector(self.network.parameters())
        self.weights.vector[:] = vector.detach().numpy()
        if self.norm.over_batch:
            for block in range(BLOCKS):
                for key in ("mean", "var"):
                    running = state[f"blocks.{block}.norm.running_{key}"]
                    getattr(self.work, f"running_{key}")[block, : len(running)] = (
                        running
                    )


def _norm(trial: Trial) -> Norm:
    """Formula of a trial's norm for the kernels."""
    norm = BY_KEY[trial.norm]
    groups = tuple(norm.groups(channels, trial.groups) for channels in CHANNELS[1:])
    return Norm(norm.over_batch, groups, norm.centred, norm.scaled)


def _parameters() -> Parameters:
    """Parameters of value 0: one vector in the order of `Network.parameters()`, and views of it by name."""
    shapes = []
    for block in range(BLOCKS):
        channels = CHANNELS[block + 1]
        shapes += [(channels, CHANNELS[block], 3, 3), (channels,), (channels,)]
    shapes.append((10, CHANNELS[-1]))
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    vector = _zeros((ends[-1],))
    parts = [
        part.reshape(shape)
        for part, shape in zip(np.split(vector, ends[:-1]), shapes, strict=True)
    ]
    return Parameters(
        vector,
        tuple(parts[:-1:3]),
        tuple(parts[1:-1:3]),
        tuple(parts[2:-1:3]),
        parts[-1],
    )


def _workspace(tiles: int, seed: int) -> Workspace:
    blocks = [(CHANNELS[b], CHANNELS[b + 1], SIZES[b], POOLS[b]) for b in range(BLOCKS)]
    inputs = [_zeros((tiles, i, size + 2, size + 2, 16)) for i, _, size, _ in blocks]
    inputs.append(_zeros((tiles, CHANNELS[-1], 3, 3, 16)))
    halves = [(size + 1) // 2 if pool else size for _, _, size, pool in blocks]
    random = np.random.default_rng((seed, 4))  # a fifth stream beside `loop.Streams`
    noise = random.integers(1, 2**32, (tiles + 1, 16), dtype=np.uint32)
    return Workspace(
        inputs=tuple(inputs),
        rectified=tuple(_zeros((tiles, o, size, size, 16)) for _, o, size, _ in blocks),
        masks=tuple(
            _zeros((tiles, o, size, size), np.uint16) for _, o, size, _ in blocks
        ),
        slopes=tuple(
            _zeros((tiles, o, half, half, 16))
            for (_, o, _, _), half in zip(blocks, halves, strict=True)
        ),
        delta=tuple(_zeros((o, size + 2, size + 2, 16)) for _, o, size, _ in blocks),
        winograd=_winograd_workspace(blocks),
        coefficients=Coefficients(*(_zeros((tiles, BLOCKS, 16, 16)) for _ in range(6))),
        logits=_zeros((10, 16)),
        features=_zeros((16, 16)),
        noise=noise,
        running_mean=np.zeros((BLOCKS, 16)),
        running_var=np.ones((BLOCKS, 16)),
    )


def _winograd_workspace(blocks: list[tuple[int, ...]]) -> winograd.Workspace:
    # Columns of tiles transformed at once: 28 rows in total, since more do not fit the L1 cache.
    tiles = [min(28 // s, (s + 3) // 4) for _, _, s, _ in blocks]
    return winograd.Workspace(
        filters=tuple(_zeros((o, i, 6, 3)) for i, o, _, _ in blocks),
        backward=tuple(_zeros((i, o, 6, 3)) for i, o, _, _ in blocks),
        gradients=tuple(_zeros((6, o, i, 3, 16)) for i, o, _, _ in blocks),
        rows=_zeros((4, 16, 6, 16)),
        x=_views(
            [
                (6, t, s + 2, i, 16)
                for (i, _, s, _), t in zip(blocks, tiles, strict=True)
            ]
        ),
        z=_views(
            [(6, t, s, o, 16) for (_, o, s, _), t in zip(blocks, tiles, strict=True)]
        ),
    )


def _views(shapes: list[tuple[int, ...]]) -> tuple[np.ndarray, ...]:
    """Arrays of these shapes that share the same memory."""
    memory = _zeros((max(map(math.prod, shapes)),))
    return tuple(memory[: math.prod(shape)].reshape(shape) for shape in shapes)


def _zeros(shape: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
    """Zero array that is aligned to `ALIGNMENT`."""
    size = math.prod(map(int, shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size].view(dtype).reshape(shape)
