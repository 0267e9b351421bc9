"""May they be as sure as they are?: confidence against accuracy over the grid, by norm, regulariser and batch size."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from explorer.runs.results import FACTORS, Results
from explorer.study import statistics
from explorer.study.marginals import Level, differences, levels
from explorer.study.statistics import Difference, Interval, StatisticsError
from train.checkpoint import Checkpoint
from train.evaluate import BINS

EDGES = tuple(place / BINS for place in range(BINS))  # the lower edge of each bin


@dataclass(frozen=True)
class Bin:
    """A bin of the reliability diagram, in percent, with the 95 % interval of its accuracy over runs."""

    edge: float  # the lower one
    confidence: float  # the mean
    accuracy: float
    interval: Interval
    images: float  # a run


@dataclass(frozen=True)
class Selective:
    """What comes of answering only above a threshold of confidence; percent, with 95 % intervals over runs."""

    threshold: float
    coverage: float  # images that are answered
    coverage_interval: Interval
    accuracy: float  # of the answers
    accuracy_interval: Interval


@dataclass(frozen=True)
class LevelCalibration:
    """How far the confidence of a level's networks is from their accuracy."""

    name: str
    runs: int
    error: Difference  # expected calibration error in points, the mean over the configurations
    below: tuple[
        str, ...
    ]  # levels whose error is really larger: Welch's test, Holm over the pairs of the factor
    diagram: tuple[Bin, ...]
    selective: Selective


def bins(level: Level, what: str) -> np.ndarray:
    """(runs, 15) of `train.evaluate.reliability`: "count", "confidence" (summed) or "correct"."""
    return np.array([found.summary["reliability"][what] for found in level.runs])


def error(found: Checkpoint) -> float:
    """The expected calibration error of a network, in points."""
    return 100 * found.summary["calibration_error"]


def ratio(above: np.ndarray, below: np.ndarray) -> tuple[float, Interval]:
    """The sum of `above` over that of `below`, one value of each a run, with its 95 % interval over runs.

    The ratio estimator and its linearised error (Cochran 1977, Sampling Techniques, chapter 6).
    """
    total, count = below.sum(), len(above)
    if not total:
        return float("nan"), Interval(float("nan"), float("nan"))
    value = above.sum() / total
    left = above - value * below
    error = np.sqrt(count / (count - 1) * (left**2).sum()) / total
    half = stats.t.ppf(1 - statistics.LEVEL / 2, count - 1) * error
    return float(value), Interval(value - half, value + half)


def diagram(level: Level) -> tuple[Bin, ...]:
    """The bins of a level that have images."""
    counts, confidences, correct = (
        bins(level, what) for what in ("count", "confidence", "correct")
    )
    return tuple(
        Bin(
            100 * EDGES[place],
            float(100 * confidences[:, place].sum() / counts[:, place].sum()),
            100 * accuracy,
            Interval(100 * max(0.0, interval.low), 100 * min(1.0, interval.high)),
            float(counts[:, place].mean()),
        )
        for place in np.flatnonzero(counts.sum(0))
        for accuracy, interval in [ratio(correct[:, place], counts[:, place])]
    )


def edge(threshold: float) -> float:
    """The edge of the bins nearest to a threshold. Raises `StatisticsError` for what is no share."""
    number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if not number or not 0 <= threshold <= 1:
        raise StatisticsError(
            f"The threshold must be a number from 0 to 1; got {threshold!r}."
        )
    return min(EDGES, key=lambda each: abs(each - threshold))


def selective(level: Level, threshold: float) -> Selective:
    """What comes of answering only where the confidence is above an edge of the bins."""
    first = EDGES.index(threshold)
    counts = bins(level, "count")
    answered = counts[:, first:].sum(1)
    coverage, around = ratio(answered, counts.sum(1))
    accuracy, interval = ratio(bins(level, "correct")[:, first:].sum(1), answered)
    return Selective(
        100 * EDGES[first],
        100 * coverage,
        Interval(100 * around.low, 100 * around.high),
        100 * accuracy,
        Interval(100 * interval.low, 100 * min(1.0, interval.high)),
    )


def calibrated(results: Results, threshold: float) -> dict[str, list[LevelCalibration]]:
    """By factor the calibration of every level, and what comes of a threshold, an edge of the bins.

    Raises `StatisticsError` where seeds are missing.
    """
    return {factor: _factor(levels(results, factor), threshold) for factor in FACTORS}


def _factor(found: list[Level], threshold: float) -> list[LevelCalibration]:
    gaps = differences(found, error, None)
    outcomes = dict(zip(gaps, statistics.outcomes(list(gaps.values())), strict=True))
    real = {pair for pair in gaps if outcomes[pair] == statistics.DIFFERENT}

    def below(name: str) -> tuple[str, ...]:
        ahead = [b for a, b in real if a == name and gaps[a, b].estimate < 0]
        ahead += [a for a, b in real if b == name and gaps[a, b].estimate > 0]
        return tuple(sorted(ahead))

    return [
        LevelCalibration(
            level.name,
            len(level.runs),
            level.mean(error),
            below(level.name),
            diagram(level),
            selective(level, threshold),
        )
        for level in found
    ]
