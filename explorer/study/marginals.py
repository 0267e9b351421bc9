"""The grid's networks by the levels of one factor, all else balanced, and means over a level's configurations."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from explorer.runs.results import Results
from explorer.study import statistics
from explorer.study.hard_images import non_collapsed
from explorer.study.statistics import Difference, StatisticsError
from train.checkpoint import Checkpoint
from train.study import GRID

SHORT = (
    "The grid has too few seeds yet: `python train/all.py --study grid` trains them."
)


@dataclass(frozen=True)
class Level:
    """The runs of the grid that share a level of a factor."""

    name: str
    runs: list[Checkpoint]

    def mean(self, measure: Callable[[Checkpoint], float]) -> Difference:
        """The mean of a measure of each run, every configuration with the same weight, over their seeds.

        Raises `StatisticsError` where a configuration has one seed only.
        """
        return statistics.contrast(_weighted(self, 1, measure), None, resolution=0.0)


def levels(results: Results, factor: str) -> list[Level]:
    """The levels of a factor of `FACTORS`, of the grid's networks that no penalty destroyed.

    Raises `StatisticsError` where a configuration of the grid has fewer than two of them.
    """
    configs = {trial.config for trial in GRID}
    runs = [results.finished[place] for place in non_collapsed(results)]
    runs = [found for found in runs if found.trial.config in configs]
    counts = pd.Series([found.trial.config for found in runs]).value_counts()
    if len(counts) < len(configs) or counts.min() < 2:
        raise StatisticsError(SHORT)
    found: dict = {}
    for run in runs:
        found.setdefault(getattr(run.trial, factor), []).append(run)
    if factor == "batch_size":
        found = {f"batch {size}": found[size] for size in sorted(found)}
    return [Level(name, some) for name, some in found.items()]


def differences(
    found: list[Level], measure: Callable[[Checkpoint], float], margin: float | None
) -> dict[tuple[str, str], Difference]:
    """The difference of every pair of levels in the mean of a measure, against a margin of equivalence or none."""
    return {
        (a.name, b.name): statistics.contrast(
            _weighted(a, 1, measure) + _weighted(b, -1, measure), margin, resolution=0.0
        )
        for a, b in combinations(found, 2)
    }


def _weighted(
    level: Level, sign: int, measure: Callable[[Checkpoint], float]
) -> list[tuple[float, np.ndarray]]:
    """For `statistics.contrast`: the measure of each run by configuration, with equal weights."""
    configs: dict[str, list[float]] = {}
    for found in level.runs:
        configs.setdefault(found.trial.config, []).append(measure(found))
    return [(sign / len(configs), np.array(values)) for values in configs.values()]
