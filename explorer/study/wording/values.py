"""Sentences about columns of results that somebody brings: what was found out about their text, and the judgement."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import stats

from explorer.study.columns import COMMA, Column
from explorer.study.run_samples import (
    BEST,
    LONG,
    TENSORBOARD,
    WANDB_CHART,
    WIDE,
    Table,
)
from explorer.study.statistics import DIFFERENT, EQUIVALENT, LEVEL, UNDECIDED, Interval
from explorer.study.values import Judged, Pair
from explorer.study.wording.numbers import listed, p_equals, seeds, share

GIVEN, PERCENT, FRACTION = "", "percent", "fraction"
FEW = 5  # below it the words say how little the runs can show
MOST_NAMES = 5  # of runs in a sentence
NORMAL = 10  # below it nobody can see whether runs are skewed
ALLOWED = f"{100 * LEVEL:.0f} %"  # of comparisons that may err
DELIMITERS = {
    ",": "commas between columns",
    ";": "semicolons between columns",
    "\t": "tabs between columns",
    " ": "spaces between columns",
}
KINDS = {
    WANDB_CHART: "A chart exported from wandb",
    TENSORBOARD: "Scalars exported from TensorBoard",
    LONG: "A table with a line per run",
}


def of_differences(unit: str) -> str:
    """Unit of differences: points of percentages; the label that somebody named; empty for none."""
    return "points" if unit in (PERCENT, FRACTION) else unit


def of_values(unit: str) -> str:
    return "%" if unit in (PERCENT, FRACTION) else unit


def runs(count: int | str) -> str:
    return f"{count} run{'' if count in (1, '1') else 's'}"


def are_fractions(table: Table) -> bool:
    """True where all numbers lie between 0 and 1, without percent signs."""
    values = [value for column in table.columns for value in column.values]
    values = values or [run.value for run in table.runs]
    return not table.form.is_percent and all(0 <= value <= 1 for value in values)


def found(table: Table, unit: str, higher_is_better: bool, is_by_name: bool) -> str:
    """Sentence on a text: its form, and what was taken of it."""
    parts = [_taken(table)]
    form = table.form
    signs = [DELIMITERS[form.delimiter]] if form.delimiter else []
    signs.append("decimal comma" if form.decimal == COMMA else "decimal point")
    signs.append("a header" if form.has_header else "no header")
    if form.is_percent:
        signs.append("percent signs")
    if _is_first_far(table):
        parts.append("The first line is far from the others: say if it is a header.")
    parts.append(f"Read with {listed(signs)}.")
    direction = "Higher is better" if higher_is_better else "Lower is better"
    by = f", by the name {table.measure}" if is_by_name else ""
    parts.append(f"{direction}{by}.")
    if unit == GIVEN and are_fractions(table):
        parts.append("All numbers lie between 0 and 1; they are kept as they are.")
    if unit == FRACTION:
        parts.append("Fractions are shown as percent, differences in points.")
    if table.left_out:
        names = [name or "a column without a name" for name in table.left_out]
        parts.append(f"Left out, because no results: {listed(names)}.")
    return " ".join(parts)


def _is_first_far(table: Table) -> bool:
    """True where the first line was taken for a run, and is far outside the range of the others in every column."""
    if table.form.has_header or table.kind != WIDE:
        return False
    every = [one.values for one in table.columns]
    return all(
        len(x) > 2 and abs(x[0] - x[1:].mean()) > 5 * np.ptp(x[1:]) > 0 for x in every
    )


def _taken(table: Table) -> str:
    if table.kind == WIDE:
        reduction = table.reduction
        of_runs = f" of the {reduction} value of each run" if reduction else ""
        sizes = [f"{one.name} ({len(one)})" for one in table.columns]
        return f"Columns{of_runs} with their numbers of runs: {listed(sizes)}."
    of_each = f", the {table.reduction} value of each" if table.reduction else ""
    by = f" Runs with the same {table.by} belong together." if table.by else ""
    if by and table.also_by:
        by += f" So might those with the same {listed([*table.also_by], 'or')}: choose."
    if not table.by and table.columns:
        by = " Runs whose names differ in the last number belong together."
    return f"{KINDS.get(table.kind, 'A table of runs exported from wandb')}: {table.measure} of {runs(len(table.runs))}{of_each}.{by}"


def needed(table: Table) -> str:
    """Request where nothing in a text tells which runs belong together."""
    return (
        f"Say which of the {runs(len(table.runs))} belong together: two groups or more."
    )


def digits(judged: Judged) -> int:
    """Digits behind the point of differences and means: two of the smallest half width, and one more than the columns show at most."""
    shown = max(-math.log10(column.resolution) for column in judged.columns)
    half = min(pair.decision.interval.half_width for pair in judged.pairs)
    wanted = 1 - math.floor(math.log10(half)) if half else shown
    return int(max(0, min(round(shown) + 1, wanted, 12)))


def verdict(judged: Judged, unit: str) -> str:
    """Outcome of two columns, or the set of several that may be the best."""
    pair, *more = judged.pairs
    if not more:
        return of_pair(pair, judged, unit)
    best = [column.name for column in judged.best]
    others = [c.name for c in judged.columns if c.name not in best]
    if not others:
        sentence = f"Any of the {len(best)} may be the best: none is shown to be worse than another."
    else:
        one = len(others) == 1
        head = (
            f"Only {best[0]} may be the best"
            if len(best) == 1
            else f"{listed(best)} may be the best"
        )
        sentence = f"{head}: {listed(others)} {'is' if one else 'are each'} shown to be worse than another."
    return f"{sentence} {_counted(judged, unit)}"


def _counted(judged: Judged, unit: str) -> str:
    """Numbers of pairs by outcome."""
    count = Counter(pair.decision.outcome for pair in judged.pairs)
    equal = ""
    if margin := judged.setting.margin:
        equal = (
            f"{count[EQUIVALENT]} equivalent within {_amount(f'{margin:g}', unit)}, "
        )
    return f"Of {len(judged.pairs)} pairs {count[DIFFERENT]} differ, {equal}{count[UNDECIDED]} too close to call."


def of_pair(pair: Pair, judged: Judged, unit: str) -> str:
    """Outcome of two columns, with their means and the difference; of single runs on condition of their deviation."""
    said = _outcome(pair, judged, unit)
    deviation = judged.setting.deviation
    if min(len(pair.a), len(pair.b)) > 1 or not deviation:
        return said
    condition = f"If runs vary by {_amount(f'{deviation:.3g}', unit)}"
    return f"{condition}: {said[0].lower()}{said[1:]}"


def _outcome(pair: Pair, judged: Judged, unit: str) -> str:
    decision, places = pair.decision, digits(judged)
    numbers = _numbers(pair, places, unit)
    if pair.better and pair.worse:
        return (
            f"Different, {pair.better.name} is better than {pair.worse.name}: {numbers}"
        )
    margin = judged.setting.margin
    if decision.outcome == EQUIVALENT:
        return f"Equivalent within {_amount(f'{margin:g}', unit)}: {numbers}"
    gap, interval = decision.gap.estimate, decision.interval
    if gap < 0:
        gap, interval = -gap, Interval(-interval.high, -interval.low)
    larger = pair.a if decision.gap.estimate > 0 else pair.b
    lead = "ahead" if larger is pair.ahead else "behind"
    said = f"{larger.name} is {lead} by {_amount(f'{gap:.{places}f}', unit)}"
    if not gap:
        said = "the means are equal"
    return (
        f"Too close to call: {said} ({_bound(interval.low, places)} to {_bound(interval.high, places)}); with {_runs_of(pair)} a difference of "
        f"{_amount(f'{decision.detectable:.{places}f}', unit)} would be seen{_takes(pair, margin)}."
    )


def _bound(value: float, places: int) -> str:
    """End of an interval, with digits enough that it does not round to 0."""
    while value and places < 12 and not round(value, places):
        places += 1
    return f"{value:+.{places}f}"


def _numbers(pair: Pair, places: int, unit: str) -> str:
    """Means, the one of the better column first where they differ, their difference and the numbers of runs."""
    sides = [pair.a, pair.b]
    if pair.better is pair.b:
        sides.reverse()
    first, second = (f"{side.values.mean():.{places}f}" for side in sides)
    decision = pair.decision
    gap = f"{abs(decision.gap.estimate):.{places}f} ± {decision.interval.half_width:.{places}f}"
    return f"{first} against {_value(second, unit)}, difference {_amount(gap, unit)}, {_runs_of(pair)}."


def _amount(number: str, unit: str) -> str:
    return f"{number} {of_differences(unit)}".strip()


def _value(number: str, unit: str) -> str:
    return f"{number} {of_values(unit)}".strip()


def _runs_of(pair: Pair) -> str:
    first, second = len(pair.a), len(pair.b)
    return f"{runs(first)} each" if first == second else f"{first} and {runs(second)}"


def _takes(pair: Pair, margin: float | None) -> str:
    """Clause on the runs that see a difference of the margin, where these do not."""
    if not margin or pair.decision.detectable <= margin:
        return ""
    return f", {margin:g} would take {seeds(pair.decision.seeds_to_see(margin))} runs of each"


def notes(
    judged: Judged, unit: str, table: Table | None = None, is_ours: bool = False
) -> str:
    """Test and correction, and what weakens the verdict."""
    sentences = [_test(judged), *_single(judged, unit, is_ours), *_few(judged, unit)]
    sentences += _unlike(judged)
    for column, sample in zip(judged.columns, judged.samples, strict=True):
        if len(column) > 1 and not column.values.std():
            sentences.append(
                f"All runs of {column.name} are equal: they are taken to vary by rounding at the last digit shown, {sample.resolution:g}."
            )
    if table and table.reduction == BEST:
        sentences.append(
            "The best value of each run was taken, which is a selection: the more often a run is measured, the better its best."
        )
    sentences += _of_runs(table) if table else []
    if judged.setting.margin is None:
        sentences.append("Without a margin nothing is called equivalent.")
    return " ".join(sentences)


def _of_runs(table: Table) -> list[str]:
    """Sentences on runs that failed or ended early."""
    sentences = []
    if table.unfinished:
        names = _some(table.unfinished)
        sentences.append(f"Taken although not finished: {names}.")
    if table.without_value:
        names = _some(table.without_value)
        sentences.append(f"Left out, because without a value: {names}.")
    if table.early:
        names = _some(table.early)
        sentences.append(f"Ended before the last step of the others: {names}.")
    return sentences


def _some(names: Sequence[str]) -> str:
    """Names, at most so many that a sentence stays short."""
    more = len(names) - MOST_NAMES
    return listed([*names[:MOST_NAMES], *([f"{more} more"] if more > 0 else [])])


def _test(judged: Judged) -> str:
    pair, *others = judged.pairs
    name = "Welch's test, guarded for few runs"
    if len(judged.single) == len(judged.columns):
        name = "Normal test with a known deviation"
    if judged.setting.is_paired:
        keys = pair.a.keys if pair.b.keys else ()
        by = (
            f"with the same {keys[0].split()[0]}"
            if keys
            else "in the order of the runs"
        )
        name = f"Student's paired test of {len(pair.a)} pairs {by}"
    if others:
        return (
            f"{name}; corrected for all {len(judged.pairs)} pairs (Holm): where all columns are alike, at most {ALLOWED} of such tables "
            "call any pair different."
        )
    p = pair.decision.p
    said, of_all = p_equals(p), share(p)
    if round(p, 2) == LEVEL:  # as rounded it would not show its side of the level
        said, of_all = f"= {p:.4f}", f"{100 * p:.2f} %"
    return f"{name}: p {said}. If there were no difference, a gap this large would come up in {of_all} of such comparisons."


def _single(judged: Judged, unit: str, is_ours: bool) -> list[str]:
    """Sentence on columns with one run."""
    deviation = judged.setting.deviation
    if not deviation:
        return []
    if not judged.single:
        return [
            "The deviation that was named is not used: every column has two runs or more."
        ]
    names = listed([column.name for column in judged.single])
    whose = "that was named"
    if is_ours:
        whose = "between the seeds of our own networks on MNIST, from which yours may be far,"
    return [
        f"One run shows nothing of how runs vary. For {names} the deviation of {_amount(f'{deviation:.3g}', unit)} {whose} is taken for exactly "
        "known: the verdict is only as good as that."
    ]


def _few(judged: Judged, unit: str) -> list[str]:
    """Sentence on how little few runs show."""
    counts = [len(column) for column in judged.columns if len(column) > 1]
    if not counts or min(counts) >= NORMAL:
        return []
    sentences = []
    if min(counts) < FEW:
        least = max(pair.decision.detectable for pair in judged.pairs)
        sentences.append(
            f"{runs(min(counts))} are few: differences below {_amount(f'{least:.{digits(judged)}f}', unit)} would often be missed."
        )
    if not judged.setting.is_paired:
        sentences.append(
            f"The {ALLOWED} hold for results that are normal, or skewed and spread alike; so few runs cannot show whether they are."
        )
    return sentences


def _unlike(judged: Judged) -> list[str]:
    """Sentence on the two columns whose deviations differ most, where an F test tells them apart."""
    several: Sequence[Column] = [c for c in judged.columns if len(c) > 1]
    if judged.setting.is_paired or len(several) < 2:
        return []
    several = sorted(several, key=lambda column: column.values.std(ddof=1))
    low, high = several[0], several[-1]
    deviations = [column.values.std(ddof=1) for column in (low, high)]
    if not deviations[0]:
        return []
    ratio = deviations[1] / deviations[0]
    p = 2 * stats.f.sf(ratio**2, len(high) - 1, len(low) - 1)
    if p * len(several) * (len(several) - 1) / 2 >= LEVEL:
        return []
    return [
        f"The runs of {high.name} vary {ratio:.1f} times as much as those of {low.name}: if they are skewed as well, a difference that is not there "
        f"is called in more than {ALLOWED} of comparisons."
    ]


def chance(pair: Pair) -> str:
    """Chance that a new run of the column with the better mean is better than one of the other; empty where a column has one run."""
    interval, probability = pair.superiority_interval, pair.superiority
    if not interval or probability is None:
        return ""
    first, second = pair.a, pair.b
    if pair.ahead is pair.b:
        first, second = second, first
        probability = 1 - probability
        interval = Interval(1 - interval.high, 1 - interval.low)
    count = len(pair.a) * len(pair.b)
    low, high = f"{100 * interval.low:.0f}", f"{100 * interval.high:.0f}"
    if probability == 1:
        return (
            f"In all {count} pairs of runs {first.name} is better than {second.name}; a new run of it is better than a new one of "
            f"{second.name} in {low} to {high} % of cases."
        )
    middle = f"{100 * probability:.{1 if probability >= 0.995 else 0}f}"
    return f"A new run of {first.name} is better than one of {second.name} in {middle} % of cases ({low} to {high} %)."


def plan(judged: Judged, unit: str) -> str:
    """Sentence on what these runs can show, and how many more would decide."""
    pair, *others = judged.pairs
    if others:
        return ""
    decision = pair.decision
    seen = f"With these runs a difference of {_amount(f'{decision.detectable:.{digits(judged)}f}', unit)} or more would be seen with 80 % power."
    if decision.outcome != UNDECIDED:
        return seen
    more = decision.more_seeds
    if not more:
        return (
            f"{seen} If the gap seen is the true one, over 1,000 runs would not decide."
        )
    each = "more pairs" if judged.setting.is_paired else "more runs of each"
    if more == 1:
        each = each.replace("pairs", "pair").replace("runs", "run")
    return f"{seen} If the gap seen is the true one, {more} {each} would decide with 80 % power."
