"""Guard of Welch's test: p values and intervals that keep their level with few runs of normal values, whatever the two deviations are.

With few runs Welch's test is not exact. At the level 0.05 it errs in up to 5.9 % of comparisons of 3 and 3 runs and in up to 7.2 % of 3 and 10
runs; at the small levels of families of many comparisons it errs many times as often as promised.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from explorer.study.statistics import Difference, Interval

STEP = 0.35  # of the integral over the logit of B, at most
QUANTILES = 200  # of Student's distribution, between which is interpolated
LOG_RATIOS = np.linspace(-14, 14, 57)[:, None]  # of the variances of the two means
TAIL = 30.0  # nats: what is left out of the integral is below exp(-TAIL)
LEAST = -200.0  # log of the smallest p value that `nominal` distinguishes from 0


@dataclass(frozen=True)
class Guard:
    """Guard of a comparison of two samples with own variances, chosen by their degrees of freedom and by the level alone.

    Either Welch's p value is replaced by the largest probability of such a p value over all ratios of deviations, or the statistic has
    the smaller of the two degrees of freedom, which is conservative at every ratio (Mickey & Brown 1966, doi 10.1214/aoms/1177699517).
    """

    df_a: float
    df_b: float
    is_smaller_df: bool

    @classmethod
    def of(cls, df_a: float, df_b: float, level: float) -> "Guard":
        """Guard with the smaller critical value at `level` where the deviations are equal."""
        share = (df_b + 1) / (df_a + df_b + 2)
        welch_df = 1 / (share**2 / df_a + (1 - share) ** 2 / df_b)
        welch = -special.stdtrit(welch_df, nominal(level, df_a, df_b) / 2)
        smaller = special.stdtrit(min(df_a, df_b), 1 - level / 2)
        return cls(df_a, df_b, bool(smaller < welch))

    def p(self, gap: Difference) -> float:
        """P value of a difference of 0."""
        if self.is_smaller_df:
            return self._with_smaller_df(gap).p
        return largest(gap.p, self.df_a, self.df_b)

    def p_equivalent(self, gap: Difference) -> float:
        """P value of the two one-sided tests against the margin: at it, either errs in half of the cases in which the two-sided one does."""
        if self.is_smaller_df or gap.p_equivalent >= 0.5:
            return self._with_smaller_df(gap).p_equivalent
        return largest(2 * gap.p_equivalent, self.df_a, self.df_b) / 2

    def interval(self, gap: Difference, level: float) -> Interval:
        """Interval of the differences whose p value is `level` or more."""
        if self.is_smaller_df:
            return self._with_smaller_df(gap).interval_at(level)
        return gap.interval_at(self.level(level))

    def level(self, level: float) -> float:
        """Level at which Welch's test has the size `level` at most; `level` itself with the smaller degrees of freedom."""
        if self.is_smaller_df:
            return level
        return nominal(level, self.df_a, self.df_b)

    def df(self, gap: Difference) -> float:
        return min(self.df_a, self.df_b) if self.is_smaller_df else gap.df

    def _with_smaller_df(self, gap: Difference) -> Difference:
        return Difference(
            gap.estimate,
            gap.error,
            min(self.df_a, self.df_b),
            gap.seeds,
            gap.margin,
        )


def largest(p: float, df_a: float, df_b: float) -> float:
    """Largest probability that Welch's two-sided p value of equal means is `p` or less, over all ratios of the two deviations.

    Of normal values, a's share of the variance of the difference is a function of a beta variable B that is independent of the sum of squares,
    so that given B the scaled T has Student's distribution with df_a + df_b degrees of freedom (Ray & Pitman 1961, J. R. Statist. Soc. B 23, 377).
    """
    if not 0 < p < 1:
        return p
    inverse_df, scale, weights = _nodes(df_a, df_b)
    # Quantiles are slow, and smooth in 1 / df.
    grid = np.linspace(inverse_df.min(), inverse_df.max(), QUANTILES)
    critical = np.interp(inverse_df, grid, -special.stdtrit(1 / grid, p / 2))
    sizes = 2 * (special.stdtr(df_a + df_b, -critical * scale) * weights).sum(1)
    return float(min(1.0, max(p, sizes.max())))


@lru_cache(maxsize=64)
def _nodes(df_a: float, df_b: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes of the integral over B, a row per ratio of deviations: 1 / Welch's degrees of freedom, by what T is multiplied, and weights (trapezium rule)."""
    a, b = df_a / 2, df_b / 2
    middle = special.digamma(a) - special.digamma(b)
    deviation = np.sqrt(special.polygamma(1, a) + special.polygamma(1, b))
    low = middle - max(10 * deviation, TAIL / a)
    high = middle + max(10 * deviation, TAIL / b)
    logits = np.arange(low, high, min(STEP, deviation / 2))
    log_density = a * special.log_expit(logits) + b * special.log_expit(-logits)
    weights = np.exp(log_density - log_density.max())
    ratios = LOG_RATIOS[LOG_RATIOS[:, 0] >= 0] if df_a == df_b else LOG_RATIOS
    log_a = special.log_expit(logits) - np.log(df_a) + ratios
    log_b = special.log_expit(-logits) - np.log(df_b)
    share = special.expit(log_a - log_b)
    # Estimated variance of the difference over the true one, for a sum of squares of 1.
    log_variance = np.logaddexp(log_a, log_b) - np.logaddexp(ratios, 0)
    scale = np.exp(log_variance / 2) * np.sqrt(df_a + df_b)
    inverse_df = share**2 / df_a + (1 - share) ** 2 / df_b
    return inverse_df, scale, weights / weights.sum()


@lru_cache(maxsize=256)
def nominal(level: float, df_a: float, df_b: float) -> float:
    """P value of Welch's test whose `largest` probability is `level`."""

    def excess(log_p: float) -> float:
        return float(np.log(largest(float(np.exp(log_p)), df_a, df_b) / level))

    high = float(np.log(level))
    if excess(high) < 1e-9:
        return level
    if excess(LEAST) > 0:
        return float(np.exp(LEAST))
    return float(np.exp(optimize.brentq(excess, LEAST, high, xtol=1e-5)))
