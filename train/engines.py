"""The engine of each device, and the reference loop where that engine cannot be used."""

import functools
import textwrap
from collections.abc import Callable, Iterable, Iterator

import torch

from train import loop
from train.checkpoint import Checkpoint
from train.data import Mnist, Split
from train.errors import UserError
from train.evaluate import Evaluation, evaluate
from train.norms import BY_KEY
from train.study import Trial


class DeviceError(UserError):
    """The device is not there; the message is one line."""


@functools.cache
def prepare(device: str) -> tuple[str, tuple[str, ...]]:
    """The device that `device` comes down to, ready to train on, and what a user should know, a line each; once a process.

    `device` is "auto", "cpu", "cuda" or "reference", the plain loop on the CPU. "cpu" comes down to "reference" where Numba
    is missing or cannot compile the kernels, and "cuda" to "cuda-reference", the plain loop on the GPU, where the stacked
    engine fails its check (`train.cuda.check`). Raises `DeviceError`.
    """
    has_cuda = torch.cuda.is_available()
    if device == "reference":
        return "reference", ()
    if device == "cuda" and not has_cuda:
        raise DeviceError(
            "--device cuda: this PyTorch finds no CUDA device; use --device cpu"
        )
    if has_cuda and device != "cpu":
        return _prepare_cuda()
    return _prepare_cpu()


def _prepare_cuda() -> tuple[str, tuple[str, ...]]:
    try:
        from train.cuda import check

        check.check()
    except Exception as error:  # PyTorch raises many kinds; it is reported by name
        return "cuda-reference", (_say_why("GPU", error),)
    return "cuda", ()


def _prepare_cpu() -> tuple[str, tuple[str, ...]]:
    try:
        from train.cpu import cache, engine

        seconds = engine.compile_kernels()
    except Exception as error:  # so do Numba and LLVM
        return "reference", (_say_why("CPU", error),)
    if seconds <= 3:
        return "cpu", ()
    often = "once" if cache.FOLDER else "as every process will: no folder can keep them"
    return "cpu", (f"Compiled the kernels in {seconds:.0f} s, {often}.",)


def is_compiled() -> bool:
    """Whether "cpu" is prepared without compiling anything."""
    try:
        from train.cpu import cache
    except Exception:  # as in `_prepare_cpu`, which says it
        return False
    return cache.is_whole()


def _say_why(processor: str, error: Exception) -> str:
    """One line for users, however long the error's message."""
    reason = textwrap.shorten(f"{type(error).__name__}: {error}", 300)
    return (
        f"The fast engine for the {processor} cannot be used ({reason}); "
        f"the reference loop trains on the {processor} instead."
    )


def is_plain(device: str) -> bool:
    """Whether the reference loop trains on a prepared device."""
    return device.endswith("reference")


def place(device: str) -> str:
    """PyTorch's name of a prepared device."""
    return "cuda" if device.startswith("cuda") else "cpu"


def share_out(trials: Iterable[Trial], device: str) -> list[tuple[Trial, ...]]:
    """The trials in groups that a prepared device trains together: on the CPU one by one in their order, on a GPU all that can be stacked."""
    if device != "cuda":
        return [(trial,) for trial in trials]
    from train.cuda import members

    return members.stacks(list(trials))


def train(
    group: tuple[Trial, ...],
    data: Mnist,
    device: str,
    on_step: Callable[[loop.Step], None],
) -> Iterator[Checkpoint]:
    """Trains a group of `share_out` on a prepared device; yields its checkpoints as they are ready."""
    if device == "cuda":
        from train.cuda import members

        yield from members.train(group, data, on_step)
        return
    (trial,) = group
    yield loop.finish(loop.run(trial, data, learner(trial, data, device)), on_step)


def learner(trial: Trial, data: Mnist, device: str) -> loop.Learner:
    """A trial's learner on a prepared device, for `loop.run`; on the CPU the reference for a norm without kernels."""
    if device == "cuda":
        from train.cuda import members

        return members.alone(trial, data, device)
    if device == "cpu" and BY_KEY[trial.norm].kernel_groups:
        from train.cpu import engine

        return engine.Kernels(trial, data)
    return loop.Reference(trial, data, place(device))


def reader(found: Checkpoint, device: str) -> Callable[[Split], Evaluation]:
    """A trained network's answers to a split of digits, on a prepared device; one split at a time."""
    if device == "cpu" and BY_KEY[found.trial.norm].kernel_groups:
        from train.cpu import engine

        return engine.reader(found)
    network = found.network().to(place(device))
    return lambda split: evaluate(network, split.to(place(device)))
