"""Sentences about columns of results that somebody brings."""

from __future__ import annotations

import math

from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED
from explorer.study.trackers import Table
from explorer.study.values import Judged, Pair
from explorer.study.wording.numbers import listed, seeds


def of_differences(unit: str) -> str:
    return "points" if unit in ("percent", "fraction") else unit


def of_values(unit: str) -> str:
    return "%" if unit in ("percent", "fraction") else unit


def runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def are_fractions(table: Table) -> bool:
    """True where all numbers lie between 0 and 1, without percent signs."""
    return not table.form.is_percent and all(
        0 <= value <= 1 for column in table.columns for value in column.values
    )


def digits(judged: Judged) -> int:
    """Digits behind the point that differences and means are shown with: two of the smallest interval, and one more than the columns at most."""
    shown = max(-math.log10(column.resolution) for column in judged.columns)
    half = min(pair.decision.gap.interval.half_width for pair in judged.pairs)
    needed = 1 - math.floor(math.log10(half)) if half else shown
    return int(max(0, min(round(shown) + 1, needed, 12)))


def needed(table: Table) -> str:
    return f"Say which of the {len(table.runs)} runs belong together: nothing in their names tells."


def found(table: Table, unit: str) -> str:
    return table.kind


def verdict(judged: Judged, unit: str) -> str:
    if len(judged.pairs) == 1:
        return of_pair(judged.pairs[0], judged, unit)
    names = [column.name for column in judged.best]
    return f"{listed(names)} may be the best."


def of_pair(pair: Pair, judged: Judged, unit: str) -> str:
    return {
        DIFFERENT: "Different",
        EQUIVALENT: "Equivalent",
        UNDECIDED: "Too close to call",
    }[pair.decision.outcome]


def notes(
    judged: Judged, unit: str, table: Table | None = None, is_ours: bool = False
) -> str:
    return ""


def plan(judged: Judged, unit: str) -> str:
    return seeds(None)
