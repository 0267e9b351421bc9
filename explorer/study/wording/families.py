"""Sentences about families of contrasts: simultaneous bounds, sensitivity checks, interactions, and the dose of L1."""

import math
from collections import Counter
from collections.abc import Sequence

from explorer.study.factorial import Interaction
from explorer.study.families import Bound, Family, Judged
from explorer.study.statistics import DIFFERENT, EQUIVALENT, LEVEL, MARGIN, UNDECIDED
from explorer.study.wording.numbers import listed, p_value


def counted(family: Family) -> str:
    """Numbers of contrasts by outcome: "8 of 15 differ, 7 are equivalent within 0.05 points, 0 are too close to call"."""
    count = Counter(one.outcome for one in family.judged)
    equal = count[EQUIVALENT]
    return (
        f"{count[DIFFERENT]} of {len(family.judged)} differ, {equal} {are(equal)} equivalent within {MARGIN} points, "
        f"{count.total() - count[DIFFERENT] - equal} {are(count.total() - count[DIFFERENT] - equal)} too close to call"
    )


def read(one: Judged) -> str:
    """Sentence on a contrast of accuracies, the better side first where they differ."""
    sides = [one.contrast.first, one.contrast.second]
    if one.outcome == DIFFERENT:
        better, worse = sides if one.gap.estimate > 0 else sides[::-1]
        text = f"{better} reads {abs(one.gap.estimate):.2f} points better than {worse}"
    elif one.outcome == EQUIVALENT:
        text = f"{listed(sides)} differ by less than {one.gap.margin} points"
    else:
        text = f"{listed(sides)} are too close to call"
    return f"{text[0].upper()}{text[1:]}."


def depends(by: str, simple: Sequence[Judged]) -> str:
    """Sentence on the levels of another factor at which two levels differ."""
    shown = [one.contrast.setting for one in simple if one.outcome == DIFFERENT]
    if not shown:
        return f"By {by}: no single difference is shown."
    sizes = [shown[0], *(setting.removeprefix("batch ") for setting in shown[1:])]
    only = " only" if len(shown) < len(simple) else ""
    return f"By {by}: a difference is shown at {listed(sizes)}{only}."


def are(count: int) -> str:
    return "is" if count == 1 else "are"


def below(limit: float) -> str:
    """Limit in points, rounded up, so that "less than" stays true."""
    return f"{math.ceil(round(100 * limit, 6)) / 100:.2f}"


def bound(limit: Bound, settings: int) -> str:
    """Bound on the differences between any two norms, on these test images and on new ones."""
    return (
        f"Any two norms differ by less than {below(limit.these)} points averaged over {settings} settings of penalty and batch size "
        f"(95 %, all pairs at once), and by less than {below(limit.new)} points on new images of the same kind."
    )


def sensitivity(family: Family) -> str:
    """Contrasts that Welch's test, with every configuration's own variance, decides otherwise."""
    return _otherwise(
        "With every configuration's own variance instead (Welch)",
        [(one, one.welch) for one in family.judged],
    )


def without(family: Family, other: Family, what: str) -> str:
    """Contrasts that come out otherwise in another family of the same contrasts."""
    outcomes = {one.contrast.label: one.outcome for one in other.judged}
    return _otherwise(
        what,
        [(one, outcomes.get(one.contrast.label, one.outcome)) for one in family.judged],
    )


def _otherwise(condition: str, outcomes: Sequence[tuple[Judged, str]]) -> str:
    changed = [
        f"{one.contrast.label} is {other} instead of {one.outcome}"
        for one, other in outcomes
        if other != one.outcome
    ]
    if not changed:
        return f"{condition} every outcome is the same."
    return f"{condition} {listed(changed)}; every other outcome is the same."


def interactions(tested: Sequence[Interaction]) -> str:
    """Pairs of factors that interact, and those for which that is not shown."""
    shown = [one for one in tested if one.p < LEVEL]
    open_ones = [" with ".join(one.factors) for one in tested if one.p >= LEVEL]
    clauses = [
        f"{' and '.join(one.factors)} interact (F = {one.f:.1f}, p {_equals(one.p)})"
        for one in shown
    ]
    if open_ones:
        clauses.append(f"no interaction of {listed(open_ones)} is shown")
    sentence = "; ".join(clauses)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _equals(p: float) -> str:
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def cost(family: Family, penalty: str) -> str:
    """Cost of a penalty by batch size: "L1 of 0.0001 costs 0.10 points at batch 16, 0.07 at 32 and less than 0.05 at 128"."""
    costly = {
        f"{one.gap.estimate:.2f}": [one]
        for one in family.judged
        if one.outcome == DIFFERENT and one.gap.estimate > 0
    }
    by_cost = {
        **costly,
        f"less than {MARGIN}": [
            one
            for one in family.judged
            if one.outcome == EQUIVALENT
            or (one.outcome == DIFFERENT and one.gap.estimate < 0)
        ],
        "too close to call": [one for one in family.judged if one.outcome == UNDECIDED],
    }
    clauses: list[str] = []
    for text, judged in by_cost.items():
        if judged:
            sizes = [one.contrast.setting.removeprefix("batch ") for one in judged]
            everywhere = len(judged) == len(family.judged)
            unit, batch = ("", "") if clauses else (" points", "batch ")
            at = "at every batch size" if everywhere else f"at {batch}{listed(sizes)}"
            clauses.append(f"{text}{unit if text[-1].isdigit() else ''} {at}")
    return f"{penalty} costs {listed(clauses)}"


def dose(family: Family, small: float, large: float) -> str:
    """Verdict on the explanation that L1 costs accuracy at small batches because it is applied in more steps."""
    low, high = f"L1 {small:g}", f"L1 {large:g}"
    first = family.find("no penalty", low)
    second = family.find(low, high)
    if not first or not second:
        return "Too few seeds are trained yet."
    numbers = (
        f"at batch 16, L1 of {small:g} (per epoch the penalty of {large:g} at batch 128) costs {_signed(first)} points over the norms "
        f"({first.outcome}); from there to {large:g} costs {_signed(second)} ({second.outcome})."
    )
    if (
        first.outcome == EQUIVALENT
        and second.outcome == DIFFERENT
        and second.gap.estimate > 0
    ):
        return f"The dose explains the cost of L1 at small batches: {numbers}"
    return f"The dose does not explain the cost of L1 by the protocol's rule: {numbers}"


def _signed(one: Judged) -> str:
    return f"{one.gap.estimate:.3f} ± {one.gap.interval.half_width:.3f}"
