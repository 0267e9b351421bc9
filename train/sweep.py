"""Missing trials of a folder, where they are trained, and the default: worker processes, one per core, one thread each."""

import os
import signal
import threading
import time
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol, cast

import torch
from torch import multiprocessing

from train import checkpoint, engines, lock, loop
from train.checkpoint import SUFFIX, Checkpoint, CheckpointError, Outcome
from train.cores import cores
from train.data import Arrays, Mnist
from train.pace import Pace, measure
from train.study import Trial

REPORT_EVERY = 0.2  # seconds between two reports of a worker


def find(
    trials: Iterable[Trial], folder: str | Path, keep: Collection[int] = ()
) -> tuple[dict[Trial, Outcome], list[Trial], list[str]]:
    """Finished trials with their figures, missing trials, and a line for each file that is no checkpoint of its trial.

    A trial is missing, too, if its network after an epoch of `keep` is.
    """
    done, missing, problems = {}, [], []
    for trial in trials:
        try:
            trained = load_kept(trial, folder, keep)
        except CheckpointError as error:
            problems.append(str(error))
            trained = None
        if trained:
            done[trial] = trained.outcome
        else:
            missing.append(trial)
    return done, missing, problems


def load_kept(
    trial: Trial, folder: str | Path, keep: Collection[int]
) -> Checkpoint | None:
    """As `load`, but None where its network after an epoch of `keep` has no file."""
    trained = load(trial, folder)
    epochs = (epoch for epoch in keep if epoch < trial.epochs)
    return trained if all(load(trial, folder, epoch) for epoch in epochs) else None


def load(
    trial: Trial, folder: str | Path, epoch: int | None = None
) -> Checkpoint | None:
    """Checkpoint of a trial in a folder, after an epoch or its last; None without a file.

    Raises `CheckpointError` for a file that is not its checkpoint.
    """
    path = checkpoint.path_of(trial, folder, epoch)
    if not path.exists():
        return None
    trained = checkpoint.load(path)
    if trained.trial != trial or trained.name + SUFFIX != path.name:
        raise CheckpointError(f"{path.name}: holds another trial, {trained.name}")
    return trained


@dataclass(frozen=True)
class Event:
    """Message of a worker about a trial; exactly one of `progress`, `finished` and `failed` is set."""

    trial: Trial
    progress: tuple[float, float] | None = None  # fraction, seconds per trial
    finished: Checkpoint | None = None
    failed: str | None = None


class Place(Protocol):
    """Where trials are trained, with the same groups, files and events everywhere."""

    def prepare(self, device: str) -> tuple[str, tuple[str, ...]]:
        """As `engines.prepare`, for the machines of the place."""
        ...

    def workers(self, device: str) -> int:
        """Number of groups that are trained at once; it may change."""
        ...

    def measure(self, trials: list[Trial], device: str) -> Pace:
        """As `measure`, on a machine of the place."""
        ...

    def sweep(
        self, trials: list[Trial], folder: Path, device: str
    ) -> Generator[Event, None, None]:
        """As `sweep`."""
        ...


@dataclass
class Local:
    """This machine as a place, with a fixed number of processes or as many as it has cores."""

    data: Mnist
    processes: int | None = None
    keep: Collection[int] = ()  # epochs after which networks are saved, too

    def prepare(self, device: str) -> tuple[str, tuple[str, ...]]:
        return engines.prepare(device)

    def workers(self, device: str) -> int:
        is_cuda = engines.torch_device(device) == "cuda"
        return self.processes or (1 if is_cuda else cores())

    def measure(self, trials: list[Trial], device: str) -> Pace:
        return measure(trials, self.data, device)

    def sweep(
        self, trials: list[Trial], folder: Path, device: str
    ) -> Generator[Event, None, None]:
        workers = self.workers(device)
        return sweep(trials, self.data, folder, device, workers, self.keep)


@dataclass
class _Worker:
    process: BaseProcess
    group: list[Trial]  # its trials that have neither finished nor failed


def sweep(
    trials: Iterable[Trial],
    data: Mnist,
    folder: str | Path,
    device: str,
    workers: int,
    keep: Collection[int] = (),
) -> Generator[Event, None, None]:
    """Trains `trials` in `workers` processes, saves each as it finishes and after the epochs of `keep`, and yields events.

    Closing the generator ends the workers at once; the next sweep trains what they had not finished. A worker that dies
    fails its trials, not the sweep. Must run in the main thread.
    """
    arguments = (_for_workers(data), str(folder), device, keep)
    pool = _Pool(engines.share_out(trials, device), arguments)
    try:
        for _ in range(min(workers, len(pool.queue))):
            pool.start()
        while pool.busy:
            for connection in wait(list(pool.busy)):
                yield from pool.receive(cast(Connection, connection))
    finally:
        pool.end()
        lock.remove_left(folder)


def _for_workers(data: Mnist) -> Mnist | Arrays:
    """The digits in shared memory; where that has no room, as in a small container, as arrays, which every worker copies."""
    try:
        return Mnist(data.train.share(), data.test.share())
    except RuntimeError:  # PyTorch has no other type for it
        return data.arrays()


class _Pool:
    """Worker processes of a sweep, and the queue of the groups of trials."""

    def __init__(self, groups: list[tuple[Trial, ...]], arguments: tuple):
        self.queue = groups[::-1]
        self.busy: dict[Connection, _Worker] = {}
        self._arguments = arguments  # of `_work`, but for its connection
        self._context = multiprocessing.get_context("spawn")

    def start(self):
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_work, args=(theirs, *self._arguments), daemon=True
        )
        with _interrupt_held():
            process.start()
            # With the interrupt still held, so that it finds the worker and ends it.
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

    def receive(self, connection: Connection) -> Iterator[Event]:
        """Event of the worker at the other end, which gets the next group when its own is done."""
        worker = self.busy[connection]
        try:
            event = connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            del self.busy[connection]
            failed = f"its process ended with exit code {worker.process.exitcode}"
            yield from (Event(trial, failed=failed) for trial in worker.group)
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
        """Ends every worker at once."""
        for worker in self.busy.values():
            worker.process.terminate()
        for worker in self.busy.values():
            worker.process.join(1)
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()


@contextmanager
def _interrupt_held():
    """Context that holds back Ctrl-C until its end; processes started in it never get Ctrl-C, which the main process handles."""
    held = []
    # Another thread may take the signal, whose mask is its own: the handler holds it back, and the mask is for the children.
    previous = signal.signal(signal.SIGINT, lambda *_: held.append(True))
    can_mask = hasattr(signal, "pthread_sigmask")  # not on Windows
    if can_mask:
        resource_tracker.ensure_running()  # its start unblocks the signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if can_mask:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, previous)
    if held and callable(previous):
        previous(signal.SIGINT, None)


def _work(
    connection: Connection,
    given: Mnist | Arrays,
    folder: str,
    device: str,
    keep: Collection[int],
):
    """Main function of a worker: trains the groups that it receives and sends events, None after a group; None ends it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    data = given if isinstance(given, Mnist) else Mnist.of(given)
    while group := connection.recv():
        for event in _train(group, connection, data, folder, device, keep):
            connection.send(event)
        connection.send(None)


def _train(
    group: tuple[Trial, ...],
    connection: Connection,
    data: Mnist,
    folder: str,
    device: str,
    keep: Collection[int],
) -> Iterator[Event]:
    start = reported = time.perf_counter()
    left = list(group)

    def on_progress(progress: loop.Progress):
        nonlocal reported
        now = time.perf_counter()
        if now - reported > REPORT_EVERY:
            reported = now
            for trial in left:
                share = progress.done / progress.total
                seconds = (now - start) / len(group)
                connection.send(Event(trial, progress=(share, seconds)))

    with ExitStack() as locks:
        try:
            for event in claim(group, folder, locks, keep):
                left.remove(event.trial)
                yield event
            for trained in engines.train(tuple(left), data, device, on_progress, keep) if left else ():  # fmt: skip
                _save(trained, folder)
                if not trained.is_midway:
                    left.remove(trained.trial)
                    yield Event(trained.trial, finished=trained)
        except Exception as error:
            yield from (Event(trial, failed=reason(error)) for trial in left)


def claim(
    group: Iterable[Trial],
    folder: str | Path,
    locks: ExitStack,
    keep: Collection[int] = (),
) -> Iterator[Event]:
    """Takes the locks of a group's trials, and yields an event for each that is not to be trained."""
    for trial in group:
        path = checkpoint.path_of(trial, folder)
        if holder := locks.enter_context(lock.held(path)):
            yield Event(trial, failed=f"{holder} trains it now")
            continue
        with suppress(CheckpointError):
            if trained := load_kept(trial, folder, keep):  # by another sweep, since this one looked  # fmt: skip
                yield Event(trial, finished=trained)


def reason(error: BaseException) -> str:
    """Type and message of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _save(trained: Checkpoint, folder: str):
    """Saves a network, but for a whole one that is there: it was trained again for its epochs, and its statistics stay as they are."""
    if trained.is_midway or not find([trained.trial], folder)[0]:
        checkpoint.save(trained, folder)


def _end_with_parent():
    """Ends a worker whose main process was killed, before the next sweep trains the same trials again."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)
