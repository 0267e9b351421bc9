"""Calibration of the grid's networks: confidence against accuracy, by norm, regulariser and batch size."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from explorer.runs.results import FACTORS, Results
from explorer.study import statistics
from explorer.study.marginals import Level, differences, levels
from explorer.study.statistics import Difference, Interval, StatisticsError
from train.checkpoint import Checkpoint
from train.evaluate import BINS

EDGES = tuple(index / BINS for index in range(BINS))  # lower edges of the bins


@dataclass(frozen=True)
class Bin:
    """A bin of the reliability diagram, in percent, with the 95 % interval of its accuracy over runs."""

    edge: float  # lower
    confidence: float  # mean
    accuracy: float
    interval: Interval
    images: float  # mean number per run


@dataclass(frozen=True)
class Selective:
    """Selective prediction: answers only above a threshold of confidence; percent, with 95 % intervals over runs."""

    threshold: float
    coverage: float  # share of images with an answer
    coverage_interval: Interval
    accuracy: float  # of the answers
    accuracy_interval: Interval


@dataclass(frozen=True)
class LevelCalibration:
    """Calibration of the networks of one level of a factor."""

    name: str
    runs: int
    error: Difference  # expected calibration error (ECE) in points, mean over the configurations
    # Levels with a larger error, by Welch's test, Holm over the pairs of the factor.
    below: tuple[str, ...]
    diagram: tuple[Bin, ...]
    selective: Selective


def bins(level: Level, quantity: str) -> np.ndarray:
    """Array (runs, 15) of a quantity of `train.evaluate.reliability`: "count", "confidence" (summed) or "correct"."""
    return np.array(
        [checkpoint.summary["reliability"][quantity] for checkpoint in level.runs]
    )


def error(checkpoint: Checkpoint) -> float:
    """Expected calibration error of a network, in points."""
    return 100 * checkpoint.summary["calibration_error"]


def ratio(above: np.ndarray, below: np.ndarray) -> tuple[float, Interval]:
    """Ratio estimator sum(above) / sum(below), one value of each per run, with its 95 % interval over runs.

    The standard error is linearised (Cochran 1977, Sampling Techniques, chapter 6). NaN where the sum of `below` is 0.
    """
    total, count = below.sum(), len(above)
    if not total:
        return float("nan"), Interval(float("nan"), float("nan"))
    value = above.sum() / total
    residuals = above - value * below
    error = np.sqrt(count / (count - 1) * (residuals**2).sum()) / total
    half_width = stats.t.ppf(1 - statistics.LEVEL / 2, count - 1) * error
    return float(value), Interval(value - half_width, value + half_width)


def diagram(level: Level) -> tuple[Bin, ...]:
    """Reliability diagram of a level: its bins that have images."""
    counts, confidences, correct = (
        bins(level, quantity) for quantity in ("count", "confidence", "correct")
    )
    return tuple(
        Bin(
            100 * EDGES[index],
            float(100 * confidences[:, index].sum() / counts[:, index].sum()),
            100 * accuracy,
            Interval(100 * max(0.0, interval.low), 100 * min(1.0, interval.high)),
            float(counts[:, index].mean()),
        )
        for index in np.flatnonzero(counts.sum(0))
        for accuracy, interval in [ratio(correct[:, index], counts[:, index])]
    )


def edge(threshold: float) -> float:
    """Lower edge of a bin nearest to a threshold. Raises `StatisticsError` unless it is a number from 0 to 1."""
    is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if not is_number or not 0 <= threshold <= 1:
        raise StatisticsError(
            f"The threshold must be a number from 0 to 1; got {threshold!r}."
        )
    return min(EDGES, key=lambda lower: abs(lower - threshold))


def selective(level: Level, threshold: float) -> Selective:
    """Selective prediction at a threshold, which must be one of `EDGES`."""
    lowest_bin = EDGES.index(threshold)
    counts = bins(level, "count")
    answered = counts[:, lowest_bin:].sum(1)
    coverage, coverage_interval = ratio(answered, counts.sum(1))
    accuracy, accuracy_interval = ratio(
        bins(level, "correct")[:, lowest_bin:].sum(1), answered
    )
    return Selective(
        100 * EDGES[lowest_bin],
        100 * coverage,
        Interval(100 * coverage_interval.low, 100 * coverage_interval.high),
        100 * accuracy,
        Interval(100 * accuracy_interval.low, 100 * min(1.0, accuracy_interval.high)),
    )


def calibrated(results: Results, threshold: float) -> dict[str, list[LevelCalibration]]:
    """Calibration of every level, by factor; `threshold` is one of `EDGES`.

    Raises `StatisticsError` where seeds are missing.
    """
    return {factor: _factor(levels(results, factor), threshold) for factor in FACTORS}


def _factor(compared: list[Level], threshold: float) -> list[LevelCalibration]:
    """Calibration of the levels of one factor, whose errors are compared as one family."""
    gaps = differences(compared, error, None)
    outcomes = dict(zip(gaps, statistics.outcomes(list(gaps.values())), strict=True))
    different = {pair for pair in gaps if outcomes[pair] == statistics.DIFFERENT}

    def below(name: str) -> tuple[str, ...]:
        names = [b for a, b in different if a == name and gaps[a, b].estimate < 0]
        names += [a for a, b in different if b == name and gaps[a, b].estimate > 0]
        return tuple(sorted(names))

    return [
        LevelCalibration(
            level.name,
            len(level.runs),
            level.mean(error),
            below(level.name),
            diagram(level),
            selective(level, threshold),
        )
        for level in compared
    ]
