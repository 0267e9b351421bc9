"""Rates of training on one core: the kernels, PyTorch eager, channels last and compiled, and JAX where it is installed. They take turns."""

import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.training import IMAGES, ROUNDS
from train import data
from train.cpu import engine
from train.data_sets import MNIST_PIXELS
from train.model import Network
from train.study import Trial

LR, MOMENTUM = 0.01, 0.9
Batches = list[tuple[torch.Tensor, torch.Tensor]]  # images (B, 1, 28, 28), labels (B,)


def compare(case: Trial, mnist: data.Mnist):
    """Prints the median images per second of each framework, and the times that the kernels are as fast. Only the kernels rotate images."""
    images = IMAGES[case.batch_size]
    trial = replace(case, train_images=images)
    digits = mnist.train.first(images)
    pixels = data.normalise(digits.images, MNIST_PIXELS)
    batches = list(
        zip(
            pixels.split(case.batch_size),
            digits.labels.split(case.batch_size),
            strict=True,
        )
    )
    learner = engine.Kernels(trial, mnist)
    runners: dict[str, Callable] = {
        "kernels": lambda: list(learner.train_epoch(LR)),
        "PyTorch eager": eager(trial, batches, torch.contiguous_format),
        "PyTorch channels last": eager(trial, batches, torch.channels_last),
        "torch.compile": compiled(trial, batches),
    }
    if importlib.util.find_spec("jax"):
        in_jax = importlib.import_module("benchmarks.in_jax")
        runners["JAX"] = in_jax.epoch(trial, state_of(trial), batches)
    times = {name: [] for name in runners}
    for turn in range(ROUNDS + 1):
        for name, run in runners.items():
            start = time.perf_counter()
            run()
            if turn:  # the first warms up and compiles
                times[name].append(time.perf_counter() - start)
    medians = {name: images / statistics.median(taken) for name, taken in times.items()}
    for name, rate in medians.items():
        print(
            f"| {case.norm} at {case.batch_size} | {name} | {rate:,.0f} | {medians['kernels'] / rate:.1f} |"
        )


def eager(trial: Trial, batches: Batches, layout: torch.memory_format) -> Callable:
    """One epoch of eager PyTorch, with PyTorch's own dropout."""
    network = _network(trial).to(memory_format=layout)
    own = [(images.to(memory_format=layout), labels) for images, labels in batches]
    return _epoch(network, own)


def compiled(trial: Trial, batches: Batches) -> Callable:
    return _epoch(torch.compile(_network(trial)), batches)


def state_of(trial: Trial) -> dict[str, np.ndarray]:
    """Initial values of the parameters by name."""
    named = _network(trial).named_parameters()
    return {name: value.detach().numpy() for name, value in named}


def _network(trial: Trial) -> torch.nn.Module:
    network = Network(trial)
    for block in network.parts():
        block.dropout = torch.nn.Dropout(trial.dropout)
    return network.train()


def _epoch(network: Callable, batches: Batches) -> Callable:
    optimiser = torch.optim.SGD(network.parameters(), LR, MOMENTUM)

    def run():
        for images, labels in batches:
            optimiser.zero_grad()
            F.nll_loss(network(images), labels).backward()
            optimiser.step()

    return run
