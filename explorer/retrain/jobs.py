"""Training jobs: their queue, in which one network is trained at a time, and their end where nobody watches."""

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
from explorer.retrain.training import Run
from train.errors import UserError
from train.study import Trial

MOST = 10  # jobs that wait or run
MOST_OF_ONE = 2  # of them, of one owner
UNWATCHED = 60  # seconds after which a job ends that nobody watches any more
NEVER_WATCHED = 10  # seconds after which one ends that nobody ever watched
KEPT = 50  # jobs that are over, for who comes back to them


class JobError(UserError):
    """A job that is refused or not there; the message is a sentence."""


@dataclass(eq=False)
class Job:
    """Networks that one owner asked for, trained one after another; between two of them the job gives up its turn.

    `tell` makes a message of a `Run`, and `word` one of an error; both are called by the thread that trains. Whoever makes
    the job lends it the context: on ZeroGPU the visitor whose quota it is.
    """

    owner: str
    trials: deque[Trial]
    kind: str  # of `training.devices()`
    tell: Callable[[Run], dict]
    word: Callable[[Exception], str]
    name: str = field(default_factory=lambda: secrets.token_hex(16))
    now: dict | None = None  # of the network that was last trained on
    ended: list[dict] = field(default_factory=list)  # of the networks that ended
    error: str = ""
    is_over: bool = False
    version: int = 0  # grows with each message
    _context: Context = field(default_factory=copy_context)
    _is_stopped: bool = False
    _is_watched: bool = False
    _since: float = 0.0  # when it was watched last, or made

    def __post_init__(self):
        self._since = time.monotonic()

    def touch(self):
        """Notes that somebody watches."""
        self._is_watched, self._since = True, time.monotonic()

    def stop(self):
        self._is_stopped = True

    def is_to_end(self) -> bool:
        patience = UNWATCHED if self._is_watched else NEVER_WATCHED
        return self._is_stopped or time.monotonic() - self._since > patience

    def take_turn(self):
        """Trains the next network; an error ends the job."""
        runs = training.watch(self.trials.popleft(), self.kind, self.is_to_end)
        try:
            while run := self._context.run(next, runs, None):
                self.now = self.tell(run)
                if run.result:
                    self.ended.append(self.now)
                self.version += 1
        except Exception as error:  # the last stop before people
            self.error = self.word(error)
        finally:
            self._context.run(runs.close)

    def end(self):
        self.is_over = True
        self.version += 1


class Jobs:
    """All jobs in the order of their turns, and the thread that trains."""

    def __init__(self):
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._over: OrderedDict[str, Job] = OrderedDict()
        self._worker: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, job: Job) -> Job:
        """Puts a job at the end of the queue. Raises `JobError` where there are too many."""
        with self._lock:
            self._sweep()
            open_ = self._open()
            if sum(each.owner == job.owner for each in open_) >= MOST_OF_ONE:
                raise JobError(
                    f"{MOST_OF_ONE} trainings of yours wait or run already: stop one, or wait until it has ended."
                )
            if len(open_) >= MOST:
                raise JobError(
                    f"{MOST} trainings wait or run already, which is as many as may: try again in a few minutes."
                )
            self._waiting.append(job)
            if self._worker is None or not self._worker.is_alive():
                # A daemon: a server that ends does not wait for a training.
                self._worker = threading.Thread(
                    target=self._work, name="train", daemon=True
                )
                self._worker.start()
        return job

    def stop(self, job: Job):
        """Ends a job, also one that waits; a network that is trained on keeps what it learned."""
        job.stop()
        with self._lock:
            self._sweep()

    def find(self, name: str, owner: str) -> Job:
        """The job of that name, of that owner. Raises `JobError`."""
        with self._lock:
            self._sweep()
            jobs = [*self._open(), *self._over.values()]
        for job in jobs:
            if job.name == name and job.owner == owner:
                return job
        raise JobError(
            "That training is gone: nobody watched it, or the explorer was restarted. Press Train again."
        )

    def of(self, owner: str) -> list[Job]:
        """The jobs of an owner that wait or run."""
        with self._lock:
            self._sweep()
            return [job for job in self._open() if job.owner == owner]

    def position(self, job: Job) -> tuple[int, int]:
        """Position of a job among those that wait, from 1, and how many these are; 0 where it does not wait."""
        with self._lock:
            waiting = list(self._waiting)
        return (waiting.index(job) + 1 if job in waiting else 0), len(waiting)

    def _open(self) -> list[Job]:
        return [*([self._running] if self._running else []), *self._waiting]

    def _sweep(self):
        """Takes the jobs out of the queue that are to end."""
        for job in [job for job in self._waiting if job.is_to_end()]:
            self._waiting.remove(job)
            self._finish(job)

    def _finish(self, job: Job):
        job.end()
        self._over[job.name] = job
        while len(self._over) > KEPT:
            self._over.popitem(last=False)

    def _work(self):
        _give_way()
        while job := self._next():
            job.take_turn()
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


def _give_way():
    """Lowers the priority of this thread below those that answer visitors."""
    # A priority of a thread is Linux's; elsewhere, and where it is not allowed, all are equal.
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


JOBS = Jobs()
