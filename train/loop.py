"""The reference: trains one trial in plain PyTorch, on any device. Every other engine must equal it."""

import math
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from train.checkpoint import STOPPED, Checkpoint
from train.data import Mnist, Split, normalise, rotate, rotation_steps
from train.evaluate import Evaluation, calibration_error, evaluate, reliability
from train.model import Network, layers
from train.study import Trial

NEAR_ZERO = (
    1e-3  # of the largest weight of its layer: below it, a weight counts as zero
)


@dataclass(frozen=True)
class Part:
    """What is done of an epoch: batches, the summed loss of their images, and how many of those were read correctly."""

    batches: int
    loss: float
    correct: int


class Learner(Protocol):
    """What an engine is: a network that can be trained for an epoch and asked about digits."""

    @property
    def engine(self) -> str:
        """Its name, for the header."""
        ...

    def train_epoch(self, lr: float) -> Generator[Part, None, None]:
        """Trains for one epoch; yields now and then what is done of it, at last the whole."""
        ...

    def evaluate(self, split: Split) -> Evaluation:
        """The answers to every image of `split`, without dropout."""
        ...

    def state(self) -> dict[str, Tensor]:
        """A copy of the state dict of `Network`, on the CPU."""
        ...

    def restore(self, state: dict[str, Tensor]):
        """Goes back to an earlier `state`."""


@dataclass(frozen=True)
class Step:
    """Where a trial stands between two batches."""

    epoch: int  # the one that is being trained
    done: int  # batches of the trial
    total: int
    images: int  # of this epoch, that is being trained, with their summed loss and how many were read correctly
    loss: float
    correct: int


def train(
    trial: Trial, data: Mnist, device: str = "cpu"
) -> Generator[Step | dict, None, Checkpoint]:
    """`run` with the reference on any device of PyTorch's."""
    return run(trial, data, Reference(trial, data, device))


def run(
    trial: Trial, data: Mnist, learner: Learner
) -> Generator[Step | dict, None, Checkpoint]:
    """Yields a `Step` now and then and one history row per epoch, and returns the `Checkpoint`, not yet saved.

    Rows: `epoch`, `lr`, `train_loss` and `train_acc` (running means over the epoch, with rotation and dropout, without
    penalty), `test_loss`, `test_acc`, `seconds` (of training and test), and `abs_sums`, `square_sums`, `near_zero` (see
    `weight_sums`). Where the loss is not a finite number training stops: the last row has
    None for every number that is not finite, and the weights are those of the last epoch that was.
    """
    digits = data.train.first(trial.train_images)
    batches = math.ceil(len(digits.labels) / trial.batch_size)
    history: list[dict] = []
    state = learner.state()

    for epoch in range(1, trial.epochs + 1):
        start = time.perf_counter()
        with closing(learner.train_epoch(trial.lr_at(epoch))) as parts:
            for part in parts:
                step = Step(
                    epoch,
                    (epoch - 1) * batches + part.batches,
                    trial.epochs * batches,
                    min(part.batches * trial.batch_size, len(digits.labels)),
                    part.loss,
                    part.correct,
                )
                yield step
                if not math.isfinite(part.loss):  # it will be none again
                    break
        tested = learner.evaluate(data.test)
        latest = learner.state()
        row = _row(trial, step, tested, latest, time.perf_counter() - start)
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

    summary = summarise(history, tested, learner.evaluate(digits))
    return Checkpoint(trial, state, history, tested.digits, summary, learner.engine)


def stopped(
    network: Checkpoint,
    data: Mnist,
    rows: list[dict],
    step: Step,
    read: Callable[[Split], Evaluation],
    seconds: float,
) -> Checkpoint:
    """What is kept of a trial that was ended after a `Step`: its network, and a last row for the part of an epoch.

    `network` has its trial, state and engine, `rows` are those of the whole epochs before, `read` is what it answers to
    digits; `seconds` are those of the part. `summary["stopped"]` says how many batches were done.
    """
    trial, tested = network.trial, read(data.test)
    row = _row(trial, step, tested, network.state, seconds)
    history = [*(each for each in rows if each["epoch"] < step.epoch), row]
    clean = read(data.train.first(trial.train_images))
    summary = summarise(history, tested, clean) | {STOPPED: step.done}
    return replace(network, history=history, test_digits=tested.digits, summary=summary)


def _row(
    trial: Trial,
    step: Step,
    tested: Evaluation,
    state: dict[str, Tensor],
    seconds: float,
) -> dict:
    """The history row of the epoch that `step` ends, see `run`."""
    return {
        "epoch": step.epoch,
        "lr": trial.lr_at(step.epoch),
        "train_loss": step.loss / step.images,
        "train_acc": step.correct / step.images,
        "test_loss": tested.loss,
        "test_acc": tested.acc,
        "seconds": round(seconds, 3),
        **weight_sums(state),
    }


class Reference:
    """Plain PyTorch, eager, one step after another."""

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

    def train_epoch(self, lr: float) -> Generator[Part, None, None]:
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
            yield Part(step, loss.item(), int(correct))

    def evaluate(self, split: Split) -> Evaluation:
        return evaluate(self.network, split.to(self.digits.images.device))

    def state(self) -> dict[str, Tensor]:
        state = self.network.state_dict()
        return {name: value.detach().cpu().clone() for name, value in state.items()}

    def restore(self, state: dict[str, Tensor]):
        self.network.load_state_dict(state)


def advance(
    training: Generator[Step | dict, None, Checkpoint],
    on_step: Callable[[Step], None] = lambda step: None,
) -> dict:
    """Runs `train` to its next row; raises the `StopIteration` of its end."""
    while isinstance(event := next(training), Step):
        on_step(event)
    return event


def finish(
    training: Generator[Step | dict, None, Checkpoint],
    on_step: Callable[[Step], None] = lambda step: None,
) -> Checkpoint:
    """Runs `train` to its end and returns what it returns."""
    while True:
        try:
            advance(training, on_step)
        except StopIteration as end:
            return end.value


@dataclass(frozen=True)
class Streams:
    """The separate random streams of a trial, so that a change in the use of one leaves the others alone."""

    weights: torch.Generator  # on the CPU: the initial weights
    order: torch.Generator  # on the CPU: the order of the images
    angles: torch.Generator  # on the CPU: the rotations
    noise: torch.Generator  # on the device: the dropout masks

    @classmethod
    def of(cls, seed: int, device: str) -> "Streams":
        places = ("cpu", "cpu", "cpu", device)
        return cls(
            *(
                torch.Generator(place).manual_seed(4 * seed + index)
                for index, place in enumerate(places)
            )
        )


def epoch_order(count: int, trial: Trial, streams: Streams) -> tuple[Tensor, Tensor]:
    """The order of an epoch (count,) int64, and the `rotation_steps` of its images (count, 4) int32."""
    order = torch.randperm(count, generator=streams.order)
    degrees = torch.empty(count).uniform_(
        -trial.rotation, trial.rotation, generator=streams.angles
    )
    return order, rotation_steps(degrees)


def epoch_batches(split: Split, trial: Trial, streams: Streams):
    """One epoch in random order, rotated: pairs of images (B, 1, 28, 28) float32 and labels (B,); the last is short."""
    device = split.images.device
    order, steps = (
        part.to(device) for part in epoch_order(len(split.labels), trial, streams)
    )
    for index, turn in zip(
        order.split(trial.batch_size), steps.split(trial.batch_size), strict=True
    ):
        yield normalise(rotate(split.images[index], turn)), split.labels[index]


def train_step(
    network: Network,
    optimiser: torch.optim.SGD,
    images: Tensor,
    labels: Tensor,
    l1: float,
) -> Tensor:
    """One step down the gradient of nll + l1 * sum |w| (L2 is the optimiser's); log-probabilities (B, 10) before it."""
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
    """Per layer of `model.layers`: the sum of |w|, the sum of w^2, and how many |w| are below 1e-3 of the largest."""
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
    """The figures of a finished trial, from its rows, its test and its clean pass over the training digits.

    `best` is the maximum over the epochs, as published: a selection on the test set. The clean figures have neither
    rotation nor dropout, which the running `train_` figures have. `diverged` is the epoch that ended the trial, or None.
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
    def known(value):
        if isinstance(value, list):
            return [known(item) for item in value]
        return value if math.isfinite(value) else None

    return {key: known(value) for key, value in row.items()}
