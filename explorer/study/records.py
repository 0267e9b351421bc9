"""Dictionaries for JSON of the results of `explorer.study`: the answers of the endpoints."""

from collections.abc import Iterable
from dataclasses import asdict

from explorer.runs.results import Results, describe
from explorer.study import wording
from explorer.study.calibration import Bin, LevelCalibration, Selective
from explorer.study.claims import Arm, Claim, Comparison
from explorer.study.comparison import PairwiseComparison, Side
from explorer.study.effects import FACTOR_LABELS, Effects
from explorer.study.robustness import Curve, LevelPair, Point
from train.checkpoint import Checkpoint


def choices(results: Results, without: Iterable[Checkpoint] = ()) -> list[dict]:
    """The finished trials that a page offers: name, words and accuracy to read, and the family that they stand in."""
    left_out = {found.trial for found in without}
    return [
        {
            "name": trial.name,
            "family": f"{trial.norm}, {trial.regulariser}",
            "words": f"{describe(trial)}, seed {trial.seed}",
            "accuracy": f"{accuracy:.2%}",
        }
        for trial, accuracy in results.accuracies
        if trial not in left_out
    ]


def comparison(found: PairwiseComparison) -> dict:
    """Two configurations compared; accuracies in percent, differences (a - b) in points."""
    gap = found.decision.gap
    return {
        "a": _side(found.a),
        "b": _side(found.b),
        "outcome": found.decision.outcome,
        "verdict": wording.comparison.verdict(found),
        "difference": {
            "points": gap.estimate,
            **asdict(gap.interval),
            "new_images": asdict(found.new_images),
            "p": gap.p,
            "p_equivalent": gap.p_equivalent,
            "margin": gap.margin,
        },
        "a_beats_b": {
            "probability": found.superiority,
            **asdict(found.superiority_interval),
        },
        "one_run": asdict(found.single_runs) | {"seeds": [*found.single_runs.seeds]},
        "more_seeds": found.decision.more_seeds,
    }


def _side(side: Side) -> dict:
    return {
        "trial": side.trial.config,
        "seeds": len(side.accuracies),
        "accuracies": side.accuracies.tolist(),
        "mean": side.mean,
        **asdict(side.interval),
        "new_images": asdict(side.new_images),
        "deviation": side.deviation,
        "independent_deviation": side.independent_deviation,
    }


def claims(judged: list[Claim]) -> list[dict]:
    """The claims, with every number that stands behind a verdict."""
    return [
        {
            "number": claim.number,
            "observation": claim.observation,
            "verdict": claim.verdict,
            "test": claim.test,
            "arms": list(map(_arm, claim.arms)),
        }
        for claim in judged
    ]


def _arm(arm: Arm) -> dict:
    return {
        "arm": arm.name,
        "verdict": arm.verdict,
        "words": wording.claims.arm(arm),
        "comparisons": list(map(_of_claim, arm.comparisons)),
    }


def _of_claim(found: Comparison) -> dict:
    return {
        "comparison": found.words,
        "expected": wording.claims.expected(found),
        "unit": found.unit,
        "difference": found.gap.estimate,
        **asdict(found.gap.interval),
        "p": found.gap.p,
        "p_adjusted": found.p,
        "p_equivalent": found.gap.p_equivalent,
        "outcome": found.outcome,
        "seeds": found.gap.seeds,
    }


def effects(found: Effects) -> dict:
    """The effects over the grid; accuracies in percent, deviations in points."""
    return {
        "runs": found.runs,
        "mean": found.mean,
        "terms": [
            {
                "term": term.name,
                "f": term.f,
                "degrees_of_freedom": term.df,
                "p": term.p,
                "partial_eta_squared": term.eta_squared,
            }
            for term in found.terms
        ],
        "levels": [
            {
                "factor": FACTOR_LABELS[level.factor],
                "level": level.level,
                "deviation": level.deviation,
                **asdict(level.interval),
                "p": level.p,
                "runs": level.runs,
            }
            for level in found.levels
        ],
    }


def calibration(found: dict[str, list[LevelCalibration]]) -> dict:
    """By factor a record per level: the error in points, the diagram, and what comes of a threshold, in percent."""
    return {factor: list(map(_calibrated, some)) for factor, some in found.items()}


def _calibrated(level: LevelCalibration) -> dict:
    return {
        "level": level.name,
        "runs": level.runs,
        "calibration_error": level.error.estimate,
        **asdict(level.error.interval),
        "below": [*level.below],
        "diagram": list(map(_bin, level.diagram)),
        "selective": _selective(level.selective),
    }


def _bin(found: Bin) -> dict:
    return {
        "from": found.edge,
        "confidence": found.confidence,
        "accuracy": found.accuracy,
        **asdict(found.interval),
        "images": found.images,
    }


def _selective(found: Selective) -> dict:
    return {
        "threshold": found.threshold,
        "coverage": found.coverage,
        "coverage_low": found.coverage_interval.low,
        "coverage_high": found.coverage_interval.high,
        "accuracy": found.accuracy,
        "accuracy_low": found.accuracy_interval.low,
        "accuracy_high": found.accuracy_interval.high,
    }


def robustness(
    curves: dict[str, list[Curve]], pairs: dict[str, list[LevelPair]]
) -> dict:
    """By factor the curves of the levels under one corruption, in percent, and their differences under all, in points."""
    return {
        "curves": {factor: list(map(_curve, some)) for factor, some in curves.items()},
        "differences": {
            factor: list(map(_level_pair, some)) for factor, some in pairs.items()
        },
    }


def _curve(found: Curve) -> dict:
    return {
        "level": found.name,
        "runs": found.runs,
        "curve": list(map(_point, found.points)),
    }


def _point(found: Point) -> dict:
    return {
        "strength": found.strength,
        "accuracy": found.accuracy,
        **asdict(found.interval),
    }


def _level_pair(found: LevelPair) -> dict:
    return {
        "corruption": found.corruption,
        "a": found.a,
        "b": found.b,
        "difference": found.gap.estimate,
        **asdict(found.gap.interval),
        "p_adjusted": found.p,
        "outcome": found.outcome,
        "runs": found.gap.seeds,
    }
