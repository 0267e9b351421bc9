"""The reference: trains one trial in plain PyTorch, on any device. Every other engine must equal it."""

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from train.checkpoint import Checkpoint
from train.data import Mnist, Split, normalise, rotate, rotation_steps
from train.evaluate import Evaluation, calibration_error, evaluate, reliability
from train.model import Network, layers
from train.study import Trial


def train(
    trial: Trial,
    data: Mnist,
    device: str = "cpu",
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> Generator[dict, None, Checkpoint]:
    """Yields one history row per epoch and returns the `Checkpoint`, not yet saved.

    Rows: `epoch`, `lr`, `train_loss` and `train_acc` (running means over the epoch, with rotation and dropout, without
    penalty), `test_loss`, `test_acc`, `seconds` (of training and test), and `abs_sums`, `square_sums` (of the weights,
    one number per layer of `model.layers`). Where the loss is not a finite number training stops: the last row has
    None for every number that is not finite, and the weights are those of the last epoch that was.

    `on_step` hears after every batch how many of the trial's batches are done, and of how many.
    """
    streams = Streams.of(trial.seed, device)
    network = (
        Network(trial).initialise(streams.weights).drop_with(streams.noise).to(device)
    )
    optimiser = torch.optim.SGD(
        network.parameters(), trial.lr, trial.momentum, weight_decay=trial.l2
    )
    digits, test = data.train.first(trial.train_images).to(device), data.test.to(device)
    batches = math.ceil(len(digits.labels) / trial.batch_size)
    history: list[dict] = []
    state = _snapshot(network)

    for epoch in range(1, trial.epochs + 1):
        start = time.perf_counter()
        lr = trial.lr_at(epoch)
        for group in optimiser.param_groups:
            group["lr"] = lr
        network.train()
        loss_sum = torch.zeros((), dtype=torch.float64, device=device)
        correct = torch.zeros((), dtype=torch.int64, device=device)
        for step, (images, labels) in enumerate(
            epoch_batches(digits, trial, streams), 1
        ):
            log_probs = train_step(network, optimiser, images, labels, trial.l1)
            loss_sum += F.nll_loss(log_probs, labels, reduction="sum")
            correct += (log_probs.argmax(1) == labels).sum()
            on_step((epoch - 1) * batches + step, trial.epochs * batches)
        tested = evaluate(network, test)
        row = {
            "epoch": epoch,
            "lr": lr,
            "train_loss": loss_sum.item() / len(digits.labels),
            "train_acc": correct.item() / len(digits.labels),
            "test_loss": tested.loss,
            "test_acc": tested.acc,
            "seconds": round(time.perf_counter() - start, 3),
            **weight_sums(network),
        }
        latest = _snapshot(network)
        finite = math.isfinite(row["train_loss"] + row["test_loss"]) and all(
            values.isfinite().all() for values in latest.values()
        )
        history.append(row if finite else _without_nonfinite(row))
        yield history[-1]
        if not finite:
            network.load_state_dict(state)
            tested = evaluate(network, test)
            break
        state = latest

    summary = summarise(history, tested, evaluate(network, digits))
    return Checkpoint(
        trial,
        state,
        history,
        tested.digits,
        summary,
        f"reference-{torch.device(device).type}",
    )


def finish(training: Generator[dict, None, Checkpoint]) -> Checkpoint:
    """Runs `train` to its end and returns what it returns."""
    while True:
        try:
            next(training)
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


def epoch_batches(split: Split, trial: Trial, streams: Streams):
    """One epoch in random order, rotated: pairs of images (B, 1, 28, 28) float32 and labels (B,); the last is short."""
    order = torch.randperm(len(split.labels), generator=streams.order)
    degrees = torch.empty(len(order)).uniform_(
        -trial.rotation, trial.rotation, generator=streams.angles
    )
    steps = rotation_steps(degrees).to(split.images.device)
    for index, turn in zip(
        order.to(split.images.device).split(trial.batch_size),
        steps.split(trial.batch_size),
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


@torch.no_grad()
def weight_sums(network: Network) -> dict[str, list[float]]:
    """Per layer of `model.layers`: the sum of |w| and the sum of w^2."""
    flat = [
        torch.cat([p.flatten() for p in parameters]).double()
        for parameters in layers(network).values()
    ]
    return {
        "abs_sums": [float(f"{w.abs().sum().item():.6g}") for w in flat],
        "square_sums": [float(f"{w.square().sum().item():.6g}") for w in flat],
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


def _snapshot(network: Network) -> dict[str, Tensor]:
    return {
        name: value.detach().cpu().clone()
        for name, value in network.state_dict().items()
    }


def _without_nonfinite(row: dict) -> dict:
    def known(value):
        if isinstance(value, list):
            return [known(item) for item in value]
        return value if math.isfinite(value) else None

    return {key: known(value) for key, value in row.items()}
