"""Sentences about families of contrasts: simultaneous bounds, sensitivity checks, interactions, and the dose of L1."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from explorer.study.factorial import Interaction
from explorer.study.families import Bound, Family, Judged
from explorer.study.statistics import DIFFERENT, EQUIVALENT, LEVEL, MARGIN, UNDECIDED
from explorer.study.wording.numbers import listed, p_value


def counted(family: Family) -> str:
    """Numbers of contrasts by outcome: "of 15, 8 differ, 7 are equivalent within 0.05 points, 0 are too close to call"."""
    return f"of {len(family.judged)}, {counts(family)}"


def counts(family: Family) -> str:
    """Numbers of contrasts by outcome, without their total."""
    count = Counter(one.outcome for one in family.judged)
    different, equal, rest = (
        count[outcome] for outcome in (DIFFERENT, EQUIVALENT, UNDECIDED)
    )
    return (
        f"{different} {'differs' if different == 1 else 'differ'}, {equal} {are(equal)} equivalent within {MARGIN} points, "
        f"{rest} {are(rest)} too close to call"
    )


def read(differing: Sequence[Judged]) -> str:
    """Differences with the worse side first: "BN reads 0.14 points less than GN and 0.13 less than LN"."""
    by_worse: dict[str, list[str]] = {}
    for one in differing:
        names = one.contrast.first, one.contrast.second
        worse, better = names if one.gap.estimate < 0 else names[::-1]
        amounts = by_worse.setdefault(worse, [])
        unit = "" if amounts else "points "
        amounts.append(f"{abs(one.gap.estimate):.2f} {unit}less than {better}")
    return listed(
        [f"{worse} reads {listed(amounts)}" for worse, amounts in by_worse.items()]
    )


def pair(one: Judged) -> str:
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
    return by_welch(
        [(one.contrast.label, one.outcome, one.welch) for one in family.judged]
    )


def by_welch(outcomes: Sequence[tuple[str, str, str]]) -> str:
    """As `sensitivity`, from labels, outcomes and outcomes by Welch's test."""
    return _otherwise(
        "With every configuration's own variance instead (Welch)", outcomes
    )


def on_new_images(family: Family) -> str:
    """Contrasts that differ on these test images, but whose interval on new ones includes 0; empty where there is none."""
    unsure = [
        one.contrast.label
        for one in family.judged
        if one.outcome == DIFFERENT
        and one.new_images
        and one.new_images.low <= 0 <= one.new_images.high
    ]
    if not unsure:
        return ""
    return f"Shown on these test images only, as the interval on new ones includes 0: {listed(unsure)}."


def checks(family: Family) -> str:
    """Sentences below the table of a family: differences that new images need not show, and what Welch's test decides otherwise."""
    return " ".join(filter(None, (on_new_images(family), sensitivity(family))))


def without(family: Family, other: Family, what: str) -> str:
    """Contrasts that come out otherwise in another family of the same contrasts."""
    outcomes = {one.contrast.label: one.outcome for one in other.judged}
    return _otherwise(
        what,
        [
            (label, one.outcome, outcomes.get(label, one.outcome))
            for one in family.judged
            for label in [one.contrast.label]
        ],
    )


def _otherwise(condition: str, outcomes: Sequence[tuple[str, str, str]]) -> str:
    changed = [
        f"{label} is {other} instead of {outcome}"
        for label, outcome, other in outcomes
        if other != outcome
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
    """Cost of a penalty by batch size: "L1 of 0.0001 costs 0.10 points at batch 16, 0.07 at 32 and less than 0.05 at 128"; gains first."""
    gains, amounts = (
        {
            f"{abs(one.gap.estimate):.2f}": [one]
            for one in family.judged
            if one.outcome == DIFFERENT and sign * one.gap.estimate > 0
        }
        for sign in (-1, 1)
    )
    costs = {
        **amounts,
        f"less than {MARGIN}": [
            one for one in family.judged if one.outcome == EQUIVALENT
        ],
        "too close to call": [one for one in family.judged if one.outcome == UNDECIDED],
    }
    clauses: list[str] = []
    for verb, by_amount in (("gains", gains), ("costs", costs)):
        at = [
            f"{amount} {_sizes(judged, family)}"
            for amount, judged in by_amount.items()
            if judged
        ]
        if at:
            clauses.append(f"{verb} {listed(at)}")
    return f"{penalty} {_with_units(' and '.join(clauses))}"


def _sizes(judged: Sequence[Judged], family: Family) -> str:
    if len(judged) == len(family.judged):
        return "at every batch size"
    return (
        f"at {listed([one.contrast.setting.removeprefix('batch ') for one in judged])}"
    )


def _with_units(text: str) -> str:
    """Text with the units after its first amount: "0.10 points at batch 16"; every further amount has the same."""
    text = re.sub(r"(\d\.\d+) at", r"\1 points at", text, count=1)
    return re.sub(r" at (\d)", r" at batch \1", text, count=1)


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
