"""Faults of the machine, each beside a server that is visited and trains a network, as a table. Linux, as root: folders are mounted for one process."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import PORT, URL
from benchmarks.load import LINK, Tally, Visitor

START, TRAINING = 180, 180  # s at most for a start, and for a training
DAY = 86_400  # s


@dataclass
class Fault:
    """Commands of a shell before it becomes the server, in which `$HERE` is an empty folder; variables of the server; what is said to be full."""

    name: str
    shell: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    output: str = ""


FULL = "mount -t tmpfs -o size=64k tmpfs $HERE; cat /dev/zero >$HERE/all 2>/dev/null || true; "
READ_ONLY = f"mount --bind {ROOT} {ROOT}; mount -o remount,ro,bind {ROOT}; mount -t tmpfs -o size=64k,ro tmpfs $HERE; "
CLOCK = {"LD_PRELOAD": "$HERE/clock.so", "CLOCK_BACK": "$HERE/back"}
FAULTS = (
    Fault("none"),
    Fault("temporary folder full", FULL, {"TMPDIR": "$HERE", "GRADIO_TEMP_DIR": "$HERE"}),
    Fault("project, data and home read-only", READ_ONLY, {"HOME": "$HERE", "XDG_CACHE_HOME": "$HERE"}),
    Fault("4 GB of address space", "ulimit -v 4194304; "),
    Fault("/dev/shm of 32 MB", "mount -t tmpfs -o size=32m tmpfs /dev/shm; "),
    Fault("output full", output="/dev/full"),
    Fault("clock set back", variables=CLOCK),
)  # fmt: skip


def compile_clock(folder: Path):
    """Compiles clock.c with the wheel `ziglang` of tests/requirements.txt."""
    compiler = [sys.executable, "-m", "ziglang", "cc"]
    source = str(ROOT / "benchmarks" / "clock.c")
    subprocess.run([*compiler, "-O2", "-fPIC", "-shared", source, "-o", str(folder / "clock.so")], check=True)  # fmt: skip


def start(fault: Fault, here: str, said) -> subprocess.Popen:
    variables = {name: text.replace("$HERE", here) for name, text in fault.variables.items()}  # fmt: skip
    exported = "".join(f"export {name}={text}; " for name, text in variables.items())
    script = f"{fault.shell}{exported}exec {sys.executable} app.py"
    output = open(fault.output, "w") if fault.output else said
    return subprocess.Popen(
        ["unshare", "--mount", "sh", "-e", "-c", script],
        cwd=ROOT,
        env=os.environ | {"PORT": PORT, "HERE": here},
        stdout=output,
        stderr=output,
    )


def is_up(server: subprocess.Popen) -> bool:
    end = time.monotonic() + START
    while server.poll() is None and time.monotonic() < end:
        try:
            if httpx.get(f"{URL}healthz").text == "ok":
                return True
        except httpx.TransportError:
            time.sleep(0.1)
    return False


async def visited(clock: Path) -> str:
    """Fault where somebody opens a link, draws, and trains a network while the clock is set back; "" where there is none."""
    tally = Tally()
    visitor = Visitor(0, tally)
    await visitor.open(LINK)
    if tally.faults:
        return f"page: {dict(tally.faults)}"
    beats = asyncio.create_task(visitor.stay())
    clock.write_text(f"{DAY}")
    await visitor.draw(time.perf_counter() + 1)
    trained = await visitor.train(time.perf_counter() + TRAINING, 1)
    clock.write_text(f"{9 * DAY}")
    await visitor.draw(time.perf_counter() + 1)
    await visitor.beat()
    beats.cancel()
    await asyncio.gather(beats)
    visitor.client.close()
    if tally.faults:
        return f"{dict(tally.faults)}"
    return "" if trained else "nothing was trained"


def outcome(fault: Fault) -> str:
    """Sentence on what a server does with a fault."""
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryFile("w+") as said:
        clock = Path(here) / "back"
        clock.write_text("0")
        if "LD_PRELOAD" in fault.variables:
            compile_clock(Path(here))
        server = start(fault, here, said)
        try:
            if not is_up(server):
                wrong = "did not start"
            else:
                wrong = asyncio.run(visited(clock))
                server.send_signal(signal.SIGTERM)
                if server.wait(60):
                    wrong += f" ended with {server.returncode}"
        finally:
            if server.poll() is None:
                server.kill()
            server.wait()
        said.seek(0)
        text = said.read()
        if "Traceback" in text:
            wrong += f" Traceback: {text[-1500:]}"
        return wrong or "visited, trained a network, and ended cleanly"


if __name__ == "__main__":
    for fault in FAULTS:
        if fault.name in sys.argv[1:] or not sys.argv[1:]:
            print(f"| {fault.name} | {outcome(fault)} |", flush=True)
