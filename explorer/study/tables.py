"""Data frames of the results of `explorer.study`, for the tables of the tabs and the report and for CSV files."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from explorer.runs.descriptions import JOINT, NO_STUDY, differences
from explorer.study import wording
from explorer.study.calibration import LevelCalibration, Selective
from explorer.study.claims import Arm, Claim
from explorer.study.comparison import PairwiseComparison, Side
from explorer.study.ensembles import Ensembles
from explorer.study.parts import OPEN, Part
from explorer.study.published_table import Line, Runs
from explorer.study.row_comparisons import DifferentRows, Question
from explorer.study.statistics import UNDECIDED, Difference, Interval
from explorer.study.wording.numbers import difference, p_value, plus_minus, seeds


def published(lines: Sequence[Line]) -> pd.DataFrame:
    """Published table beside ours, a line per configuration.

    Accuracies are in percent, with the limits of the 95 % interval of the mean over seeds. `Published best` is the best epoch of
    one run. Ours are means over the seeds of the study that did not diverge, as labelled with the row's penalties and as run
    without them.
    """
    rows = [
        {
            "Row": line.row.number if line.row else None,
            "Norm": line.trial.norm,
            "L1": float(f"{line.trial.l1:g}"),
            "L2": float(f"{line.trial.l2:g}"),
            "Batch": line.trial.batch_size,
            "Rate": line.trial.lr,
            "Other": ", ".join(differences(line.trial)),
            "Published best": line.published,
            **_arm("As labelled", line.labelled),
            **_arm("As run", line.run),
            "State": wording.published_table.state(line),
            "Study": JOINT.join(line.studies) or NO_STUDY,
        }
        for line in lines
    ]
    # Nullable integers, because configurations that were not published have no row.
    return pd.DataFrame(rows).astype({"Row": "Int64"})


def _arm(name: str, runs: Runs) -> dict:
    """Cells of the runs of an arm."""
    interval = runs.interval
    return {
        f"{name}, last": round(runs.mean, 4),
        f"{name}, low": round(interval.low, 4),
        f"{name}, high": round(interval.high, 4),
        f"{name}, best": round(runs.best.mean(), 4) if len(runs.best) else None,
        f"{name}, seeds": len(runs.last),
    }


def different_rows(pairs: Sequence[DifferentRows]) -> pd.DataFrame:
    """Pairs of published rows that differ significantly, a line each."""
    return pd.DataFrame(
        {
            "row": pair.better.number,
            "reads better than row": pair.worse.number,
            "by, points": plus_minus(
                abs(pair.gap.estimate), pair.gap.interval.half_width, 3
            ),
            "new images": f"± {pair.new_images.half_width:.3f}",
            "seeds": numbers_of_seeds(pair.gap),
        }
        for pair in pairs
    )


def questions(asked: Sequence[Question]) -> pd.DataFrame:
    """Comparisons of rows as labelled with as run, and of norms, a line each."""
    return pd.DataFrame(
        {
            "comparison": wording.row_comparisons.question(question),
            "difference, points": difference(question.decision.gap, 3, "+"),
            "new images": f"± {question.new_images.half_width:.3f}",
            "outcome": question.decision.outcome,
            "seeds": numbers_of_seeds(question.decision.gap),
            "more seeds to decide": seeds(question.decision.more_seeds)
            if question.decision.outcome == UNDECIDED
            else "-",
        }
        for question in asked
    )


def seeds_needed(gaps: Sequence[float], deviation: float, pairs: int) -> pd.DataFrame:
    """Number of seeds that show a difference, by its size in points, alone and corrected for a family of pairs."""
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


def numbers_of_seeds(gap: Difference) -> str:
    return "{} and {}".format(*gap.seeds)


def comparison(result: PairwiseComparison) -> pd.DataFrame:
    """Comparison of two configurations, a line per statistic."""
    gap, superiority_interval, single = (
        result.decision.gap,
        result.superiority_interval,
        result.single_runs,
    )
    sides = {"A": result.a, "B": result.b}
    lines = [
        *(_mean(name, side) for name, side in sides.items()),
        *(_seeds(name, side) for name, side in sides.items()),
        *(_deviation(name, side) for name, side in sides.items()),
        (
            "A - B on these images, points",
            f"{gap.estimate:+.3f}, {_span(gap.interval)}",
        ),
        ("A - B on new images, points", _span(result.new_images)),
        (
            f"A - B, corrected for {result.decision.family:,} comparisons, points",
            _span(result.decision.interval),
        ),
        (
            "p of the test that they are equal",
            f"{p_value(gap.p)}; adjusted (Holm) {p_value(result.decision.p)}",
        ),
        (
            f"p of the test that they differ by {gap.margin} points or more (TOST)",
            f"{p_value(gap.p_equivalent)}; adjusted {p_value(result.decision.p_equivalent)}",
        ),
        (
            "difference that these seeds would show with 80 % power, points",
            f"{result.decision.detectable:.3f}",
        ),
        (
            "probability that a run of A beats one of B",
            f"{result.superiority:.0%}, {superiority_interval.low:.0%} to {superiority_interval.high:.0%}",
        ),
        (
            f"one run each (seeds {single.seeds[0]} and {single.seeds[1]})",
            f"only A reads {single.only_a} images, only B {single.only_b}: p = {single.p:.2f} (McNemar)",
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
        f"{side.deviation:.3f}; on all images of this kind {wording.comparison.on_all_images(side.components)}; independent errors would give "
        f"{side.independent_deviation:.3f}",
    )


def _span(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"


def part_fields(part: Part) -> dict:
    """Estimate (a minus b) of a part with its simultaneous interval and its word, by their names in files and JSON."""
    return {
        "part": part.plan.difference,
        "expected": wording.observations.expected(part.plan),
        "estimate": part.gap.estimate,
        **asdict(part.interval),
        "unit": part.plan.unit,
        "margin": part.gap.margin,
        "word": part.word,
    }


def all_parts(judged: list[Claim]) -> pd.DataFrame:
    """Parts of all observations on all arms, a line each."""
    return pd.DataFrame(
        {
            "observation": claim.number,
            "arm": arm.name,
            **part_fields(part),
            "runs of a": part.gap.seeds[0],
            "runs of b": part.gap.seeds[1],
        }
        for claim in judged
        for arm in claim.arms
        for part in arm.parts
    )


def parts(arm: Arm) -> pd.DataFrame:
    """Parts of an observation on one arm, formatted, a line each."""
    return pd.DataFrame(
        {
            "part": part.plan.difference,
            "estimate": f"{part.gap.estimate:+.3f} {part.plan.unit}",
            "interval": f"{part.interval.low:+.3f} to {part.interval.high:+.3f}",
            "word": _word(part),
            "runs": numbers_of_seeds(part.gap),
        }
        for part in arm.parts
    )


def _word(part: Part) -> str:
    """Word of a part; where it is open, with the number of seeds per configuration that could tell."""
    if part.word != OPEN:
        return part.word
    return f"{OPEN} ({seeds(part.seeds_needed)} seeds could tell)"


def calibration(calibrated: list[LevelCalibration]) -> pd.DataFrame:
    """Calibration errors and selective prediction of the levels of a factor, a line each."""
    return pd.DataFrame(
        {
            "level": level.name,
            "runs": level.runs,
            "error, points": difference(level.error, 2),
            "right - sure, points": difference(level.bias, 2, "+"),
            **_selective(level.selective),
        }
        for level in calibrated
    )


def _selective(selective: Selective) -> dict[str, str]:
    coverage, accuracy = selective.coverage_interval, selective.accuracy_interval
    return {
        "answers, %": f"{selective.coverage:.2f} ({coverage.low:.2f} to {coverage.high:.2f})",
        "right, %": f"{selective.accuracy:.3f} ({accuracy.low:.3f} to {accuracy.high:.3f})",
    }


def diagrams(calibrated: list[LevelCalibration]) -> pd.DataFrame:
    """Reliability diagrams of a factor: a row per level and bin."""
    return pd.DataFrame(
        {
            "level": level.name,
            "runs": level.runs,
            "from": bin_.edge,
            "confidence": bin_.confidence,
            "accuracy": bin_.accuracy,
            **asdict(bin_.interval),
            "images": bin_.images,
        }
        for level in calibrated
        for bin_ in level.diagram
    )


def votes(result: Ensembles) -> pd.DataFrame:
    """Votes of networks of one configuration, then of all configurations, a line per number of voters."""
    recipes = [(vote, vote.gain, vote.new_images) for vote in result.votes]
    joint = [
        (vote, None, vote.gain.interval) for vote in (result.voters, result.everybody)
    ]
    return pd.DataFrame(
        {
            "voters": vote.voters,
            "of": "one configuration" if gap else "all configurations",
            "accuracy, %": f"{vote.accuracy:.3f}",
            "gain, points": f"{vote.gain.estimate:.3f}",
            "these images": f"± {gap.interval.half_width:.3f}" if gap else "-",
            "new images": f"± {new_images.half_width:.3f}",
        }
        for vote, gap, new_images in (*recipes, *joint)
    )
