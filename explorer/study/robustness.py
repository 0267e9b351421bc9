"""`python -m explorer.robustness`: how well the grid's networks read digits made harder, measured once and kept in
data/robustness.csv; and how levels of a factor compare in it.
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
EVERY = 2  # test images
MARGIN = 0.5  # points: smaller differences in the mean over the strengths do not matter
SHORT = (
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
    return f"{corruption.name} {strength:g}"


def networks(found: Results) -> list[Checkpoint]:
    """Those of the grid."""
    configs = {trial.config for trial in GRID}
    return [each for each in found.finished if each.trial.config in configs]


def read(found: Results, file: Path = FILE) -> pd.DataFrame:
    """A row per measured network, by name: the accuracy in percent for each `column`."""
    return measurement_cache.read(file, networks(found))


def sampled(split: Split) -> Split:
    """Every `EVERY`th image: enough, as networks are compared on the same images and vary more between seeds."""
    return Split(split.images[::EVERY], split.labels[::EVERY])


def corrupted(split: Split) -> dict[str, Split]:
    """The split made harder in every way, by `column`."""
    return {
        column(each, strength): Split(each.apply(split.images, strength), split.labels)
        for each in CORRUPTIONS
        for strength in each.strengths
    }


def main(found: Results, file: Path = FILE):
    """Measures the networks of the grid that are not in `file`, and adds them."""
    torch.set_num_threads(1)
    device, notes = engines.prepare("auto")
    print(*notes, sep="\n")
    splits = corrupted(sampled(test_split()))

    def values(each: Checkpoint) -> dict[str, float]:
        answer = engines.reader(each, device)
        return {name: 100 * answer(split).acc for name, split in splits.items()}

    on_gpu = engines.torch_device(device) == "cuda"
    measurement_cache.measure(
        file, networks(found), values, 1 if on_gpu else os.cpu_count() or 1
    )


def choose(name: str) -> Corruption:
    """The corruption of that name. Raises `StatisticsError`."""
    for each in CORRUPTIONS:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in CORRUPTIONS)
    raise StatisticsError(f"There is no corruption {name!r}; choose one of {known}.")


def curves(found: Results, rows: pd.DataFrame, name: str) -> dict[str, list[Curve]]:
    """By factor the curve of every level under a corruption. `rows` is `read`.

    The strength that changes nothing stands among them, from the checkpoints. Raises `StatisticsError` where seeds or
    measurements are missing.
    """
    corruption = choose(name)
    levels_of = {factor: _measured(found, rows, factor) for factor in FACTORS}
    names = [each.trial.name for each in found.finished]
    clean = 100 * found.correct[:, ::EVERY].mean(1)
    accuracies = {
        strength: rows[column(corruption, strength)].to_dict()
        for strength in corruption.strengths
        if strength != corruption.neutral
    }
    accuracies[corruption.neutral] = dict(zip(names, clean, strict=True))

    def point(level: Level, strength: float) -> Point:
        mean = level.mean(lambda each: accuracies[strength][each.trial.name])
        return Point(strength, mean.estimate, mean.interval)

    return {
        factor: [
            Curve(
                level.name,
                len(level.runs),
                tuple(point(level, strength) for strength in sorted(accuracies)),
            )
            for level in some
        ]
        for factor, some in levels_of.items()
    }


def compared(found: Results, rows: pd.DataFrame, factor: str) -> list[LevelPair]:
    """Every pair of levels of a factor under every corruption, one family. Raises as `curves`."""
    some = _measured(found, rows, factor)

    def pairs(corruption: Corruption) -> dict:
        names = [column(corruption, strength) for strength in corruption.strengths]
        means = rows[names].mean(axis=1)
        return differences(some, lambda each: means[each.trial.name], MARGIN)

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


def _measured(found: Results, rows: pd.DataFrame, factor: str) -> list[Level]:
    some = levels(found, factor)
    if {each.trial.name for level in some for each in level.runs} - set(rows.index):
        raise StatisticsError(SHORT)
    return some
