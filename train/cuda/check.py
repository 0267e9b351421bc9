"""Check of the stacked engine on a device: a step of a stack, on every route, against the reference's."""

from dataclasses import replace

import torch

from train import loop
from train.cuda.autotune import agrees
from train.cuda.convolutions import ROUTES
from train.cuda.stack import Stack
from train.data import CLASSES, Mnist, Split
from train.norms import BY_KEY
from train.study import Trial

STEP = 1e-2  # how far a step may end from the reference's, as a share of the step


class StackError(Exception):
    """A stack does not train as the reference does; the message is one line."""


def check(device: str = "cuda"):
    """Trains a step of a stack, for each norm and on every route that may be chosen, and compares it with the reference's.

    No tensor of a network may end farther from the reference's than `STEP` of how far the step moves it. Raises
    `StackError`, and whatever PyTorch raises on a device or a version that cannot train so.
    """
    for norm in BY_KEY:
        for route in ROUTES:
            apart = _deviation(norm, route, device)
            if not apart <= STEP:  # nor where it is not a number
                raise StackError(
                    f"a {norm} step on the {route} route ends {apart:.1%} of its length from the reference's, "
                    f"which is more than {STEP:.0%}"
                )


def _deviation(norm: str, route: str, device: str) -> float:
    """Distance of a step on a route from the reference's, as a share of the step; 0 where the route is not taken."""
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
        stack.capture()  # a graph of steps, which is not for every version
    list(stack.train_epoch())
    apart = []
    for index, trial in enumerate(trials):
        alone = loop.Reference(trial, data, device)
        before = alone.state()
        list(alone.train_epoch(trial.lr_at(1)))
        stacked = stack.networks.state(index)
        apart += [
            (stacked[name] - values).abs().max() / (values - before[name]).abs().max()
            for name, values in alone.state().items()
            if values.is_floating_point()
        ]
    return float(torch.stack(apart).max())
