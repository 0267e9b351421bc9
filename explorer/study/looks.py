"""Verdicts that hold at every look: e-values of a growing number of runs against a reference, as docs/protocol.md prescribes.

Accuracies are in percent, their differences (own runs - reference) in points.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from explorer.runs.results import COLLAPSED_BELOW
from explorer.study.statistics import (
    DIFFERENT,
    EQUIVALENT,
    LEVEL,
    MARGIN,
    UNDECIDED,
    Interval,
)
from explorer.study.variance import Sample

LOG_LIMIT = math.log(1 / LEVEL)  # log e from which a difference is *different*
UNUSUAL = 0.001  # level of the F test of the own runs' variance


@dataclass(frozen=True)
class Reference:
    """Accuracies of runs that stay the same at every look, and the variance between runs that their study predicts."""

    mean: float
    runs: int
    variance: float  # moderated
    df: float  # of `variance`, finite
    has_collapsed: bool = False  # True if any of its runs is collapsed

    @classmethod
    def of(cls, sample: Sample) -> "Reference":
        """Reference of two or more accuracies.

        A pooled variance has the degrees of freedom of all configurations of the study; one that is moderated by a prior on d_0 has
        d_0 more than its own, and never more than the study. Where its own variance is unusual, the prior does not count.
        """
        has_collapsed = bool(sample.values.min() < COLLAPSED_BELOW)
        if sample.prior and (sample.is_unusual or has_collapsed):
            sample = replace(sample, prior=None)
        df = min(sample.df, sample.prior.pooled_df) if sample.prior else sample.df
        return cls(sample.mean, len(sample.values), sample.variance, df, has_collapsed)


@dataclass(frozen=True, eq=False)
class Trace:
    """Own runs against a reference at every look; arrays (..., looks)."""

    runs: np.ndarray  # (looks,): 2, 3, ...
    difference: np.ndarray
    deviation: np.ndarray  # s
    df: np.ndarray  # v
    log_e: np.ndarray
    half_width: np.ndarray  # of the interval: inf where it has no limits
    is_unusual: np.ndarray  # whether the own variance exceeds the limit of the F test


@dataclass(frozen=True)
class Verdict:
    """Result of all looks so far, for the runs of the last one."""

    estimate: float
    interval: Interval  # the differences whose e is below 1 / LEVEL
    p: float  # min(1, 1 / the largest e so far)
    decisive: int  # number of own runs at the largest e
    seeds: tuple[int, int]  # own runs and runs of the reference
    means: tuple[float, float]
    is_unusual: bool  # True if the own runs vary more than the study predicts
    has_collapsed: bool  # True if runs of the reference are collapsed
    can_be_equivalent: (
        bool  # False where no number of own runs narrows the interval to the margin
    )

    @property
    def outcome(self) -> str | None:
        """`DIFFERENT`, `EQUIVALENT` or `UNDECIDED`; None where the protocol gives no verdict."""
        if self.is_unusual or self.has_collapsed:
            return None
        if self.p <= LEVEL:
            return DIFFERENT
        is_within = max(abs(self.interval.low), abs(self.interval.high)) < MARGIN
        return EQUIVALENT if is_within else UNDECIDED


def log_e(t: ArrayLike, weight: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Logarithm of the e-value of a t statistic of n against m runs; `weight` is n m / (n + m).

    e = g^(-1/2) [(1 + t^2 / v) / (1 + t^2 / (v g))]^((v + 1) / 2) with g = 1 + `weight` and v = `df`: the Bayes factor of a
    normal prior with deviation 1 on the standardised difference (Gonen et al. 2005, doi 10.1198/000313005X55233).
    """
    t, g, df = np.asarray(t), 1 + np.asarray(weight), np.asarray(df)
    square = t**2 / df
    return (df + 1) / 2 * (np.log1p(square) - np.log1p(square / g)) - np.log(g) / 2


def largest_t(weight: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Largest |t| whose e-value is below 1 / `LEVEL`, in closed form; inf where none reaches it."""
    g, df = 1 + np.asarray(weight), np.asarray(df)
    # e < 20 where (1 + t^2 / v) / (1 + t^2 / (v g)) < c = (20 sqrt(g))^(2 / (v + 1)), and the left side stays below g.
    log_c = 2 / (df + 1) * (LOG_LIMIT + np.log(g) / 2)
    reached = -np.expm1(log_c - np.log(g))  # 1 - c / g
    square = df * np.expm1(log_c) / np.where(reached > 0, reached, 1)
    return np.where(reached > 0, np.sqrt(square), math.inf)


def trace(own: np.ndarray, reference: Reference) -> Trace:
    """Looks at the first 2, 3, ... of the runs in `own` (..., runs), in the order in which they were finished.

    The variance s^2 at a look is that of the reference and the squares of the own runs so far, on the sum of their degrees of
    freedom. Fields of `reference` may be arrays that broadcast to (..., looks), for simulations.
    """
    runs = np.arange(2, own.shape[-1] + 1)
    offsets = own - reference.mean
    difference = offsets.cumsum(-1)[..., 1:] / runs
    squares = (offsets**2).cumsum(-1)[..., 1:] - runs * difference**2
    squares = squares.clip(0)  # rounding
    df = reference.df + runs - 1
    deviation = np.sqrt((reference.df * reference.variance + squares) / df)
    weight = runs * reference.runs / (runs + reference.runs)
    error = deviation / np.sqrt(weight)
    limit = stats.f.isf(UNUSUAL, runs - 1, reference.df)
    return Trace(
        runs,
        difference,
        deviation,
        df,
        log_e(difference / error, weight, df),
        largest_t(weight, df) * error,
        squares / (runs - 1) / reference.variance > limit,
    )


def judge(own: np.ndarray, reference: Reference) -> Verdict:
    """Verdict on two or more runs, in the order in which they were finished."""
    looks = trace(own, reference)
    estimate, half_width = float(looks.difference[-1]), float(looks.half_width[-1])
    decisive = int(looks.log_e.argmax())
    # With ever more own runs the weight n m / (n + m) grows to m.
    narrowest = looks.deviation[-1] * largest_t(reference.runs, looks.df[-1])
    return Verdict(
        estimate,
        Interval(estimate - half_width, estimate + half_width),
        float(np.exp(-max(0.0, looks.log_e[decisive]))),
        int(looks.runs[decisive]),
        (len(own), reference.runs),
        (float(own.mean()), reference.mean),
        bool(looks.is_unusual[-1]),
        reference.has_collapsed,
        bool(narrowest / math.sqrt(reference.runs) < MARGIN),
    )
