"""Families of the grid: primary contrasts, bounds for the norms, interactions, simple effects and the second endpoint, computed once."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from explorer.runs.results import Results
from explorer.study import factorial, families, variance
from explorer.study.factorial import STUDY, Interaction
from explorer.study.families import Bound, Family
from explorer.study.statistics import LEVEL, StatisticsError


@dataclass(frozen=True, eq=False)
class Grid:
    """Families of the grid; empty where runs are missing."""

    primary: Family
    without_early: (
        Family  # the primary family without the runs before the Winograd kernels
    )
    bound: Bound | None  # of the norms
    settings: int  # in which the norms are compared
    interactions: tuple[Interaction, ...]
    l1: Family  # none minus L1 at each batch size, over norms and L2
    l2: Family
    simple: dict[
        tuple[str, str], Family
    ]  # by factor and other factor, of those that interact
    losses: Family  # the primary contrasts of the negative log-likelihood


@cache
def grid(results: Results) -> Grid:
    """Families of the grid's runs. Raises `DataError`."""
    samples = variance.accuracies(results)
    contrasts = factorial.primary(samples)
    primary = families.judge(samples, contrasts, STUDY)
    norms = [one for one in primary.judged if one.contrast.first in factorial.LEVELS[0]]
    early = families.without(results, families.before_winograd())
    interactions: tuple[Interaction, ...] = ()
    with suppress(StatisticsError):
        interactions = tuple(factorial.interactions(samples))
    return Grid(
        primary,
        families.judge(early, factorial.primary(early), STUDY),
        families.tukey(samples, norms, len(factorial.LEVELS[0])) if norms else None,
        len(norms[0].contrast.weights) // 2 if norms else 0,
        interactions,
        _judged(results, factorial.WITH_L1),
        _judged(results, factorial.WITH_L2),
        {
            pair: families.judge(samples, factorial.simple(samples, *pair), STUDY)
            for one in interactions
            if one.p < LEVEL
            for pair in (one.factors, (one.factors[1], one.factors[0]))
        },
        families.judge(variance.losses(results), contrasts, STUDY, None),
    )


def _judged(results: Results, pairs: dict[str, str]) -> Family:
    samples = variance.accuracies(results)
    return families.judge(samples, factorial.penalty_by_batch(samples, pairs), STUDY)
