"""Choice of a stack's convolution: the fastest route on this GPU of those that agree with the grouped one."""

import time

import torch

from train.cuda.convolutions import ROUTES
from train.cuda.stack import Stack
from train.data import Mnist
from train.study import Trial

SECONDS = 2.0  # of timing, for all routes together
TOLERANCE = 1e-4  # largest difference of log-probabilities between routes that agree


def tuned(trials: tuple[Trial, ...], data: Mnist, device: str) -> Stack:
    """Stack on the fastest route of its device; on the CPU, which only tests use, on the grouped one."""
    stack = Stack(trials, data, device)
    if stack.device.type != "cpu":
        stack.networks.route = _fastest_route(stack)
    return stack


@torch.no_grad()
def agrees(stack: Stack, route: str) -> bool:
    """True if a route's log-probabilities are the grouped one's: PyTorch's norms are less exact in some memory layouts."""
    images, _ = stack.batches.take(stack.batches.offsets)
    with stack.undone():  # a forward pass changes BN's running averages
        expected, other = (
            stack.networks.forward(images, training=True, route=name)
            for name in ("grouped", route)
        )
    return bool((expected - other).abs().max() < TOLERANCE)


def _fastest_route(stack: Stack) -> str:
    """Route whose training steps take the least time on the stack's device."""
    times = {}
    with stack.undone():
        for route in ROUTES:
            try:
                if agrees(stack, route):
                    stack.networks.route = route
                    times[route] = _seconds_per_step(stack, SECONDS / len(ROUTES))
            except torch.OutOfMemoryError:  # the dense route's weights grow with E * E
                torch.cuda.empty_cache()
    return min(times, key=lambda route: times[route])


def _seconds_per_step(stack: Stack, budget: float) -> float:
    """Mean over the steps that fit in `budget` seconds, after one to warm up."""
    offsets = stack.batches.offsets
    stack.step(offsets)
    torch.cuda.synchronize()
    start, steps = time.perf_counter(), 0
    while steps == 0 or time.perf_counter() - start < budget:
        stack.batches.cursor.zero_()
        stack.step(offsets)
        torch.cuda.synchronize()
        steps += 1
    return (time.perf_counter() - start) / steps
