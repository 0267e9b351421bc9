"""Parts of a published observation: an estimate each, with its simultaneous interval and one word, by docs/protocol.md."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from explorer.runs.results import Results
from explorer.study import power, statistics, variance
from explorer.study.comparison import judge_pair
from explorer.study.decisions import Decision
from explorer.study.families import Judged
from explorer.study.grid_families import grid
from explorer.study.measured import Strata, measured
from explorer.study.observations import GRID, RESOLUTIONS, Plan
from explorer.study.statistics import (
    DIFFERENT,
    EQUIVALENT,
    LEVEL,
    Difference,
    Interval,
    StatisticsError,
)
from train.study import STUDIES

OPPOSITE, SHOWN, SMALL, NEGLIGIBLE, OPEN = (
    "opposite",
    "shown",
    "shown, small",
    "negligible",
    "open",
)


@dataclass(frozen=True)
class Part:
    """Part of an observation: the difference of a plan, a minus b, which the observation says to be above 0 (`plan.sign` 1) or below.

    Where a and b are one configuration each, whose accuracies are compared, interval and word are those of the pair.
    """

    plan: Plan
    gap: Difference
    family: int  # number of comparisons that interval and word are corrected for
    is_censored: bool = False  # some runs never reach the threshold
    errors: power.Errors = power.alike(
        1.0
    )  # of the difference, by seeds per configuration
    decision: Decision | None = None  # on the pair of configurations, where it is one
    simple: tuple[
        Judged, ...
    ] = ()  # simple effects, b minus a, where the factor interacts

    @property
    def interval(self) -> Interval:
        """Interval that contains the true difference together with those of the family's other parts, with 95 % probability."""
        if self.decision:
            return self.decision.interval
        return self.gap.interval_at(LEVEL / self.family)

    @property
    def word(self) -> str:
        if self.decision:
            return word_of_pair(self.decision, self.plan.sign)
        return word(self.interval, self.plan.sign, self.gap.margin, self.is_censored)

    @cached_property
    def seeds_needed(self) -> int | None:
        """Number of seeds per configuration that could tell where it is `OPEN`; None where it is not, or above `power.MOST_SEEDS`."""
        if self.word != OPEN:
            return None
        if self.decision:
            return self.decision.seeds_to_decide(self.gap.estimate)
        margin = None if self.is_censored else self.gap.margin
        return power.seeds_to_tell(self.gap.estimate, self.errors, self.family, margin)


def word(
    interval: Interval, sign: int, margin: float | None, is_censored: bool = False
) -> str:
    """`OPPOSITE`, `SHOWN`, `SMALL`, `NEGLIGIBLE` or `OPEN`, from an interval alone; `sign` is the claimed one.

    With censored runs, which count as soon as they end, the difference is taken for a lower bound: it may exceed the margin, but
    shows nothing to be within it.
    """
    low, high = sorted((sign * interval.low, sign * interval.high))
    if high < 0:
        return OPPOSITE
    if low > 0:
        return SHOWN if margin is not None and low > margin else SMALL
    if margin is None or is_censored:
        return OPEN
    return NEGLIGIBLE if -margin < low and high < margin else OPEN


def word_of_pair(decision: Decision, sign: int) -> str:
    """Word for a pair of configurations, from the outcome that the pair has wherever it is judged; `sign` is the claimed one."""
    if decision.outcome == DIFFERENT:
        return word(decision.interval, sign, decision.gap.margin)
    return NEGLIGIBLE if decision.outcome == EQUIVALENT else OPEN


def judge(results: Results, arm: str, plans: Sequence[Plan]) -> tuple[Part, ...]:
    """Parts of an observation on one study, as one family; without those that lack seeds."""
    contrasts = []
    for plan in plans:
        with suppress(StatisticsError):  # too few seeds
            contrasts.append(_contrast(results, arm, plan))
    return tuple(
        _pair(results, plan)
        or Part(
            plan,
            gap,
            len(contrasts),
            is_censored,
            errors,
            simple=_simple(results, arm, plan),
        )
        for plan, gap, is_censored, errors in contrasts
    )


def _pair(results: Results, plan: Plan) -> Part | None:
    """Part that compares the accuracies of two configurations; None of any other."""
    if plan.measure != "acc" or [(len(a), len(b)) for a, b in plan.strata] != [(1, 1)]:
        return None
    ((one,), (other,)) = plan.strata[0]
    decision = judge_pair(results, one.config, other.config)
    return Part(plan, decision.gap, decision.family, decision=decision)


def _simple(results: Results, arm: str, plan: Plan) -> tuple[Judged, ...]:
    """Costs of a penalty at each batch size of the grid, where penalty and batch size interact."""
    if arm != GRID or plan.measure != "acc" or plan.b != "none":
        return ()
    family = grid(results).simple.get(("penalty", "batch size"))
    return tuple(
        one
        for one in (family.judged if family else ())
        if (one.contrast.first, one.contrast.second) == ("no penalty", plan.a)
    )


def _contrast(
    results: Results, arm: str, plan: Plan
) -> tuple[Plan, Difference, bool, power.Errors]:
    """Difference of a plan with moderated variances; whether runs are censored; errors with other seeds. Raises `StatisticsError`."""
    runs = measured(results, plan.measure)
    weights = runs.weights(_without_collapsed(results, plan.strata))
    if plan.deviations:
        groups = [
            (weight, runs.values.get(config, np.empty(0)))
            for config, weight in weights.items()
        ]
        gap = statistics.deviations_contrast(groups, plan.margin)
        return plan, gap, False, power.of_deviations(weights.values())
    has_all = weights.keys() <= {trial.config for trial in STUDIES[arm].trials}
    samples = _samples(results, plan.measure, RESOLUTIONS.get(plan.unit, 0.0))
    groups = samples.groups(weights, arm if has_all else None)
    gap = variance.contrast(groups, plan.margin)
    return plan, gap, runs.has_censored(weights), power.of_samples(groups)


def _without_collapsed(results: Results, strata: Strata) -> Strata:
    """Strata without collapsed configurations, and without those whose counterparts all collapsed."""
    kept = [
        (
            [trial for trial in a if trial.config not in results.collapsed],
            [trial for trial in b if trial.config not in results.collapsed],
        )
        for a, b in strata
    ]
    return [(a, b) for a, b in kept if a and b]


@cache
def _samples(results: Results, measure: str, resolution: float) -> variance.Samples:
    return variance.Samples(results, measured(results, measure).values, resolution)
