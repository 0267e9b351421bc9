"""Robustness of the grid's networks to corrupted digits, from the accuracies in data/robustness.csv, which `python -m explorer.robustness`
measures: curves, comparisons of the levels of a factor, and batch norm with re-estimated averages.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
MARGIN = 0.5  # points: of equivalence
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

    level: str
    runs: int
    points: tuple[Point, ...]
    is_re_estimated: bool = False  # batch norm with averages re-estimated on the digits

    @property
    def name(self) -> str:
        return _re_estimated_name(self.level) if self.is_re_estimated else self.level


@dataclass(frozen=True)
class LevelPair:
    """Two levels of a factor under a corruption: the difference in the mean accuracy over the five strengths, or at one, in points."""

    corruption: str
    a: str
    b: str
    gap: Difference  # a - b
    p: float  # adjusted for the family (Holm)
    outcome: str
    strength: float | None = None  # None is the mean over the strengths

    @property
    def exceeds_margin(self) -> bool:
        """True where the levels differ and the whole interval of the difference lies beyond the margin."""
        nearest = abs(self.gap.estimate) - self.gap.interval.half_width
        return self.outcome == statistics.DIFFERENT and nearest > MARGIN


@dataclass(frozen=True)
class BatchNormLoss:
    """Points that batch norm loses against group norm under the corruptions of `HARDEST`, in the mean over their strengths."""

    as_trained: LevelPair  # group norm - batch norm; selected as the largest loss
    re_estimated: LevelPair  # group norm - batch norm with re-estimated averages


HARDEST = ("noise", "contrast")


def _re_estimated_name(norm: str) -> str:
    return f"{norm}, re-estimated"


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
    """Networks of the grid whose averages over training are re-estimated: those with batch norm."""
    return [
        checkpoint
        for checkpoint in networks(results)
        if BY_KEY[checkpoint.trial.norm].over_batch
    ]


def read(results: Results, file: Path = FILE) -> pd.DataFrame:
    """Measured accuracies in percent: a row per network, by name, and the columns `CONDITIONS` and `RE_ESTIMATED`.

    Only the networks of `averaging` have values of the latter, others NaN.
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

    return {
        factor: [_curve(level, accuracies) for level in factor_levels]
        for factor, factor_levels in levels_by_factor.items()
    }


def re_estimated_curves(results: Results, rows: pd.DataFrame, name: str) -> list[Curve]:
    """Curves under a corruption of batch norm with averages re-estimated on the digits; as `curves`."""
    corruption = choose(name)
    columns = {
        strength: re_estimated(column(corruption, strength))
        for strength in corruption.strengths
    } | {corruption.neutral: re_estimated(UNCHANGED)}
    accuracies = {strength: rows[name].to_dict() for strength, name in columns.items()}
    return [
        replace(_curve(level, accuracies), is_re_estimated=True)
        for level in _averaging(results, rows)
    ]


def _curve(level: Level, accuracies: dict[float, dict[str, float]]) -> Curve:
    """Curve of a level, from the accuracies by strength and network."""

    def point(strength: float) -> Point:
        mean = level.mean(
            lambda checkpoint: accuracies[strength][checkpoint.trial.name]
        )
        return Point(strength, mean.estimate, mean.interval)

    return Curve(level.name, len(level.runs), tuple(map(point, sorted(accuracies))))


def compared(results: Results, rows: pd.DataFrame, factor: str) -> list[LevelPair]:
    """Every pair of levels of a factor under every corruption, one family. Raises `StatisticsError` as `curves` does."""
    factor_levels = _measured(results, rows, factor)
    return _family(
        {
            (corruption.name, None, *pair): gap
            for corruption in CORRUPTIONS
            for pair, gap in differences(
                factor_levels, _measure(_means(rows, corruption)), MARGIN
            ).items()
        }
    )


def by_strength(results: Results, rows: pd.DataFrame, factor: str) -> list[LevelPair]:
    """Every pair of levels of a factor at every strength; a corruption's are a family. Raises `StatisticsError` as `curves` does."""
    factor_levels = _measured(results, rows, factor)
    return [
        pair
        for corruption in CORRUPTIONS
        for pair in _family(
            {
                (corruption.name, strength, *pair): gap
                for strength in corruption.strengths
                for pair, gap in differences(
                    factor_levels, _measure(rows[column(corruption, strength)]), MARGIN
                ).items()
            }
        )
    ]


def averages_compared(results: Results, rows: pd.DataFrame) -> list[LevelPair]:
    """Batch norm as trained minus re-estimated, and re-estimated minus every other norm, under every corruption: one family.

    The first compares the same networks, pair by pair. Raises `StatisticsError` as `curves` does.
    """
    others = [
        level
        for level in _measured(results, rows, "norm")
        if not BY_KEY[level.name].over_batch
    ]
    family = {}
    for level in _averaging(results, rows):
        adapted = Level(_re_estimated_name(level.name), level.runs)
        for corruption in CORRUPTIONS:
            as_trained = _means(rows, corruption)
            re_estimated = _re_estimated_means(rows, corruption)
            paired = level.mean(_measure(as_trained - re_estimated))
            counts = (len(level.runs), len(level.runs))
            family[corruption.name, None, level.name, adapted.name] = replace(
                paired, margin=MARGIN, seeds=counts
            )
            measure = _measure(re_estimated.fillna(as_trained))
            for other in others:
                for pair, gap in differences([adapted, other], measure, MARGIN).items():
                    family[corruption.name, None, *pair] = gap
    return _family(family)


def batch_norm_loss(results: Results, rows: pd.DataFrame) -> BatchNormLoss:
    """Points that batch norm loses against group norm under `HARDEST`, a family of two. Raises `StatisticsError` as `curves` does."""
    norms = {level.name: level for level in _measured(results, rows, "norm")}
    (level,) = _averaging(results, rows)
    adapted = Level(_re_estimated_name(level.name), level.runs)
    hardest = [choose(name) for name in HARDEST]
    as_trained, re_estimated = (
        pd.concat([means(rows, corruption) for corruption in hardest], axis=1).mean(
            axis=1
        )
        for means in (_means, _re_estimated_means)
    )
    gaps = differences(
        [norms["GN"], norms["BN"]], _measure(as_trained), MARGIN
    ) | differences(
        [norms["GN"], adapted], _measure(re_estimated.fillna(as_trained)), MARGIN
    )
    names = " and ".join(HARDEST)
    return BatchNormLoss(
        *_family({(names, None, *pair): gap for pair, gap in gaps.items()})
    )


def _means(rows: pd.DataFrame, corruption: Corruption) -> pd.Series:
    """Mean accuracy over the strengths, by network."""
    names = [column(corruption, strength) for strength in corruption.strengths]
    return rows[names].mean(axis=1)


def _re_estimated_means(rows: pd.DataFrame, corruption: Corruption) -> pd.Series:
    """Mean accuracy over the strengths with re-estimated averages, by network; NaN where it is not measured."""
    names = [column(corruption, strength) for strength in corruption.strengths]
    return rows[list(map(re_estimated, names))].mean(axis=1)


def _measure(values: pd.Series) -> Callable[[Checkpoint], float]:
    """Function that looks a network's value up by its name."""
    by_name = values.to_dict()
    return lambda checkpoint: by_name[checkpoint.trial.name]


def _family(
    gaps: dict[tuple[str, float | None, str, str], Difference],
) -> list[LevelPair]:
    """Pairs of one family, from differences by corruption, strength and names of the levels."""
    values = list(gaps.values())
    return [
        LevelPair(corruption, a, b, gap, p, outcome, strength)
        for (corruption, strength, a, b), gap, p, outcome in zip(
            gaps,
            values,
            statistics.holm([gap.p for gap in values]),
            statistics.outcomes(values),
            strict=True,
        )
    ]


def _averaging(results: Results, rows: pd.DataFrame) -> list[Level]:
    """Levels of networks of `averaging`, by norm. Raises `StatisticsError` unless `rows` has the values `RE_ESTIMATED` of all."""
    names = {checkpoint.trial.name for checkpoint in averaging(results)}
    restricted = [
        Level(level.name, [run for run in level.runs if run.trial.name in names])
        for level in _measured(results, rows, "norm")
    ]
    averaged = [level for level in restricted if level.runs]
    measured = rows.reindex(columns=RE_ESTIMATED).dropna().index
    if {run.trial.name for level in averaged for run in level.runs} - set(measured):
        raise StatisticsError(NOT_MEASURED)
    return averaged


def _measured(results: Results, rows: pd.DataFrame, factor: str) -> list[Level]:
    """Levels of a factor. Raises `StatisticsError` unless `rows` has all their networks."""
    factor_levels = levels(results, factor)
    if {
        checkpoint.trial.name for level in factor_levels for checkpoint in level.runs
    } - set(rows.index):
        raise StatisticsError(NOT_MEASURED)
    return factor_levels
