"""Sentences about the four published observations: what became of them, on what evidence, and where to look."""

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
from explorer.study.observations import REACHES
from explorer.study.statistics import EQUIVALENT
from explorer.study.wording.numbers import listed

UNTESTED = "cannot be tested yet for want of seeds"
SHORT = (
    "that group norm is better at small batches",
    "that batch norm's losses vary less",
    "that layer norm takes more epochs",
    "that L1 and L2 cost accuracy and narrow the gap",
)


def arm(found: Arm) -> str:
    """What the comparisons of a claim on one study say, or why there are none."""
    said = ""
    if found.comparisons:
        against = sum(each.against for each in found.comparisons)
        equivalent = sum(each.outcome == EQUIVALENT for each in found.comparisons)
        said = f"{found.supporting} of {len(found.comparisons)} comparisons support it"
        said += f", {against} point the other way" if against else ""
        said += f", {equivalent} are equivalent" if equivalent else ""
        said += "."
    elif not found.lacking:
        said = "No penalty was applied, so these runs say nothing about it."
    return f"{said} {_lacking(found)}".strip()


def _lacking(found: Arm) -> str:
    if not found.lacking:
        return ""
    which = "Too few seeds yet"
    if found.comparisons:
        which = f"{found.lacking} more lack seeds"
    return f"{which}: `python train/all.py --study {found.study}` trains them."


def expected(found: Comparison) -> str:
    """Where the claim says that a lies."""
    return "above" if found.sign > 0 else "below"


def summary(judged: list[Claim]) -> str:
    """What became of all of them: "So far, on the grid: 4 holds, 2 and 3 are reversed."."""
    said = []
    for verdict in (HOLDS, FAILS, REVERSED, UNDECIDED):
        numbers = [str(claim.number) for claim in judged if claim.verdict == verdict]
        if numbers:
            said.append(f"{' and '.join(numbers)} {_verb(verdict, len(numbers))}")
    return f"So far, on the grid: {', '.join(said)}."


def finding(judged: list[Claim]) -> str:
    """What became of all of them, in words instead of numbers, with how many comparisons support each."""
    said: dict[str, list[str]] = {}
    for claim in judged:
        words, grid = SHORT[claim.number - 1], claim.grid
        if grid.comparisons:
            words += f" ({grid.supporting} of {len(grid.comparisons)} comparisons support it)"
        verdict = claim.verdict if grid.comparisons else UNTESTED
        said.setdefault(verdict, []).append(words)
    second = "; ".join(
        f"{listed(names)} {_verb(verdict, len(names))}"
        for verdict, names in said.items()
    )
    return f"Of the four published observations, on the grid {second}."


def _verb(verdict: str, count: int) -> str:
    if verdict == UNTESTED:
        return UNTESTED
    if count > 1:
        return {HOLDS: "hold", FAILS: "do not hold"}.get(verdict, f"are {verdict}")
    return verdict if verdict in (HOLDS, FAILS) else f"is {verdict}"


def changed(judged: list[Claim]) -> str:
    """Where applying the regularisers changes the verdict: as labelled against as run."""
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
    """Where the explorer shows the pair of a claim: side by side where it is about accuracy, else their curves."""
    one, other = claim.pair
    if claim.measure == "acc":
        return urlencode({"tab": "compare", "a": one.config, "b": other.config})
    return urlencode(
        {
            "tab": "curves",
            "norm": f"{one.norm}|{other.norm}",
            "regulariser": one.regulariser,
            "batch": one.batch_size,
            "figure": "Accuracy" if claim.measure in REACHES else "Loss",
        }
    )
