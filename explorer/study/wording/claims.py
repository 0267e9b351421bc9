"""Sentences about the evidence for the four published observations by the rule before they had parts, for programs that ask for it."""

from explorer.study.claims import Arm, Comparison
from explorer.study.statistics import EQUIVALENT


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
    return f"{sentence} {lacking(result)}".strip()


def lacking(arm: Arm) -> str:
    """Number of comparisons of a claim that lack seeds, and the command that trains them; "" where none does."""
    if not arm.lacking:
        return ""
    subject = "Too few seeds yet"
    if arm.comparisons:
        subject = f"{arm.lacking} more lack seeds"
    return f"{subject}: `python train/all.py --study {arm.study}` trains them."


def expected(comparison: Comparison) -> str:
    """Position of a relative to b according to the claim."""
    return "above" if comparison.sign > 0 else "below"
