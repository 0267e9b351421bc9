"""Choice of a stack's convolution: the route whose steps are fastest on this GPU, of those that agree with the grouped one."""

import time

import torch

from train.cuda.convolutions import ROUTES
from train.cuda.stack import Stack
from train.data import Mnist
from train.study import Trial

SECONDS = 2.0  # for all routes
AGREE = 1e-4  # how far log-probabilities of two routes may be apart


def tuned(trials: tuple[Trial, ...], data: Mnist, device: str) -> Stack:
    """A stack on the route that is fastest on its device; on the CPU, which is for tests, the grouped one."""
    stack = Stack(trials, data, device)
    if stack.device.type != "cpu":
        stack.networks.route = _fastest_route(stack)
    return stack


@torch.no_grad()
def agrees(stack: Stack, route: str) -> bool:
    """Whether a route gives the answers of the grouped one: PyTorch's norms are not equally exact in every layout."""
    images, _ = stack.batches.take(stack.batches.offsets)
    with stack.undone():  # BN's running averages move
        expected, other = (
            stack.networks.forward(images, training=True, route=name)
            for name in ("grouped", route)
        )
    return bool((expected - other).abs().max() < AGREE)


def _fastest_route(stack: Stack) -> str:
    """The route whose steps take the least time here, after some seconds of trying."""
    times = {}
    with stack.undone():
        for route in ROUTES:
            try:
                if agrees(stack, route):
                    stack.networks.route = route
                    times[route] = _time_a_step(stack, SECONDS / len(ROUTES))
            except torch.OutOfMemoryError:  # the dense route's weights grow with E * E
                torch.cuda.empty_cache()
    return min(times, key=lambda route: times[route])


def _time_a_step(stack: Stack, budget: float) -> float:
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
