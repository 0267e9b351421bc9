"""The four published observations as claims: verdicts from directed comparisons on three studies, called arms."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explorer.runs import metrics
from explorer.runs.results import Results
from explorer.study import statistics
from explorer.study.observations import (
    ARMS,
    EPOCHS_TO_THRESHOLD,
    GRID,
    OBSERVATIONS,
    Plan,
)
from explorer.study.statistics import DIFFERENT, EQUIVALENT, Difference, StatisticsError
from train.study import Trial

HOLDS, FAILS, REVERSED, UNDECIDED = (
    "holds",
    "does not hold",
    "reversed",
    "undecided",
)
RESOLUTIONS = {"points": statistics.RESOLUTION, "epochs": 1.0}


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
    """A claim on one study: its comparisons, and the number of further ones that lack seeds.

    A study with neither does not bear on the claim.
    """

    study: str  # a key of `ARMS`
    comparisons: tuple[Comparison, ...]
    lacking: int = 0

    @property
    def name(self) -> str:
        return ARMS[self.study]

    @property
    def verdict(self) -> str:
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
    pair: tuple[Trial, Trial]  # an example of the comparisons
    measure: str  # that of the pair

    @property
    def grid(self) -> Arm:
        """The arm on the grid, the only study in which all else is equal."""
        return next(arm for arm in self.arms if arm.study == GRID)

    @property
    def verdict(self) -> str:
        return self.grid.verdict


def judge(results: Results) -> list[Claim]:
    """The four claims on all arms, judged by these runs."""
    rows = metrics.table(results)
    return [
        Claim(
            number,
            observation,
            test,
            tuple(_arm(rows, arm, list(plans(arm))) for arm in ARMS),
            *_example(next(plans(GRID))),
        )
        for number, (observation, test, plans) in enumerate(OBSERVATIONS, 1)
    ]


def _example(plan: Plan) -> tuple[tuple[Trial, Trial], str]:
    """The first pair of a plan, and its measure."""
    (one, *_), (other, *_) = plan.strata[0]
    return (one, other), plan.measure


def _arm(rows: pd.DataFrame, arm: str, plans: list[Plan]) -> Arm:
    """Comparisons of a claim on one study, as one family; `rows` are measures of runs."""
    tested = []
    for plan in plans:
        with suppress(StatisticsError):  # too few seeds
            tested.append((plan, _gap(rows, plan)))
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
    return Arm(arm, comparisons, len(plans) - len(comparisons))


def _gap(rows: pd.DataFrame, plan: Plan) -> Difference:
    """Contrast of a plan: strata have equal weights, as have the configurations of a group within a stratum.

    Epochs to a threshold are right-censored: a run that never reaches it has the number of its epochs plus 1. Strata in
    which no run reaches the threshold are uninformative and left out; with any censored run the contrast has no margin, so
    that it cannot be called equivalent.
    """
    rows = rows[["config", "epochs", plan.measure]].dropna()
    is_censored = (rows[plan.measure] > rows.epochs) & (
        plan.measure in EPOCHS_TO_THRESHOLD
    )
    runs = dict(list(rows.groupby("config")[plan.measure]))
    all_censored = is_censored.groupby(rows.config).all()

    def is_informative(pair) -> bool:
        return not all(
            all_censored.get(trial.config) for group in pair for trial in group
        )

    strata = list(filter(is_informative, plan.strata)) or plan.strata
    weights: dict[str, float] = {}
    for pair in strata:
        for sign, group in zip((1, -1), pair, strict=True):
            weight = sign / len(group) / len(strata)
            for trial in group:
                weights[trial.config] = weights.get(trial.config, 0.0) + weight
    groups = [
        (weight, runs[config].to_numpy(float) if config in runs else np.empty(0))
        for config, weight in weights.items()
    ]
    margin = None if is_censored[rows.config.isin(weights)].any() else plan.margin
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
