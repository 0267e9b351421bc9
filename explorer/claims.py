"""The four published observations as claims: directed comparisons on three arms, and what comes of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from explorer import measures, statistics
from explorer.results import Results
from explorer.statistics import DIFFERENT, EQUIVALENT, Difference, StatisticsError
from train.study import ROWS, STUDIES, Trial, as_run

HOLDS, FAILS, REVERSED, UNDECIDED = (
    "holds",
    "does not hold",
    "reversed",
    "undecided",
)
LABELLED, RUN, GRID = "published", "as-run", "grid"
ARMS = {LABELLED: "as labelled", RUN: "as run", GRID: "grid"}
DESTROYED = 2  # the row whose penalty outweighs the loss: left out of claim 4
LOG_MARGIN = 0.223  # log 1.25
REACHES = tuple(measures.REACH.values())
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
    """A claim on one study: its verdict, and the comparisons or the reason why there is none."""

    name: str
    verdict: str
    comparisons: list[Comparison]
    missing: str = ""  # why some or all could not be made

    @property
    def words(self) -> str:
        if not self.comparisons:
            return self.missing
        count = len(self.comparisons)
        supporting = sum(each.supports for each in self.comparisons)
        against = sum(each.against for each in self.comparisons)
        equivalent = sum(each.outcome == EQUIVALENT for each in self.comparisons)
        said = [f"{supporting} of {count} comparisons support it"]
        said += [f"{against} point the other way"] if against else []
        said += [f"{equivalent} are equivalent"] if equivalent else []
        return f"{', '.join(said)}. {self.missing}".strip()


@dataclass(frozen=True)
class Claim:
    number: int
    observation: str
    test: str
    arms: list[Arm]
    link: str  # the query of a view that shows a pair of it

    @property
    def verdict(self) -> str:
        """That of the grid, where nothing else varies."""
        return next(arm.verdict for arm in self.arms if arm.name == ARMS[GRID])


@dataclass(frozen=True)
class Plan:
    """A comparison to be made: in every stratum a group of trials against another, on one measure."""

    words: str
    measure: str
    unit: str
    sign: int
    strata: list[tuple[list[Trial], list[Trial]]]
    margin: float | None
    deviations: bool = False  # of the deviations between runs, not of the means


def small_batches(arm: str) -> Iterator[Plan]:
    for batch, other in product((32, 16), ("BN", "LN")):
        yield Plan(
            f"accuracy, GN against {other} at {batch}",
            "acc",
            "points",
            1,
            norm_strata(arm, "GN", other, [batch]),
            statistics.MARGIN,
        )


def less_variance(arm: str) -> Iterator[Plan]:
    places = (("noise", "within runs", False), ("loss", "between runs", True))
    for (measure, place, deviations), split, other in product(
        places, ("test", "train"), ("GN", "LN")
    ):
        yield Plan(
            f"variation of the {split} loss {place}, BN against {other}",
            f"{measure}_{split}",
            "log ratio",
            -1,
            norm_strata(arm, "BN", other),
            LOG_MARGIN,
            deviations,
        )


def more_epochs(arm: str) -> Iterator[Plan]:
    for (threshold, column), other in product(measures.REACH.items(), ("BN", "GN")):
        yield Plan(
            f"epochs to {100 * threshold:.1f} %, LN against {other}",
            column,
            "epochs",
            1,
            norm_strata(arm, "LN", other),
            1.0,
        )


def penalties(arm: str) -> Iterator[Plan]:
    if arm == RUN:
        return
    trials = STUDIES[arm]
    if arm == LABELLED:
        trials = [row.trial for row in ROWS if row.number != DESTROYED]
    for (measure, said), kind in product(
        (("acc", "accuracy"), ("gap", "gap between train and test")),
        ("L1", "L2", "L1 + L2"),
    ):
        strata = [
            ([trial], [as_run(trial)]) for trial in trials if trial.regulariser == kind
        ]
        words = f"{said}, {kind} against none"
        yield Plan(words, measure, "points", -1, strata, statistics.MARGIN)


def norm_strata(
    arm: str, norm: str, other: str, batches: list[int] | None = None
) -> list[tuple[list[Trial], list[Trial]]]:
    """Pairs of the trials of two norms at one batch size that both have, in the grid at one penalty too."""
    groups: dict[tuple, dict[str, list[Trial]]] = {}
    for trial in STUDIES[arm]:
        held = (trial.batch_size, *([trial.l1, trial.l2] if arm == GRID else []))
        groups.setdefault(held, {}).setdefault(trial.norm, []).append(trial)
    return [
        (found[norm], found[other])
        for held, found in groups.items()
        if norm in found and other in found and (not batches or held[0] in batches)
    ]


CLAIMS: tuple[tuple[str, str, Callable[[str], Iterator[Plan]]], ...] = (
    (
        "Group norm does better at small batches (32, 16) than batch norm and layer norm.",
        "Welch's t test and TOST within 0.05 points on the last accuracy",
        small_batches,
    ),
    (
        "With the same training technique, batch norm shows less variance in test and train loss.",
        (
            "Within runs Welch's t test on the log deviation of the loss's change, epochs 5 to 14, between runs a z test on the log "
            "deviation of the last loss, and TOST within log 1.25"
        ),
        less_variance,
    ),
    (
        "Layer norm takes more epochs to reach the desired accuracy.",
        "Welch's t test and TOST within one epoch on the first epoch at 99.0 % and at 99.3 %",
        more_epochs,
    ),
    (
        "L1 and L2 lower the test accuracy but also narrow the gap between test and train accuracy.",
        "Welch's t test and TOST within 0.05 points on accuracy and gap, with and without the penalty",
        penalties,
    ),
)


def judge(results: Results) -> list[Claim]:
    """The four claims on all arms, from what is trained."""
    rows = measures.table(results)
    return [
        Claim(
            number,
            observation,
            test,
            [_arm(rows, arm, list(plans(arm))) for arm in ARMS],
            _link(next(plans(GRID))),
        )
        for number, (observation, test, plans) in enumerate(CLAIMS, 1)
    ]


def _link(plan: Plan) -> str:
    """Where the explorer shows the first pair of a plan: side by side where it is about accuracy, else their curves."""
    (one, *_), (other, *_) = plan.strata[0]
    if plan.measure == "acc":
        return urlencode({"tab": "compare", "a": one.config, "b": other.config})
    return urlencode(
        {
            "tab": "curves",
            "norm": f"{one.norm}|{other.norm}",
            "regulariser": one.regulariser,
            "batch": one.batch_size,
            "figure": "Accuracy" if plan.measure in REACHES else "Loss",
        }
    )


def _arm(rows: pd.DataFrame, arm: str, plans: list[Plan]) -> Arm:
    if not plans:
        return Arm(
            ARMS[arm],
            UNDECIDED,
            [],
            "No penalty was applied, so these runs say nothing about it.",
        )
    made, lacking = [], []
    for plan in plans:
        try:
            made.append((plan, _gap(rows, plan)))
        except StatisticsError:
            lacking.append(plan)
    missing = ""
    if lacking:
        which = "Too few seeds yet" if not made else f"{len(lacking)} more lack seeds"
        missing = (
            f"{which}: `python train/all.py --study {arm} --seeds 10` trains them."
        )
    gaps = [gap for _, gap in made]
    comparisons = [
        Comparison(plan.words, plan.unit, plan.sign, gap, p, outcome)
        for (plan, gap), p, outcome in zip(
            made,
            statistics.holm([gap.p for gap in gaps]),
            statistics.outcomes(gaps),
        )
    ]
    return Arm(
        ARMS[arm],
        UNDECIDED if lacking else verdict(comparisons),
        comparisons,
        missing,
    )


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
        for sign, group in zip((1, -1), pair):
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


def verdict(comparisons: list[Comparison]) -> str:
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


def summary(judged: list[Claim]) -> str:
    """What became of all of them, in a sentence: "On the grid, ...: 4 holds, 2 and 3 are reversed."."""
    said = []
    for verdict, one, more in (
        (HOLDS, "holds", "hold"),
        (FAILS, "does not hold", "do not hold"),
        (REVERSED, "is reversed", "are reversed"),
        (UNDECIDED, "is undecided", "are undecided"),
    ):
        numbers = [str(claim.number) for claim in judged if claim.verdict == verdict]
        if numbers:
            said.append(f"{' and '.join(numbers)} {more if numbers[1:] else one}")
    return f"So far, on the grid, where nothing else varies: {', '.join(said)}."


def markdown(judged: list[Claim]) -> str:
    """The claims to read: each with its verdict, what each arm says, its evidence folded away, and how to rerun it."""
    return "\n\n".join(map(_card, judged))


def _card(claim: Claim) -> str:
    arms = "\n".join(f"- {arm.name}: {arm.verdict}. {arm.words}" for arm in claim.arms)
    lines = [
        f"| {arm.name} | {each.words} | {'above' if each.sign > 0 else 'below'} "
        f"| {each.gap.estimate:+.3f} ± {each.gap.interval.half:.3f} {each.unit} | {statistics.p_words(each.p)} | {each.outcome} "
        f"| {each.gap.seeds[0]} and {each.gap.seeds[1]} |"
        for arm in claim.arms
        for each in arm.comparisons
    ]
    head = "| arm | comparison | expected | difference | p (Holm) | outcome | runs |\n|---|---|---|---|---|---|---|"
    evidence = "\n".join([head, *lines]) if lines else "Nothing could be compared yet."
    return (
        f"### {claim.number}. {claim.observation}\n\n**{claim.verdict.capitalize()}.** [Look at a pair](?{claim.link})\n\n{arms}\n\n"
        f"<details><summary>Evidence</summary>\n\n{claim.test}. `python train/all.py --study grid --seeds 3` trains the grid "
        "where it is missing, `python -m explorer.report` tests again.\n\n"
        f"{evidence}\n\n</details>"
    )


def table(judged: list[Claim]) -> pd.DataFrame:
    """Every comparison of every claim, a line each, with its intervals and p values."""
    return pd.DataFrame(
        {"claim": claim["number"], "arm": arm["arm"], **each}
        | dict(zip(("runs of a", "runs of b"), each["seeds"]))
        for claim in records(judged)
        for arm in claim["arms"]
        for each in arm["comparisons"]
    ).drop(columns="seeds", errors="ignore")


def records(claims: list[Claim]) -> list[dict]:
    """The claims for JSON, with every number that stands behind a verdict."""
    return [
        {
            "number": claim.number,
            "observation": claim.observation,
            "verdict": claim.verdict,
            "test": claim.test,
            "arms": [
                {
                    "arm": arm.name,
                    "verdict": arm.verdict,
                    "words": arm.words,
                    "comparisons": [
                        {
                            "comparison": each.words,
                            "expected": "above" if each.sign > 0 else "below",
                            "unit": each.unit,
                            "difference": each.gap.estimate,
                            "low": each.gap.interval.low,
                            "high": each.gap.interval.high,
                            "p": each.gap.p,
                            "p_adjusted": each.p,
                            "p_equivalent": each.gap.p_equivalent,
                            "outcome": each.outcome,
                            "seeds": each.gap.seeds,
                        }
                        for each in arm.comparisons
                    ],
                }
                for arm in claim.arms
            ],
        }
        for claim in claims
    ]
