"""Sentences about the published rows: which leads, how many pairs differ, and what the penalties do."""

from collections import Counter
from collections.abc import Sequence

from explorer.runs.results import describe
from explorer.study import statistics
from explorer.study.row_comparisons import Leader, Penalties, Question, RowPair
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED
from explorer.study.wording.numbers import listed
from train.study import Row


def name(row: Row) -> str:
    return f"{row.number}  {describe(row.trial)}"


def leader(found: Leader | None) -> str:
    """Which row as labelled has the best mean, and how many of the others are really behind it."""
    if not found:
        return "Too few seeds are trained to name a best row."
    count = Counter(found.outcomes)
    return (
        f"So far row {found.row.number} ({describe(found.row.trial)}) has the best mean as labelled, {found.mean:.2f} % over "
        f"{found.seeds} seeds. Of {len(found.outcomes)} others {count[DIFFERENT]} are shown to be "
        f"behind it, {count[EQUIVALENT]} to be equivalent; {count[UNDECIDED]} are too close to call "
        f"(all {found.family} pairs corrected for)."
    )


def counted(pairs: Sequence[RowPair]) -> str:
    """Numbers of outcomes that are shown, and of those that cannot be told with so many seeds."""
    count = Counter(pair.decision.outcome for pair in pairs)
    return (
        f"{_count(count[DIFFERENT])} shown to differ in accuracy, {_count(count[EQUIVALENT])} shown to be equivalent within "
        f"{statistics.MARGIN} points, and {_count(count[UNDECIDED])} too close to call with so many seeds"
    )


def _count(count: int) -> str:
    return {0: "none is", 1: "1 is"}.get(count, f"{count} are")


def more_seeds(pairs: Sequence[RowPair]) -> str:
    """Number of further seeds that would decide the pairs that are too close to call."""
    open_ = [pair.decision for pair in pairs if pair.decision.outcome == UNDECIDED]
    if not open_:
        return "No pair is too close to call."
    known = sorted(each.more_seeds for each in open_ if each.more_seeds)
    said = []
    if known:
        middle = known[len(known) // 2]
        said.append(
            f"from {known[0]} to {known[-1]} more seeds each, {middle} for half of {len(known)}"
        )
    if never := len(open_) - len(known):
        said.append(f"over {statistics.MOST_SEEDS} seeds each for {never}")
    return (
        "To decide those that are too close to call would take, with 80 % power and if the gaps are as seen, "
        f"{', '.join(said)}."
    )


def question(found: Question) -> str:
    """Name of a comparison in a table or a figure."""
    if found.row:
        return f"row {name(found.row)}: as labelled less as run"
    return f"no penalty, batch {found.a.batch_size}: {found.a.norm} less {found.b.norm}"


def penalties(found: Penalties) -> str:
    """In which rows the penalties change the accuracy."""
    ways: dict[str, list[str]] = {}
    for row, decision in found.decisions.items():
        way = decision.outcome
        if way == DIFFERENT:
            way = "lower" if decision.gap.estimate < 0 else "higher"
        ways.setdefault(way, []).append(str(row.number))
    said = [
        f"accuracy is shown to be {way} in row{'s' if ways[way][1:] else ''} {listed(ways[way])}"
        for way in ("lower", "higher", EQUIVALENT)
        if way in ways
    ]
    if UNDECIDED in ways:
        said.append(f"{len(ways[UNDECIDED])} rows are too close to call")
    said += [f"row {row.number}'s network is destroyed" for row in found.collapsed]
    return (
        f"When the regularisers are applied (each row against itself as run, Holm over {len(found.decisions)} rows): "
        f"{'; '.join(said)}."
    )
