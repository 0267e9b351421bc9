"""Which engine trains on which device."""

from collections.abc import Callable, Iterable, Iterator

import torch

from train import loop
from train.checkpoint import Checkpoint
from train.data import Mnist, Split
from train.evaluate import Evaluation, evaluate
from train.study import Trial


class DeviceError(Exception):
    """The device is not there; the message is one line."""


def prepare(device: str) -> tuple[str, list[str]]:
    """What `device` comes down to, ready to train on, and what a user should know, a line each.

    `device` is "auto", "cpu", "cuda" or "reference", the plain loop on the CPU. Where Numba is missing or has no code for this processor, "cpu" comes down to "reference". Raises `DeviceError`.
    """
    cuda = torch.cuda.is_available()
    if device == "cuda" and not cuda:
        raise DeviceError(
            "--device cuda: this PyTorch finds no CUDA device; use --device cpu"
        )
    if device == "reference" or (cuda and device != "cpu"):
        return device.replace("auto", "cuda"), []
    try:
        from train import cpu

        seconds = cpu.compile_kernels()
    except (ImportError, OSError, NotImplementedError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        return "reference", [
            f"The fast engine cannot be used ({reason}); training with the reference loop."
        ]
    return "cpu", [
        f"Compiled the kernels in {seconds:.0f} s, once."
    ] if seconds > 3 else []


def share_out(trials: Iterable[Trial], device: str) -> list[tuple[Trial, ...]]:
    """The trials in groups that a prepared device trains together, the ones that take longest first."""
    ordered = sorted(trials, key=_size, reverse=True)
    if device != "cuda":
        return [(trial,) for trial in ordered]
    from train import cuda

    return cuda.stacks(ordered)


def _size(trial: Trial) -> tuple:
    """Sorts by how long a trial takes, about: BN needs the whole batch in memory and is the slowest."""
    return trial.epochs * trial.train_images, trial.norm == "BN"


def train(
    group: tuple[Trial, ...],
    data: Mnist,
    device: str,
    on_step: Callable[[loop.Step], None],
) -> Iterator[Checkpoint]:
    """Trains a group of `share_out` on a prepared device; yields its checkpoints as they are ready."""
    if device == "cuda":
        from train import cuda

        yield from cuda.train(group, data, on_step)
        return
    (trial,) = group
    yield loop.finish(loop.run(trial, data, learner(trial, data, device)), on_step)


def learner(trial: Trial, data: Mnist, device: str) -> loop.Learner:
    """What trains one trial on a prepared device, for `loop.run`."""
    if device == "cuda":
        from train import cuda

        return cuda.Member(cuda.Stack((trial,), data, device), 0)
    if device == "cpu":
        from train import cpu

        return cpu.Kernels(trial, data)
    return loop.Reference(trial, data)


def reader(found: Checkpoint, device: str) -> Callable[[Split], Evaluation]:
    """What a trained network answers to a split of digits, on a prepared device; one split at a time."""
    if device == "cpu":
        from train import cpu

        return cpu.reader(found)
    place = "cuda" if device == "cuda" else "cpu"
    network = found.network().to(place)
    return lambda split: evaluate(network, split.to(place))
