"""Power of the tests of docs/protocol.md, the numbers of seeds that they need, and the smallest difference that seeds can show."""

import math
from collections.abc import Callable, Iterable, Sequence

from scipy import optimize, special

from explorer.study.statistics import LEVEL, MARGIN, ROUNDED
from explorer.study.variance import Sample, error_of_sum

POWER = 0.8
MOST_SEEDS = 1000  # the planner looks no further
Errors = Callable[
    [int], tuple[float, float]
]  # standard error and df of a number of seeds per group


def different(gap: float, error: float, df: float, level: float) -> float:
    """Power of a two-sided t test of a difference whose true value is `gap`; rejections in the wrong direction are not counted, nor any of a gap of 0."""
    if not gap:
        return 0.0
    return 1 - _below(_critical(level / 2, df), df, abs(gap) / error)


def _critical(tail: float, df: float) -> float:
    """Quantile of Student's distribution with this upper tail."""
    return float(special.stdtrit(df, 1 - tail))


def _below(value: float, df: float, shift: float) -> float:
    """Distribution function of the noncentral t. SciPy's function of `special` is 80 times as fast as `stats.nct`, and NaN where it is 0 or 1."""
    p = float(special.nctdtr(df, shift, value))
    return float(value > shift) if math.isnan(p) else p


def equivalent(
    gap: float, error: float, df: float, level: float, margin: float = MARGIN
) -> float:
    """Power of the two one-sided tests, for arguments as in `different` (Julious 2004, doi 10.1002/sim.1783)."""
    critical = _critical(level, df)
    sides = [_below(-critical, df, (shift - margin) / error) for shift in (gap, -gap)]
    return max(0.0, sum(sides) - 1)


def detectable(error: float, df: float, level: float = LEVEL) -> float:
    """Smallest true difference that the test of `different` shows with 80 % power."""
    critical = _critical(level / 2, df)
    shift = optimize.brentq(
        lambda nc: 1 - _below(critical, df, nc) - POWER, 0, 3 * critical + 50
    )
    return error * float(shift)


def alike(deviation: float) -> Errors:
    """Errors of a difference of two groups with one deviation, `ROUNDED` at least, that only they know."""
    deviation = max(deviation, ROUNDED)
    return lambda seeds: (deviation * math.sqrt(2 / seeds), 2 * (seeds - 1))


def of_samples(groups: Sequence[tuple[float, Sample]]) -> Errors:
    """Errors of a contrast of samples as `variance.contrast` would judge them with other numbers of seeds."""
    groups = [(weight, sample) for weight, sample in groups if weight]
    welch = any(sample.is_unusual for _, sample in groups)

    def errors(seeds: int) -> tuple[float, float]:
        return error_of_sum(
            (weight**2 * sample.own_variance / seeds, seeds - 1.0, None)
            if welch or not sample.prior
            else (
                weight**2 * sample.variance / seeds,
                sample.prior.df + seeds - 1,
                sample.prior,
            )
            for weight, sample in groups
        )

    return errors


def of_deviations(weights: Iterable[float]) -> Errors:
    """Errors of `statistics.deviations_contrast` with these weights, for other numbers of seeds."""
    squares = sum(weight**2 for weight in weights)
    return lambda seeds: (
        math.sqrt(squares * special.polygamma(1, (seeds - 1) / 2) / 4),
        math.inf,
    )


def seeds_to_see(gap: float, errors: Errors, level: float = LEVEL) -> int | None:
    """Smallest number of seeds per group that shows a difference of `gap` with 80 % power; None above `MOST_SEEDS`."""
    return _smallest(lambda seeds: different(gap, *errors(seeds), level) >= POWER)


def seeds_to_decide(
    gap: float, errors: Errors, comparisons: int = 1, margin: float = MARGIN
) -> int | None:
    """Smallest number of seeds per group with which the test says different or equivalent with 80 % power; None above `MOST_SEEDS`.

    `gap` is taken as the true difference. The level is divided by the number of comparisons (Bonferroni).
    """
    level = LEVEL / comparisons

    def power(seeds: int) -> float:
        error, df = errors(seeds)
        return different(gap, error, df, level) + equivalent(
            gap, error, df, level, margin
        )

    return _smallest(lambda seeds: power(seeds) >= POWER)


def seeds_to_tell(
    gap: float, errors: Errors, parts: int, margin: float | None
) -> int | None:
    """Smallest number of seeds per configuration that gives one of so many parts a word but *open* with 80 % power, as in `seeds_to_decide`.

    Without a margin only a difference can be shown. Interval and word have the level of `parts.judge`.
    """
    level = LEVEL / parts

    def power(seeds: int) -> float:
        error, df = errors(seeds)
        seen = different(gap, error, df, level)
        if margin is None:
            return seen
        return seen + equivalent(gap, error, df, level / 2, margin)

    return _smallest(lambda seeds: power(seeds) >= POWER)


def _smallest(enough: Callable[[int], bool]) -> int | None:
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
