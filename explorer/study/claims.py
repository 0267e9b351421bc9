"""The four published observations as claims: their parts on three studies, called arms, and verdicts by the earlier rule."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from explorer.runs.results import Results
from explorer.study import parts, statistics
from explorer.study.measured import measured
from explorer.study.observations import (
    ARMS,
    GRID,
    OBSERVATIONS,
    RESOLUTIONS,
    Plan,
)
from explorer.study.parts import Part
from explorer.study.statistics import DIFFERENT, EQUIVALENT, Difference, StatisticsError

HOLDS, FAILS, REVERSED, UNDECIDED = (
    "holds",
    "does not hold",
    "reversed",
    "undecided",
)


@dataclass(frozen=True)
class Comparison:
    """A directed comparison of a claim, which says that a is above b (`sign` 1) or below b (-1)."""

    label: str
    unit: str
    sign: int
    gap: Difference
    p: float  # adjusted for all comparisons of the arm (Holm)
    outcome: str

    @property
    def supports(self) -> bool:
        """The difference is significant, with the sign that the claim says."""
        return self.outcome == DIFFERENT and self.gap.estimate * self.sign > 0

    @property
    def contradicts(self) -> bool:
        """The difference is significant, with the opposite sign."""
        return self.outcome == DIFFERENT and not self.supports


@dataclass(frozen=True)
class Arm:
    """A claim on one study: its parts, and its comparisons by the earlier rule with the number of further ones that lack seeds.

    A study with neither does not bear on the claim.
    """

    study: str  # a key of `ARMS`
    comparisons: tuple[Comparison, ...]
    lacking: int = 0
    parts: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        return ARMS[self.study]

    @property
    def verdict(self) -> str:
        """Verdict by the earlier rule, for programs that ask for it."""
        decided = self.comparisons and not self.lacking
        return verdict(self.comparisons) if decided else UNDECIDED

    @property
    def supporting(self) -> int:
        """Number of comparisons that support the claim."""
        return sum(comparison.supports for comparison in self.comparisons)


@dataclass(frozen=True)
class Claim:
    """A published observation, its test and its comparisons on every arm."""

    number: int
    observation: str
    test: str
    arms: tuple[Arm, ...]

    @property
    def grid(self) -> Arm:
        """The arm on the grid, the only study in which all else is equal."""
        return next(arm for arm in self.arms if arm.study == GRID)

    @property
    def verdict(self) -> str:
        return self.grid.verdict


def judge(results: Results) -> list[Claim]:
    """The four claims on all arms, judged by these runs."""
    return [
        Claim(
            number,
            observation,
            test,
            tuple(_arm(results, arm, list(plans(arm))) for arm in ARMS),
        )
        for number, (observation, test, plans) in enumerate(OBSERVATIONS, 1)
    ]


def _arm(results: Results, arm: str, plans: list[Plan]) -> Arm:
    """Comparisons and parts of a claim on one study, both as one family."""
    tested = []
    for plan in plans:
        with suppress(StatisticsError):  # too few seeds
            tested.append((plan, _gap(results, plan)))
    family = [gap for _, gap in tested]
    comparisons = tuple(
        Comparison(plan.label, plan.unit, plan.sign, gap, p, outcome)
        for (plan, gap), p, outcome in zip(
            tested,
            statistics.holm([gap.p for gap in family]),
            statistics.outcomes(family),
            strict=True,
        )
    )
    lacking = len(plans) - len(comparisons)
    return Arm(arm, comparisons, lacking, parts.judge(results, arm, plans))


def _gap(results: Results, plan: Plan) -> Difference:
    """Contrast of a plan by Welch's variances; with any censored run it has no margin, so that it cannot be called equivalent."""
    runs = measured(results, plan.measure)
    weights = runs.weights(plan.strata)
    groups = [
        (weight, runs.values.get(config, np.empty(0)))
        for config, weight in weights.items()
    ]
    margin = None if runs.has_censored(weights) else plan.margin
    if plan.deviations:
        return statistics.deviations_contrast(groups, margin)
    return statistics.contrast(groups, margin, RESOLUTIONS.get(plan.unit, 0.0))


def verdict(comparisons: Sequence[Comparison]) -> str:
    """`HOLDS`, `REVERSED`, `FAILS` or `UNDECIDED`, by docs/protocol.md."""
    supporting = sum(comparison.supports for comparison in comparisons)
    contradicted = any(comparison.contradicts for comparison in comparisons)
    equivalent = any(comparison.outcome == EQUIVALENT for comparison in comparisons)
    if supporting == len(comparisons):
        return HOLDS
    if contradicted and not supporting:
        return REVERSED
    if contradicted or equivalent:
        return FAILS
    return UNDECIDED
