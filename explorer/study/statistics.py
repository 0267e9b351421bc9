"""Confidence intervals, hypothesis tests and outcomes on arrays of runs, as docs/protocol.md prescribes.

Accuracies are in percent, their differences in points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from train.errors import UserError

LEVEL = 0.05  # of significance
POWER = 0.8
MARGIN = 0.05  # points of accuracy: smaller differences are called equivalent
RESOLUTION = 0.01  # points: accuracies on 10,000 images are multiples of it
# Points: standard deviation of rounding to `RESOLUTION`; the deviation between seeds is taken to be this at least.
ROUNDED = RESOLUTION / math.sqrt(12)
MOST_SEEDS = 1000  # the planner looks no further
DIFFERENT, EQUIVALENT, UNDECIDED = "different", "equivalent", "undecided"


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


def deviation_interval(values: np.ndarray) -> Interval:
    """The 95 % interval of a standard deviation between seeds, from the chi-square distribution; NaN for a single seed."""
    df = len(values) - 1
    if not df:
        return Interval(math.nan, math.nan)
    quantiles = stats.chi2.ppf([1 - LEVEL / 2, LEVEL / 2], df)
    return Interval(*(np.std(values, ddof=1) * np.sqrt(df / quantiles)))


def crossed_interval(a: np.ndarray, b: np.ndarray | None = None) -> Interval:
    """The 95 % interval of the mean of `a`, or of mean `a` - mean `b`, for new seeds and new images, in percent.

    `a` (S, N) and `b` (T, N) are bool: whether a seed reads an image correctly. Seeds and images are crossed random effects,
    y = mean + seed + image + residual. The variance of the mean is the sum of the variance components (Searle, Casella &
    McCulloch 1992, chapter 4), with Satterthwaite's (1946) degrees of freedom. A bootstrap over seeds and images estimates
    the same variance, but counts the residual three times (Owen 2007, arXiv 0706.2107). NaN with fewer than two seeds in `a`
    or `b`.
    """
    arms = [100 * arm.astype(float) for arm in (a, b) if arm is not None]
    if min(map(len, arms)) < 2:
        return Interval(math.nan, math.nan)
    n = arms[0].shape[1]
    components, residual_variance = [], 0.0  # components: (variance of the mean, df)
    for arm in arms:
        seeds, per_image = arm.mean(1), arm.mean(0)
        df = len(arm) - 1
        residuals = arm - per_image - seeds[:, None] + seeds.mean()
        residual_variance += (residuals**2).sum() / (df * (n - 1)) / len(arm)
        rounding = (100 / n) ** 2 / 12  # variance, as in `contrast`
        components.append((max(seeds.var(ddof=1), rounding) / len(arm), df))
    per_image = arms[0].mean(0) - (arms[1].mean(0) if len(arms) == 2 else 0)
    image_variance = max(per_image.var(ddof=1) - residual_variance, 0.0)
    components.append((image_variance / n, n - 1))
    # With two or three seeds the images' degrees of freedom may narrow the interval below that for these images alone.
    half_width = max(_half_width(components), _half_width(components[:-1]))
    return Interval(per_image.mean() - half_width, per_image.mean() + half_width)


def _half_width(components: Sequence[tuple[float, int]]) -> float:
    """Half width of a 95 % t interval, from independent variance components with their degrees of freedom."""
    error = math.sqrt(sum(variance for variance, _ in components))
    return stats.t.ppf(1 - LEVEL / 2, _satterthwaite(components)) * error


def _satterthwaite(components: Sequence[tuple[float, int]]) -> float:
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
        half_width = stats.t.ppf(1 - LEVEL / 2, self.df) * self.error
        return Interval(self.estimate - half_width, self.estimate + half_width)

    @property
    def p(self) -> float:
        """P value of Welch's two-sided t test (1947) of a difference of 0."""
        if not self.error:
            return float(abs(self.estimate) < ROUNDING)
        return float(2 * stats.t.sf(abs(self.estimate) / self.error, self.df))

    @property
    def p_equivalent(self) -> float:
        """P value of two one-sided t tests (TOST; Schuirmann 1987) against the margin; 1 without a margin."""
        if self.margin is None:
            return 1.0
        distance = self.margin - abs(self.estimate)
        if not self.error:
            return float(distance <= 0)
        return float(stats.t.sf(distance / self.error, self.df))


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
        0.0 if error < ROUNDING else error,
        _satterthwaite(components),
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


def outcomes(family: Sequence[Difference]) -> list[str]:
    """Outcome of each difference: `DIFFERENT`, `EQUIVALENT` or `UNDECIDED`; both tests are adjusted for the family.

    A difference that passes both tests is `DIFFERENT`.
    """
    different = holm([gap.p for gap in family])
    equivalent = holm([gap.p_equivalent for gap in family])
    return [
        DIFFERENT if p < LEVEL else EQUIVALENT if q < LEVEL else UNDECIDED
        for p, q in zip(different, equivalent, strict=True)
    ]


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


def power_different(
    gap: float, deviations: tuple[float, float], seeds: int, level: float
) -> float:
    """Power of Welch's two-sided test on two groups of `seeds` with these standard deviations whose means differ by `gap`.

    Rejections in the wrong direction are not counted.
    """
    error, df = _welch_error(deviations, seeds)
    return float(stats.nct.sf(stats.t.ppf(1 - level / 2, df), df, gap / error))


def power_equivalent(
    gap: float,
    deviations: tuple[float, float],
    seeds: int,
    level: float,
    margin: float = MARGIN,
) -> float:
    """Power of the two one-sided tests, for arguments as in `power_different` (Julious 2004, doi 10.1002/sim.1783)."""
    error, df = _welch_error(deviations, seeds)
    critical = stats.t.ppf(1 - level, df)
    sides = [
        stats.nct.cdf(-critical, df, (shift - margin) / error) for shift in (gap, -gap)
    ]
    return max(0.0, float(sum(sides) - 1))


def _welch_error(deviations: tuple[float, float], seeds: int) -> tuple[float, float]:
    """Standard error and Welch's degrees of freedom of a difference; deviations are taken to be `ROUNDED` at least."""
    components = [
        (max(deviation, ROUNDED) ** 2 / seeds, seeds - 1) for deviation in deviations
    ]
    return math.sqrt(sum(variance for variance, _ in components)), _satterthwaite(
        components
    )


def seeds_to_see(gap: float, deviation: float, level: float = LEVEL) -> int | None:
    """Smallest number of seeds per group that detects a difference of `gap` with 80 % power; None above `MOST_SEEDS`."""
    both = (deviation, deviation)
    return _smallest(lambda n: power_different(gap, both, n, level) >= POWER)


def seeds_to_decide(
    gap: float,
    deviations: tuple[float, float],
    comparisons: int = 1,
    margin: float = MARGIN,
) -> int | None:
    """Smallest number of seeds per group that decides for `DIFFERENT` or `EQUIVALENT` with 80 % power; None above `MOST_SEEDS`.

    `gap` and `deviations` are taken as the true values. The level is divided by the number of comparisons (Bonferroni).
    """
    level, gap = LEVEL / comparisons, abs(gap)
    return _smallest(
        lambda n: (
            power_different(gap, deviations, n, level) >= POWER
            or power_equivalent(gap, deviations, n, level, margin) >= POWER
        )
    )


def _smallest(enough) -> int | None:
    """Smallest n for which `enough(n)` holds, by bisection from 2; None above `MOST_SEEDS`. Power must grow with n."""
    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
        if low >= MOST_SEEDS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def independent_deviation(correct: np.ndarray) -> float:
    """Standard deviation of accuracy between seeds, in points, if errors on different images were independent.

    sqrt(sum over images of p (1 - p)) / N, with the unbiased p (1 - p) of `correct` (S, N) (Jordan 2023, arXiv 2304.01910).
    """
    return 100 * math.sqrt(correct.var(0, ddof=1).sum()) / correct.shape[1]


def simulate_null(
    counts: Sequence[int], studies: int = 200, draws: int = 2000
) -> tuple[float, float]:
    """`ranks` under the null hypothesis that all groups are equal: P(the group with the best mean ranks first), selection bias.

    Means over simulated studies with standard normal runs, so the selection bias is in units of the deviation between
    runs. `counts` are the numbers of runs of the groups.
    """
    random = np.random.default_rng(0)
    simulated = []
    for _ in range(studies):
        groups = [random.normal(size=count) for count in counts]
        groups.sort(key=lambda group: -group.mean())
        probabilities, selection_bias = ranks(groups, draws)
        simulated.append((probabilities[0, 0], selection_bias))
    first, selection_bias = np.mean(simulated, axis=0)
    return float(first), float(selection_bias)


def ranks(
    groups: Sequence[np.ndarray], draws: int = 100_000
) -> tuple[np.ndarray, float]:
    """Simulated studies with one run per group: P(rank) (G, G), groups by ranks with 0 the best, and the winner's selection bias.

    One run of each group is drawn, ties are broken at random. The selection bias is the mean of the winner's run minus the
    mean of its group. Deviations of runs from their group's mean are multiplied by sqrt(n / (n - 1)), so that their
    variance is unbiased.
    """
    random = np.random.default_rng(0)
    runs = np.stack(
        [
            np.mean(group)
            + (random.choice(group, draws) - np.mean(group))
            * math.sqrt(len(group) / max(1, len(group) - 1))
            for group in groups
        ]
    )
    order = np.lexsort((random.random(runs.shape), -runs), axis=0)
    rank_of_group = order.argsort(0)
    probabilities = np.stack(
        [(rank_of_group == rank).mean(1) for rank in range(len(groups))], 1
    )
    means = np.array([np.mean(group) for group in groups])
    excess = runs[order[0], np.arange(draws)] - means[order[0]]
    return probabilities, float(excess.mean())
