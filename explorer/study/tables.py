"""Data frames of the results of `explorer.study`: the tables of the tabs and of the report, and what they save as CSV."""

import pandas as pd

from explorer.runs.results import describe
from explorer.study import records
from explorer.study.calibration import LevelCalibration, Selective
from explorer.study.claims import Claim
from explorer.study.comparison import PairwiseComparison, Side
from explorer.study.effects import Effects
from explorer.study.robustness import Curve, LevelPair
from explorer.study.statistics import Interval
from explorer.study.wording.numbers import p_value, plus_minus


def comparison(found: PairwiseComparison) -> pd.DataFrame:
    """Two configurations compared, a line per number, in words."""
    gap, share, one = (
        found.decision.gap,
        found.superiority_interval,
        found.single_runs,
    )
    sides = {"A": found.a, "B": found.b}
    lines = [
        *(_mean(name, side) for name, side in sides.items()),
        *(_seeds(name, side) for name, side in sides.items()),
        *(_deviation(name, side) for name, side in sides.items()),
        (
            "A - B on these images, points",
            f"{gap.estimate:+.3f}, {_span(gap.interval)}",
        ),
        ("A - B on new images, points", _span(found.new_images)),
        ("p of the test that they are equal (Welch)", p_value(gap.p)),
        (
            f"p of the test that they differ by {gap.margin} points or more (TOST)",
            p_value(gap.p_equivalent),
        ),
        (
            "probability that a run of A beats one of B",
            f"{found.superiority:.0%}, {share.low:.0%} to {share.high:.0%}",
        ),
        (
            f"one run each (seeds {one.seeds[0]} and {one.seeds[1]})",
            f"only A reads {one.only_a} images, only B {one.only_b}: p = {one.p:.2f} (McNemar)",
        ),
    ]
    return pd.DataFrame(lines, columns=["what", "value"])


def _mean(name: str, side: Side) -> tuple[str, str]:
    return (
        f"{name}: mean of {len(side.accuracies)} seeds, %",
        f"{side.mean:.3f}, 95 % interval {_span(side.interval)}; new images {_span(side.new_images)}",
    )


def _seeds(name: str, side: Side) -> tuple[str, str]:
    return (
        f"{name}: every seed, %",
        ", ".join(f"{value:.2f}" for value in side.accuracies),
    )


def _deviation(name: str, side: Side) -> tuple[str, str]:
    return (
        f"{name}: deviation between seeds, points",
        f"{side.deviation:.3f}; independent errors would give {side.independent_deviation:.3f}",
    )


def _span(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"


def runs(found: PairwiseComparison) -> list[tuple]:
    """For a picture of two configurations: their words, norm and accuracies in percent, one per seed."""
    return [
        (describe(side.trial), side.trial.norm, side.accuracies)
        for side in (found.a, found.b)
    ]


def claims(judged: list[Claim]) -> pd.DataFrame:
    """Every comparison of every claim, a line each, with its intervals and p values."""
    return pd.DataFrame(
        {"claim": claim["number"], "arm": arm["arm"], **each}
        | dict(zip(("runs of a", "runs of b"), each["seeds"], strict=True))
        for claim in records.claims(judged)
        for arm in claim["arms"]
        for each in arm["comparisons"]
    ).drop(columns="seeds", errors="ignore")


def levels(found: Effects) -> pd.DataFrame:
    """How far the levels of each factor lie from the mean of the grid."""
    return pd.DataFrame(
        {
            "level": level.name,
            "deviation, points": round(level.deviation, 3),
            "95 % interval": f"{level.interval.low:+.3f} to {level.interval.high:+.3f}",
            "p (Holm)": p_value(level.p),
            "runs": level.runs,
        }
        for level in found.levels
    )


def terms(found: Effects) -> pd.DataFrame:
    """The factors and their pairs, a line each."""
    return pd.DataFrame(
        {
            "term": term.name,
            "F": round(term.f, 1),
            "p (Holm)": p_value(term.p),
            "partial eta squared": round(term.eta_squared, 2),
        }
        for term in found.terms
    )


def calibration(found: list[LevelCalibration]) -> pd.DataFrame:
    """The levels of a factor, a line each: their calibration error, and what comes of the threshold."""
    return pd.DataFrame(
        {
            "level": level.name,
            "runs": level.runs,
            "error, points": plus_minus(level.error, 2),
            **_selective(level.selective),
        }
        for level in found
    )


def _selective(found: Selective) -> dict[str, str]:
    coverage, accuracy = found.coverage_interval, found.accuracy_interval
    return {
        "answers, %": f"{found.coverage:.2f} ({coverage.low:.2f} to {coverage.high:.2f})",
        "right, %": f"{found.accuracy:.3f} ({accuracy.low:.3f} to {accuracy.high:.3f})",
    }


def diagrams(found: list[LevelCalibration]) -> pd.DataFrame:
    """The reliability diagrams of a factor as numbers: a row per level and bin."""
    return pd.DataFrame(
        {"level": level.name, "runs": level.runs, **records.bin_of_diagram(each)}
        for level in found
        for each in level.diagram
    )


def robustness(found: list[LevelPair]) -> pd.DataFrame:
    """Every pair of levels of a factor under every corruption, a line each."""
    return pd.DataFrame(
        {
            "corruption": pair.corruption,
            "a": pair.a,
            "b": pair.b,
            "a - b, points": plus_minus(pair.gap, 2, "+"),
            "p (Holm)": p_value(pair.p),
            "outcome": pair.outcome,
            "runs": "{} and {}".format(*pair.gap.seeds),
        }
        for pair in found
    )


def robustness_under(found: list[LevelPair], corruption: str) -> pd.DataFrame:
    """The pairs under one corruption, for reading beside a plot."""
    rows = robustness([pair for pair in found if pair.corruption == corruption])
    rows.insert(0, "pair", rows.a + " - " + rows.b)
    return rows[["pair", "a - b, points", "p (Holm)", "outcome"]].rename(
        columns={"a - b, points": "points"}
    )


def curves(found: list[Curve]) -> pd.DataFrame:
    """The curves of a factor as numbers: a row per level and strength."""
    return pd.DataFrame(
        {"level": curve.name, "runs": curve.runs, **records.point(each)}
        for curve in found
        for each in curve.points
    )
