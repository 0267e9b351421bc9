"""Robustness of the grid's networks to corrupted digits: the command `python -m explorer.robustness`, which measures
into data/robustness.csv, and comparisons of the levels of a factor.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from explorer.digits.corruptions import CORRUPTIONS, Corruption
from explorer.runs import measurement_cache
from explorer.runs.results import FACTORS, Results, test_split
from explorer.study import statistics
from explorer.study.marginals import Level, differences, levels
from explorer.study.statistics import Difference, Interval, StatisticsError
from train import engines
from train.checkpoint import Checkpoint
from train.data import ROOT, Split
from train.study import GRID

FILE = ROOT / "robustness.csv"
EVERY = 2  # every second test image is measured
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


def networks(results: Results) -> list[Checkpoint]:
    """Finished networks of the grid."""
    configs = {trial.config for trial in GRID}
    return [
        checkpoint
        for checkpoint in results.finished
        if checkpoint.trial.config in configs
    ]


def read(results: Results, file: Path = FILE) -> pd.DataFrame:
    """Measured accuracies in percent: a row per network, by name, and a `column` per corruption and strength."""
    return measurement_cache.read(file, networks(results))


def sampled(split: Split) -> Split:
    """Every `EVERY`th image, which is enough: networks are compared on the same images, and vary more between seeds."""
    return Split(split.images[::EVERY], split.labels[::EVERY])


def corrupted(split: Split) -> dict[str, Split]:
    """The split under every corruption and strength, by `column`."""
    return {
        column(corruption, strength): Split(
            corruption.apply(split.images, strength), split.labels
        )
        for corruption in CORRUPTIONS
        for strength in corruption.strengths
    }


def main(results: Results, file: Path = FILE):
    """Measures the networks of the grid that are missing in `file`, and adds them."""
    torch.set_num_threads(1)
    device, notes = engines.prepare("auto")
    print(*notes, sep="\n")
    splits = corrupted(sampled(test_split()))

    def values(checkpoint: Checkpoint) -> dict[str, float]:
        read_split = engines.reader(checkpoint, device)
        return {name: 100 * read_split(split).acc for name, split in splits.items()}

    on_gpu = engines.torch_device(device) == "cuda"
    measurement_cache.measure(
        file, networks(results), values, 1 if on_gpu else os.cpu_count() or 1
    )


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
