"""Ray as the place of a sweep: two nodes on the loopback of this machine, of which processes, a node and the driver are killed."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.awaiting import wait
from train import checkpoint
from train.all import main

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None,
        reason="ray is not installed: pip install -r requirements-ray.txt",
    ),
]
ROOT = Path(__file__).parents[2]
# Without the first Ray refuses nodes on a loopback.
ENVIRONMENT = os.environ | {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # 15 by default
}
TRIALS = ("--study", "grid", "--only", "batch=128_", "--seeds", "1", "--train-images", "96", "--epochs", "2")  # fmt: skip
COUNT = 12
SWEEP = """
import sys
from dataclasses import replace
from pathlib import Path
from train.data import load
from train.on_ray import Cluster
from train.study import Trial
place = Cluster(load(), sys.argv[1])
tiny = Trial("GN", 0.0, 0.0, 32, epochs=2, train_images=96)
slow = replace(tiny, epochs=500, train_images=60000)
for event in place.sweep([slow, tiny], Path(sys.argv[2]), "reference"):
    if not event.progress:
        print(event.trial.epochs, event.failed or "finished", flush=True)
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Nodes:
    """Nodes with one core each on the loopback: the head, and those that join it."""

    def __init__(self, folder: Path):
        self.port, self.folder = free_port(), folder
        self.processes: list[subprocess.Popen] = []
        self.head = self.start(
            *("--head", f"--port={self.port}", "--include-dashboard=false"),
            *(f"--temp-dir={folder}", f"--ray-client-server-port={free_port()}"),
        )

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def join(self) -> subprocess.Popen:
        return self.start(f"--address={self.address}")

    def start(self, *options: str) -> subprocess.Popen:
        """Starts a node, and waits until its raylet runs; its process leads the group of all its processes."""
        log = self.folder / f"node-{len(self.processes)}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "ray.scripts.scripts", "start", *options, "--node-ip-address=127.0.0.1"]
                + ["--num-cpus=1", "--object-store-memory=500000000", "--disable-usage-stats", "--block"],
                env=ENVIRONMENT, cwd=ROOT, stdout=file, stderr=file, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        wait(lambda: "runtime started" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        return process

    def tasks(self) -> list[int]:
        """Processes that train now, of these nodes only."""
        return [
            pid
            for pid, name in titles().items()
            if name == "ray::train" and session(pid) in self.sessions()
        ]

    def sessions(self) -> set[int]:
        return {process.pid for process in self.processes}

    def end(self):
        for pid in titles():
            if session(pid) in self.sessions():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()


def titles() -> dict[int, str]:
    """Command lines of all processes."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found[int(path.parent.name)] = path.read_bytes().strip(b"\0 ").decode()
    return found


def session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    # A short path: those of Ray's sockets have 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    nodes = Nodes(folder)
    try:
        nodes.join()
        yield nodes
    finally:
        nodes.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Path:
    """Folder of what local processes train."""
    folder = tmp_path_factory.mktemp("local")
    assert main([*TRIALS, "--out", str(folder)]) == 0
    assert len(list(folder.iterdir())) == COUNT
    return folder


def drive(nodes: Nodes, out: Path, log: Path) -> subprocess.Popen:
    command = [sys.executable, "train/all.py", *TRIALS, "--out", out]
    with log.open("w") as file:
        return subprocess.Popen(
            [*command, "--on", "ray", "--address", nodes.address],
            env=ENVIRONMENT, cwd=ROOT, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip


def trained(log: Path) -> list[str]:
    """Names of the networks that a driver reports as trained."""
    lines = log.read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("trained  ")]


def files(folder: Path) -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("[!.]*")}


def bare(path: Path) -> tuple:
    """Parts of a file that must be equal bit for bit: all but the seconds, and the checksum that has them."""
    network = checkpoint.load(path)
    history = [{**row, "seconds": 0} for row in network.history]
    tensors = {name: value.numpy().tobytes() for name, value in network.state.items()}
    header = checkpoint.header_of(path.read_bytes())
    rest = header["test_digits"], header["summary"], header["engine"], header["versions"]  # fmt: skip
    return tensors, history, *rest


def test_kills_of_a_task_a_node_and_the_driver_lose_nothing_and_train_nothing_twice(
    nodes, local, tmp_path
):
    out, logs = tmp_path / "out", [tmp_path / "first.log", tmp_path / "second.log"]
    first = drive(nodes, out, logs[0])
    try:
        wait(lambda: nodes.tasks() and trained(logs[0]) or first.poll() is not None)
        os.kill(nodes.tasks()[0], signal.SIGKILL)
        count = len(trained(logs[0]))
        wait(lambda: len(trained(logs[0])) > count or first.poll() is not None)
        os.killpg(nodes.processes[-1].pid, signal.SIGKILL)
        count = len(trained(logs[0]))
        wait(lambda: len(trained(logs[0])) > count + 1 or first.poll() is not None)
        assert first.poll() is None, logs[0].read_text()
    finally:
        first.kill()
        first.wait()
    before = files(out)
    assert 0 < len(before) < COUNT
    nodes.join()
    second = drive(nodes, out, logs[1])
    assert second.wait(timeout=600) == 0, logs[1].read_text()
    after = files(out)
    assert {name: after[name] for name in before} == before
    names = [name for log in logs for name in trained(log)]
    assert len(names) == len(set(names))
    # The first driver may have been killed between writing a file and saying so.
    assert set(names) | set(before) == set(after) == set(files(local))
    assert len(trained(logs[1])) == COUNT - len(before)
    for path in local.iterdir():
        assert bare(path) == bare(out / path.name)
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_a_task_that_always_dies_is_tried_four_times_and_the_rest_goes_on(
    nodes, tmp_path
):
    with subprocess.Popen(
        [sys.executable, "-c", SWEEP, nodes.address, tmp_path],
        env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        lines = iter(process.stdout.readline, "")  # Ray prints its own between them
        assert next(line for line in lines if line.startswith("2 ")) == "2 finished\n"
        killed = set()
        for _ in range(4):
            wait(lambda: set(nodes.tasks()) - killed)
            (task,) = set(nodes.tasks()) - killed
            killed.add(task)
            os.kill(task, signal.SIGKILL)
        line = next(line for line in lines if line.startswith("500 "))
        assert "trained 4 times" in line and "WorkerCrashedError" in line
        assert process.wait(timeout=300) == 0
    assert len(list(tmp_path.iterdir())) == 1


def test_ctrl_c_ends_the_tasks_and_leaves_no_lock(nodes, tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    driver = drive(nodes, out, log)
    try:
        wait(lambda: bool(nodes.tasks() and trained(log)) or driver.poll() is not None)
        os.killpg(driver.pid, signal.SIGINT)
        assert driver.wait(timeout=300) == 130
    finally:
        with suppress(ProcessLookupError):
            os.killpg(driver.pid, signal.SIGKILL)
    assert "the same command does the rest" in log.read_text()
    assert "Traceback" not in log.read_text()
    wait(lambda: not nodes.tasks())
    assert all(checkpoint.load(path) for path in out.iterdir())


def test_a_cluster_that_is_not_there_ends_with_2_and_one_line(tmp_path):
    ended = subprocess.run(
        [sys.executable, "train/all.py", *TRIALS, "--out", tmp_path]
        + ["--on", "ray", "--address", f"127.0.0.1:{free_port()}"],
        env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert "--address" in ended.stderr and ended.stderr.count("\n") == 1
