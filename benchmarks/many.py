"""Benchmark of folders of 14 to 14,000 networks: start, memory, page weight, each tab's first content and the report, as a table.

python -m benchmarks.many            # 14, 820, 1400 and 14000
python -m benchmarks.many 14 1400    # the first number is what the others are compared with
python -m benchmarks.many --report   # also the seconds that `explorer.report` takes over the last folder
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path

from playwright.sync_api import Browser, TimeoutError, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import FIRST_CONTENT, line, memory, opened, rest, serve, stop
from benchmarks.report import MAKE
from benchmarks.wire import processor
from train import checkpoint
from train.checkpoint import Checkpoint
from train.study import PUBLISHED, studies_of

SIZES = (14, 820, 1_400, 14_000)
STARTS = 3
MOST = 10  # s until the first content of a tab


def invented(committed: Path = checkpoint.FOLDER) -> Iterator[Checkpoint]:
    """Valid networks without end, seed by seed, the published rows first: the committed ones of each configuration under further seeds.

    Of configurations of the studies only, whose weights and histories are those of one of their committed networks.
    """
    sources: dict[str, list[Checkpoint]] = {}
    for path in sorted(committed.glob(f"*{checkpoint.SUFFIX}")):
        network = checkpoint.load(path)
        if studies_of(network.trial) and not network.is_midway:
            sources.setdefault(network.trial.config, []).append(network)
    rows = [trial.config for trial in PUBLISHED if trial.config in sources]
    turns = {
        config: cycle(sources[config]) for config in dict.fromkeys([*rows, *sources])
    }
    for seed in count(1):
        for turn in turns.values():
            network = next(turn)
            yield replace(network, trial=replace(network.trial, seed=seed))


def make(networks: Iterator[Checkpoint], number: int, folder: Path):
    """Writes that many networks into a folder."""
    folder.mkdir()
    for network in islice(networks, number):
        path = checkpoint.path_of(network.trial, folder)
        path.write_bytes(checkpoint.to_bytes(network))


def started() -> tuple[float, float]:
    """Seconds until the server serves its page, and seconds of the processor, which count on a busy machine."""
    begin = time.perf_counter()
    server = serve()
    seconds, used = time.perf_counter() - begin, processor(server.pid)
    time.sleep(1)  # it looks at its own page, too
    stop(server)
    return seconds, used


def measure(folder: Path, browser: Browser, beside: float | None) -> float:
    """Prints the figures of a folder; returns the processor's seconds of its start, which are compared with `beside`."""
    os.environ["CHECKPOINTS"] = str(folder)
    number = len(list(folder.glob(f"*{checkpoint.SUFFIX}")))
    print(f"{number:,} networks", flush=True)
    seconds, used = started()
    line("first start, without an index", seconds, "s")
    line("  of the processor", used, "s")
    starts = [started() for _ in range(STARTS)]
    seconds, start = map(statistics.median, zip(*starts, strict=True))
    line(f"start, median of {STARTS}", seconds, "s")
    line("  of the processor", start, "s")
    line("  times the first folder's", start / (beside or start), "")
    server = serve()
    try:
        line("memory after the start", memory(server), "MiB")
        rest(server)
        line("memory once warm", memory(server), "MiB")
        visit(browser)
        line("memory after every tab", memory(server), "MiB")
    finally:
        stop(server)
    return start


def visit(browser: Browser):
    page = opened(browser)
    page.set_default_timeout(120_000)
    for name, content in FIRST_CONTENT.items():
        page.wait_for_timeout(1000)
        page.get_by_role("tab", name=name).click()
        begin = time.perf_counter()
        try:
            page.locator(content).first.wait_for(timeout=1000 * MOST)
            line(f"{name}: to its first content", time.perf_counter() - begin, "s")
        except (
            TimeoutError
        ):  # too slow, or a seed of each configuration is too few to compare
            print(f"{name}: nothing within {MOST} s", flush=True)
    page.close()


def report(folder: Path, scratch: Path):
    """Prints the seconds of a report over a folder, which is written to another one."""
    (scratch / "report").mkdir()
    shutil.copy(ROOT / "README.md", scratch / "report")
    script = f"import sys; from pathlib import Path; {MAKE.split('; ', 2)[2].replace('main(', 'main(Path(sys.argv[2]), ')}"
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", script, scratch / "report", folder],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    line("report", time.perf_counter() - begin, "s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="NUMBER")
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        beside, folder = None, Path(name)
        for number in options.sizes:
            folder = Path(name, str(number))
            make(invented(), number, folder)
            start = measure(folder, browser, beside)
            beside = beside or start
        if options.report:
            report(folder, Path(name))


if __name__ == "__main__":
    main()
