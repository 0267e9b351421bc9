"""Sentences about the four published observations: verdicts, evidence, and links to the explorer."""

from urllib.parse import urlencode

from explorer.study.claims import (
    FAILS,
    HOLDS,
    REVERSED,
    UNDECIDED,
    Arm,
    Claim,
    Comparison,
)
from explorer.study.observations import EPOCHS_TO_THRESHOLD
from explorer.study.statistics import EQUIVALENT
from explorer.study.wording.numbers import listed

UNTESTED = "cannot be tested yet for want of seeds"
CLAUSES = (
    "that group norm is better at small batches",
    "that batch norm's losses vary less",
    "that layer norm takes more epochs",
    "that L1 and L2 cost accuracy and narrow the gap",
)


def arm(result: Arm) -> str:
    """Numbers of comparisons for and against a claim on one study, or the reason why there are none."""
    sentence = ""
    if result.comparisons:
        contradicting = sum(comparison.contradicts for comparison in result.comparisons)
        equivalent = sum(
            comparison.outcome == EQUIVALENT for comparison in result.comparisons
        )
        sentence = (
            f"{result.supporting} of {len(result.comparisons)} comparisons support it"
        )
        sentence += f", {contradicting} point the other way" if contradicting else ""
        sentence += f", {equivalent} are equivalent" if equivalent else ""
        sentence += "."
    elif not result.lacking:
        sentence = "No penalty was applied, so these runs say nothing about it."
    return f"{sentence} {_lacking(result)}".strip()


def _lacking(arm: Arm) -> str:
    if not arm.lacking:
        return ""
    subject = "Too few seeds yet"
    if arm.comparisons:
        subject = f"{arm.lacking} more lack seeds"
    return f"{subject}: `python train/all.py --study {arm.study}` trains them."


def expected(comparison: Comparison) -> str:
    """Position of a relative to b according to the claim."""
    return "above" if comparison.sign > 0 else "below"


def summary(judged: list[Claim]) -> str:
    """Verdicts on all claims by number, as in "So far, on the grid: 4 holds, 2 and 3 are reversed."."""
    parts = []
    for verdict in (HOLDS, FAILS, REVERSED, UNDECIDED):
        numbers = [str(claim.number) for claim in judged if claim.verdict == verdict]
        if numbers:
            parts.append(f"{' and '.join(numbers)} {_verb(verdict, len(numbers))}")
    return f"So far, on the grid: {', '.join(parts)}."


def finding(judged: list[Claim]) -> str:
    """Verdicts on all claims by name, with the numbers of comparisons that support them."""
    by_verdict: dict[str, list[str]] = {}
    for claim in judged:
        clause, grid = CLAUSES[claim.number - 1], claim.grid
        if grid.comparisons:
            clause += f" ({grid.supporting} of {len(grid.comparisons)} comparisons support it)"
        verdict = claim.verdict if grid.comparisons else UNTESTED
        by_verdict.setdefault(verdict, []).append(clause)
    second = "; ".join(
        f"{listed(names)} {_verb(verdict, len(names))}"
        for verdict, names in by_verdict.items()
    )
    return f"Of the four published observations, on the grid {second}."


def _verb(verdict: str, count: int) -> str:
    if verdict == UNTESTED:
        return UNTESTED
    if count > 1:
        return {HOLDS: "hold", FAILS: "do not hold"}.get(verdict, f"are {verdict}")
    return verdict if verdict in (HOLDS, FAILS) else f"is {verdict}"


def changed(judged: list[Claim]) -> str:
    """Claims whose verdict differs between the rows as labelled and as run."""
    numbers = [
        f"{claim.number} ({run.verdict} as run, {labelled.verdict} as labelled)"
        for claim in judged
        for labelled, run in [claim.arms[:2]]
        if labelled.verdict != run.verdict and run.comparisons
    ]
    if not numbers:
        return "No verdict changes between the two."
    return f"The verdict changes on observation {listed(numbers)}."


def link(claim: Claim) -> str:
    """Query of the explorer's view of a claim's pair: their comparison for a claim on accuracy, else their learning curves."""
    one, other = claim.pair
    if claim.measure == "acc":
        return urlencode({"tab": "compare", "a": one.config, "b": other.config})
    return urlencode(
        {
            "tab": "curves",
            "norm": f"{one.norm}|{other.norm}",
            "regulariser": one.regulariser,
            "batch": one.batch_size,
            "figure": "Accuracy" if claim.measure in EPOCHS_TO_THRESHOLD else "Loss",
        }
    )
