"""Calibration of the grid's networks: confidence against accuracy, by norm, regulariser and batch size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.runs.results import FACTORS, Results
from explorer.study import statistics
from explorer.study.marginals import Level, differences, levels
from explorer.study.statistics import Difference, Interval, StatisticsError
from train.checkpoint import Checkpoint
from train.evaluate import BINS

EDGES = tuple(index / BINS for index in range(BINS))  # lower edges of the bins


@dataclass(frozen=True)
class Bin:
    """A bin of the reliability diagram, in percent, with the 95 % interval of its accuracy over seeds."""

    edge: float  # lower
    confidence: float  # mean
    accuracy: float
    interval: Interval
    images: float  # mean number per network


@dataclass(frozen=True)
class Selective:
    """Selective prediction: answers only above a threshold of confidence; percent, with 95 % intervals over seeds."""

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
    bias: Difference  # mean accuracy - mean confidence, in points
    bias_p: float  # of the test that the bias is 0, adjusted for the levels of the factor (Holm)
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


def bias(checkpoint: Checkpoint) -> float:
    """Mean accuracy - mean confidence of a network, in points: above 0 underconfident, below 0 overconfident."""
    count, confidence, correct = (
        sum(checkpoint.summary["reliability"][quantity])
        for quantity in ("count", "confidence", "correct")
    )
    return 100 * (correct - confidence) / count


def _configs(level: Level) -> list[str]:
    return [checkpoint.trial.config for checkpoint in level.runs]


def weights(configs: Sequence[str]) -> np.ndarray:
    """Weight of every run, so that every configuration weighs the same; `configs` has the configuration of each run."""
    _, stratum, counts = np.unique(configs, return_inverse=True, return_counts=True)
    return 1 / (len(counts) * counts[stratum])


def ratio(
    above: np.ndarray, below: np.ndarray, configs: Sequence[str]
) -> tuple[float, Interval]:
    """Ratio of two means, one value of each per run, with its 95 % interval over seeds; `configs` as in `weights`.

    Configurations are strata of equal weight. This is the combined ratio estimator of a stratified sample with its linearised
    error (Cochran 1977, Sampling Techniques, section 6.11), and Satterthwaite's degrees of freedom. NaN where the mean
    of `below` is 0. Raises `StatisticsError` where a configuration has one run only.
    """
    weight = weights(configs)
    total = float(weight @ below)
    if not total:
        return float("nan"), Interval(float("nan"), float("nan"))
    value = float(weight @ above / total)
    residuals, strata = above - value * below, sorted({*configs})
    groups = [
        (1 / len(strata), residuals[np.equal(configs, config)]) for config in strata
    ]
    gap = statistics.contrast(groups, None, resolution=0.0)
    half_width = gap.interval.half_width / total
    return value, Interval(value - half_width, value + half_width)


def diagram(level: Level) -> tuple[Bin, ...]:
    """Reliability diagram of a level: its bins that have images."""
    counts, confidences, correct = (
        bins(level, quantity) for quantity in ("count", "confidence", "correct")
    )
    configs = _configs(level)
    images, sums = (weights(configs) @ values for values in (counts, confidences))
    return tuple(
        Bin(
            100 * EDGES[index],
            float(100 * sums[index] / images[index]),
            100 * accuracy,
            Interval(100 * max(0.0, interval.low), 100 * min(1.0, interval.high)),
            float(images[index]),
        )
        for index in np.flatnonzero(images)
        for accuracy, interval in [ratio(correct[:, index], counts[:, index], configs)]
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
    counts, configs = bins(level, "count"), _configs(level)
    answered = counts[:, lowest_bin:].sum(1)
    coverage, coverage_interval = ratio(answered, counts.sum(1), configs)
    accuracy, accuracy_interval = ratio(
        bins(level, "correct")[:, lowest_bin:].sum(1), answered, configs
    )
    return Selective(
        100 * EDGES[lowest_bin],
        100 * coverage,
        Interval(100 * coverage_interval.low, 100 * coverage_interval.high),
        100 * accuracy,
        Interval(100 * accuracy_interval.low, 100 * min(1.0, accuracy_interval.high)),
    )


def coverage(results: Results) -> dict[str, dict[str, list[Selective]]]:
    """Selective prediction at every threshold of `EDGES`, by factor and level. Raises `StatisticsError` where seeds are missing."""
    return {
        factor: {
            level.name: [selective(level, threshold) for threshold in EDGES]
            for level in levels(results, factor)
        }
        for factor in FACTORS
    }


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

    biases = [level.mean(bias) for level in compared]
    bias_ps = statistics.holm([gap.p for gap in biases])
    return [
        LevelCalibration(
            level.name,
            len(level.runs),
            level.mean(error),
            below(level.name),
            level_bias,
            bias_p,
            diagram(level),
            selective(level, threshold),
        )
        for level, level_bias, bias_p in zip(compared, biases, bias_ps, strict=True)
    ]
