"""Which engine trains on which device."""

from collections.abc import Callable
from functools import partial

import torch

from train import loop


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


def trainer(device: str) -> Callable:
    """`loop.train`, or its equal on a prepared device: called with trial, data and `on_step`."""
    if device == "cpu":
        from train import cpu

        return cpu.train
    return partial(loop.train, device="cpu" if device == "reference" else device)
