"""Training loop of a trial, and the reference engine: plain PyTorch on any device. Every other engine must equal it."""

import math
import time
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from train.checkpoint import STOPPED, Checkpoint, Setup
from train.data import Mnist, Split, normalise, rotate, rotation_steps
from train.evaluate import Evaluation, calibration_error, evaluate, reliability
from train.model import Network, layers
from train.study import Trial

NEAR_ZERO = 1e-3  # weights below this share of their layer's largest |w| count as zero


@dataclass(frozen=True)
class EpochSums:
    """Sums of an epoch so far: batches trained, loss of their images, images classified correctly."""

    batches: int
    loss: float
    correct: int


class Learner(Protocol):
    """Interface of an engine: one network that can be trained for an epoch and evaluated."""

    @property
    def engine(self) -> str:
        """Name of the engine, for the checkpoint's header."""
        ...

    def train_epoch(self, lr: float) -> Generator[EpochSums, None, None]:
        """Trains for one epoch; yields the sums so far at intervals of the engine's choice, and those of the epoch last."""
        ...

    def evaluate(self, split: Split) -> Evaluation:
        """Predictions for every image of `split`, without dropout."""
        ...

    def state(self) -> dict[str, Tensor]:
        """Copy of the network's state dict, on the CPU."""
        ...

    def restore(self, state: dict[str, Tensor]):
        """Resets the network to an earlier `state`."""


@dataclass(frozen=True)
class Progress:
    """Progress of a trial between two batches."""

    epoch: int  # the current one, from 1
    done: int  # batches of the trial that are trained
    total: int  # batches of the trial
    images: int  # of the current epoch so far
    loss: float  # summed over these images
    correct: int  # of these images


def train(
    trial: Trial, data: Mnist, device: str = "cpu"
) -> Generator[Progress | dict, None, Checkpoint]:
    """`run` with the reference engine on a device of PyTorch."""
    return run(trial, data, Reference(trial, data, device))


def run(
    trial: Trial,
    data: Mnist,
    learner: Learner,
    keep: Collection[int] = (),
    on_kept: Callable[[Checkpoint], None] = lambda kept: None,
) -> Generator[Progress | dict, None, Checkpoint]:
    """Trains a trial: yields its `Progress` and one history row per epoch, and returns the `Checkpoint`, not yet saved.

    `on_kept` gets the checkpoint after each epoch of `keep` before the last.

    Keys of a row: `epoch`, `lr`, `train_loss` and `train_acc` (running means over the epoch, with rotation and dropout,
    without penalty), `test_loss`, `test_acc`, `seconds` (of training and test), and `abs_sums`, `square_sums`, `near_zero`
    (see `weight_sums`). Training stops after an epoch whose losses or weights are not finite: its row has None for every
    number that is not finite, and the checkpoint has the weights of the epoch before it.
    """
    digits = data.train.first(trial.train_images)
    batches = math.ceil(len(digits.labels) / trial.batch_size)
    history: list[dict] = []
    state = learner.state()

    for epoch in range(1, trial.epochs + 1):
        start = time.perf_counter()
        with closing(learner.train_epoch(trial.lr_at(epoch))) as updates:
            for sums in updates:
                progress = Progress(
                    epoch,
                    (epoch - 1) * batches + sums.batches,
                    trial.epochs * batches,
                    min(sums.batches * trial.batch_size, len(digits.labels)),
                    sums.loss,
                    sums.correct,
                )
                yield progress
                if not math.isfinite(sums.loss):  # a sum cannot become finite again
                    break
        tested = learner.evaluate(data.test)
        latest = learner.state()
        row = _row(trial, progress, tested, latest, time.perf_counter() - start)
        finite = math.isfinite(row["train_loss"] + row["test_loss"]) and all(
            values.isfinite().all() for values in latest.values()
        )
        history.append(row if finite else _without_nonfinite(row))
        yield history[-1]
        if not finite:
            learner.restore(state)
            tested = learner.evaluate(data.test)
            break
        state = latest
        if epoch in keep and epoch < trial.epochs:
            on_kept(_tested(trial, digits, learner, state, history[:], tested))

    return _tested(trial, digits, learner, state, history, tested)


def _tested(
    trial: Trial,
    digits: Split,
    learner: Learner,
    state: dict[str, Tensor],
    history: list[dict],
    tested: Evaluation,
) -> Checkpoint:
    """Checkpoint of a learner with this state, which is evaluated on its training images, too."""
    summary = summarise(history, tested, learner.evaluate(digits))
    setup = Setup.of(trial.data, digits.pixels)
    return Checkpoint(
        trial, state, history, tested.digits, summary, learner.engine, setup
    )


def stopped(
    network: Checkpoint,
    data: Mnist,
    rows: list[dict],
    progress: Progress,
    evaluate: Callable[[Split], Evaluation],
    seconds: float,
) -> Checkpoint:
    """Checkpoint of a trial that was stopped within an epoch, whose last history row is of that unfinished epoch.

    `network` is a checkpoint of which only trial, state and engine count. `rows` are the history so far. `evaluate` gives
    the network's predictions for a split. `seconds` is the time spent on the unfinished epoch. `summary["stopped"]` is the
    number of batches trained.
    """
    trial, tested = network.trial, evaluate(data.test)
    last = _row(trial, progress, tested, network.state, seconds)
    history = [*(row for row in rows if row["epoch"] < progress.epoch), last]
    clean = evaluate(data.train.first(trial.train_images))
    summary = summarise(history, tested, clean) | {STOPPED: progress.done}
    return replace(
        network,
        history=history,
        test_digits=tested.digits,
        summary=summary,
        setup=Setup.of(trial.data, data.train.pixels),
    )


def _row(
    trial: Trial,
    progress: Progress,
    tested: Evaluation,
    state: dict[str, Tensor],
    seconds: float,
) -> dict:
    """History row of an epoch that ended at `progress`; its keys are those of `run`."""
    return {
        "epoch": progress.epoch,
        "lr": trial.lr_at(progress.epoch),
        "train_loss": progress.loss / progress.images,
        "train_acc": progress.correct / progress.images,
        "test_loss": tested.loss,
        "test_acc": tested.acc,
        "seconds": round(seconds, 3),
        **weight_sums(state),
    }


class Reference:
    """The reference engine: eager PyTorch, one optimiser step after another."""

    def __init__(self, trial: Trial, data: Mnist, device: str = "cpu"):
        self.trial = trial
        self.engine = f"reference-{torch.device(device).type}"
        self.digits = data.train.first(trial.train_images).to(device)
        self.streams = Streams.of(trial.seed, device)
        self.network = Network(trial).initialise(self.streams.weights)
        self.network.drop_with(self.streams.noise).to(device)
        self.optimiser = torch.optim.SGD(
            self.network.parameters(), trial.lr, trial.momentum, weight_decay=trial.l2
        )

    def train_epoch(self, lr: float) -> Generator[EpochSums, None, None]:
        for group in self.optimiser.param_groups:
            group["lr"] = lr
        self.network.train()
        device = self.digits.images.device
        loss = torch.zeros((), dtype=torch.float64, device=device)
        correct = torch.zeros((), dtype=torch.int64, device=device)
        for step, (images, labels) in enumerate(
            epoch_batches(self.digits, self.trial, self.streams), 1
        ):
            log_probs = train_step(
                self.network, self.optimiser, images, labels, self.trial.l1
            )
            loss += F.nll_loss(log_probs, labels, reduction="sum")
            correct += (log_probs.argmax(1) == labels).sum()
            yield EpochSums(step, loss.item(), int(correct))

    def evaluate(self, split: Split) -> Evaluation:
        return evaluate(self.network, split.to(self.digits.images.device))

    def state(self) -> dict[str, Tensor]:
        state = self.network.state_dict()
        return {name: value.detach().cpu().clone() for name, value in state.items()}

    def restore(self, state: dict[str, Tensor]):
        self.network.load_state_dict(state)


def advance(
    training: Generator[Progress | dict, None, Checkpoint],
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> dict:
    """Next history row of a `run`, which trains until then; raises the `StopIteration` of its end."""
    while isinstance(event := next(training), Progress):
        on_progress(event)
    return event


def finish(
    training: Generator[Progress | dict, None, Checkpoint],
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Checkpoint:
    """Checkpoint of a `run`, which trains to its end."""
    while True:
        try:
            advance(training, on_progress)
        except StopIteration as end:
            return end.value


def checkpoints(
    trial: Trial,
    data: Mnist,
    learner: Learner,
    keep: Collection[int],
    on_progress: Callable[[Progress], None],
) -> Iterator[Checkpoint]:
    """Checkpoints of a `run` after the epochs of `keep`, as they are reached, and the one of its end."""
    kept: list[Checkpoint] = []
    training = run(trial, data, learner, keep, kept.append)
    while True:
        try:
            advance(training, on_progress)
        except StopIteration as end:
            yield from (*kept, end.value)
            return
        yield from kept
        kept.clear()


@dataclass(frozen=True)
class Streams:
    """Random generators of a trial, one for each use, so that more draws of one kind leave the others unchanged."""

    weights: torch.Generator  # on the CPU: the initial weights
    order: torch.Generator  # on the CPU: the order of the images
    angles: torch.Generator  # on the CPU: the rotations
    noise: torch.Generator  # on the device: the dropout masks

    @classmethod
    def of(cls, seed: int, device: str) -> "Streams":
        devices = ("cpu", "cpu", "cpu", device)
        return cls(
            *(
                torch.Generator(device).manual_seed(4 * seed + index)
                for index, device in enumerate(devices)
            )
        )


def epoch_order(count: int, trial: Trial, streams: Streams) -> tuple[Tensor, Tensor]:
    """Random order of an epoch's images (count,) int64, and the `rotation_steps` of each (count, 4) int32."""
    order = torch.randperm(count, generator=streams.order)
    degrees = torch.empty(count).uniform_(
        -trial.rotation, trial.rotation, generator=streams.angles
    )
    return order, rotation_steps(degrees)


def epoch_batches(split: Split, trial: Trial, streams: Streams):
    """Batches of one epoch, shuffled and rotated: images (B, 1, 28, 28) float32 and labels (B,); the last may be short."""
    device = split.images.device
    order, steps = (
        tensor.to(device) for tensor in epoch_order(len(split.labels), trial, streams)
    )
    for index, turn in zip(
        order.split(trial.batch_size), steps.split(trial.batch_size), strict=True
    ):
        images = normalise(rotate(split.images[index], turn), split.pixels)
        yield images, split.labels[index]


def train_step(
    network: Network,
    optimiser: torch.optim.SGD,
    images: Tensor,
    labels: Tensor,
    l1: float,
) -> Tensor:
    """One SGD step on nll + l1 * sum |w|, L2 being the optimiser's; returns the log-probabilities (B, 10) before the step."""
    optimiser.zero_grad()
    log_probs = network(images)
    loss = F.nll_loss(log_probs, labels)
    if l1:
        loss = loss + l1 * sum(
            parameter.abs().sum() for parameter in network.parameters()
        )
    loss.backward()
    optimiser.step()
    return log_probs.detach()


def weight_sums(state: dict[str, Tensor]) -> dict[str, list[float]]:
    """Sums of |w| and of w^2, and the number of |w| below `NEAR_ZERO` of the largest, per layer of `model.layers`."""
    flat = [
        torch.cat([w.flatten() for w in weights]).double()
        for weights in layers(state).values()
    ]
    return {
        "abs_sums": [float(f"{w.abs().sum().item():.6g}") for w in flat],
        "square_sums": [float(f"{w.square().sum().item():.6g}") for w in flat],
        "near_zero": [int((w.abs() < NEAR_ZERO * w.abs().max()).sum()) for w in flat],
    }


def summarise(history: list[dict], tested: Evaluation, clean: Evaluation) -> dict:
    """Summary of a trial from its history, its evaluation on the test set, and `clean`, that on the training images.

    `best` is the maximum of the test accuracy over epochs, as published: it is selected on the test set. `clean` is without
    rotation and dropout, unlike the history's `train_loss` and `train_acc`. `diverged` is the epoch whose losses or weights
    were not finite, or None.
    """
    finite = [
        row
        for row in history
        if row["test_loss"] is not None and row["train_loss"] is not None
    ]
    best = max(finite, key=lambda row: row["test_acc"], default=None)
    bins = reliability(tested)
    return {
        "last": {
            "epoch": len(finite),
            "test_acc": tested.acc,
            "test_loss": tested.loss,
        },
        "best": {"epoch": best["epoch"], "test_acc": best["test_acc"]}
        if best
        else None,
        "clean_train_acc": clean.acc,
        "clean_train_loss": clean.loss,
        "test_nll": tested.loss,
        "reliability": bins,
        "calibration_error": calibration_error(bins),
        "diverged": None if len(finite) == len(history) else history[-1]["epoch"],
    }


def _without_nonfinite(row: dict) -> dict:
    def finite_or_none(value):
        if isinstance(value, list):
            return [finite_or_none(item) for item in value]
        return value if math.isfinite(value) else None

    return {key: finite_or_none(value) for key, value in row.items()}
