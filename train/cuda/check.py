"""Check of the stacked engine on a device: one training step on every route, compared with the reference's."""

from dataclasses import replace

import torch

from train import loop
from train.cuda.autotune import agrees
from train.cuda.convolutions import ROUTES
from train.cuda.stack import Stack
from train.data import CLASSES, Mnist, Split
from train.norms import BY_KEY
from train.study import Trial

TOLERANCE = 1e-2  # largest deviation, as a share of the reference's step


class StackError(Exception):
    """A stack does not train as the reference does; the message is one line."""


def check(device: str = "cuda"):
    """Compares one training step of a stack with the reference's, for every norm and every route that may be chosen.

    Raises `StackError` where a tensor deviates by more than `TOLERANCE` of its step, and whatever PyTorch raises on a
    device or in a version that cannot train a stack.
    """
    for norm in BY_KEY:
        for route in ROUTES:
            deviation = _deviation(norm, route, device)
            if not deviation <= TOLERANCE:  # NaN fails, too
                raise StackError(
                    f"a {norm} step on the {route} route ends {deviation:.1%} of its length from the reference's, "
                    f"which is more than {TOLERANCE:.0%}"
                )


def _deviation(norm: str, route: str, device: str) -> float:
    """Largest deviation of a step on a route from the reference's, as a share of the step; 0 for a route that is never chosen."""
    trial = Trial(norm, 1e-3, 0.0, 16, train_images=16, dropout=0.0)
    trials = trial, replace(trial, l1=0.0, l2=1e-2, lr=trial.lr / 2, seed=2)
    draw = torch.Generator().manual_seed(0)
    images = torch.randint(256, (16, 28, 28), generator=draw, dtype=torch.uint8)
    digits = Split(images, torch.randint(CLASSES, (16,), generator=draw))
    data = Mnist(digits, digits)
    stack = Stack(trials, data, device, route)
    if route != "grouped" and not agrees(stack, route):
        return 0.0
    if stack.device.type == "cuda":
        stack.capture()  # CUDA graphs of these steps fail in some versions
    list(stack.train_epoch())
    deviations = []
    for index, trial in enumerate(trials):
        alone = loop.Reference(trial, data, device)
        before = alone.state()
        list(alone.train_epoch(trial.lr_at(1)))
        stacked = stack.networks.state(index)
        deviations += [
            (stacked[name] - values).abs().max() / (values - before[name]).abs().max()
            for name, values in alone.state().items()
            if values.is_floating_point()
        ]
    return float(torch.stack(deviations).max())
