"""Marginal means over the grid: its networks by the levels of one factor, with equal weights of the configurations."""

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

TOO_FEW_SEEDS = (
    "The grid has too few seeds yet: `python train/all.py --study grid` trains them."
)


@dataclass(frozen=True)
class Level:
    """Runs of the grid that share a level of a factor."""

    name: str
    runs: list[Checkpoint]

    def mean(self, measure: Callable[[Checkpoint], float]) -> Difference:
        """Mean of a measure over the runs, with equal weights of the configurations.

        Raises `StatisticsError` where a configuration has one seed only.
        """
        return statistics.contrast(_weighted(self, 1, measure), None, resolution=0.0)


def levels(results: Results, factor: str) -> list[Level]:
    """Levels of a factor of `FACTORS`, with the grid's non-collapsed networks.

    Raises `StatisticsError` where a configuration of the grid has fewer than two such networks.
    """
    configs = {trial.config for trial in GRID}
    runs = [results.finished[index] for index in non_collapsed(results)]
    runs = [run for run in runs if run.trial.config in configs]
    counts = pd.Series([run.trial.config for run in runs]).value_counts()
    if len(counts) < len(configs) or counts.min() < 2:
        raise StatisticsError(TOO_FEW_SEEDS)
    by_level: dict = {}
    for run in runs:
        by_level.setdefault(getattr(run.trial, factor), []).append(run)
    if factor == "batch_size":
        by_level = {f"batch {size}": by_level[size] for size in sorted(by_level)}
    return [Level(name, level_runs) for name, level_runs in by_level.items()]


def differences(
    compared: list[Level], measure: Callable[[Checkpoint], float], margin: float | None
) -> dict[tuple[str, str], Difference]:
    """Difference in the mean of a measure, by pair of level names; `margin` is that of equivalence."""
    return {
        (a.name, b.name): statistics.contrast(
            _weighted(a, 1, measure) + _weighted(b, -1, measure), margin, resolution=0.0
        )
        for a, b in combinations(compared, 2)
    }


def _weighted(
    level: Level, sign: int, measure: Callable[[Checkpoint], float]
) -> list[tuple[float, np.ndarray]]:
    """Groups for `statistics.contrast`: a measure of the runs of every configuration, with equal weights."""
    configs: dict[str, list[float]] = {}
    for checkpoint in level.runs:
        configs.setdefault(checkpoint.trial.config, []).append(measure(checkpoint))
    return [(sign / len(configs), np.array(values)) for values in configs.values()]
