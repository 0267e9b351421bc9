"""Which trials are missing, and the local processes that train them: one per core, one thread each."""

import heapq
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

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
        free = [self.of(trial) * (1 - fraction) for trial, fraction in running.items()]
        free += [0.0] * (workers - len(free))
        heapq.heapify(free)
        for trial in pending:
            heapq.heapreplace(free, free[0] + self.of(trial))
        return max(free)


def measure(trials: Iterable[Trial], data: Mnist, device: str) -> Pace:
    """The pace of each kind of trial, from a second of real training, without tests."""
    pace = Pace()
    torch.set_num_threads(1)
    for trial in trials:
        if not pace.knows(trial):
            pace.record(trial, _seconds_per_epoch(trial, data, device))
    return pace


def _seconds_per_epoch(trial: Trial, data: Mnist, device: str) -> float:
    class Enough(Exception):
        pass

    times = []

    def on_step(done: int, total: int):
        times.append(time.perf_counter())
        if times[-1] - times[0] > PACE_SECONDS:
            raise Enough(total / trial.epochs / (done - 1))  # the first step warms up

    try:
        loop.finish(engines.trainer(device)(trial, data, on_step))
    except Enough as enough:
        return (times[-1] - times[0]) * enough.args[0]
    return (times[-1] - times[0]) / trial.epochs


@dataclass(frozen=True)
class Event:
    """What a worker tells of its trial. Exactly one of the last three is set."""

    trial: Trial
    progress: tuple[float, float] | None = (
        None  # the fraction done, and the seconds it took
    )
    finished: Checkpoint | None = None
    failed: str | None = None


def sweep(
    trials: Iterable[Trial], data: Mnist, folder: str | Path, device: str, workers: int
) -> Iterator[Event]:
    """Trains `trials` in `workers` processes, saves each as it finishes, and yields what happens.

    Closing the iterator ends the workers at once; what they had not finished is trained by the next sweep. A worker
    that dies fails its trial, not the sweep. Must run in the main thread.
    """
    data = Mnist(data.train.share(), data.test.share())
    queue = sorted(trials, key=_size)  # the last is taken first
    processes: dict[Connection, tuple[multiprocessing.Process, Trial]] = {}

    def start(trial: Trial):
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, data, str(folder), device), daemon=True
        )
        previous = signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # inherited: Ctrl-C is the main process's to handle
        process.start()
        signal.signal(signal.SIGINT, previous)
        theirs.close()
        processes[ours] = (process, trial)
        ours.send(trial)

    context = multiprocessing.get_context("spawn")
    try:
        while queue and len(processes) < workers:
            start(queue.pop())
        while processes:
            for connection in wait(list(processes)):
                process, trial = processes[connection]
                try:
                    event = connection.recv()
                except (EOFError, OSError):
                    process.join()
                    event = Event(
                        trial,
                        failed=f"its process ended with exit code {process.exitcode}",
                    )
                    del processes[connection]
                    if queue:
                        start(queue.pop())
                else:
                    if not event.progress and queue:
                        processes[connection] = (process, queue.pop())
                        connection.send(processes[connection][1])
                    elif not event.progress:
                        connection.send(None)
                        del processes[connection]
                yield event
    finally:
        for process, _ in processes.values():
            process.terminate()
        for process, _ in processes.values():
            process.join(1)
            if process.exitcode is None:
                process.kill()


def _size(trial: Trial) -> tuple:
    """Sorts by how long a trial takes, about: BN keeps a whole batch in memory and is the slowest."""
    return trial.epochs * trial.train_images, trial.norm == "BN"


def _work(connection: Connection, data: Mnist, folder: str, device: str):
    """The body of a worker: trains every trial that comes in and says how it goes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    while trial := connection.recv():
        connection.send(_train(trial, connection, data, folder, device))


def _train(
    trial: Trial, connection: Connection, data: Mnist, folder: str, device: str
) -> Event:
    start = reported = time.perf_counter()

    def on_step(done: int, total: int):
        nonlocal reported
        now = time.perf_counter()
        if now - reported > REPORT_EVERY:
            reported = now
            connection.send(Event(trial, progress=(done / total, now - start)))

    try:
        trained = loop.finish(engines.trainer(device)(trial, data, on_step))
        checkpoint.save(trained, folder)
    except Exception as error:  # noqa: BLE001 - reported by name, and the sweep goes on
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Event(trial, failed=reason)
    return Event(trial, finished=trained)


def _end_with_parent():
    """Ends a worker whose main process was killed: it would train on unseen, and twice with the next sweep."""
    multiprocessing.parent_process().join()
    os._exit(1)
