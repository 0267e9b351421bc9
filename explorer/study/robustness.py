"""Robustness of the grid's networks to corrupted digits, from the accuracies in data/robustness.csv, which `python -m explorer.robustness`
measures: curves, comparisons of the levels of a factor, and batch norm with re-estimated averages.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from explorer.digits.corruptions import CORRUPTIONS, Corruption
from explorer.runs import measurement_cache
from explorer.runs.results import FACTORS, Results
from explorer.study import statistics
from explorer.study.marginals import Level, differences, levels
from explorer.study.statistics import Difference, Interval, StatisticsError
from train.checkpoint import Checkpoint
from train.data import ROOT
from train.norms import BY_KEY
from train.study import GRID

FILE = ROOT / "robustness.csv"
EVERY = 2  # every second test image is measured
UNCHANGED = "unchanged"  # the same images, not made harder
MARGIN = 0.5  # points: of equivalence, for the mean over the strengths
NOT_MEASURED = (
    "The robustness of these networks is not measured yet: `python train/all.py --study grid`, then "
    "`python -m explorer.robustness`."
)


@dataclass(frozen=True)
class Point:
    """The accuracy of a level at one strength of a corruption, in percent, with its 95 % interval over seeds."""

    strength: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class Curve:
    """The accuracy of a level over the strengths of a corruption."""

    name: str  # of the level
    runs: int
    points: tuple[Point, ...]


@dataclass(frozen=True)
class LevelPair:
    """Two levels of a factor under a corruption: the difference in the mean accuracy over the five strengths, in points."""

    corruption: str
    a: str
    b: str
    gap: Difference  # a - b
    p: float  # adjusted for all pairs and corruptions (Holm)
    outcome: str


def column(corruption: Corruption, strength: float) -> str:
    """Name of the column of a corruption at one strength."""
    return f"{corruption.name} {strength:g}"


def re_estimated(condition: str) -> str:
    """Name of the column of accuracies of batch norm with averages re-estimated on the digits of a condition: `column` or `UNCHANGED`."""
    return f"{condition} re-estimated"


CONDITIONS = [
    column(corruption, strength)
    for corruption in CORRUPTIONS
    for strength in corruption.strengths
]
RE_ESTIMATED = [re_estimated(condition) for condition in (UNCHANGED, *CONDITIONS)]


def networks(results: Results) -> list[Checkpoint]:
    """Finished networks of the grid."""
    configs = {trial.config for trial in GRID}
    return [
        checkpoint
        for checkpoint in results.finished
        if checkpoint.trial.config in configs
    ]


def averaging(results: Results) -> list[Checkpoint]:
    """Networks of the grid that normalise by averages over training."""
    return [
        checkpoint
        for checkpoint in networks(results)
        if BY_KEY[checkpoint.trial.norm].over_batch
    ]


def read(results: Results, file: Path = FILE) -> pd.DataFrame:
    """Measured accuracies in percent: a row per network, by name, and the columns `CONDITIONS` and `RE_ESTIMATED`.

    Of the latter a network without batch norm has none (NaN), because it has no averages.
    """
    return measurement_cache.read(file, networks(results))


def choose(name: str) -> Corruption:
    """Corruption of that name. Raises `StatisticsError`."""
    for corruption in CORRUPTIONS:
        if corruption.name == name:
            return corruption
    known = ", ".join(corruption.name for corruption in CORRUPTIONS)
    raise StatisticsError(f"There is no corruption {name!r}; choose one of {known}.")


def curves(results: Results, rows: pd.DataFrame, name: str) -> dict[str, list[Curve]]:
    """Curves of all levels under a corruption, by factor; `rows` are those of `read`.

    The neutral strength is included, with the accuracy that the checkpoints hold. Raises `StatisticsError` where seeds or
    measurements are missing.
    """
    corruption = choose(name)
    levels_by_factor = {factor: _measured(results, rows, factor) for factor in FACTORS}
    names = [checkpoint.trial.name for checkpoint in results.finished]
    clean_accuracies = 100 * results.correct[:, ::EVERY].mean(1)
    accuracies = {
        strength: rows[column(corruption, strength)].to_dict()
        for strength in corruption.strengths
        if strength != corruption.neutral
    }
    accuracies[corruption.neutral] = dict(zip(names, clean_accuracies, strict=True))

    def point(level: Level, strength: float) -> Point:
        mean = level.mean(
            lambda checkpoint: accuracies[strength][checkpoint.trial.name]
        )
        return Point(strength, mean.estimate, mean.interval)

    return {
        factor: [
            Curve(
                level.name,
                len(level.runs),
                tuple(point(level, strength) for strength in sorted(accuracies)),
            )
            for level in factor_levels
        ]
        for factor, factor_levels in levels_by_factor.items()
    }


def compared(results: Results, rows: pd.DataFrame, factor: str) -> list[LevelPair]:
    """Every pair of levels of a factor under every corruption, one family. Raises `StatisticsError` as `curves` does."""
    factor_levels = _measured(results, rows, factor)

    def pairs(corruption: Corruption) -> dict:
        names = [column(corruption, strength) for strength in corruption.strengths]
        means = rows[names].mean(axis=1)
        return differences(
            factor_levels, lambda checkpoint: means[checkpoint.trial.name], MARGIN
        )

    family = {
        (corruption.name, *pair): gap
        for corruption in CORRUPTIONS
        for pair, gap in pairs(corruption).items()
    }
    gaps = list(family.values())
    return [
        LevelPair(corruption, a, b, gap, p, outcome)
        for (corruption, a, b), gap, p, outcome in zip(
            family,
            gaps,
            statistics.holm([gap.p for gap in gaps]),
            statistics.outcomes(gaps),
            strict=True,
        )
    ]


def _measured(results: Results, rows: pd.DataFrame, factor: str) -> list[Level]:
    """Levels of a factor. Raises `StatisticsError` unless `rows` has all their networks."""
    factor_levels = levels(results, factor)
    if {
        checkpoint.trial.name for level in factor_levels for checkpoint in level.runs
    } - set(rows.index):
        raise StatisticsError(NOT_MEASURED)
    return factor_levels
