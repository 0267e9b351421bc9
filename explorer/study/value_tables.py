"""Data frames of the judgement of columns that somebody brings."""

from __future__ import annotations

import pandas as pd

from explorer.study import values
from explorer.study.statistics import Interval
from explorer.study.values import Judged
from explorer.study.wording import values as words
from explorer.study.wording.numbers import p_value


def judged(result: Judged, unit: str) -> pd.DataFrame:
    """Columns and their pairs, a line per statistic."""
    digits = words.digits(result)
    of = words.of_differences(unit)
    in_unit = f", {of}" if of else ""

    def span(interval: Interval) -> str:
        return f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"

    lines: list[tuple[str, str]] = []
    for column, sample in zip(result.columns, result.samples, strict=True):
        interval, deviation = values.mean_interval(sample), values.deviation(sample)
        mean = f"{sample.mean:.{digits}f}"
        lines += [
            (
                f"{column.name}: mean of {words.runs(len(column))}",
                f"{mean}, 95 % interval {span(interval)}" if interval else mean,
            ),
            (
                f"{column.name}: every run",
                ", ".join(f"{value:.{digits}f}" for value in column.values),
            ),
        ]
        if deviation is not None:
            lines.append(
                (
                    f"{column.name}: deviation between runs{in_unit}",
                    f"{deviation:.{digits}f}",
                )
            )
    for pair in result.pairs:
        decision, gap = pair.decision, pair.decision.gap
        name = f"{pair.a.name} - {pair.b.name}"
        lines.append(
            (
                f"{name}{in_unit}",
                f"{gap.estimate:+.{digits}f}, {span(gap.interval)}",
            )
        )
        if len(result.pairs) > 1:
            lines.append(
                (
                    f"{name}, corrected for {len(result.pairs)} comparisons{in_unit}",
                    span(decision.interval),
                )
            )
        lines.append(
            (
                f"{name}: p of the test that they are equal",
                f"{p_value(gap.p)}; adjusted {p_value(decision.p)}",
            )
        )
        if gap.margin is not None:
            lines.append(
                (
                    f"{name}: p of the test that they differ by {gap.margin:g} or more (TOST)",
                    f"{p_value(gap.p_equivalent)}; adjusted {p_value(decision.p_equivalent)}",
                )
            )
        lines.append(
            (
                f"{name}: difference that these runs would show with 80 % power{in_unit}",
                f"{decision.detectable:.{digits}f}",
            )
        )
        if pair.superiority_interval:
            interval = pair.superiority_interval
            lines.append(
                (
                    f"probability that a new run of {pair.a.name} is better than one of {pair.b.name}",
                    f"{pair.superiority:.0%}, {interval.low:.0%} to {interval.high:.0%}",
                )
            )
    return pd.DataFrame(lines, columns=["what", "value"])


def as_json(frame: pd.DataFrame) -> dict:
    return {"headers": [*frame], "data": frame.to_numpy().tolist()}
