"""Benchmark of a study with many networks: made-up files through list, merge, index, app and report, and the progress of a sweep.

python -m benchmarks.scale shares: what one network takes, from the committed ones.
python -m benchmarks.scale FOLDER [SEEDS]: makes the files of all studies with SEEDS seeds (1000: 94,000 files) in FOLDER/checkpoints, as far as they
are missing, and prints the seconds and the peak memory of every step. A step may take `MOST_MEMORY` and `MOST_SECONDS`.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import torch

from train import checkpoint, index, show, sweep
from train.checkpoint import Checkpoint
from train.options import parse
from train.study import Trial

ROOT = Path(__file__).resolve().parent.parent
MOST_MEMORY = 12 * 2**30  # bytes of addresses
MOST_SECONDS = 1800  # of the processor
APP = "import sys; from explorer.runs import results; print(len(results.load(sys.argv[1]).checkpoints))"
REPORT = "import sys; from pathlib import Path; from explorer.report.__main__ import main; main(Path(sys.argv[1]), Path(sys.argv[2]))"
INDEX = "import sys; from train import index; print(index.read(sys.argv[1]).num_rows)"


@cache
def committed(norm: str) -> Checkpoint:
    """A committed network with this norm, whose weights, history and digits are lent to the made-up ones."""
    return checkpoint.load(checkpoint.path_of(Trial(norm, 0.0, 0.0, 16)))


def make(trials: list[Trial], folder: Path) -> int:
    """Writes the files of these trials that are missing; their number. Weights differ by a bit, so that no two files are equal."""
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for trial in trials:
        path = checkpoint.path_of(trial, folder)
        if path.exists():
            continue
        like = committed(trial.norm)
        state = {name: values.clone() for name, values in like.state.items()}
        next(iter(state.values())).view(-1)[0] += 1e-6 * trial.seed
        history = [row | {"lr": trial.lr_at(row["epoch"])} for row in like.history]
        path.write_bytes(
            checkpoint.to_bytes(
                replace(like, trial=trial, state=state, history=history)
            )
        )
        made += 1
    return made


# A small process between this one and a step, as the peak of a process begins with the memory of the one that starts it.
BETWEEN = """
import json, resource, subprocess, sys
memory, seconds, *command = sys.argv[1:]
def limited():
    resource.setrlimit(resource.RLIMIT_AS, (int(memory),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds),) * 2)
status = subprocess.call([sys.executable, *command], preexec_fn=limited)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def step(name: str, *command: str | Path | int):
    """Prints seconds, those of the processor among them, and peak memory of a process, or how it ended."""
    start = time.perf_counter()
    limits = MOST_MEMORY, MOST_SECONDS
    ended = subprocess.run(
        [sys.executable, "-c", BETWEEN, *map(str, (*limits, *command))],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wall = time.perf_counter() - start
    *said, used = ended.stdout.strip().splitlines()
    status, busy, peak = json.loads(used)
    end = f"ended with {status}: {said[-1:]}" if status else "done"
    print(f"| {name} | {wall:.0f} | {busy:.0f} | {peak:,.0f} | {end} |", flush=True)


def follow(trials: list[Trial]):
    """Prints the seconds in which the driver of a sweep shows the ends of all trials, with 128 that run."""
    finished = committed("BN")
    ends = [sweep.Event(trial, finished=finished) for trial in trials[128:]]
    starts = [sweep.Event(trial, progress=(0.1, 1.0)) for trial in trials[:128]]
    show.console.file = open(os.devnull, "w")
    done = {}
    start, busy = time.perf_counter(), time.process_time()
    show.follow([*starts, *ends], trials, done, lambda: 128)
    wall, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"| progress of {len(done):,} ends | {wall:.0f} | {busy:.0f} | | done |", flush=True)  # fmt: skip


def shares():
    """Prints what one network takes, from the committed ones: of the processor, of memory, of the index."""
    paths = sorted(checkpoint.FOLDER.glob("*.safetensors"))[:400]
    for path in paths[:50]:  # imports and buffers
        checkpoint.load(path)
    start = time.process_time()
    rows = [row_of(path) for path in paths]
    busy = (time.process_time() - start) / len(paths)
    before = memory()
    networks = [checkpoint.load(path) for path in paths]
    held = (memory() - before) / len(networks)
    with tempfile.TemporaryDirectory() as folder:
        indexed = index.write(rows, folder).stat().st_size / len(rows)
    stored = sum(path.stat().st_size for path in paths) / len(paths)
    print(f"{1000 * busy:.1f} ms of a core to read and verify, {stored / 1024:.0f} KB on disk, "
          f"{held / 1024:.0f} KB in memory as a checkpoint, {indexed:.0f} bytes in the index")  # fmt: skip


def row_of(path: Path) -> dict:
    content = path.read_bytes()
    return index.row(checkpoint.from_bytes(content, path.name), content, path.name)


def memory() -> int:
    """Resident bytes of this process."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def main(folder: Path, seeds: int):
    torch.set_num_threads(1)
    folder = folder.resolve()
    _, trials, _ = parse(["--seeds", str(seeds)])
    files, merged, report = folder / "checkpoints", folder / "merged", folder / "report"
    made = make(trials, files)
    size = sum(path.stat().st_size for path in files.iterdir())
    print(f"{len(trials):,} networks, {size / 1e9:.2f} GB, {made:,} made now\n")
    print("| step | s | s of the processor | peak MiB | |")
    print("|---|---|---|---|---|", flush=True)
    report.mkdir(exist_ok=True)
    (report / "README.md").write_bytes((ROOT / "README.md").read_bytes())
    chosen = "train/all.py", "--seeds", seeds, "--out"
    step("sweep: finds that none is missing", *chosen, files)
    step("merge, with its index", *chosen, merged, "--merge", files)
    step("merge again", *chosen, merged, "--merge", files)
    step("index, read", "-c", INDEX, merged / "index.parquet")
    follow(trials)
    step("app: reads the networks", "-c", APP, files)
    step("report", "-c", REPORT, files, report)


if __name__ == "__main__":
    if sys.argv[1:] == ["shares"]:
        sys.exit(shares())
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 1000)
