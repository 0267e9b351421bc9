"""Profile of a training step of the kernels: microseconds per image of each part, beside the processor's own rates. `python -m benchmarks.step`.

Each part runs again and again on one tile in the cache; what whole steps take beyond the sum of the parts is memory that leaves the cache. Then the
frameworks on the same core, in turn with the kernels; JAX where it is installed.
"""

import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import torch
from numba import float32, uint16

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import frameworks
from benchmarks.training import CASES, MEGAFLOP, sgemm_rate
from train import data, loop
from train.cpu import blocks, direct, engine, head, kernels, layout, norms, winograd
from train.study import Trial

IMAGES = 2048
ROUNDS = 9
REPEATS = 200  # of a part in a round
LANES = uint16(0xFFFF)
STEPS, TRANSFORMS = "whole steps", "of these three, Winograd's transforms"


@numba.njit
def augment(times, batch, work):
    for _ in range(times):
        blocks.load_images(batch, 0, 16, work.inputs[0][0])


@numba.njit
def first_convolution(times, weights, work):
    for _ in range(times):
        blocks.convolve(layout.block_of(work, 0, 0), weights.convs[0], work.winograd)


@numba.njit
def transforms(times, work):
    """The transforms of inputs of `winograd.convolve`, forward and backward, and of `winograd.add_gradient`."""
    fast = work.winograd
    for _ in range(times):
        for b in range(1, layout.BLOCKS):
            for x in (work.inputs[b][0], work.delta[b], work.inputs[b][0]):
                line = x.shape[0] * winograd.POSITIONS
                size = x.shape[1] - 2
                for first in range(0, size, winograd.OUTPUTS):
                    column = min(first, size - winograd.OUTPUTS)
                    for row in range(size + 2):
                        winograd.transform_row(
                            x,
                            row,
                            column,
                            fast.rows,
                            row % 4 * line,
                            1,
                            winograd.POSITIONS,
                        )
            z = work.delta[b]
            size, step = z.shape[1] - 2, z.shape[0]
            for first in range(0, size, winograd.OUTPUTS):
                column = min(first, size - winograd.OUTPUTS)
                for row in range(size):
                    winograd.transform_gradients(
                        z, row + 1, column + 1, first - column, fast.z[b], 0, step, 1
                    )


@numba.njit
def convolutions(times, weights, work):
    for _ in range(times):
        for b in range(1, layout.BLOCKS):
            blocks.convolve(
                layout.block_of(work, b, 0), weights.convs[b], work.winograd
            )


@numba.njit
def input_gradients(times, work):
    fast = work.winograd
    for _ in range(times):
        for b in range(1, layout.BLOCKS):
            winograd.convolve(
                work.delta[b],
                fast.backward[b],
                work.slopes[b - 1][0],
                float32(-np.inf),
                fast.rows,
            )


@numba.njit
def weight_gradients(times, gradients, work):
    fast = work.winograd
    for _ in range(times):
        direct.add_gradient(work.inputs[0][0], work.delta[0], gradients.convs[0])
        for b in range(1, layout.BLOCKS):
            winograd.add_gradient(
                work.inputs[b][0],
                work.delta[b],
                fast.x[b],
                fast.z[b],
                fast.gradients[b],
            )


@numba.njit
def statistics_of_norms(times, settings, weights, gradients, work):
    """Means and variances forward, sums of gradients backward, and the coefficients."""
    c = work.coefficients
    for _ in range(times):
        for b in range(layout.BLOCKS):
            block = layout.block_of(work, b, 0)
            affine = kernels.affine_of(weights, gradients, b)
            if settings.norm.over_batch:
                norms.batch_sums(block, c)
                norms.batch_norm(b, 1, 16, affine, work)
                norms.gradient_sums(block, c)
                norms.batch_norm_gradient(
                    b, 1, 16 * block.rectified.shape[1] ** 2, 1.0, affine, c
                )
            else:
                norms.image_norm(block, c, affine, settings.norm)
                norms.gradient_sums(block, c)
                norms.image_norm_gradient(block, c, affine, settings.norm, 1.0)


@numba.njit
def affine_dropout_pool(times, settings, work):
    dropout = layout.Dropout(settings.drop, LANES)
    for _ in range(times):
        for b in range(layout.BLOCKS):
            blocks.finish_block(
                layout.block_of(work, b, 0), work.coefficients, dropout, work.noise[0]
            )


@numba.njit
def back_through_norms(times, work):
    for _ in range(times):
        for b in range(layout.BLOCKS):
            block = layout.block_of(work, b, 0)
            blocks.through_norm_and_relu(block, work.coefficients, LANES, work.delta[b])


@numba.njit
def heads(times, labels, layer, work):
    for _ in range(times):
        head.head(layout.block_of(work, layout.LAST, 0), labels, float32(0.01), layer)


@numba.njit
def per_step(times, settings, weights, gradients, velocity, work):
    """Work that a step does once, whatever its images: filters, the last transform of gradients, update."""
    for _ in range(times):
        gradients.vector[:] = 0
        blocks.transform_filters(weights, work.winograd)
        for b in range(1, layout.BLOCKS):
            winograd.finish_gradient(work.winograd.gradients[b], gradients.convs[b])
        kernels.update(weights, gradients, velocity, settings)


def parts(
    learner: engine.Kernels, batch: layout.Batch, settings: layout.Settings
) -> dict:
    """Calls of the parts by name, with the images that share one repetition."""
    weights, gradients, work = learner.weights, learner.gradients, learner.work
    layer = layout.Head(weights.head, gradients.head, work.logits, work.features)
    labels = batch.labels[batch.order[:16]]
    size = learner.trial.batch_size
    still = settings._replace(lr=np.float32(0))
    return {
        "rotate and normalise images": (16, lambda n: augment(n, batch, work)),
        "first convolution, direct": (
            16,
            lambda n: first_convolution(n, weights, work),
        ),
        "convolutions, with transforms": (16, lambda n: convolutions(n, weights, work)),
        "gradients of inputs, with transforms": (
            16,
            lambda n: input_gradients(n, work),
        ),
        "gradients of weights, with transforms": (
            16,
            lambda n: weight_gradients(n, gradients, work),
        ),
        TRANSFORMS: (16, lambda n: transforms(n, work)),
        "statistics of norms, both ways": (
            16,
            lambda n: statistics_of_norms(n, settings, weights, gradients, work),
        ),
        "affine, dropout, pool": (16, lambda n: affine_dropout_pool(n, settings, work)),
        "back through pool, dropout, norm, ReLU": (
            16,
            lambda n: back_through_norms(n, work),
        ),
        "head and loss": (16, lambda n: heads(n, labels, layer, work)),
        "once a step: filters, update": (
            size,
            lambda n: per_step(n, still, weights, gradients, learner.velocity, work),
        ),
    }


def profile(case: Trial, mnist: data.Mnist) -> dict[str, float]:
    """Median microseconds per image of whole steps, then of every part; all take turns."""
    trial = replace(case, train_images=IMAGES)
    learner = engine.Kernels(trial, mnist)
    digits = mnist.train.first(IMAGES)
    order, steps = loop.epoch_order(IMAGES, trial, loop.Streams.of(1, "cpu"))
    images, labels = digits.images.numpy(), digits.labels.numpy()
    batch = layout.Batch(images, labels, order.numpy(), steps.numpy())
    sgd = map(np.float32, (0.01, trial.momentum, trial.l1, trial.l2))
    settings = layout.Settings(trial.batch_size, learner.norm, learner.drop, *sgd)
    own = parts(learner, batch, settings)
    calls = {STEPS: (IMAGES, lambda n: list(learner.train_epoch(0.01)))} | own
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(ROUNDS + 1):
        for name, (images, call) in calls.items():
            repeats = REPEATS if turn and name != STEPS else 1
            start = time.perf_counter()
            call(repeats)
            if turn:  # the first compiles
                taken = time.perf_counter() - start
                times[name].append(1e6 * taken / repeats / images)
    return {name: statistics.median(taken) for name, taken in times.items()}


def stream_rate() -> float:
    """GB/s of a copy of 256 MB on this core, read and written."""
    a = np.ones(2**26, np.float32)
    b = np.empty_like(a)
    times = []
    for _ in range(9):
        start = time.perf_counter()
        np.copyto(b, a)
        times.append(time.perf_counter() - start)
    return 2 * a.nbytes / statistics.median(times) / 1e9


def row(name: str, values: Iterable[str]):
    print(f"| {name} | {' | '.join(values)} |")


def main():
    torch.set_num_threads(1)
    mnist = data.load()
    sgemm = sgemm_rate()
    print(f"One core: sgemm {sgemm:.0f} GFLOP/s, copy {stream_rate():.1f} GB/s.\n")
    profiles = [profile(case, mnist) for case in CASES]
    row("us per image", (f"{case.norm} at {case.batch_size}" for case in CASES))
    row("---", ["---"] * len(CASES))
    for name in profiles[0]:
        row(name, (f"{times[name]:.1f}" for times in profiles))
    named = STEPS, TRANSFORMS
    rest = [
        times[STEPS] - sum(us for name, us in times.items() if name not in named)
        for times in profiles
    ]
    row("whole steps beyond the sum of their parts", (f"{us:.1f}" for us in rest))
    rates = [1e3 * MEGAFLOP / times[STEPS] for times in profiles]
    row("GFLOP/s of direct convolutions", (f"{rate:.0f}" for rate in rates))
    row("share of sgemm", (f"{rate / sgemm:.0%}" for rate in rates))
    print()
    for case in CASES:
        frameworks.compare(case, mnist)


if __name__ == "__main__":
    main()
