"""Choice of the engine for a device: the fast one, or the reference loop where the fast one cannot be used."""

import functools
import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

import torch

from train import loop
from train.checkpoint import Checkpoint
from train.data import Mnist, Split
from train.errors import UserError
from train.evaluate import Evaluation, evaluate
from train.norms import BY_KEY
from train.study import Trial


class DeviceError(UserError):
    """The requested device does not exist; the message is one line."""


@functools.cache
def prepare(device: str) -> tuple[str, tuple[str, ...]]:
    """Resolved device, ready to train on, and one-line notes for the user; computed once per process.

    `device` is "auto", "cpu", "cuda" or "reference", which is the reference loop on the CPU. "cpu" resolves to "reference"
    where Numba is missing or cannot compile the kernels, and "cuda" to "cuda-reference", the reference loop on the GPU,
    where the stacked engine fails its check (`train.cuda.check`). Raises `DeviceError`.
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
    except Exception as error:  # PyTorch raises many types; the note names it
        return "cuda-reference", (_fallback_note("GPU", error),)
    return "cuda", ()


def _prepare_cpu() -> tuple[str, tuple[str, ...]]:
    try:
        from train.cpu import cache, engine

        seconds = engine.compile_kernels()
    except Exception as error:  # Numba and LLVM raise many types, too
        return "reference", (_fallback_note("CPU", error),)
    if seconds <= 3:
        return "cpu", ()
    often = "once" if cache.FOLDER else "as every process will: no folder can keep them"
    return "cpu", (f"Compiled the kernels in {seconds:.0f} s, {often}.",)


def is_compiled() -> bool:
    """True if preparing "cpu" compiles nothing."""
    try:
        from train.cpu import cache
    except Exception:  # `_prepare_cpu` reports it
        return False
    return cache.is_whole()


def _fallback_note(processor: str, error: Exception) -> str:
    """One-line note on why the fast engine cannot be used, the error's message shortened."""
    reason = textwrap.shorten(f"{type(error).__name__}: {error}", 300)
    return (
        f"The fast engine for the {processor} cannot be used ({reason}); "
        f"the reference loop trains on the {processor} instead."
    )


def is_plain(device: str) -> bool:
    """True if the reference loop trains on a prepared device."""
    return device.endswith("reference")


def torch_device(device: str) -> str:
    """PyTorch's name for a prepared device."""
    return "cuda" if device.startswith("cuda") else "cpu"


def share_out(trials: Iterable[Trial], device: str) -> list[tuple[Trial, ...]]:
    """Groups of trials that a prepared device trains together: single trials in their order on the CPU, stacks on a GPU."""
    if device != "cuda":
        return [(trial,) for trial in trials]
    from train.cuda import members

    return members.stacks(list(trials))


def train(
    group: tuple[Trial, ...],
    data: Mnist,
    device: str,
    on_progress: Callable[[loop.Progress], None],
    keep: Collection[int] = (),
) -> Iterator[Checkpoint]:
    """Trains a group of `share_out` on a prepared device; yields its checkpoints as they are finished, and those of the epochs of `keep`.

    With such epochs one trial after another is trained.
    """
    if device == "cuda" and not keep:
        from train.cuda import members

        yield from members.train(group, data, on_progress)
        return
    for trial in group:
        trained_by = learner(trial, data, device)
        yield from loop.checkpoints(trial, data, trained_by, keep, on_progress)


def learner(trial: Trial, data: Mnist, device: str) -> loop.Learner:
    """Learner of a trial on a prepared device, for `loop.run`; on the CPU the reference for a norm without kernels."""
    if device == "cuda":
        from train.cuda import members

        return members.alone(trial, data, device)
    if device == "cpu" and BY_KEY[trial.norm].has_kernels:
        from train.cpu import engine

        return engine.Kernels(trial, data)
    return loop.Reference(trial, data, torch_device(device))


def reader(checkpoint: Checkpoint, device: str) -> Callable[[Split], Evaluation]:
    """Function that evaluates a trained network on a split, on a prepared device; not for concurrent calls."""
    if device == "cpu" and BY_KEY[checkpoint.trial.norm].has_kernels:
        from train.cpu import engine

        return engine.reader(checkpoint)
    network = checkpoint.network().to(torch_device(device))
    pixels = checkpoint.setup.pixels
    return lambda split: evaluate(
        network, replace(split.to(torch_device(device)), pixels=pixels)
    )
