"""Vectorised variances and contrasts of explorer/study/variance.py, for many simulated studies at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special, stats

from explorer.study import variance
from explorer.study.variance import BARTLETT_LEVEL, UNUSUAL

DEVIATION = 0.068  # points, between runs: about that of the committed ones


@dataclass(frozen=True, eq=False)
class Chain:
    """Sample variances of the configurations of D studies, with the prior of every study."""

    variances: np.ndarray  # (D, G)
    runs: np.ndarray  # (G,) of the configurations
    prior_variance: np.ndarray  # (D, 1)
    prior_df: np.ndarray  # (D, 1); infinite where the variance is pooled

    @property
    def own_df(self) -> np.ndarray:
        return self.runs - 1

    @property
    def pooled_df(self) -> int:
        return int(self.own_df.sum())

    @cached_property
    def moderated(self) -> np.ndarray:
        """Moderated variances (D, G)."""
        weight = self.own_df / self.df  # 0 where the variance is pooled
        return weight * self.variances + (1 - weight) * self.prior_variance

    @cached_property
    def df(self) -> np.ndarray:
        """Degrees of freedom (D, G) of the moderated variances."""
        return self.own_df + self.prior_df

    @cached_property
    def is_unusual(self) -> np.ndarray:
        """Whether a variance exceeds the upper 1 % limit of what its study's predicts (D, G)."""
        df = np.minimum(self.prior_df, self.pooled_df)
        limit = np.empty(self.variances.shape)
        for one in np.unique(df):  # one for all studies that pool
            limit[df[:, 0] == one] = stats.f.ppf(1 - UNUSUAL, self.own_df, one)
        return self.variances > limit * self.prior_variance


def chain(variances: np.ndarray, runs: np.ndarray, resolution: float = 0.0) -> Chain:
    """Chain of sample variances (D, G), where configurations have `runs` (G,) runs."""
    variances = np.maximum(variances, max(resolution**2 / 12, variance.TINY))
    df = runs - 1
    prior_variance = variances @ df / df.sum()
    prior_df = np.full(len(variances), math.inf)
    # One study in a hundred is not pooled: the reference fits its prior.
    for index in np.flatnonzero(_bartlett_p(variances, df) < BARTLETT_LEVEL):
        fitted = variance.prior(_values(variances[index], runs), resolution)
        assert fitted
        prior_variance[index], prior_df[index] = fitted.variance, fitted.df
    return Chain(variances, runs, prior_variance[:, None], prior_df[:, None])


def _bartlett_p(variances: np.ndarray, df: np.ndarray) -> np.ndarray:
    """P values (D,) of Bartlett's test, as `variance._bartlett_p`."""
    total = df.sum()
    statistic = total * np.log(variances @ df / total) - np.log(variances) @ df
    correction = 1 + ((1 / df).sum() - 1 / total) / (3 * (len(df) - 1))
    return stats.chi2.sf(statistic / correction, len(df) - 1)


def _values(variances: np.ndarray, runs: np.ndarray) -> list[np.ndarray]:
    """Arrays of runs that have these variances."""
    shapes = [np.arange(count) - (count - 1) / 2 for count in runs]
    return [
        shape * math.sqrt(one / shape.var(ddof=1))
        for one, shape in zip(variances, shapes, strict=True)
    ]


def drawn(
    random: np.random.Generator,
    studies: int,
    runs: np.ndarray,
    deviations: np.ndarray | float = 1.0,
) -> Chain:
    """Chain of studies with normal runs of these deviations: chi-square variances, drawn without the runs."""
    squares = random.chisquare(runs - 1, (studies, len(runs)))
    return chain(deviations**2 * squares / (runs - 1), runs)


@dataclass(frozen=True, eq=False)
class Errors:
    """Standard errors (D, C) of contrasts, and their degrees of freedom."""

    error: np.ndarray
    df: np.ndarray

    def critical(self, level: float) -> np.ndarray:
        """Limits of |estimate| in the two-sided t test (D, C)."""
        df, position = np.unique(self.df, return_inverse=True)  # most are pooled alike
        quantiles = special.stdtrit(df, 1 - level / 2)
        return quantiles[position].reshape(self.df.shape) * self.error

    def p(self, estimates: np.ndarray) -> np.ndarray:
        """P values of a difference of 0."""
        return 2 * special.stdtr(self.df, -np.abs(estimates) / self.error)

    def p_equivalent(self, estimates: np.ndarray, margin: float) -> np.ndarray:
        """P values of the two one-sided tests against the margin."""
        return special.stdtr(self.df, (np.abs(estimates) - margin) / self.error)


Weighted = Sequence[tuple[Chain, np.ndarray]]  # studies, and weights (C, G) of theirs


def welch(groups: Weighted) -> Errors:
    """Errors of contrasts in which configurations have their own variances."""
    return _errors(
        [(one, weights, one.variances, one.own_df) for one, weights in groups]
    )


def moderated(groups: Weighted) -> Errors:
    """Errors of contrasts with moderated variances, also where a variance is unusual."""
    total, spread = 0.0, 0.0
    for one, weights in groups:
        errors = _errors([(one, weights, one.moderated, one.df)])
        df = np.minimum(errors.df, one.pooled_df)
        total, spread = total + errors.error**2, spread + errors.error**4 / df
    return Errors(np.sqrt(total), np.asarray(total) ** 2 / spread)


def contrast(groups: Weighted) -> Errors:
    """Errors of contrasts as `variance.contrast` has them: moderated, but Welch's where a variance that takes part is unusual."""
    own, shared = welch(groups), moderated(groups)
    by_welch = sum(one.is_unusual @ (weights != 0).T for one, weights in groups) > 0
    return Errors(
        np.where(by_welch, own.error, shared.error),
        np.where(by_welch, own.df, shared.df),
    )


def _errors(groups: Sequence[tuple]) -> Errors:
    """Errors with Satterthwaite's degrees of freedom, from studies, weights, variances and their degrees of freedom."""
    total, spread = 0.0, 0.0
    for one, weights, variances, df in groups:
        shares = weights.T**2 / one.runs[:, None]
        total = total + variances @ shares
        spread = spread + (variances**2 / df) @ shares**2
    with np.errstate(divide="ignore"):  # infinite where all are pooled
        return Errors(np.sqrt(total), np.asarray(total) ** 2 / spread)


def pairs(count: int, step: int = 1) -> np.ndarray:
    """Weights (C, G) of neighbours: configuration 0 minus 1, `step` minus `step` + 1, ..."""
    first = np.arange(0, count - 1, step)
    return np.eye(count)[first] - np.eye(count)[first + 1]
