"""Which trials are missing, and the local processes that train them: one per core, one thread each."""

import heapq
import os
import signal
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

import torch
from torch import multiprocessing

from train import checkpoint, engines, loop
from train.checkpoint import Checkpoint, CheckpointError
from train.data import Mnist
from train.study import Trial

REPORT_EVERY = 0.2  # seconds between two reports of a worker
PACE_SECONDS = 1.0  # how long the pace of a trial is measured


def find(
    trials: Iterable[Trial], folder: str | Path
) -> tuple[dict[Trial, Checkpoint], list[Trial], list[str]]:
    """The finished among `trials` with their checkpoints, the missing, and why a file that is there does not count."""
    done, missing, problems = {}, [], []
    for trial in trials:
        path = checkpoint.path_of(trial, folder)
        try:
            found = checkpoint.load(path) if path.exists() else None
            if found and found.trial != trial:
                raise CheckpointError(
                    f"{path.name}: holds another trial, {found.trial.name}"
                )
        except CheckpointError as error:
            problems.append(str(error))
            found = None
        if found:
            done[trial] = found
        else:
            missing.append(trial)
    return done, missing, problems


@dataclass
class Pace:
    """How long trials take, from what was measured, and from it how long a sweep still needs."""

    seconds: dict[tuple, float] = field(
        default_factory=dict
    )  # per epoch, by norm and batch size

    def record(self, trial: Trial, seconds_per_epoch: float):
        self.seconds[trial.norm, trial.batch_size] = seconds_per_epoch

    def knows(self, trial: Trial) -> bool:
        return (trial.norm, trial.batch_size) in self.seconds

    def of(self, trial: Trial) -> float:
        """Seconds of a whole trial; where its kind was never measured, the mean of those that were."""
        known = self.seconds.get((trial.norm, trial.batch_size))
        return trial.epochs * (known or sum(self.seconds.values()) / len(self.seconds))

    def left(
        self, running: dict[Trial, float], pending: Iterable[Trial], workers: int
    ) -> float | None:
        """Seconds until `workers` are through; `running` maps trials to the fraction done. None before any measure."""
        if not self.seconds:
            return None
        rests = [self.of(trial) * (1 - fraction) for trial, fraction in running.items()]
        free = [0.0] * workers
        for seconds in [*rests, *map(self.of, pending)]:
            heapq.heapreplace(free, free[0] + seconds)
        return max(free)


def measure(trials: Iterable[Trial], data: Mnist, device: str) -> Pace:
    """The pace of each kind of trial, from a second of real training, without tests."""
    pace = Pace()
    torch.set_num_threads(1)
    for group in engines.share_out(trials, device):
        if not pace.knows(group[0]):
            pace.record(group[0], _seconds_per_epoch(group, data, device) / len(group))
    return pace


def _seconds_per_epoch(group: tuple[Trial, ...], data: Mnist, device: str) -> float:
    class Enough(Exception):
        pass

    told: list[tuple[float, int]] = []  # the first warms up, the rest count

    def on_step(step: loop.Step):
        done, total = step.done, step.total
        told.append((time.perf_counter(), done))
        if told[-1][0] - told[0][0] > PACE_SECONDS or (done == total and len(told) > 1):
            raise Enough(total / group[0].epochs)

    try:
        for _ in engines.train(group, data, device, on_step):
            pass
    except Enough as enough:
        (start, first), (end, last) = told[0], told[-1]
        return (end - start) / (last - first) * enough.args[0]
    return PACE_SECONDS  # so short that nothing could be measured


@dataclass(frozen=True)
class Event:
    """What a worker tells of a trial. Exactly one of the last three is set."""

    trial: Trial
    progress: tuple[float, float] | None = (
        None  # the fraction done, its share of seconds
    )
    finished: Checkpoint | None = None
    failed: str | None = None


@dataclass
class _Worker:
    process: BaseProcess
    group: list[Trial]  # what it has to train and has not told the end of


def sweep(
    trials: Iterable[Trial], data: Mnist, folder: str | Path, device: str, workers: int
) -> Generator[Event, None, None]:
    """Trains `trials` in `workers` processes, saves each as it finishes, and yields what happens.

    Closing the iterator ends the workers at once; what they had not finished is trained by
    the next sweep. A worker that dies fails its trials, not the sweep. Must run in the main
    thread.
    """
    data = Mnist(data.train.share(), data.test.share())
    crew = _Crew(engines.share_out(trials, device), (data, str(folder), device))
    try:
        for _ in range(min(workers, len(crew.queue))):
            crew.start()
        while crew.busy:
            for connection in wait(list(crew.busy)):
                yield from crew.hear(cast(Connection, connection))
    finally:
        crew.end()


class _Crew:
    """The workers of a sweep, and the groups of trials that wait for one of them."""

    def __init__(self, groups: list[tuple[Trial, ...]], arguments: tuple):
        self.queue = groups[::-1]
        self.busy: dict[Connection, _Worker] = {}
        self._arguments = arguments  # of `_work`, after its connection
        self._context = multiprocessing.get_context("spawn")

    def start(self):
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_work, args=(theirs, *self._arguments), daemon=True
        )
        with _interrupt_held():
            process.start()
            # Before an interrupt can come, which has to end it.
            self.busy[ours] = _Worker(process, [])
        theirs.close()
        self._assign(ours)

    def _assign(self, connection: Connection):
        group = self.queue.pop() if self.queue else None
        connection.send(group)
        if group:
            self.busy[connection].group = list(group)
        else:
            del self.busy[connection]

    def hear(self, connection: Connection) -> Iterator[Event]:
        """What the worker at the other end says; gives it the next group when it is through with its own."""
        worker = self.busy[connection]
        try:
            event = connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            del self.busy[connection]
            reason = f"its process ended with exit code {worker.process.exitcode}"
            yield from (Event(trial, failed=reason) for trial in worker.group)
            if self.queue:
                self.start()
            return
        if event is None:
            self._assign(connection)
            return
        if not event.progress:
            worker.group.remove(event.trial)
        yield event

    def end(self):
        """Ends every worker, wherever it is."""
        for worker in self.busy.values():
            worker.process.terminate()
        for worker in self.busy.values():
            worker.process.join(1)
            if worker.process.exitcode is None:
                worker.process.kill()


@contextmanager
def _interrupt_held():
    """Keeps Ctrl-C, which is the main process's to handle, from a process that is started here; then it may come."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows: there it is lost meanwhile
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        yield
        signal.signal(signal.SIGINT, previous)
        return
    resource_tracker.ensure_running()  # it unblocks the signal when it starts
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a child inherits that
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _work(connection: Connection, data: Mnist, folder: str, device: str):
    """The body of a worker: trains every group that comes in and tells how it goes; None ends it.

    After a group it sends None.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    while group := connection.recv():
        for event in _train(group, connection, data, folder, device):
            connection.send(event)
        connection.send(None)


def _train(
    group: tuple[Trial, ...],
    connection: Connection,
    data: Mnist,
    folder: str,
    device: str,
) -> Iterator[Event]:
    start = reported = time.perf_counter()
    left = list(group)

    def on_step(step: loop.Step):
        nonlocal reported
        now = time.perf_counter()
        if now - reported > REPORT_EVERY:
            reported = now
            for trial in left:
                progress = (step.done / step.total, (now - start) / len(group))
                connection.send(Event(trial, progress=progress))

    try:
        for trained in engines.train(group, data, device, on_step):
            checkpoint.save(trained, folder)
            left.remove(trained.trial)
            yield Event(trained.trial, finished=trained)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        yield from (Event(trial, failed=reason) for trial in left)


def _end_with_parent():
    """Ends a worker whose main process was killed: it would train on unseen, and twice with the next sweep."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)
