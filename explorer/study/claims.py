"""The four published observations as claims: what comes of their comparisons on three arms."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explorer.runs import metrics
from explorer.runs.results import Results
from explorer.study import statistics
from explorer.study.observations import ARMS, GRID, OBSERVATIONS, REACHES, Plan
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
    """One directed comparison of a claim: `a` above `b` if `sign` is 1, below if -1."""

    words: str
    unit: str
    sign: int
    gap: Difference
    p: float  # adjusted for all comparisons of the arm (Holm)
    outcome: str

    @property
    def supports(self) -> bool:
        return self.outcome == DIFFERENT and self.gap.estimate * self.sign > 0

    @property
    def against(self) -> bool:
        return self.outcome == DIFFERENT and not self.supports


@dataclass(frozen=True)
class Arm:
    """A claim on one study: its comparisons, and how many more lack seeds; with neither, the study says nothing about it."""

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
        return sum(each.supports for each in self.comparisons)


@dataclass(frozen=True)
class Claim:
    number: int
    observation: str
    test: str
    arms: tuple[Arm, ...]
    pair: tuple[Trial, Trial]  # an example of the comparisons
    measure: str  # that of the pair

    @property
    def grid(self) -> Arm:
        """The arm where nothing else varies."""
        return next(arm for arm in self.arms if arm.study == GRID)

    @property
    def verdict(self) -> str:
        return self.grid.verdict


def judge(results: Results) -> list[Claim]:
    """The four claims on all arms, from what is trained."""
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
    tested = []
    for plan in plans:
        with suppress(StatisticsError):  # too few seeds
            tested.append((plan, _gap(rows, plan)))
    family = [gap for _, gap in tested]
    comparisons = tuple(
        Comparison(plan.words, plan.unit, plan.sign, gap, p, outcome)
        for (plan, gap), p, outcome in zip(
            tested,
            statistics.holm([gap.p for gap in family]),
            statistics.outcomes(family),
            strict=True,
        )
    )
    return Arm(arm, comparisons, len(plans) - len(comparisons))


def _gap(rows: pd.DataFrame, plan: Plan) -> Difference:
    """The contrast of a plan: strata have equal weights, and in a stratum the configurations of a side.

    Epochs to a threshold that a run never reaches are one more than it had, which is not what it would have taken. So strata
    where no run of either side reaches it say nothing and are left out, and with any such run nothing is called equivalent.
    """
    rows = rows[["config", "epochs", plan.measure]].dropna()
    never = (rows[plan.measure] > rows.epochs) & (plan.measure in REACHES)
    runs = dict(list(rows.groupby("config")[plan.measure]))
    lost = never.groupby(rows.config).all()  # configurations that never reach it

    def says(pair) -> bool:
        return not all(lost.get(trial.config) for group in pair for trial in group)

    strata = list(filter(says, plan.strata)) or plan.strata
    weights: dict[str, float] = {}
    for pair in strata:
        for sign, group in zip((1, -1), pair, strict=True):
            for trial in group:
                weights[trial.config] = weights.get(trial.config, 0.0) + sign / len(
                    group
                ) / len(strata)
    groups = [
        (weight, runs[config].to_numpy(float) if config in runs else np.empty(0))
        for config, weight in weights.items()
    ]
    margin = None if never[rows.config.isin(weights)].any() else plan.margin
    if plan.deviations:
        return statistics.deviations_contrast(groups, margin)
    return statistics.contrast(groups, margin, RESOLUTIONS.get(plan.unit, 0.0))


def verdict(comparisons: Sequence[Comparison]) -> str:
    """*holds*, *reversed*, *does not hold* or *undecided*, as the protocol says."""
    supporting = sum(each.supports for each in comparisons)
    against = any(each.against for each in comparisons)
    if supporting == len(comparisons):
        return HOLDS
    if against and not supporting:
        return REVERSED
    if against or any(each.outcome == EQUIVALENT for each in comparisons):
        return FAILS
    return UNDECIDED
