"""Retraining: a training that a visitor watches, step by step, stops, and keeps.

The engines and the `Trial` are those of `train/`, so a network that is trained here with the settings and the seed of a
committed one equals it on the same engine.
"""

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

import torch
from torch import Tensor

from explorer import endings
from explorer.zerogpu import on_gpu
from train import data, engines, loop
from train.checkpoint import TEST_IMAGES, Checkpoint
from train.study import Trial

PAUSE = 0.2  # seconds between two moments that are told, at least
SECONDS = 300  # after which a training is stopped
PATIENCE = 200  # batches, after which a network that only guesses is given up
TEST = 0.25  # of the time of training on an image is what testing one takes, about
GPU, CPU = "GPU", "CPU"


@dataclass(frozen=True)
class Moment:
    """A training between two batches: all that is needed to go on without it. It pickles: plain numbers and CPU tensors."""

    step: loop.Step
    state: dict[str, Tensor]
    engine: str
    row: dict | None  # of the epoch that just ended

    @property
    def is_finite(self) -> bool:
        return math.isfinite(self.step.loss) and all(
            values.isfinite().all() for values in self.state.values()
        )


def moments(trial: Trial, device: str) -> Iterator[Moment | Checkpoint]:
    """Trains on a prepared device; yields a `Moment` at most every `PAUSE` and after every epoch, at last the checkpoint."""
    mnist = digits()
    learner = engines.learner(trial, mnist, device)
    training = loop.run(trial, mnist, learner)
    step, told = None, 0.0
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            yield end.value
            return
        if isinstance(event, loop.Step):
            step = event
            if time.monotonic() - told < PAUSE:
                continue
            event = None
        told = time.monotonic()
        yield Moment(step, learner.state(), learner.engine, event)


def beside(source: Generator) -> Iterator:
    """Runs a generator in a thread of its own that gives way to those that answer visitors."""
    with ThreadPoolExecutor(1, "train", _give_way) as pool:
        try:
            while event := pool.submit(next, source, None).result():
                yield event
        finally:
            source.close()


def _give_way():
    # A priority of a thread is Linux's; elsewhere, and where it is not allowed, all are equal.
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


IMAGES_A_SECOND = 10_000  # of a GPU, reckoned low: what is asked for has to be enough


def gpu_seconds(trial: Trial, device: str) -> int:
    """How long a GPU is asked for: with the time that it takes to find its fastest route, in seconds."""
    return min(120, 20 + math.ceil(trial.epochs * trial.train_images / IMAGES_A_SECOND))


ON_GPU = on_gpu(gpu_seconds)(moments)


def devices() -> list[str]:
    """What can be trained on, the fastest first."""
    return [GPU, CPU] if torch.cuda.is_available() else [CPU]


@cache
def digits() -> data.Mnist:
    """The digits, read once. Raises `DataError`."""
    return data.load()


@cache
def prepared() -> Future[str]:
    """The device that "cpu" comes down to, once it is ready; begun by the first who asks."""
    pool = ThreadPoolExecutor(1, "prepare")
    preparation = pool.submit(_prepare)
    pool.shutdown(wait=False)
    return preparation


def _prepare() -> str:
    # The kernels are compiled by another process, beside which this one goes on answering, and then read from its cache.
    code = "import os; os.nice(19); from train import engines; engines.prepare('cpu')"
    subprocess.run([sys.executable, "-c", code], cwd=data.ROOT.parent, check=False)
    device, _ = engines.prepare("cpu")
    return device


@dataclass
class Run:
    """A training as far as it is, for those who watch."""

    trial: Trial
    phase: str = "waiting"  # then "training", "testing", "done"
    done: int = 0  # batches
    total: int = 0
    seconds_left: float | None = None
    seconds_allowed: float = SECONDS  # until the deadline
    losses: list[tuple[float, float]] = field(default_factory=list)  # epochs, nats
    rows: list[dict] = field(default_factory=list)
    ended: str = ""  # why it ended before its time, in sentences
    result: Checkpoint | None = None


def watch(trial: Trial, kind: str, stopped: Callable[[], bool]) -> Iterator[Run]:
    """Trains on `GPU` or `CPU` and yields the same `Run` whenever there is something new, five times a second at most.

    A training that `stopped` ends, or its deadline, or that only guesses, keeps what it was until then. Raises `DataError`.
    """
    run = Run(trial)
    while not prepared().done():
        if stopped():
            return
        yield run
        time.sleep(PAUSE)
    device = "cuda" if kind == GPU else prepared().result()
    start = time.monotonic()
    last, epoch_start, shown = None, time.perf_counter(), 0.0
    source = ON_GPU(trial, device) if kind == GPU else beside(moments(trial, device))
    try:
        run.phase = "training"
        yield run
        for event in source:
            if isinstance(event, Checkpoint):
                run.result = event
                break
            _add(run, last, event, time.monotonic() - start)
            if event.row:
                epoch_start = time.perf_counter()
            last = event
            run.ended = _why(run, event, time.monotonic() - start, stopped())
            finished = run.done == run.total and event.row
            if finished or run.ended:
                run.phase = "testing"
            if run.phase == "testing" or time.monotonic() - shown >= PAUSE:
                shown = time.monotonic()
                yield run
            if run.ended and not finished:
                break
    finally:
        source.close()
    if not run.result:
        seconds = time.perf_counter() - epoch_start
        run.result = _kept(run, last, prepared().result(), seconds)
    run.rows = run.result.history
    run.ended = run.ended or endings.diverged(run.result)
    run.phase, run.seconds_left = "done", 0.0
    yield run


def _add(run: Run, last: Moment | None, now: Moment, seconds: float):
    """Writes a moment down: the loss of the images since the last one, and the time left."""
    step, before = now.step, last.step if last else None
    images, loss = step.images, step.loss
    if before and before.epoch == step.epoch:
        images, loss = images - before.images, loss - before.loss
    run.done, run.total = step.done, step.total
    epochs = step.done / step.total * run.trial.epochs
    if images and math.isfinite(loss):
        run.losses.append((epochs, loss / images))
    done = epochs * (run.trial.train_images + TEST * TEST_IMAGES)
    all_ = run.trial.epochs * (run.trial.train_images + TEST * TEST_IMAGES)
    last_test = TEST * run.trial.train_images  # upright, without dropout
    run.seconds_left = seconds * (all_ + last_test - done) / done
    run.seconds_allowed = SECONDS - seconds
    if now.row:
        run.rows.append(now.row)


def _why(run: Run, now: Moment, seconds: float, is_stopped: bool) -> str:
    """Why a training ends here, in sentences; "" where it goes on."""
    whole = now.step.done == now.step.total
    tried = whole or now.step.done >= PATIENCE
    if now.row and endings.guesses(now.row) and tried:
        return endings.explain(run.trial)
    if whole or not now.is_finite:  # it ends by itself, or goes back to where it was
        return ""
    if is_stopped:
        return f"Stopped after {now.step.done:,} of {now.step.total:,} batches."
    if seconds > SECONDS:
        return (
            f"Stopped after {SECONDS} seconds, which is as long as a training may take."
        )
    return ""


def _kept(run: Run, last: Moment, device: str, seconds: float) -> Checkpoint:
    """The checkpoint of a training that ended at `last`, tested on the CPU."""
    network = Checkpoint(run.trial, last.state, [], "", {}, last.engine)
    return loop.stopped(
        network,
        digits(),
        run.rows,
        last.step,
        engines.reader(network, device),
        seconds,
    )
