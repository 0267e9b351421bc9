"""Benchmark of the report: makes it twice from the committed checkpoints, and prints the seconds and whether the bytes are the same.

python benchmarks/report.py
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAKE = "import sys; from pathlib import Path; from explorer.report.__main__ import main; main(root=Path(sys.argv[1]))"


def made(folder: Path) -> tuple[float, dict[str, bytes]]:
    """Seconds that a process takes to write the report into a folder, and the bytes of its files."""
    folder.mkdir()
    shutil.copy(ROOT / "README.md", folder)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", MAKE, folder],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds = time.perf_counter() - start
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    return seconds, files


def main():
    with tempfile.TemporaryDirectory() as folder:
        runs = [made(Path(folder) / name) for name in ("first", "second")]
    (first, a), (second, b) = runs
    differing = sorted(
        name for name in a.keys() | b.keys() if a.get(name) != b.get(name)
    )
    print(
        f"{first:.1f} s and {second:.1f} s, {len(a)} files; different: {', '.join(differing) or 'none'}"
    )


if __name__ == "__main__":
    main()
