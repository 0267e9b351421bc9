"""Ray as the place of a sweep: a group of trials is a task on a cluster, and this process alone writes files."""

# Ray is optional, and absent where types are checked.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import contextlib
import logging
import socket
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
import torch
from ray.exceptions import RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from train import checkpoint, engines, lock, loop, sweep
from train.data import Arrays, Mnist
from train.errors import UserError
from train.pace import Pace, measure
from train.study import Trial
from train.sweep import Event

RETRIES = 3  # of a task whose process or node dies
REPORT_EVERY = (
    1.0  # seconds between two reports of a task, and between two looks at them
)
AHEAD = 1.25  # groups in Ray's hands, as a multiple of those that can run: each has open locks
TASK = "train"  # name of a task, and of the process that runs it: ray::train

Group = tuple[Trial, ...]


class ClusterError(UserError):
    """Error for a cluster that cannot be used; the message is one line."""


class Cluster:
    """A running Ray cluster as a `sweep.Place`; a process has one.

    Its nodes need the packages of this project; code and digits are sent to each once. Raises `ClusterError`.
    """

    def __init__(self, data: Mnist, address: str):
        code = {
            "py_modules": [str(Path(__file__).parent)],
            "excludes": ["__pycache__"],
        }
        with _explained(f"--address {address}: no Ray cluster can be used there"):
            _reach(address)
            ray.init(
                address,
                runtime_env=code,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        self._digits = ray.put(data.arrays())

    def prepare(self, device: str) -> tuple[str, tuple[str, ...]]:
        """Device of all tasks, with the notes of one node: the GPUs where the cluster has some."""
        has_gpus = _resource("GPU") > 0
        if device == "cuda" and not has_gpus:
            raise ClusterError("--device cuda: this Ray cluster has no GPU")
        if device == "auto":
            device = "cuda" if has_gpus else "cpu"
        with _explained("A node of the Ray cluster cannot train"):
            _, notes = ray.get(_task(_prepare, device).remote(device))
        return device, notes

    def workers(self, device: str) -> int:
        """GPUs or cores of the cluster, now."""
        name = "GPU" if engines.torch_device(device) == "cuda" else "CPU"
        return max(1, int(_resource(name)))

    def measure(self, trials: list[Trial], device: str) -> Pace:
        with _explained("A node of the Ray cluster cannot train"):
            task = _task(_measure, device)
            return ray.get(task.remote(self._digits, trials, device))

    def sweep(
        self, trials: list[Trial], folder: Path, device: str
    ) -> Generator[Event, None, None]:
        """As `sweep.sweep`. A group whose process or node dies is trained again, `RETRIES` times, and then fails."""
        tasks = _Tasks(self._digits, folder, device)
        queue = deque(engines.share_out(trials, device))
        try:
            while queue or tasks.running:
                most = AHEAD * self.workers(device) + 1
                while queue and len(tasks.running) < most:
                    yield from tasks.start(queue.popleft())
                yield from tasks.receive()
        finally:
            tasks.end()
            lock.remove_left(folder)


@dataclass
class _Task:
    number: int
    left: list[Trial]  # its trials that have neither finished nor failed
    locks: ExitStack


class _Tasks:
    """Groups in Ray's hands, their locks in the folder, and their reports."""

    def __init__(self, digits: Any, folder: Path, device: str):
        here = ray.get_runtime_context().get_node_id()
        self._board = _Board.options(
            max_restarts=-1,
            scheduling_strategy=NodeAffinitySchedulingStrategy(here, soft=True),
        ).remote()
        self._train = _task(_train, device)
        self._digits, self._folder, self._device = digits, folder, device
        self.running: dict[Any, _Task] = {}  # by the reference of its result
        self._count, self._looked = 0, time.monotonic()

    def start(self, group: Group) -> Iterator[Event]:
        """Hands those trials of a group to Ray that no other sweep trains or has trained; events for the others."""
        locks, left = ExitStack(), list(group)
        try:
            for event in sweep.claim(group, self._folder, locks):
                left.remove(event.trial)
                yield event
        except OSError as error:
            yield from (Event(trial, failed=sweep.reason(error)) for trial in left)
            left = []
        if not left:
            return locks.close()
        self._count += 1
        reference = self._train.remote(
            self._digits, tuple(left), self._device, self._count, self._board
        )
        self.running[reference] = _Task(self._count, left, locks)

    def receive(self) -> Iterator[Event]:
        """Events of what has ended, and of the reports, after `REPORT_EVERY` at most."""
        ready, _ = ray.wait(list(self.running), timeout=REPORT_EVERY)
        for reference in ready:
            task = self.running.pop(reference)
            with task.locks:
                yield from self._events(reference, task)
        if time.monotonic() - self._looked > REPORT_EVERY:
            self._looked = time.monotonic()
            yield from self._reports()

    def _events(self, reference: Any, task: _Task) -> Iterator[Event]:
        try:
            contents, failed = ray.get(reference)
            for content in contents:
                trained = checkpoint.from_bytes(content, "result of a Ray task")
                task.left.remove(trained.trial)
                path = checkpoint.path_of(trained.trial, self._folder)
                checkpoint.write(content, path)
                yield Event(trained.trial, finished=trained)
        except RayError as error:
            kind = type(error).__name__
            failed = f"trained {RETRIES + 1} times, and its process or node died ({kind})"  # fmt: skip
            if isinstance(error, ray.exceptions.RayTaskError):
                failed = sweep.reason(error.cause or error)
        except Exception as error:  # of the disk, or a result that is no checkpoint
            failed = sweep.reason(error)
        yield from (Event(trial, failed=failed) for trial in task.left)

    def _reports(self) -> Iterator[Event]:
        try:
            reports = ray.get(self._board.take.remote(), timeout=REPORT_EVERY)
        except (RayActorError, ray.exceptions.GetTimeoutError):
            return  # its node died, or is busy: it starts again by itself
        for task in self.running.values():
            if report := reports.get(task.number):
                share, seconds = report
                progress = share, seconds / len(task.left)
                yield from (Event(trial, progress=progress) for trial in task.left)

    def end(self):
        """Ends every task at once."""
        for reference, task in self.running.items():
            with contextlib.suppress(RayError):
                ray.cancel(reference, force=True)
            task.locks.close()
        with contextlib.suppress(RayError):
            ray.kill(self._board)


@ray.remote(num_cpus=0)
class _Board:
    """The last report of each task: the share of its batches, and the seconds since its start."""

    def __init__(self):
        self.reports: dict[int, tuple[float, float]] = {}

    def write(self, number: int, share: float, seconds: float):
        self.reports[number] = share, seconds

    def take(self) -> dict[int, tuple[float, float]]:
        reports, self.reports = self.reports, {}
        return reports


def _task(function: Callable, device: str) -> Any:
    """A function as Ray's task on one core or one GPU."""
    is_cuda = engines.torch_device(device) == "cuda"
    needs = {"num_gpus": 1} if is_cuda else {"num_cpus": 1}
    # Errors of Python are not retried: the same training would fail again.
    options = {"max_retries": RETRIES, "name": TASK, **needs}
    return ray.remote(function).options(**options)


def _train(
    digits: Arrays, group: Group, device: str, number: int, board: Any
) -> tuple[list[bytes], str]:
    """Contents of the files of a group's trials, and why the others failed."""
    start = reported = time.perf_counter()

    def on_progress(progress: loop.Progress):
        nonlocal reported
        now = time.perf_counter()
        if now - reported > REPORT_EVERY:
            reported = now
            board.write.remote(number, progress.done / progress.total, now - start)

    contents = []
    try:
        device, _ = _prepare(device)
        for part in engines.share_out(group, device):  # a GPU may need the plain loop
            for trained in engines.train(part, _mnist(digits), device, on_progress):
                contents.append(checkpoint.to_bytes(trained))
    except Exception as error:
        return contents, sweep.reason(error)
    return contents, ""


def _measure(digits: Arrays, trials: list[Trial], device: str) -> Pace:
    device, _ = _prepare(device)
    return measure(trials, _mnist(digits), device)


def _prepare(device: str) -> tuple[str, tuple[str, ...]]:
    """As `engines.prepare`; of a node's processes one compiles the kernels, and the others wait."""
    torch.set_num_threads(1)
    while True:
        try:
            with lock.held(Path(__file__).with_name("kernels")) as holder:
                if not holder:
                    return engines.prepare(device)
        except OSError:  # the folder cannot be written to
            return engines.prepare(device)
        time.sleep(0.2)


def _mnist(digits: Arrays) -> Mnist:
    """MNIST in the memory that the processes of a node share."""
    with warnings.catch_warnings():
        # Nothing writes to it.
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return Mnist.of(digits)


def _reach(address: str):
    """Raises `OSError` where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()


def _resource(name: str) -> float:
    return ray.cluster_resources().get(name, 0)


@contextlib.contextmanager
def _explained(what: str):
    """Context whose errors of Ray become one line."""
    try:
        yield
    except (RayError, OSError, RuntimeError, ValueError) as error:
        raise ClusterError(f"{what} ({sweep.reason(error)[:300]})") from error
