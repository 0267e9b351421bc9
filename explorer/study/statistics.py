"""Confidence intervals, hypothesis tests and outcomes on arrays of runs, as docs/protocol.md prescribes.

Accuracies are in percent, their differences in points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from train.data_sets import MNIST
from train.errors import UserError

LEVEL = 0.05  # of significance
MARGIN = MNIST.margin  # points of accuracy: smaller differences are called equivalent
RESOLUTION = 0.01  # points: accuracies on 10,000 images are multiples of it
# Points: standard deviation of rounding to `RESOLUTION`; the deviation between seeds is taken to be this at least.
ROUNDED = RESOLUTION / math.sqrt(12)
OUTCOMES = DIFFERENT, EQUIVALENT, UNDECIDED = "different", "equivalent", "undecided"


class StatisticsError(UserError):
    """A statistic cannot be computed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float

    def __post_init__(self):
        # Python floats, because the JSON encoder writes NumPy's as strings.
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


def mean_interval(values: np.ndarray) -> Interval:
    """Student's 95 % interval of the mean accuracy; NaN for a single seed.

    `values` are percent, one per seed. Their standard deviation is taken to be `ROUNDED` at least.
    """
    if len(values) < 2:
        return Interval(math.nan, math.nan)
    error = max(np.std(values, ddof=1), ROUNDED) / math.sqrt(len(values))
    half_width = stats.t.ppf(1 - LEVEL / 2, len(values) - 1) * error
    return Interval(np.mean(values) - half_width, np.mean(values) + half_width)


def share_interval(share: float, count: int) -> Interval:
    """Wilson's 95 % interval of a share of `count` digits (1927, doi 10.1080/01621459.1927.10502953).

    Also for a mean share over networks that read the same digits: the share of networks that read a digit lies between 0 and 1, so
    that its variance over digits is at most that of hits and misses with the same mean. The interval is about other digits and
    these networks, and wider than needed where networks disagree.
    """
    z = special.ndtri(1 - LEVEL / 2)
    weight = z * z / count
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * share * (1 - share) + weight * weight / 4) / (1 + weight)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def deviation_interval(values: np.ndarray) -> Interval:
    """The 95 % interval of a standard deviation between seeds, from the chi-square distribution; NaN for a single seed."""
    df = len(values) - 1
    if not df:
        return Interval(math.nan, math.nan)
    quantiles = stats.chi2.ppf([1 - LEVEL / 2, LEVEL / 2], df)
    return Interval(*(np.std(values, ddof=1) * np.sqrt(df / quantiles)))


def satterthwaite(components: Sequence[tuple[float, float]]) -> float:
    """Welch-Satterthwaite degrees of freedom of a sum of independent variance components."""
    denominator = sum(variance**2 / df for variance, df in components)
    total = sum(variance for variance, _ in components)
    return total**2 / denominator if denominator else math.inf


ROUNDING = 1e-9  # standard errors below it are floating-point noise of equal values


@dataclass(frozen=True)
class Difference:
    """Mean a - mean b over seeds, or a contrast of more groups, with its tests against 0 and against the margin."""

    estimate: float
    error: float  # standard error
    df: float  # degrees of freedom
    seeds: tuple[int, int]  # runs of a and of b
    margin: float | None = MARGIN  # of equivalence

    @property
    def interval(self) -> Interval:
        """Student's 95 % interval."""
        return self.interval_at(LEVEL)

    def interval_at(self, level: float) -> Interval:
        """Student's interval with the coverage 1 - `level`."""
        half_width = stats.t.ppf(1 - level / 2, self.df) * self.error
        return Interval(self.estimate - half_width, self.estimate + half_width)

    @property
    def p(self) -> float:
        """P value of Welch's two-sided t test (1947) of a difference of 0."""
        return float(_p(self.estimate, self.error, self.df))

    @property
    def p_equivalent(self) -> float:
        """P value of two one-sided t tests (TOST; Schuirmann 1987) against the margin; 1 without a margin."""
        if self.margin is None:
            return 1.0
        return float(_p_equivalent(self.estimate, self.error, self.df, self.margin))


def _p(estimate, error, df) -> np.ndarray:
    """`Difference.p` of numbers or arrays; an error of 0 is an exact value."""
    exact = np.abs(estimate) < ROUNDING
    distance = np.abs(estimate) / np.where(error, error, 1.0)
    return np.where(error, 2 * stats.t.sf(distance, df), exact)


def _p_equivalent(estimate, error, df, margin) -> np.ndarray:
    """`Difference.p_equivalent` of numbers or arrays, with a margin."""
    distance = margin - np.abs(estimate)
    p = stats.t.sf(distance / np.where(error, error, 1.0), df)
    return np.where(error, p, distance <= 0)


def difference(
    a: np.ndarray, b: np.ndarray, margin: float | None = MARGIN
) -> Difference:
    """Mean a - mean b of two groups with one value per seed, by Welch's test. Raises `StatisticsError`."""
    return contrast([(1.0, a), (-1.0, b)], margin)


def contrast(
    groups: Sequence[tuple[float, np.ndarray]],
    margin: float | None = MARGIN,
    resolution: float = RESOLUTION,
) -> Difference:
    """Linear contrast of means: the sum of weight x mean over groups of runs, one value per seed.

    The positive weights sum to 1, the negative ones to -1. A group on both sides, or in several strata, must be given once
    with the sum of its weights, so that its runs count once. Values are multiples of `resolution`; the variance of a group
    is taken to be that of rounding at least, resolution^2 / 12 (Sheppard 1898), because two seeds that tie do not show that
    all seeds would tie. Raises `StatisticsError` where a group has one run only.
    """
    groups = [(weight, values) for weight, values in groups if weight]
    if not groups or min(len(values) for _, values in groups) < 2:
        raise StatisticsError(
            "A comparison needs at least two seeds of each: one run says nothing about the spread between runs."
        )
    components = [
        (
            weight**2 * max(np.var(values, ddof=1), resolution**2 / 12) / len(values),
            len(values) - 1,
        )
        for weight, values in groups
    ]
    error = math.sqrt(sum(variance for variance, _ in components))
    return Difference(
        float(sum(weight * np.mean(values) for weight, values in groups)),
        error if error >= ROUNDING or resolution else 0.0,
        satterthwaite(components),
        _seeds(groups),
        margin,
    )


def deviations_contrast(
    groups: Sequence[tuple[float, np.ndarray]], margin: float | None
) -> Difference:
    """Linear contrast of log standard deviations between runs, with groups as in `contrast`.

    For normal values and k = runs - 1, log s^2 has the mean log sigma^2 + digamma(k / 2) - log(k / 2), whose bias is
    subtracted, and the variance trigamma(k / 2) (Bartlett & Kendall 1946, doi 10.2307/2983618). The variance is known, so
    the test has infinite degrees of freedom. Raises `StatisticsError` where a group has one run only, or runs that are all equal.
    """
    groups = [(weight, values) for weight, values in groups if weight]
    if not groups or min(len(values) for _, values in groups) < 2:
        raise StatisticsError("A spread needs at least two seeds of each.")
    estimate = variance = 0.0
    for weight, values in groups:
        half_df, sample_variance = (len(values) - 1) / 2, np.var(values, ddof=1)
        if not sample_variance:
            raise StatisticsError("All runs are equal: their spread has no logarithm.")
        bias = special.digamma(half_df) - math.log(half_df)
        estimate += weight * (math.log(sample_variance) - bias) / 2
        variance += weight**2 * special.polygamma(1, half_df) / 4
    return Difference(
        float(estimate), math.sqrt(variance), math.inf, _seeds(groups), margin
    )


def _seeds(groups: Sequence[tuple[float, np.ndarray]]) -> tuple[int, int]:
    """Numbers of runs with a positive and with a negative weight."""
    positive = sum(len(values) for weight, values in groups if weight > 0)
    return positive, sum(len(values) for weight, values in groups if weight < 0)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for multiple testing (Holm 1979), in the order given.

    statsmodels' function is not used because it runs the garbage collector, a quarter of a second at every call in the app.
    """
    unadjusted, count = np.asarray(p_values, float), len(p_values)
    order = unadjusted.argsort()
    adjusted = np.maximum.accumulate(unadjusted[order] * np.arange(count, 0, -1))
    return np.minimum(adjusted, 1)[order.argsort()].tolist()


@dataclass(frozen=True)
class Judgement:
    """Difference judged within a family of comparisons by docs/protocol.md."""

    gap: Difference
    p: float  # of a difference of 0, adjusted (Holm)
    p_equivalent: float  # of the margin, adjusted (Holm)
    family: int  # number of comparisons
    level: float  # at which Holm's procedure ends: with it the interval has 0 outside exactly where the outcome is `DIFFERENT`

    @property
    def outcome(self) -> str:
        """`DIFFERENT`, `EQUIVALENT` or `UNDECIDED`; a difference that passes both tests is `DIFFERENT`."""
        if self.p < LEVEL:
            return DIFFERENT
        return EQUIVALENT if self.p_equivalent < LEVEL else UNDECIDED

    @property
    def interval(self) -> Interval:
        """Interval of the difference at `level`."""
        return self.gap.interval_at(self.level)


def judge(family: Sequence[Difference]) -> list[Judgement]:
    """Judgement of each difference; both p values are adjusted for the family."""
    if not family:
        return []
    values = [(gap.estimate, gap.error, gap.df, gap.margin) for gap in family]
    estimates, errors, df, margins = np.array(values, float).T  # a margin None is NaN
    different = holm(_p(estimates, errors, df).tolist())
    tests = _p_equivalent(estimates, errors, df, margins)
    equivalent = holm(np.where(np.isnan(margins), 1.0, tests).tolist())
    open_ones = sum(p >= LEVEL for p in different)
    return [
        Judgement(gap, p, q, len(family), LEVEL / max(1, open_ones))
        for gap, p, q in zip(family, different, equivalent, strict=True)
    ]


def outcomes(family: Sequence[Difference]) -> list[str]:
    """Outcome of each difference, as in `judge`."""
    return [judgement.outcome for judgement in judge(family)]


def mcnemar_p(a: np.ndarray, b: np.ndarray) -> float:
    """P value of McNemar's exact test of two networks; `a`, `b` (N,) are bool: whether each reads an image correctly."""
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if not only_a + only_b:
        return 1.0
    return float(stats.binomtest(only_a, only_a + only_b).pvalue)


def superiority(a: np.ndarray, b: np.ndarray) -> tuple[float, Interval]:
    """Probability that a new run of `a` beats one of `b`, ties counted as one half, with its 95 % interval.

    The interval is method 5 of Newcombe (2006, doi 10.1002/sim.2324), which stays between 0 and 1 even where all runs of one
    group beat all runs of the other.
    """
    differences = np.subtract.outer(a, b)
    theta = float((differences > 0).mean() + 0.5 * (differences == 0).mean())
    z, n = stats.norm.ppf(1 - LEVEL / 2), (len(a) + len(b)) / 2 - 1

    def equation(t: float) -> float:
        spread = 1 + n * (1 - t) / (2 - t) + n * t / (1 + t)
        return (t - theta) ** 2 - z**2 * t * (1 - t) * spread / (len(a) * len(b))

    epsilon = 1e-9  # theta itself is a root of the equation where it is 0 or 1
    low = optimize.brentq(equation, 0, theta - epsilon) if theta else 0.0
    high = optimize.brentq(equation, theta + epsilon, 1) if theta < 1 else 1.0
    return theta, Interval(low, high)


def independent_deviation(correct: np.ndarray) -> float:
    """Standard deviation of accuracy between seeds, in points, if errors on different images were independent.

    sqrt(sum over images of p (1 - p)) / N, with the unbiased p (1 - p) of `correct` (S, N) (Jordan 2023, arXiv 2304.01910).
    """
    return 100 * math.sqrt(correct.var(0, ddof=1).sum()) / correct.shape[1]
