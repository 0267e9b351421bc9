"""Queue of training jobs: one network is trained at a time, and a job that nobody watches ends."""

import os
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from explorer.retrain import training
from explorer.retrain.training import Progress
from train.errors import UserError
from train.study import Trial

MAX_JOBS = 50  # that wait or run: of a class, a job a pupil
MAX_STREAMED = 10  # of which a program may be told: a stream takes a place among the calls that run
MAX_JOBS_OF_OWNER = 2
SHARE_OF_ADDRESS = 0.8  # of the places, so that others find one
UNWATCHED_SECONDS = 60  # after which a job ends that nobody watches any more
NEVER_WATCHED_SECONDS = 10  # after which a job ends that nobody ever watched
CLOSING_SECONDS = 10  # for the end of a training when the server ends
MAX_ENDED_JOBS = 50  # that are remembered, for pages that were away


class JobError(UserError):
    """A job is refused or does not exist; the message is a sentence."""


class QueueFull(JobError):
    """So many jobs wait that a further one is refused for now."""


@dataclass(eq=False)
class Job:
    """Networks that one owner asked for. They are trained one after another; after each the job goes to the end of the queue.

    `to_message` turns `Progress` into a message, `to_error` an exception into a sentence; the training thread calls both.
    Where `is_enough` is true of the message on a trained network, no further one is trained.
    The context is that of the request that creates the job: ZeroGPU reads from it whose quota a training uses.
    """

    owner: str
    trials: deque[Trial]
    kind: str  # of `training.devices()`
    to_message: Callable[[Progress], dict]
    to_error: Callable[[Exception], str]
    is_enough: Callable[[dict], bool] = lambda message: False
    address: str | None = None  # of the client, where it is known
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    latest: dict | None = None  # message on the network in training
    ended: list[dict] = field(default_factory=list)  # messages on trained networks
    error: str = ""
    is_over: bool = False
    version: int = 0  # grows with each message
    _context: Context = field(default_factory=copy_context)
    _is_stopped: bool = False
    _is_watched: bool = False
    _watched_at: float = 0.0  # or created at

    def __post_init__(self):
        self._watched_at = time.monotonic()

    def touch(self):
        """Notes that the owner still watches."""
        self._is_watched, self._watched_at = True, time.monotonic()

    def stop(self):
        self._is_stopped = True

    def is_to_end(self) -> bool:
        patience = UNWATCHED_SECONDS if self._is_watched else NEVER_WATCHED_SECONDS
        return self._is_stopped or time.monotonic() - self._watched_at > patience

    def take_turn(self):
        """Trains the next network; an error ends the job."""
        updates = training.watch(self.trials.popleft(), self.kind, self.is_to_end)
        try:
            while progress := self._context.run(next, updates, None):
                self.latest = self.to_message(progress)
                if progress.result:
                    self.ended.append(self.latest)
                    if self.is_enough(self.latest):
                        self.trials.clear()
                self.version += 1
        except Exception as error:  # shown to the owner as a sentence
            self.error = self.to_error(error)
        finally:
            self._context.run(updates.close)

    def end(self):
        self.is_over = True
        self.version += 1


class Jobs:
    """All jobs, those that wait in their order, and the thread that trains."""

    def __init__(self):
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._over: OrderedDict[str, Job] = OrderedDict()
        self._worker: threading.Thread | None = None
        self._turns: deque[float] = deque([], 10)  # seconds of the latest ones
        self._lock = threading.Lock()

    def submit(self, job: Job, most: int = MAX_JOBS) -> Job:
        """Appends a job to a queue of fewer than `most`. Raises `JobError` where there are too many."""
        with self._lock:
            self._sweep()
            open_ = self._open()
            if sum(other.owner == job.owner for other in open_) >= MAX_JOBS_OF_OWNER:
                raise JobError(
                    f"{MAX_JOBS_OF_OWNER} trainings of yours wait or run already: stop one, or wait until it has ended."
                )
            theirs = sum(other.address == job.address for other in open_)
            if job.address and theirs >= SHARE_OF_ADDRESS * most:
                raise QueueFull(
                    f"{theirs} trainings from your address wait or run already, the most that are allowed: try again in a few minutes."
                )
            if len(open_) >= most:
                raise QueueFull(
                    f"{most} trainings wait or run already, the most that are allowed: try again in a few minutes."
                )
            self._waiting.append(job)
            if self._worker is None or not self._worker.is_alive():
                # A daemon thread: the server can end during a training.
                self._worker = threading.Thread(
                    target=self._work, name="train", daemon=True
                )
                self._worker.start()
        return job

    def stop(self, job: Job):
        """Ends a job, also one that waits; the network in training is kept as it is then."""
        job.stop()
        with self._lock:
            self._sweep()

    def close(self):
        """Ends all jobs, and waits until the training thread has ended, `CLOSING_SECONDS` at most."""
        with self._lock:
            worker = self._worker
            for job in self._open():
                job.stop()
            self._sweep()
        if worker:
            worker.join(CLOSING_SECONDS)

    def find(self, name: str, owner: str) -> Job:
        """The job of a name and an owner. Raises `JobError`."""
        with self._lock:
            self._sweep()
            jobs = [*self._open(), *self._over.values()]
        for job in jobs:
            if job.name == name and job.owner == owner:
                return job
        raise JobError(
            "That training is gone: nobody watched it, or the explorer was restarted. Press Train again."
        )

    def touch(self, owner: str):
        """Notes that the page of an owner is still there, whatever it shows."""
        for job in self.of(owner):
            job.touch()

    def of(self, owner: str) -> list[Job]:
        """The jobs of an owner that wait or run."""
        with self._lock:
            self._sweep()
            return [job for job in self._open() if job.owner == owner]

    def position(self, job: Job) -> tuple[int, int]:
        """Position of a job in the queue, from 1, and the length of the queue; position 0 where the job does not wait."""
        with self._lock:
            waiting = list(self._waiting)
        return (waiting.index(job) + 1 if job in waiting else 0), len(waiting)

    def seconds_until(self, position: int) -> float | None:
        """Seconds until the turn of a position in the queue, if the turns before it take as long as the latest; None before the first."""
        turns = list(self._turns)
        return position * sum(turns) / len(turns) if turns else None

    def _open(self) -> list[Job]:
        return [*([self._running] if self._running else []), *self._waiting]

    def _sweep(self):
        """Removes jobs from the queue that were stopped or are not watched."""
        for job in [job for job in self._waiting if job.is_to_end()]:
            self._waiting.remove(job)
            self._finish(job)

    def _finish(self, job: Job):
        job.end()
        self._over[job.name] = job
        while len(self._over) > MAX_ENDED_JOBS:
            self._over.popitem(last=False)

    def _work(self):
        _lower_priority()
        while job := self._next():
            began = time.monotonic()
            job.take_turn()
            self._turns.append(time.monotonic() - began)
            with self._lock:
                self._running = None
                if job.trials and not job.error and not job.is_to_end():
                    self._waiting.append(job)
                else:
                    self._finish(job)

    def _next(self) -> Job | None:
        with self._lock:
            self._sweep()
            if not self._waiting:
                self._worker = None
                return None
            self._running = self._waiting.popleft()
            return self._running


def _lower_priority():
    """Gives this thread a lower priority than the threads that answer visitors."""
    # Only Linux has priorities of threads; elsewhere, and where the call is forbidden, all threads stay equal.
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


JOBS = Jobs()
