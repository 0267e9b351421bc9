"""Data frame of the judgement of columns that somebody brings."""

import math
from collections.abc import Iterator

import pandas as pd

from explorer.study import values
from explorer.study.columns import Column
from explorer.study.statistics import LEVEL, Interval
from explorer.study.values import Judged, Pair
from explorer.study.variance import Sample
from explorer.study.wording import values as words
from explorer.study.wording.numbers import p_value


def judged(result: Judged, unit: str) -> pd.DataFrame:
    """Columns and their pairs, a line per statistic."""
    digits, label = words.digits(result), words.of_differences(unit)
    in_unit = f", {label}" if label else ""
    lines = [
        line
        for column, sample in zip(result.columns, result.samples, strict=True)
        for line in _column(column, sample, digits, in_unit)
    ]
    lines += [line for pair in result.pairs for line in _pair(pair, digits, in_unit)]
    return pd.DataFrame(lines, columns=["what", "value"])


def _column(
    column: Column, sample: Sample, digits: int, in_unit: str
) -> Iterator[tuple[str, str]]:
    name, interval = column.name, values.mean_interval(sample)
    mean = f"{sample.mean:.{digits}f}"
    if interval:
        mean += f", 95 % interval {_span(interval, digits)}"
    yield f"{name}: mean of {words.runs(len(column))}", mean
    shown = min(12, max(0, round(-math.log10(column.resolution))))
    every = ", ".join(f"{value:.{shown}f}" for value in column.values)
    yield f"{name}: every run", every
    deviation = values.deviation(sample)
    if deviation is not None:
        yield f"{name}: deviation between runs{in_unit}", f"{deviation:.{digits}f}"


def _pair(pair: Pair, digits: int, in_unit: str) -> Iterator[tuple[str, str]]:
    decision, gap = pair.decision, pair.decision.gap
    name = f"{pair.a.name} - {pair.b.name}"
    span = _span(decision.interval_at(LEVEL), digits)
    yield f"{name}{in_unit}", f"{gap.estimate:+.{digits}f}, {span}"
    adjusted = "guarded" if decision.guard else "decides with"
    if decision.family > 1:
        adjusted = f"{adjusted} and corrected" if decision.guard else "corrected"
        label = f"corrected for {decision.family} comparisons"
        if not decision.is_joint:
            label = "at the level of Holm's last step, by itself"
        yield (
            f"{name}, {label}{in_unit}",
            _span(decision.interval, digits),
        )
    yield (
        f"{name}: p of the test that they are equal",
        f"{p_value(gap.p)}; {adjusted} {p_value(decision.p)}",
    )
    if gap.margin is not None:
        yield (
            f"{name}: p of the test that they differ by {gap.margin:g} or more (TOST)",
            f"{p_value(gap.p_equivalent)}; {adjusted} {p_value(decision.p_equivalent)}",
        )
    yield (
        f"{name}: difference that these runs would show with 80 % power{in_unit}",
        f"{decision.detectable:.{digits}f}",
    )
    if interval := pair.superiority_interval:
        yield (
            f"probability that a new run of {pair.a.name} is better than one of {pair.b.name}",
            f"{_share(pair)}, {interval.low:.0%} to {interval.high:.0%}",
        )


def _share(pair: Pair) -> str:
    """Share of the pairs of runs in which a is better; a word where it is all or none, because runs are few."""
    count = len(pair.a) * len(pair.b)
    words = {1.0: f"all {count} pairs", 0.0: f"none of {count} pairs"}
    return words.get(pair.superiority or 0.0, f"{pair.superiority:.0%}")


def _span(interval: Interval, digits: int) -> str:
    return f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"


def as_json(frame: pd.DataFrame) -> dict:
    return {"headers": [*frame], "data": frame.to_numpy().tolist()}
