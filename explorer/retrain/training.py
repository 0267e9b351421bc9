"""Retraining: a training that a visitor watches, step by step, stops, and keeps.

The engines and the `Trial` are those of `train/`, so a network that is trained here with the settings and the seed of a
committed one equals it on the same engine.
"""

import logging
import math
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from explorer.retrain import diagnosis, zerogpu
from train import data, engines, loop
from train.checkpoint import Checkpoint
from train.study import Trial
from train.validation import TEST_IMAGES

PAUSE = 0.2  # seconds between two moments that are told, at least
SECONDS = 300  # after which a training is stopped
PATIENCE = 200  # batches, after which a network that only guesses is given up
TEST = 0.25  # of the time of training on an image is what testing one takes, about
GPU, CPU = "GPU", "CPU"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Moment:
    """A training between two batches: all that is needed to go on without it. It pickles: plain numbers and CPU tensors."""

    step: loop.Progress
    state: dict[str, Tensor]
    engine: str
    row: dict | None  # of the epoch that just ended
    slow: str  # why the reference loop trains, "" where the fast engine does

    @property
    def is_finite(self) -> bool:
        return math.isfinite(self.step.loss) and all(
            values.isfinite().all() for values in self.state.values()
        )


def moments(trial: Trial, device: str) -> Generator[Moment | Checkpoint, None, None]:
    """Trains on a device of `engines.prepare`; yields a `Moment` at most every `PAUSE` and after every epoch, at last the checkpoint."""
    mnist = digits()
    device, slow = _ready(device)
    learner = engines.learner(trial, mnist, device)
    training = loop.run(trial, mnist, learner)
    step, told = None, 0.0
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            yield end.value
            return
        if isinstance(event, loop.Progress):
            step = event
            if time.monotonic() - told < PAUSE:
                continue
            event = None
        assert step  # a row comes after steps
        told = time.monotonic()
        yield Moment(step, learner.state(), learner.engine, event, slow)


IMAGES_A_SECOND = 10_000  # of a GPU, reckoned low: what is asked for has to be enough


def gpu_seconds(trial: Trial, device: str) -> int:
    """How long a GPU is asked for: with the time that it takes to find its fastest route, in seconds."""
    return min(120, 20 + math.ceil(trial.epochs * trial.train_images / IMAGES_A_SECOND))


ON_GPU = zerogpu.on_gpu(gpu_seconds)(moments)


def devices() -> list[str]:
    """Processors that can be trained on, that which is chosen at first in front: the fastest, but none that somebody pays for."""
    if not torch.cuda.is_available():
        return [CPU]
    return [CPU, GPU] if zerogpu.IS_HERE else [GPU, CPU]


def price(trial: Trial, kind: str) -> str:
    """Cost of a training to the visitor, in a sentence; "" where there is none."""
    if kind != GPU or not zerogpu.IS_HERE:
        return ""
    return (
        f"Takes about {gpu_seconds(trial, 'cuda')} s out of your GPU quota of today, "
        "which is 2 minutes for visitors who are not logged in. The CPU costs nothing."
    )


@cache
def digits() -> data.Mnist:
    """The digits, read once. Raises `DataError`."""
    return data.load()


def _ready(device: str) -> tuple[str, str]:
    """The device that `device` comes down to, and why the reference loop trains there, "" where the fast engine does."""
    prepared_device, notes = engines.prepare(device)
    slow = " ".join(notes) if engines.is_plain(prepared_device) else ""
    if slow:
        log.warning(slow)
    return prepared_device, slow


def slow() -> str:
    """The reason for which the reference loop trains on the CPU; "" where the fast engine does, or while that is not known."""
    return prepared().result()[1] if prepared().done() else ""


@cache
def prepared() -> Future[tuple[str, str]]:
    """The device that "cpu" comes down to, and why it is slow, once it is ready; begun by the first who asks."""
    pool = ThreadPoolExecutor(1, "prepare")
    preparation = pool.submit(_prepare)
    pool.shutdown(wait=False)
    return preparation


def _prepare() -> tuple[str, str]:
    # The kernels are compiled by another process, beside which this one goes on answering, and then read from its cache.
    if not engines.is_compiled():
        code = (
            "import os; os.nice(19); from train import engines; engines.prepare('cpu')"
        )
        subprocess.run([sys.executable, "-c", code], cwd=data.ROOT.parent, check=False)
    return _ready("cpu")


@dataclass(frozen=True)
class Run:
    """A training as far as it is, for those who watch."""

    trial: Trial
    phase: str = "waiting"  # then "training", "testing", "done"
    done: int = 0  # batches
    total: int = 0
    seconds_left: float | None = None
    seconds_allowed: float = SECONDS  # until the deadline
    losses: tuple[tuple[float, float], ...] = ()  # epochs, nats
    rows: tuple[dict, ...] = ()
    ended: str = ""  # why it ended before its time, in sentences
    slow: str = ""  # why the reference loop trains, where it does
    result: Checkpoint | None = None


def watch(
    trial: Trial, kind: str, stopped: Callable[[], bool]
) -> Generator[Run, None, None]:
    """Trains on `GPU` or `CPU` and yields a `Run` whenever there is something new, five times a second at most.

    A training that `stopped` ends, or its deadline, or that only guesses, keeps what it was until then. Raises `DataError`.
    """
    run = Run(trial)
    while not prepared().done():
        if stopped():
            return
        yield run
        time.sleep(PAUSE)
    device = "cuda" if kind == GPU else "cpu"
    start = time.monotonic()
    last, epoch_start, shown = None, time.perf_counter(), 0.0
    source = ON_GPU(trial, device) if kind == GPU else moments(trial, device)
    try:
        run = replace(run, phase="training")
        yield run
        for event in source:
            if isinstance(event, Checkpoint):
                run = replace(run, result=event)
                break
            run = _after(run, last, event, time.monotonic() - start)
            if event.row:
                epoch_start = time.perf_counter()
            last = event
            ended = _why(run, event, time.monotonic() - start, stopped())
            finished = run.done == run.total and event.row
            phase = "testing" if finished or ended else run.phase
            run = replace(run, ended=ended, phase=phase)
            if run.phase == "testing" or time.monotonic() - shown >= PAUSE:
                shown = time.monotonic()
                yield run
            if run.ended and not finished:
                break
    finally:
        source.close()
    result = run.result
    if not result:
        assert last  # a training ends early only after a moment
        seconds = time.perf_counter() - epoch_start
        result = _kept(run, last, prepared().result()[0], seconds)
    yield _done(run, result)


def _after(run: Run, last: Moment | None, now: Moment, seconds: float) -> Run:
    """A training after a further moment: with the loss of the images since the last one, and the time left."""
    step, before = now.step, last.step if last else None
    images, loss = step.images, step.loss
    if before and before.epoch == step.epoch:
        images, loss = images - before.images, loss - before.loss
    epochs = step.done / step.total * run.trial.epochs
    is_known = images and math.isfinite(loss)
    done = epochs * (run.trial.train_images + TEST * TEST_IMAGES)
    all_ = run.trial.epochs * (run.trial.train_images + TEST * TEST_IMAGES)
    last_test = TEST * run.trial.train_images  # upright, without dropout
    return replace(
        run,
        done=step.done,
        total=step.total,
        seconds_left=seconds * (all_ + last_test - done) / done,
        seconds_allowed=SECONDS - seconds,
        losses=(*run.losses, (epochs, loss / images)) if is_known else run.losses,
        rows=(*run.rows, now.row) if now.row else run.rows,
        slow=now.slow,
    )


def _done(run: Run, result: Checkpoint) -> Run:
    return replace(
        run,
        phase="done",
        seconds_left=0.0,
        rows=tuple(result.history),
        ended=run.ended or diagnosis.diverged(result),
        result=result,
    )


def _why(run: Run, now: Moment, seconds: float, is_stopped: bool) -> str:
    """Why a training ends here, in sentences; "" where it goes on."""
    whole = now.step.done == now.step.total
    tried = whole or now.step.done >= PATIENCE
    if now.row and diagnosis.guesses(now.row) and tried:
        return diagnosis.explain(run.trial)
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
        list(run.rows),
        last.step,
        engines.reader(network, device),
        seconds,
    )
