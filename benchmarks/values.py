"""Benchmark of the answer to columns that somebody pastes, in this process: median and slowest of many, as a table.

python benchmarks/values.py
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from explorer.study import value_records

REPEATS = 20
SHAPES = ((2, 3), (2, 10), (2, 1000), (5, 10), (10, 10), (20, 10))  # columns, runs


def text(random: np.random.Generator, columns: int, runs: int) -> str:
    """Table of accuracies, of which none is in a cache."""
    values = random.normal(99, 0.1, (runs, columns))
    header = ",".join(f"column {number}" for number in range(columns))
    lines = [",".join(f"{value:.3f}" for value in row) for row in values]
    return "\n".join([header, *lines])


def seconds(pasted: str) -> float:
    question = {"files": [{"text": pasted}], "margin": 0.05}
    begin = time.perf_counter()
    value_records.of_question(question)
    return time.perf_counter() - begin


def main():
    random = np.random.default_rng(0)
    print("| columns | runs | first, ms | median, ms | slowest, ms |")
    print("|---|---|---|---|---|")
    for columns, runs in SHAPES:
        repeats = REPEATS if columns < 5 else 3
        first, *times = [
            1000 * seconds(text(random, columns, runs)) for _ in range(1 + repeats)
        ]
        print(
            f"| {columns} | {runs:,} | {first:.0f} | {statistics.median(times):.0f} | {max(times):.0f} |"
        )


if __name__ == "__main__":
    main()
