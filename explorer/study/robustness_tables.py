"""Data frames of `explorer.study.robustness`, as those of `explorer.study.tables`."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from explorer.digits.corruptions import Corruption
from explorer.study.robustness import MARGIN, Curve, LevelPair
from explorer.study.statistics import DIFFERENT
from explorer.study.tables import numbers_of_seeds
from explorer.study.wording.numbers import difference, p_value

BEYOND = f"by more than {MARGIN}"


def differences(pairs: list[LevelPair]) -> pd.DataFrame:
    """Differences between levels of a factor under every corruption, a line each."""
    return pd.DataFrame(
        {
            "corruption": pair.corruption,
            "a": pair.a,
            "b": pair.b,
            "a - b, points": difference(pair.gap, 2, "+"),
            "p (Holm)": p_value(pair.p),
            "outcome": pair.outcome,
            BEYOND: "yes" if pair.exceeds_margin else "no",
            "runs": numbers_of_seeds(pair.gap),
        }
        for pair in pairs
    )


def strengths(pairs: list[LevelPair]) -> pd.DataFrame:
    """Differences between levels of a factor at every strength, a line each."""
    rows = differences(pairs)
    rows.insert(1, "strength", [pair.strength for pair in pairs])
    return rows


def by_strength(
    panels: Sequence[tuple[Corruption, list[Curve]]], pairs: list[LevelPair]
) -> pd.DataFrame:
    """Accuracies of the levels at every strength, and the pairs that differ there, a line per corruption and strength."""
    return pd.DataFrame(
        {
            "corruption": corruption.name,
            "strength": f"{strength:g}",
            **{
                curve.name: f"{point.accuracy:.2f}"
                for curve in curves
                for point in curve.points
                if point.strength == strength
            },
            "differ": _joined([pair for pair in here if pair.outcome == DIFFERENT]),
            BEYOND: _joined([pair for pair in here if pair.exceeds_margin]),
        }
        for corruption, curves in panels
        for strength in corruption.strengths
        for here in [_at(pairs, corruption.name, strength)]
    )


def _at(pairs: list[LevelPair], corruption: str, strength: float) -> list[LevelPair]:
    return [
        pair
        for pair in pairs
        if (pair.corruption, pair.strength) == (corruption, strength)
    ]


def _joined(pairs: list[LevelPair]) -> str:
    return ", ".join(f"{pair.a}-{pair.b}" for pair in pairs) or "none"


def under(pairs: list[LevelPair], corruption: str) -> pd.DataFrame:
    """Differences between levels under one corruption, for display beside a plot."""
    rows = differences([pair for pair in pairs if pair.corruption == corruption])
    rows.insert(0, "pair", rows.a + " - " + rows.b)
    return rows[["pair", "a - b, points", "p (Holm)", "outcome", BEYOND]].rename(
        columns={"a - b, points": "points"}
    )


def less(pairs: list[LevelPair], corruption: str, baseline: str) -> pd.DataFrame:
    """Accuracy of every level less that of a baseline under one corruption, in points, with its 95 % interval: a row per level and strength.

    `pairs` are those of `robustness.by_strength`, whose intervals these are.
    """
    rows = []
    for pair in pairs:
        if pair.corruption != corruption or baseline not in (pair.a, pair.b):
            continue
        gap, interval = pair.gap.estimate, pair.gap.interval
        if pair.b == baseline:
            rows.append((pair.a, pair.strength, gap, interval.low, interval.high))
        else:
            rows.append((pair.b, pair.strength, -gap, -interval.high, -interval.low))
    return pd.DataFrame(rows, columns=["level", "strength", "points", "low", "high"])


def curves(level_curves: list[Curve]) -> pd.DataFrame:
    """Robustness curves of a factor: a row per level and strength."""
    return pd.DataFrame(
        {
            "level": curve.name,
            "runs": curve.runs,
            "strength": point.strength,
            "accuracy": point.accuracy,
            **asdict(point.interval),
        }
        for curve in level_curves
        for point in curve.points
    )
