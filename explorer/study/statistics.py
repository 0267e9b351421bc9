"""Intervals, tests and outcomes on arrays of runs; docs/protocol.md says which is used where, and why.

Accuracies are in percent, their differences in points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from train.errors import UserError

LEVEL = 0.05
POWER = 0.8
MARGIN = 0.05  # points of accuracy: smaller differences are called equivalent
RESOLUTION = 0.01  # points: an accuracy of 10,000 images is a multiple of it
# Points: what rounding to that adds; a smaller deviation between seeds is a tie, which does not prove that all would tie.
ROUNDED = RESOLUTION / math.sqrt(12)
MOST_SEEDS = 1000  # beyond, a plan is no plan
DIFFERENT, EQUIVALENT, UNDECIDED = "different", "equivalent", "undecided"


class StatisticsError(UserError):
    """What was asked for cannot be computed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    def __post_init__(self):  # Python's floats: JSON would make strings of NumPy's
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))

    @property
    def half(self) -> float:
        return (self.high - self.low) / 2


def mean_interval(values: np.ndarray) -> Interval:
    """Student's 95 % interval of the mean accuracy, one value per seed, which vary by rounding at least; NaN for a single one."""
    if len(values) < 2:
        return Interval(math.nan, math.nan)
    error = max(np.std(values, ddof=1), ROUNDED) / math.sqrt(len(values))
    half = stats.t.ppf(1 - LEVEL / 2, len(values) - 1) * error
    return Interval(np.mean(values) - half, np.mean(values) + half)


def deviation_interval(values: np.ndarray) -> Interval:
    """The 95 % interval of a standard deviation between seeds, from the chi-square distribution."""
    free = len(values) - 1
    if not free:
        return Interval(math.nan, math.nan)
    quantiles = stats.chi2.ppf([1 - LEVEL / 2, LEVEL / 2], free)
    return Interval(*(np.std(values, ddof=1) * np.sqrt(free / quantiles)))


def crossed_interval(a: np.ndarray, b: np.ndarray | None = None) -> Interval:
    """The 95 % interval of the mean of `a`, or of mean `a` - mean `b`, for new seeds and new images, in percent.

    `a` (S, N) and `b` (T, N) say which of N images each seed reads correctly. Seeds and images are crossed random
    effects, y = mean + seed + image + rest; the variance of the mean is their components' (Searle, Casella & McCulloch
    1992, chapter 4), the degrees of freedom Satterthwaite's (1946). It is what a bootstrap over both would estimate, but
    that counts the rest three times (Owen 2007, arXiv 0706.2107). Needs two seeds each, else NaN.
    """
    arms = [100 * arm.astype(float) for arm in (a, b) if arm is not None]
    if min(map(len, arms)) < 2:
        return Interval(math.nan, math.nan)
    images = arms[0].shape[1]
    parts, rest = [], 0.0  # variances with their degrees of freedom
    for arm in arms:
        seeds, per_image = arm.mean(1), arm.mean(0)
        free = len(arm) - 1
        left = arm - per_image - seeds[:, None] + seeds.mean()
        rest += (left**2).sum() / (free * (images - 1)) / len(arm)
        tie = (100 / images) ** 2 / 12  # the variance of rounding, as in `contrast`
        parts.append((max(seeds.var(ddof=1), tie) / len(arm), free))
    per_image = arms[0].mean(0) - (arms[1].mean(0) if len(arms) == 2 else 0)
    parts.append((max(per_image.var(ddof=1) - rest, 0.0) / images, images - 1))
    # With two or three seeds the image's many degrees of freedom may narrow the interval; what is asked is more.
    half = max(_half(parts), _half(parts[:-1]))
    return Interval(per_image.mean() - half, per_image.mean() + half)


def _half(parts: Sequence[tuple[float, int]]) -> float:
    """The half width of the 95 % interval from independent variances with their degrees of freedom."""
    variance = sum(part for part, _ in parts)
    return stats.t.ppf(1 - LEVEL / 2, _satterthwaite(parts)) * math.sqrt(variance)


def _satterthwaite(parts: Sequence[tuple[float, int]]) -> float:
    """The degrees of freedom of a sum of independent variances."""
    below = sum(part**2 / free for part, free in parts)
    return sum(part for part, _ in parts) ** 2 / below if below else math.inf


ROUNDING = 1e-9  # a standard error below it is that of equal values


@dataclass(frozen=True)
class Difference:
    """Mean a - mean b over seeds, or a contrast of more groups; `p` that it is 0, `p_equivalent` that it leaves the margin."""

    estimate: float
    error: float  # standard error
    free: float  # degrees of freedom
    seeds: tuple[int, int]  # runs of a and of b
    margin: float | None = MARGIN

    @property
    def interval(self) -> Interval:
        half = stats.t.ppf(1 - LEVEL / 2, self.free) * self.error
        return Interval(self.estimate - half, self.estimate + half)

    @property
    def p(self) -> float:
        """Welch's t test (1947), two-sided."""
        if not self.error:
            return float(abs(self.estimate) < ROUNDING)
        return float(2 * stats.t.sf(abs(self.estimate) / self.error, self.free))

    @property
    def p_equivalent(self) -> float:
        """Two one-sided t tests (Schuirmann 1987) against the margin; 1 without a margin."""
        if self.margin is None:
            return 1.0
        room = self.margin - abs(self.estimate)
        if not self.error:
            return float(room <= 0)
        return float(stats.t.sf(room / self.error, self.free))


def difference(
    a: np.ndarray, b: np.ndarray, margin: float | None = MARGIN
) -> Difference:
    """Mean a - mean b of two groups with one value per seed: Welch's comparison. Raises `StatisticsError`."""
    return contrast([(1.0, a), (-1.0, b)], margin)


def contrast(
    groups: Sequence[tuple[float, np.ndarray]],
    margin: float | None = MARGIN,
    resolution: float = RESOLUTION,
) -> Difference:
    """The sum of weight x mean over groups of runs, one value per seed; the weights of each sign add up to 1 and -1.

    A group that stands on both sides, or in several strata, is given once with its weights added: so its runs count once.
    Values are multiples of `resolution`, so a variance below that of rounding, resolution^2 / 12 (Sheppard 1898), is
    taken for it: two seeds that tie are no proof that all would. Raises `StatisticsError` where a group has one run only.
    """
    groups = [(weight, values) for weight, values in groups if weight]
    if not groups or min(len(values) for _, values in groups) < 2:
        raise StatisticsError(
            "A comparison needs at least two seeds of each: one run says nothing about the spread between runs."
        )
    parts = [
        (
            weight**2 * max(np.var(values, ddof=1), resolution**2 / 12) / len(values),
            len(values) - 1,
        )
        for weight, values in groups
    ]
    error = math.sqrt(sum(part for part, _ in parts))
    return Difference(
        float(sum(weight * np.mean(values) for weight, values in groups)),
        0.0 if error < ROUNDING else error,
        _satterthwaite(parts),
        _seeds(groups),
        margin,
    )


def deviations_contrast(
    groups: Sequence[tuple[float, np.ndarray]], margin: float | None
) -> Difference:
    """As `contrast`, of the logarithm of the standard deviation between runs instead of their mean.

    With normal values log s^2 has the mean log sigma^2 + digamma(k / 2) - log(k / 2), which is subtracted, and the variance
    trigamma(k / 2), k one less than the runs (Bartlett & Kendall 1946, doi 10.2307/2983618): known, so there are no degrees of
    freedom to lose. Raises `StatisticsError` where a group has one run only, or runs that are all equal.
    """
    groups = [(weight, values) for weight, values in groups if weight]
    if not groups or min(len(values) for _, values in groups) < 2:
        raise StatisticsError("A spread needs at least two seeds of each.")
    estimate = variance = 0.0
    for weight, values in groups:
        half, spread = (len(values) - 1) / 2, np.var(values, ddof=1)
        if not spread:
            raise StatisticsError("All runs are equal: their spread has no logarithm.")
        bias = special.digamma(half) - math.log(half)
        estimate += weight * (math.log(spread) - bias) / 2
        variance += weight**2 * special.polygamma(1, half) / 4
    return Difference(
        float(estimate), math.sqrt(variance), math.inf, _seeds(groups), margin
    )


def _seeds(groups: Sequence[tuple[float, np.ndarray]]) -> tuple[int, int]:
    """Numbers of runs with a positive and with a negative weight."""
    positive = sum(len(values) for weight, values in groups if weight > 0)
    return positive, sum(len(values) for weight, values in groups if weight < 0)


def holm(p_values: Sequence[float]) -> list[float]:
    """P values adjusted for all comparisons that are shown together (Holm 1979).

    Ours because statsmodels' collects garbage at every call, which takes a quarter of a second in the app.
    """
    p, count = np.asarray(p_values, float), len(p_values)
    order = p.argsort()
    adjusted = np.maximum.accumulate(p[order] * np.arange(count, 0, -1))
    return np.minimum(adjusted, 1)[order.argsort()].tolist()


def outcomes(family: Sequence[Difference]) -> list[str]:
    """*different*, *equivalent* or *undecided* for each; both tests are adjusted for the family.

    What is different is called so even where it is also within the margin.
    """
    different = holm([each.p for each in family])
    equivalent = holm([each.p_equivalent for each in family])
    return [
        DIFFERENT if p < LEVEL else EQUIVALENT if q < LEVEL else UNDECIDED
        for p, q in zip(different, equivalent, strict=True)
    ]


def pairs_p(a: np.ndarray, b: np.ndarray) -> float:
    """McNemar's exact test of two networks on the same images; `a`, `b` (N,) say which they read correctly."""
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if not only_a + only_b:
        return 1.0
    return float(stats.binomtest(only_a, only_a + only_b).pvalue)


def superiority(a: np.ndarray, b: np.ndarray) -> tuple[float, Interval]:
    """The probability that a new run of `a` beats one of `b`, ties counted half, with its 95 % interval.

    The interval is method 5 of Newcombe (2006, doi 10.1002/sim.2324): it stays within 0 and 1, also where every run of one
    beats every run of the other.
    """
    wins = np.subtract.outer(a, b)
    theta = float((wins > 0).mean() + 0.5 * (wins == 0).mean())
    z, n = stats.norm.ppf(1 - LEVEL / 2), (len(a) + len(b)) / 2 - 1

    def off(t: float) -> float:
        spread = 1 + n * (1 - t) / (2 - t) + n * t / (1 + t)
        return (t - theta) ** 2 - z**2 * t * (1 - t) * spread / (len(a) * len(b))

    beside = 1e-9  # at 0 and 1 themselves theta is a root
    low = optimize.brentq(off, 0, theta - beside) if theta else 0.0
    high = optimize.brentq(off, theta + beside, 1) if theta < 1 else 1.0
    return theta, Interval(low, high)


def power_different(
    gap: float, deviations: tuple[float, float], seeds: int, level: float
) -> float:
    """The power of Welch's two-sided test on two groups of `seeds` with these deviations that differ by `gap`.

    Only the right side counts: to find the opposite is no success.
    """
    error, free = _error(deviations, seeds)
    return float(stats.nct.sf(stats.t.ppf(1 - level / 2, free), free, gap / error))


def power_equivalent(
    gap: float,
    deviations: tuple[float, float],
    seeds: int,
    level: float,
    margin: float = MARGIN,
) -> float:
    """The power of the two one-sided tests, as `power_different` (Julious 2004, doi 10.1002/sim.1783)."""
    error, free = _error(deviations, seeds)
    crit = stats.t.ppf(1 - level, free)
    sides = [
        stats.nct.cdf(-crit, free, (shift - margin) / error) for shift in (gap, -gap)
    ]
    return max(0.0, float(sum(sides) - 1))


def _error(deviations: tuple[float, float], seeds: int) -> tuple[float, float]:
    """The standard error of a difference, and Welch's degrees of freedom; deviations are at least those of rounding."""
    parts = [
        (max(deviation, ROUNDED) ** 2 / seeds, seeds - 1) for deviation in deviations
    ]
    return math.sqrt(sum(part for part, _ in parts)), _satterthwaite(parts)


def seeds_to_see(gap: float, deviation: float, level: float = LEVEL) -> int | None:
    """The smallest number of seeds a group that shows a difference of `gap` with 80 % power."""
    both = (deviation, deviation)
    return _smallest(lambda n: power_different(gap, both, n, level) >= POWER)


def seeds_to_decide(
    gap: float,
    deviations: tuple[float, float],
    comparisons: int = 1,
    margin: float = MARGIN,
) -> int | None:
    """The smallest number of seeds a group that ends *undecided* with 80 % power, one way or the other.

    It takes the gap and deviations that were seen for the true ones, and shares the level among the comparisons
    (Bonferroni). None where `MOST_SEEDS` would not do.
    """
    level, gap = LEVEL / comparisons, abs(gap)
    return _smallest(
        lambda n: (
            power_different(gap, deviations, n, level) >= POWER
            or power_equivalent(gap, deviations, n, level, margin) >= POWER
        )
    )


def _smallest(enough) -> int | None:
    """The smallest n from 2 to `MOST_SEEDS` that is enough; power grows with n."""
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
    """The standard deviation of accuracy between seeds if images were missed independently, in points.

    sqrt(sum over images of p (1 - p)) / N, with the unbiased p (1 - p) of `correct` (S, N) (Jordan 2023, arXiv 2304.01910).
    """
    return 100 * math.sqrt(correct.var(0, ddof=1).sum()) / correct.shape[1]


def luck(
    counts: Sequence[int], studies: int = 200, draws: int = 2000
) -> tuple[float, float]:
    """What `ranks` finds where all groups are equal: how often the group with the best mean comes first, and the flattery.

    The flattery is in units of the deviation between runs. `counts` are the runs of each group; means over simulated
    studies of normal runs.
    """
    random = np.random.default_rng(0)
    found = []
    for _ in range(studies):
        groups = [random.normal(size=count) for count in counts]
        groups.sort(key=lambda group: -group.mean())
        shares, flattery = ranks(groups, draws)
        found.append((shares[0, 0], flattery))
    first, flattery = np.mean(found, axis=0)
    return float(first), float(flattery)


def ranks(
    groups: Sequence[np.ndarray], draws: int = 100_000
) -> tuple[np.ndarray, float]:
    """What happens if every group had run one seed: P(rank) (G, G), rank 0 the best, and the winner's flattery.

    Draws a run of each group, breaks ties at random. The flattery is the mean of the winner's run less its own group's mean.
    Runs lie sqrt(n / (n - 1)) times as far from their mean as those that were seen, so that their variance is unbiased.
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
    place = order.argsort(0)
    shares = np.stack([(place == rank).mean(1) for rank in range(len(groups))], 1)
    means = np.array([np.mean(group) for group in groups])
    flattery = runs[order[0], np.arange(draws)] - means[order[0]]
    return shares, float(flattery.mean())
