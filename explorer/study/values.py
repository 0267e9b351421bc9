"""Judgement of columns of results that somebody brings: every pair, and the columns that may be the best.

Welch's test, guarded because few runs are usual here, or Student's paired one: such columns have no study whose variance could be pooled.
All numbers have the unit of the columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from explorer.study import power, statistics, variance
from explorer.study.columns import RANGE, Column, ColumnsError, is_usable
from explorer.study.decisions import Decision
from explorer.study.statistics import (
    DIFFERENT,
    LEVEL,
    Difference,
    Interval,
)
from explorer.study.variance import Prior, Sample
from explorer.study.welch_size import Guard

Groups = tuple[tuple[float, Sample], ...]  # weights and samples of a contrast


@dataclass(frozen=True)
class Setting:
    """Setting of a comparison of columns."""

    margin: float | None  # of equivalence; None where nobody names one
    is_paired: bool = False  # run i of every column has the same seed
    higher_is_better: bool = True
    deviation: float | None = None  # between runs, of columns with a single one


@dataclass(frozen=True, eq=False)
class ColumnDecision(Decision):
    """Comparison of two columns, a - b."""

    tested: Groups  # the columns, or the differences of their pairs
    guard: Guard | None  # None where the test is exact for normal runs

    @property
    def is_joint(self) -> bool:
        """True where the interval holds together with those of all pairs (Bonferroni); false of a pair that only a later step of Holm's shows."""
        return self.level <= LEVEL / self.family

    @cached_property
    def interval(self) -> Interval:
        return self.interval_at(self.level)

    def interval_at(self, level: float) -> Interval:
        """Interval of the difference with the coverage 1 - `level`: with `LEVEL` that of this pair by itself."""
        if not self.guard:
            return self.gap.interval_at(level)
        return self.guard.interval(self.gap, level)

    @cached_property
    def detectable(self) -> float:
        level, df = LEVEL / self.family, self.gap.df
        if self.guard:
            level, df = self.guard.level(level), self.guard.df(self.gap)
        return power.detectable(self.gap.error, df, level)

    @property
    def _errors(self) -> power.Errors:
        return power.of_samples(self.tested)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two columns compared; differences are a - b."""

    a: Column
    b: Column
    decision: ColumnDecision
    superiority: (
        float | None
    )  # probability that a new run of a is better than one of b; None where a column has one run
    superiority_interval: Interval | None
    higher_is_better: bool

    @property
    def better(self) -> Column | None:
        """Column that is shown to be better; None where none is."""
        if self.decision.outcome != DIFFERENT:
            return None
        return self.ahead

    @property
    def ahead(self) -> Column:
        """Column with the better mean."""
        return (
            self.a
            if (self.decision.gap.estimate > 0) == self.higher_is_better
            else self.b
        )

    @property
    def worse(self) -> Column | None:
        """Column that is shown to be worse; None where none is."""
        if not self.better:
            return None
        return self.b if self.better is self.a else self.a


@dataclass(frozen=True, eq=False)
class Judged:
    """Columns judged as one family of all their pairs."""

    columns: tuple[Column, ...]
    samples: tuple[Sample, ...]
    pairs: tuple[Pair, ...]  # of `itertools.combinations` of the columns
    setting: Setting

    @cached_property
    def best(self) -> tuple[Column, ...]:
        """Columns that are shown to be worse than none, the best mean first: the best one is among them with 95 % probability."""
        beaten = {id(pair.worse) for pair in self.pairs if pair.worse}
        sign = -1 if self.setting.higher_is_better else 1
        kept = [one for one in self.columns if id(one) not in beaten]
        return tuple(sorted(kept, key=lambda one: sign * float(one.values.mean())))

    @property
    def single(self) -> tuple[Column, ...]:
        """Columns with one run."""
        return tuple(one for one in self.columns if len(one) == 1)


def judge(columns: Sequence[Column], setting: Setting) -> Judged:
    """Judgement of two columns or more. Raises `ColumnsError`."""
    _check(columns, setting)
    if setting.is_paired:
        columns = _aligned(columns)
    samples = tuple(_sample(column, setting.deviation) for column in columns)
    tested = [_tested(a, b, setting.is_paired) for a, b in combinations(samples, 2)]
    decisions = _decide(tested, list(combinations(samples, 2)), setting.margin)
    pairs = [
        _pair(a, b, decision, setting)
        for (a, b), decision in zip(combinations(columns, 2), decisions, strict=True)
    ]
    return Judged(tuple(columns), samples, tuple(pairs), setting)


def _decide(
    tested: Sequence[Groups],
    pairs: Sequence[tuple[Sample, Sample]],
    margin: float | None,
) -> list[ColumnDecision]:
    """Decisions on pairs as one family (Holm), as in `statistics.judge`, with guarded p values."""
    gaps = [_gap(groups, margin) for groups in tested]
    guards = [_guard(groups, LEVEL / len(tested)) for groups in tested]
    both = list(zip(gaps, guards, strict=True))
    different = statistics.holm(
        [guard.p(gap) if guard else gap.p for gap, guard in both]
    )
    equivalent = statistics.holm(
        [guard.p_equivalent(gap) if guard else gap.p_equivalent for gap, guard in both]
    )
    together = LEVEL / len(tested)
    ended = LEVEL / max(1, sum(p >= LEVEL for p in different))

    def level(gap: Difference, guard: Guard | None, p: float) -> float:
        own = guard.p(gap) if guard else gap.p
        return ended if p < LEVEL and own >= together else together

    return [
        ColumnDecision(
            gap, p, q, len(gaps), level(gap, guard, p), samples, groups, guard
        )
        for gap, p, q, samples, groups, guard in zip(
            gaps, different, equivalent, pairs, tested, guards, strict=True
        )
    ]


def _guard(groups: Groups, level: float) -> Guard | None:
    """Guard of Welch's test; None of Student's, and where both deviations are taken for known."""
    df = [float(KNOWN if sample.prior else sample.own_df) for _, sample in groups]
    if len(df) < 2 or min(df) == KNOWN:
        return None
    return Guard.of(df[0], df[1], level)


def _check(columns: Sequence[Column], setting: Setting):
    if len(columns) < 2:
        raise ColumnsError("A comparison needs two columns of results.")
    names = [column.name for column in columns]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ColumnsError(f"Two columns have the name {name}.", "names")
    _check_setting(setting)
    if setting.is_paired:
        _aligned(columns)
        _check_pairs(columns)
    elif not setting.deviation:
        for column in columns:
            if len(column) == 1:
                raise ColumnsError(
                    f"Line {column.lines[0]}, column {column.name}: one value says nothing about the spread between runs; "
                    "name a deviation, or add runs.",
                    "deviation",
                )


def _check_setting(setting: Setting):
    for what, number in (
        ("margin", setting.margin),
        ("deviation", setting.deviation),
    ):
        if number is not None and not (_is_number(number) and 0 < number < math.inf):
            raise ColumnsError(f"The {what} must be a number above 0.", what)
        if number and not is_usable(number):
            raise ColumnsError(f"The {what} must lie {RANGE}.", what)
    for what, flag in (
        ("paired", setting.is_paired),
        ("higher_is_better", setting.higher_is_better),
    ):
        if not isinstance(flag, bool):
            raise ColumnsError(f"The setting {what} must be true or false.", what)


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_pairs(columns: Sequence[Column]):
    first = columns[0]
    if len(first) < 2:
        raise ColumnsError(
            f"Column {first.name} has one value: a paired comparison needs two pairs or more.",
            "paired",
        )
    for column in columns[1:]:
        if len(column) != len(first):
            longer, shorter = sorted((column, first), key=len, reverse=True)
            raise ColumnsError(
                f"Line {longer.lines[len(shorter)]}, column {longer.name}: a value without its pair, because {longer.name} has "
                f"{len(longer)} values and {shorter.name} {len(shorter)}.",
                "paired",
            )


def _aligned(columns: Sequence[Column]) -> list[Column]:
    """Columns with the runs of the same key in the same position, where they have keys. Raises `ColumnsError` where a run has no pair."""
    keys = columns[0].keys
    if not all(column.keys for column in columns):
        return [*columns]
    for column in columns:
        for at, key in enumerate(column.keys):
            if key in column.keys[:at]:
                raise ColumnsError(
                    f"Line {column.lines[at]}, column {column.name}: {key} is there twice, so it cannot tell pairs.",
                    "paired",
                )
        for one, other in ((columns[0], column), (column, columns[0])):
            for key, line in zip(one.keys, one.lines, strict=True):
                if key not in other.keys:
                    raise ColumnsError(
                        f"Line {line}, column {one.name}: a value without its pair, because {other.name} has no {key}.",
                        "paired",
                    )
    order = [[column.keys.index(key) for key in keys] for column in columns]
    return [
        replace(
            column,
            values=column.values[at],
            lines=tuple(column.lines[i] for i in at),
            keys=keys,
        )
        for column, at in zip(columns, order, strict=True)
    ]


def _sample(column: Column, deviation: float | None) -> Sample:
    """Runs of a column. The variance of a single run is that of the deviation that somebody named, taken for exactly known."""
    prior = None
    if len(column) == 1 and deviation:
        prior = Prior(deviation**2, math.inf, KNOWN)
    return Sample(column.values, prior, column.resolution)


KNOWN = 10**9  # degrees of freedom of a deviation that is taken for known


def _tested(a: Sample, b: Sample, is_paired: bool) -> Groups:
    if not is_paired:
        return (1.0, a), (-1.0, b)
    # The difference of two rounded numbers varies by rounding twice.
    resolution = math.hypot(a.resolution, b.resolution)
    return ((1.0, Sample(a.values - b.values, None, resolution)),)


def _gap(groups: Groups, margin: float | None) -> Difference:
    if all(len(sample.values) > 1 for _, sample in groups):
        return variance.contrast(groups, margin)
    error, df = variance.error_of_sum(
        (weight**2 * sample.variance / len(sample.values), sample.df, sample.prior)
        for weight, sample in groups
    )
    a, b = (sample for _, sample in groups)
    seeds = len(a.values), len(b.values)
    return Difference(a.mean - b.mean, error, df, seeds, margin)


def _pair(a: Column, b: Column, decision: ColumnDecision, setting: Setting) -> Pair:
    superiority = None, None
    if min(len(a), len(b)) > 1:
        sign = 1 if setting.higher_is_better else -1
        superiority = statistics.superiority(sign * a.values, sign * b.values)
    return Pair(a, b, decision, *superiority, setting.higher_is_better)


def mean_interval(sample: Sample) -> Interval | None:
    """95 % interval of a column's mean; None for a single run."""
    return sample.interval if len(sample.values) > 1 else None


def deviation(sample: Sample) -> float | None:
    """Standard deviation between runs; None for a single run."""
    return float(np.std(sample.values, ddof=1)) if len(sample.values) > 1 else None
