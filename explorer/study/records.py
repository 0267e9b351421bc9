"""JSON records of the results of `explorer.study`, which the endpoints answer."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import cache

from explorer.runs.descriptions import differences, penalties
from explorer.study import tables, wording
from explorer.study.calibration import Bin, LevelCalibration, Selective
from explorer.study.claims import Arm, Claim, Comparison
from explorer.study.comparison import PairwiseComparison, Side
from explorer.study.effects import FACTOR_LABELS, Effects
from explorer.study.ensembles import Ensembles, JointVote, Vote
from explorer.study.parts import Part
from explorer.study.robustness import Curve, LevelPair, Point
from train.study import ROWS, Trial


@cache
def _labelled() -> dict[str, int]:
    """Numbers of the published rows, by the configuration that each is labelled with."""
    return {row.trial.config: row.number for row in ROWS}


def configurations(trials: Iterable[Trial]) -> list[dict]:
    """Configurations for menus of their settings, as one trial of each: `rate` has whatever else differs from the recipe, too.

    `row` is the published row that is labelled so, or None.
    """
    return [
        {
            "name": trial.config,
            "row": _labelled().get(trial.config),
            "norm": trial.norm,
            "penalty": ", ".join(penalties(trial)) or "none",
            "batch": trial.batch_size,
            "rate": ", ".join(
                [f"{trial.lr:g}", *differences(replace(trial, lr=Trial.lr))]
            ),
        }
        for trial in trials
    ]


def comparison(result: PairwiseComparison) -> dict:
    """Comparison of two configurations; accuracies in percent, differences (a - b) in points."""
    gap = result.decision.gap
    return {
        "a": _side(result.a),
        "b": _side(result.b),
        "outcome": result.decision.outcome,
        "verdict": wording.comparison.verdict(result),
        "notes": wording.comparison.notes(result),
        "difference": {
            "points": gap.estimate,
            **asdict(gap.interval),
            "new_images": asdict(result.new_images),
            "p": gap.p,
            "p_equivalent": gap.p_equivalent,
            "margin": gap.margin,
            "corrected": asdict(result.decision.interval),
            "p_adjusted": result.decision.p,
        },
        "family": len(result.family),
        "detectable": result.decision.detectable,
        "a_beats_b": {
            "probability": result.superiority,
            **asdict(result.superiority_interval),
        },
        "one_run": asdict(result.single_runs) | {"seeds": [*result.single_runs.seeds]},
        "more_seeds": result.decision.more_seeds,
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
        "deviation_on_all_images": side.components.on_all_images,
        "independent_deviation": side.independent_deviation,
    }


DEPRECATED = "`verdict`, `words` and `comparisons` follow the rule before the observations had parts; use `parts`."


def claims(judged: list[Claim]) -> list[dict]:
    """Claims, with all their parts; and, by the earlier rule, with a verdict and the comparisons behind it."""
    return [
        {
            "number": claim.number,
            "observation": claim.observation,
            "verdict": claim.verdict,
            "deprecated": DEPRECATED,
            "test": claim.test,
            "arms": list(map(_arm, claim.arms)),
        }
        for claim in judged
    ]


def _arm(arm: Arm) -> dict:
    return {
        "arm": arm.name,
        "sentence": wording.observations.sentence(arm),
        "parts": list(map(_part, arm.parts)),
        "verdict": arm.verdict,
        "words": wording.claims.arm(arm),
        "comparisons": list(map(_comparison, arm.comparisons)),
    }


def _part(part: Part) -> dict:
    return tables.part_fields(part) | {
        "seeds": [*part.gap.seeds],
        "seeds_needed": part.seeds_needed,
    }


def _comparison(comparison: Comparison) -> dict:
    gap = comparison.gap
    return {
        "comparison": comparison.label,
        "expected": wording.claims.expected(comparison),
        "unit": comparison.unit,
        "difference": gap.estimate,
        **asdict(gap.interval),
        "p": gap.p,
        "p_adjusted": comparison.p,
        "p_equivalent": gap.p_equivalent,
        "outcome": comparison.outcome,
        "seeds": gap.seeds,
    }


def cards(judged: list[Claim]) -> list[dict]:
    """Cards of the observations: by arm a sentence, and for each part a sentence and a link."""
    return [
        {
            "title": f"{claim.number}. {claim.observation}",
            "arms": {arm.study: _card(arm) for arm in claim.arms},
        }
        for claim in judged
    ]


def _card(arm: Arm) -> dict:
    return {
        "sentence": wording.observations.sentence(arm),
        "lacking": wording.claims.lacking(arm) if arm.parts else "",
        "parts": [
            _part(part)
            | {
                "says": wording.observations.of_part(part),
                "link": wording.observations.link(part.plan),
            }
            for part in arm.parts
        ],
    }


def effects(fit: Effects) -> dict:
    """Effects over the grid; accuracies in percent, deviations in points."""
    return {
        "runs": fit.runs,
        "mean": fit.mean,
        "terms": [
            {
                "term": term.name,
                "f": term.f,
                "degrees_of_freedom": term.df,
                "p": term.p,
                "partial_eta_squared": term.eta_squared,
            }
            for term in fit.terms
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
            for level in fit.levels
        ],
    }


def ensembles(result: Ensembles) -> dict:
    """Churn and votes of networks; percent of the test images, gains in points."""
    return {
        "configurations": result.configurations,
        "studies": result.scope,
        "alone": result.alone,
        "churn": {
            "share": result.churn.share.estimate,
            **asdict(result.churn.share.interval),
            "one_right": result.churn.one_right,
            "both_wrong": result.churn.both_wrong,
        },
        "votes": [
            {
                **_vote(vote),
                **asdict(vote.gain.interval),
                "new_images": asdict(vote.new_images),
            }
            for vote in result.votes
        ],
        "all_voters": _joint_vote(result.voters),
        "all_networks": _joint_vote(result.everybody),
    }


def _vote(vote: Vote | JointVote) -> dict:
    return {
        "voters": vote.voters,
        "accuracy": vote.accuracy,
        "gain": vote.gain.estimate,
    }


def _joint_vote(vote: JointVote) -> dict:
    return {**_vote(vote), "new_images": asdict(vote.gain.interval)}


def calibration(by_factor: dict[str, list[LevelCalibration]]) -> dict:
    """Calibration of every level, by factor: error in points, reliability diagram and selective prediction in percent."""
    return {
        factor: list(map(_calibrated, levels)) for factor, levels in by_factor.items()
    }


def _calibrated(level: LevelCalibration) -> dict:
    return {
        "level": level.name,
        "runs": level.runs,
        "calibration_error": level.error.estimate,
        **asdict(level.error.interval),
        "below": [*level.below],
        "accuracy_minus_confidence": {
            "points": level.bias.estimate,
            **asdict(level.bias.interval),
            "p_adjusted": level.bias_p,
        },
        "diagram": list(map(_bin, level.diagram)),
        "selective": _selective(level.selective),
    }


def _bin(bin_: Bin) -> dict:
    return {
        "from": bin_.edge,
        "confidence": bin_.confidence,
        "accuracy": bin_.accuracy,
        **asdict(bin_.interval),
        "images": bin_.images,
    }


def _selective(selective: Selective) -> dict:
    return {
        "threshold": selective.threshold,
        "coverage": selective.coverage,
        "coverage_low": selective.coverage_interval.low,
        "coverage_high": selective.coverage_interval.high,
        "accuracy": selective.accuracy,
        "accuracy_low": selective.accuracy_interval.low,
        "accuracy_high": selective.accuracy_interval.high,
    }


def robustness(
    curves: dict[str, list[Curve]],
    pairs: dict[str, list[LevelPair]],
    strengths: dict[str, list[LevelPair]],
    re_estimated: tuple[list[Curve], list[LevelPair]],
) -> dict:
    """By factor, curves of the levels under one corruption in percent, their differences under all corruptions in points, and those at every strength.

    `re_estimated` are the curves of batch norm with re-estimated averages, and its differences.
    """
    return {
        "curves": {
            factor: list(map(_curve, results)) for factor, results in curves.items()
        },
        "differences": {
            factor: list(map(_level_pair, results)) for factor, results in pairs.items()
        },
        "strengths": {
            factor: [
                _level_pair(pair) | {"strength": pair.strength} for pair in results
            ]
            for factor, results in strengths.items()
        },
        "re_estimated": {
            "curves": list(map(_curve, re_estimated[0])),
            "differences": list(map(_level_pair, re_estimated[1])),
        },
    }


def _curve(curve: Curve) -> dict:
    return {
        "level": curve.name,
        "runs": curve.runs,
        "curve": list(map(_point, curve.points)),
    }


def _point(point: Point) -> dict:
    return {
        "strength": point.strength,
        "accuracy": point.accuracy,
        **asdict(point.interval),
    }


def _level_pair(pair: LevelPair) -> dict:
    return {
        "corruption": pair.corruption,
        "a": pair.a,
        "b": pair.b,
        "difference": pair.gap.estimate,
        **asdict(pair.gap.interval),
        "p_adjusted": pair.p,
        "outcome": pair.outcome,
        "margin": pair.gap.margin,
        "exceeds_margin": pair.exceeds_margin,
        "runs": pair.gap.seeds,
    }
