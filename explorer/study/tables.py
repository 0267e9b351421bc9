"""Data frames of the results of `explorer.study`: the tables of the tabs and of the report, and what they save as CSV."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import pandas as pd

from explorer.runs.results import JOINT, NO_STUDY, differences
from explorer.study import wording
from explorer.study.calibration import LevelCalibration, Selective
from explorer.study.claims import Claim
from explorer.study.comparison import PairwiseComparison, Side
from explorer.study.effects import Effects
from explorer.study.published_table import Line, Runs
from explorer.study.robustness import Curve, LevelPair
from explorer.study.row_comparisons import DifferentRows, Question
from explorer.study.statistics import UNDECIDED, Difference, Interval
from explorer.study.wording.numbers import difference, p_value, plus_minus, seeds
from train.study import Trial, studies_of


def published(lines: Sequence[Line]) -> pd.DataFrame:
    """The published table beside ours, a line per configuration.

    Accuracies are in percent, with the 95 % interval over seeds and in brackets their number: "99.41 ± 0.05 (3)".
    `Published best` is the best epoch of one run. Ours are means over the seeds of the study that
    did not diverge: as labelled with the penalties that the row names, as run without.
    """
    rows = [
        {
            "Row": line.row.number if line.row else None,
            **_configuration(line.trial),
            "Published best": round(100 * line.row.accuracy, 2) if line.row else None,
            "As labelled, last": _last(line.labelled),
            "As labelled, best": _best(line.labelled),
            "As run, last": _last(line.run),
            "Study": JOINT.join(studies_of(replace(line.trial, seed=Trial.seed)))
            or NO_STUDY,
        }
        for line in lines
    ]
    return pd.DataFrame(rows).astype({"Row": "Int64"})  # that of others is missing


def published_line(lines: Sequence[Line], cells: list) -> Line | None:
    """The line with these cells in `published`."""
    shown = _identity(*cells[1:6])
    return next(
        (
            line
            for line in lines
            if _identity(*_configuration(line.trial).values()) == shown
        ),
        None,
    )


def _configuration(trial: Trial) -> dict:
    """The cells that tell configurations apart."""
    return {
        "Norm": trial.norm,
        "L1": float(f"{trial.l1:g}"),
        "L2": float(f"{trial.l2:g}"),
        "Batch": trial.batch_size,
        "Other": ", ".join(differences(trial)),
    }


def _identity(norm: str, l1, l2, batch_size, other: str) -> tuple:
    """The cells of `_configuration` for comparison; a browser may send numbers as text."""
    return norm, *(f"{float(each):g}" for each in (l1, l2, batch_size)), other


def _last(found: Runs) -> str:
    if not found.trials:
        return "-"
    return f"{plus_minus(found.mean, found.interval.half_width)} ({len(found.last)})"


def _best(found: Runs) -> str:
    return f"{found.best.mean():.2f} ({len(found.best)})" if found.trials else "-"


def different_rows(found: Sequence[DifferentRows]) -> pd.DataFrame:
    """Pairs of published rows that are shown to differ, a line each."""
    return pd.DataFrame(
        {
            "row": each.better.number,
            "reads better than row": each.worse.number,
            "by, points": plus_minus(
                abs(each.gap.estimate), each.gap.interval.half_width, 3
            ),
            "new images": f"± {each.new_images.half_width:.3f}",
            "seeds": _both(each.gap),
        }
        for each in found
    )


def questions(found: Sequence[Question]) -> pd.DataFrame:
    """What a penalty did to each row, and norm against norm, a line each."""
    return pd.DataFrame(
        {
            "comparison": wording.row_comparisons.question(each),
            "difference, points": difference(each.decision.gap, 3, "+"),
            "new images": f"± {each.new_images.half_width:.3f}",
            "outcome": each.decision.outcome,
            "seeds": _both(each.decision.gap),
            "more seeds to decide": seeds(each.decision.more_seeds)
            if each.decision.outcome == UNDECIDED
            else "-",
        }
        for each in found
    )


def seeds_needed(gaps: Sequence[float], deviation: float, pairs: int) -> pd.DataFrame:
    """Number of seeds that show differences of so many points, alone and as one of so many pairs."""
    return pd.DataFrame(
        {
            "difference, points": f"{gap:.2f}",
            "seeds": wording.comparison.needed(gap, deviation),
            f"seeds, corrected for {pairs} pairs": wording.comparison.needed(
                gap, deviation, max(1, pairs)
            ),
        }
        for gap in gaps
    )


def _both(gap: Difference) -> str:
    return "{} and {}".format(*gap.seeds)


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


def claims(judged: list[Claim]) -> pd.DataFrame:
    """Every comparison of every claim, a line each, with its intervals and p values."""
    return pd.DataFrame(
        {
            "claim": claim.number,
            "arm": arm.name,
            "comparison": each.words,
            "expected": wording.claims.expected(each),
            "unit": each.unit,
            "difference": each.gap.estimate,
            **asdict(each.gap.interval),
            "p": each.gap.p,
            "p_adjusted": each.p,
            "p_equivalent": each.gap.p_equivalent,
            "outcome": each.outcome,
            "runs of a": each.gap.seeds[0],
            "runs of b": each.gap.seeds[1],
        }
        for claim in judged
        for arm in claim.arms
        for each in arm.comparisons
    )


def evidence(claim: Claim, units: bool) -> pd.DataFrame:
    """Every comparison of a claim for reading, a line each; the difference with its unit or without."""
    return pd.DataFrame(
        {
            "arm": arm.name,
            "comparison": each.words,
            "expected": wording.claims.expected(each),
            "difference": difference(each.gap, 3, "+")
            + (f" {each.unit}" if units else ""),
            "p (Holm)": p_value(each.p),
            "outcome": each.outcome,
            "runs": _both(each.gap),
        }
        for arm in claim.arms
        for each in arm.comparisons
    )


def arms(claim: Claim) -> pd.DataFrame:
    """The verdict of a claim on each arm, and why."""
    return pd.DataFrame(
        {"arm": arm.name, "verdict": arm.verdict, "why": wording.claims.arm(arm)}
        for arm in claim.arms
    )


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


def f_tests(found: Effects) -> pd.DataFrame:
    """The terms of `terms` with their degrees of freedom, in words."""
    return pd.DataFrame(
        {
            "term": term.name,
            "F": f"{term.f:.1f} ({term.df[0]}, {term.df[1]})",
            "p (Holm)": p_value(term.p),
            "partial eta squared": f"{term.eta_squared:.2f}",
        }
        for term in found.terms
    )


def calibration(found: list[LevelCalibration]) -> pd.DataFrame:
    """The levels of a factor, a line each: their calibration error, and what comes of the threshold."""
    return pd.DataFrame(
        {
            "level": level.name,
            "runs": level.runs,
            "error, points": difference(level.error, 2),
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
        {
            "level": level.name,
            "runs": level.runs,
            "from": each.edge,
            "confidence": each.confidence,
            "accuracy": each.accuracy,
            **asdict(each.interval),
            "images": each.images,
        }
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
            "a - b, points": difference(pair.gap, 2, "+"),
            "p (Holm)": p_value(pair.p),
            "outcome": pair.outcome,
            "runs": _both(pair.gap),
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
        {
            "level": curve.name,
            "runs": curve.runs,
            "strength": each.strength,
            "accuracy": each.accuracy,
            **asdict(each.interval),
        }
        for curve in found
        for each in curve.points
    )
