"""Sentences about the published rows: outcomes of the pairs, and effects of the penalties."""

from collections import Counter
from collections.abc import Sequence

from explorer.runs.descriptions import describe
from explorer.study import decisions, statistics
from explorer.study.decisions import Decision
from explorer.study.row_comparisons import Penalties, Question, RowPair
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED
from explorer.study.wording import families
from explorer.study.wording.numbers import listed
from train.study import Row


def name(row: Row) -> str:
    return f"{row.number}  {describe(row.trial)}"


def counted(pairs: Sequence[RowPair]) -> str:
    """Numbers of pairs by outcome."""
    count = Counter(pair.decision.outcome for pair in pairs)
    return (
        f"{_count(count[DIFFERENT])} shown to differ in accuracy, {_count(count[EQUIVALENT])} shown to be equivalent within "
        f"{statistics.MARGIN} points, and {_count(count[UNDECIDED])} too close to call with so many seeds"
    )


def _count(count: int) -> str:
    return {0: "none is", 1: "1 is"}.get(count, f"{count} are")


def question(asked: Question) -> str:
    """Label of a planned comparison in a table or a figure."""
    if asked.row:
        return f"row {name(asked.row)}: as labelled minus as run"
    return (
        f"no penalty, batch {asked.a.batch_size}: {asked.a.norm} minus {asked.b.norm}"
    )


def by_welch(labels: Sequence[str], family: Sequence[Decision]) -> str:
    """Comparisons that Welch's test, with every configuration's own variance, decides otherwise."""
    outcomes = decisions.by_welch(family)
    return families.by_welch(
        [
            (label, decision.outcome, other)
            for label, decision, other in zip(labels, family, outcomes, strict=True)
        ]
    )


def penalties(result: Penalties) -> str:
    """Rows by the effect of their penalty on the accuracy."""
    rows_by_change: dict[str, list[str]] = {}
    for row, decision in result.decisions.items():
        change = decision.outcome
        if change == DIFFERENT:
            change = "lower" if decision.gap.estimate < 0 else "higher"
        rows_by_change.setdefault(change, []).append(str(row.number))
    parts = [
        f"accuracy is shown to be {change} in row{'s' if rows_by_change[change][1:] else ''} {listed(rows_by_change[change])}"
        for change in ("lower", "higher", EQUIVALENT)
        if change in rows_by_change
    ]
    if UNDECIDED in rows_by_change:
        parts.append(f"{len(rows_by_change[UNDECIDED])} rows are too close to call")
    parts += [f"row {row.number} collapses below 90 %" for row in result.collapsed]
    return (
        f"When the regularisers are applied (each row against itself as run, Holm over {result.family} planned comparisons): "
        f"{'; '.join(parts)}."
    )
