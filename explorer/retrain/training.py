"""Training that reports its progress and can be stopped at any step.

It uses the engines and the `Trial` of `train/`: a network trained here with the settings and the seed of a committed network
equals that network on the same engine.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from explorer.retrain import diagnosis, kernels, zerogpu
from train import data, engines, loop
from train.checkpoint import Checkpoint
from train.study import Trial
from train.validation import TEST_IMAGES

PAUSE = 0.2  # seconds between two snapshots, at least
MAX_SECONDS = 300  # after which a training is stopped
PATIENCE = 200  # batches, after which a network that only guesses is stopped
TEST_COST = 0.25  # time to test on an image over time to train on one, roughly
GPU, CPU = "GPU", "CPU"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """State of a training between two batches: numbers and CPU tensors, so that it pickles."""

    step: loop.Progress
    state: dict[str, Tensor]
    engine: str
    row: dict | None  # of the history, where an epoch has just ended
    slow: str  # why the reference loop trains, "" with a fast engine

    @property
    def is_finite(self) -> bool:
        return math.isfinite(self.step.loss) and all(
            values.isfinite().all() for values in self.state.values()
        )


def snapshots(
    trial: Trial, device: str
) -> Generator[Snapshot | Checkpoint, None, None]:
    """Trains on a device of `engines.prepare`; yields a `Snapshot` at most every `PAUSE` and after every epoch, and the checkpoint last."""
    mnist = digits()
    device, slow = _ready(device)
    learner = engines.learner(trial, mnist, device)
    training = loop.run(trial, mnist, learner)
    step, yielded_at = None, 0.0
    while True:
        try:
            event = next(training)
        except StopIteration as end:
            yield end.value
            return
        if isinstance(event, loop.Progress):
            step = event
            if time.monotonic() - yielded_at < PAUSE:
                continue
            event = None
        assert step  # an epoch's row follows its steps
        yielded_at = time.monotonic()
        yield Snapshot(step, learner.state(), learner.engine, event, slow)


IMAGES_PER_SECOND = 10_000  # of a GPU, a low estimate: the requested time must suffice


def gpu_seconds(trial: Trial, device: str) -> int:
    """Seconds of GPU time to request, autotuning included."""
    return min(
        120, 20 + math.ceil(trial.epochs * trial.train_images / IMAGES_PER_SECOND)
    )


ON_GPU = zerogpu.on_gpu(gpu_seconds)(snapshots)


def devices() -> list[str]:
    """Devices that can train, the default first: the fastest that costs the visitor nothing."""
    if not torch.cuda.is_available():
        return [CPU]
    return [CPU, GPU] if zerogpu.IS_HERE else [GPU, CPU]


def price(trial: Trial, kind: str) -> str:
    """Cost of a training to the visitor, in a sentence; "" where there is none."""
    if kind != GPU or not zerogpu.IS_HERE:
        return ""
    return (
        f"Uses about {gpu_seconds(trial, 'cuda')} s of your GPU quota for today. "
        "Visitors who are not logged in have 2 minutes a day. The CPU costs nothing."
    )


@cache
def digits() -> data.Mnist:
    """The digits, read once. Raises `DataError`."""
    return data.load()


def _ready(device: str) -> tuple[str, str]:
    """The device that `engines.prepare` returns, and the reason why the reference loop trains there, "" with a fast engine."""
    prepared_device, notes = engines.prepare(device)
    slow = " ".join(notes) if engines.is_plain(prepared_device) else ""
    if slow:
        log.warning(slow)
    return prepared_device, slow


def slow() -> str:
    """The reason why the reference loop trains on the CPU; "" with the fast engine, and while it is being prepared."""
    return prepared().result()[1] if prepared().done() else ""


@cache
def prepared() -> Future[tuple[str, str]]:
    """Future of `_ready("cpu")`; the first call starts the preparation, which the end of the server does not wait for."""
    preparation: Future[tuple[str, str]] = Future()

    def prepare():
        try:
            kernels.compile_kernels()
            preparation.set_result(_ready("cpu"))
        except BaseException as error:
            preparation.set_exception(error)

    threading.Thread(target=prepare, name="prepare", daemon=True).start()
    return preparation


@dataclass(frozen=True)
class Progress:
    """Progress of a training: phase, batches, seconds, losses, history, and its checkpoint at the end."""

    trial: Trial
    phase: str = "waiting"  # then "training", "testing", "done"
    done: int = 0  # batches
    total: int = 0
    seconds_left: float | None = None
    seconds_allowed: float = MAX_SECONDS  # until the training is stopped
    losses: tuple[tuple[float, float], ...] = ()  # (epochs, mean loss in nats)
    rows: tuple[dict, ...] = ()
    ended: str = ""  # why it ended early, in sentences
    slow: str = ""  # why the reference loop trains, "" with a fast engine
    result: Checkpoint | None = None


def watch(
    trial: Trial, kind: str, is_stopped: Callable[[], bool]
) -> Generator[Progress, None, None]:
    """Trains on `GPU` or `CPU` and yields its `Progress`, five times a second at most.

    A training ends early where `is_stopped` returns True, after `MAX_SECONDS`, or where the network only guesses; the network
    is kept as it is then. Raises `DataError`.
    """
    progress = Progress(trial)
    while not prepared().done():
        if is_stopped():
            return
        yield progress
        time.sleep(PAUSE)
    device = "cuda" if kind == GPU else "cpu"
    start = time.monotonic()
    last, epoch_start, shown = None, time.perf_counter(), 0.0
    source = ON_GPU(trial, device) if kind == GPU else snapshots(trial, device)
    try:
        progress = replace(progress, phase="training")
        yield progress
        for event in source:
            if isinstance(event, Checkpoint):
                progress = replace(progress, result=event)
                break
            progress = _updated(progress, last, event, time.monotonic() - start)
            if event.row:
                epoch_start = time.perf_counter()
            last = event
            ended = _reason_to_end(
                progress, event, time.monotonic() - start, is_stopped()
            )
            finished = progress.done == progress.total and event.row
            phase = "testing" if finished or ended else progress.phase
            progress = replace(progress, ended=ended, phase=phase)
            if progress.phase == "testing" or time.monotonic() - shown >= PAUSE:
                shown = time.monotonic()
                yield progress
            if progress.ended and not finished:
                break
    finally:
        source.close()
    result = progress.result
    if not result:
        assert last  # a training ends early only after a snapshot
        seconds = time.perf_counter() - epoch_start
        result = _stopped_checkpoint(progress, last, prepared().result()[0], seconds)
    yield _done(progress, result)


def _updated(
    progress: Progress, last: Snapshot | None, snapshot: Snapshot, seconds: float
) -> Progress:
    """Progress at a further snapshot: the mean loss of the images since the last snapshot, and the seconds left."""
    trial, step = progress.trial, snapshot.step
    previous = last.step if last else None
    images, loss = step.images, step.loss
    if previous and previous.epoch == step.epoch:
        images, loss = images - previous.images, loss - previous.loss
    epochs = step.done / step.total * trial.epochs
    losses = progress.losses
    if images and math.isfinite(loss):
        losses = (*losses, (epochs, loss / images))
    # In units of the time to train on one image.
    epoch_cost = trial.train_images + TEST_COST * TEST_IMAGES
    last_test = TEST_COST * trial.train_images  # the unrotated ones, no dropout
    cost_left = (trial.epochs - epochs) * epoch_cost + last_test
    return replace(
        progress,
        done=step.done,
        total=step.total,
        seconds_left=seconds * cost_left / (epochs * epoch_cost),
        seconds_allowed=MAX_SECONDS - seconds,
        losses=losses,
        rows=(*progress.rows, snapshot.row) if snapshot.row else progress.rows,
        slow=snapshot.slow,
    )


def _done(progress: Progress, result: Checkpoint) -> Progress:
    return replace(
        progress,
        phase="done",
        seconds_left=0.0,
        rows=tuple(result.history),
        ended=progress.ended or diagnosis.diverged(result),
        result=result,
    )


def _reason_to_end(
    progress: Progress, snapshot: Snapshot, seconds: float, is_stopped: bool
) -> str:
    """The reason to end a training at a snapshot, in sentences; "" where it goes on."""
    whole = snapshot.step.done == snapshot.step.total
    tried = whole or snapshot.step.done >= PATIENCE
    if snapshot.row and diagnosis.guesses(snapshot.row) and tried:
        return diagnosis.explain(progress.trial)
    if whole or not snapshot.is_finite:  # the loop ends it, and undoes a diverged epoch
        return ""
    if is_stopped:
        return (
            f"Stopped after {snapshot.step.done:,} of {snapshot.step.total:,} batches."
        )
    if seconds > MAX_SECONDS:
        return f"Stopped after {MAX_SECONDS} seconds, which is as long as a training may take."
    return ""


def _stopped_checkpoint(
    progress: Progress, last: Snapshot, device: str, seconds: float
) -> Checkpoint:
    """Checkpoint of a training that was stopped at the snapshot `last`, tested on the CPU."""
    network = Checkpoint(progress.trial, last.state, [], "", {}, last.engine)
    return loop.stopped(
        network,
        digits(),
        list(progress.rows),
        last.step,
        engines.reader(network, device),
        seconds,
    )
