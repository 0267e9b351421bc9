"""Sentences about a visitor's runs beside the committed ones."""

import math

from explorer.retrain.reference_runs import Comparison, Prediction, Repeated
from explorer.retrain.session import title
from explorer.runs.descriptions import describe
from explorer.runs.results import COLLAPSED_BELOW
from explorer.study.looks import Verdict
from explorer.study.statistics import DIFFERENT, EQUIVALENT, LEVEL, MARGIN
from explorer.study.wording.numbers import p_value


def verdict(comparison: Comparison | None) -> str:
    """Verdict on a visitor's runs against the nearest committed seeds, in the protocol's words."""
    if not comparison:
        return "A training that was stopped or diverged is not compared: it did not learn as long as the others."
    if not comparison.other:
        return "There are no two committed seeds to compare with."
    other = describe(comparison.other)
    if not comparison.result:
        text = "No run of yours is new: add seeds."
    elif isinstance(comparison.result, Prediction):
        text = _prediction(comparison.result, comparison.epoch, other)
    else:
        own = title(comparison.runs[0]).rpartition(", seed")[0]
        text = _verdict(comparison.result, comparison.epoch, own, other)
    if comparison.is_same and comparison.result:
        text += " The configuration is the same, so any difference comes from chance or from another engine."
    digits, others = (
        comparison.runs[0].trial.train_images,
        comparison.other.train_images,
    )
    if digits != others:
        text = f"Yours learned from {digits:,} digits, the committed ones from {others:,}: that alone makes a difference. {text}"
    return " ".join([text, *map(_repeated, comparison.repeated)])


def _repeated(pair: Repeated) -> str:
    relation = "it is the same run again, number for number"
    if not pair.is_equal:
        relation = (
            f"that one was trained by {pair.committed.engine}, this one by {pair.own.engine}, "
            "so their numbers differ"
        )
    return f"Seed {pair.own.trial.seed} is also committed: {relation}."


def _prediction(prediction: Prediction, epoch: int, other: str) -> str:
    numbers = (
        f"{prediction.value:.2f} % after epoch {epoch}; a new seed beside the {prediction.seeds} committed seeds of {other} "
        f"would be at {prediction.mean:.2f} ± {prediction.half_width:.2f} "
        "with 95 % probability."
    )
    if prediction.is_inside:
        return (
            f"Nothing is shown: {numbers} One run inside that range can come from chance alone, and cannot show that the two are equal "
            "either: add seeds."
        )
    return (
        f"Outside the range of their seeds: {numbers} One run says nothing about its own spread, so it is a hint and no verdict: "
        "add seeds."
    )


def _verdict(verdict: Verdict, epoch: int, own: str, other: str) -> str:
    """Verdict on several runs, the range of the difference, and how often one may look."""
    own_runs, committed = verdict.seeds
    numbers = (
        f"after epoch {epoch} your {own_runs} runs read {verdict.means[0]:.2f} % ({own}), "
        f"the {committed} committed ones {verdict.means[1]:.2f} % ({other})."
    )
    if verdict.has_collapsed:
        return f"No verdict: {numbers} Committed ones collapsed below {COLLAPSED_BELOW:.0f} %."
    if verdict.is_unusual:
        return f"No verdict: {numbers} Yours lie further apart than the study's runs do, so its spread cannot judge them."
    if verdict.outcome == DIFFERENT:
        beginning, advice = _different(verdict), ""
    elif verdict.outcome == EQUIVALENT:
        beginning, advice = f"Equivalent within {MARGIN} points", ""
    else:
        beginning, advice = "Undecided", _advice(verdict)
    return f"{beginning}: {numbers} {_range(verdict)} {advice}{HOW}"


# Said once, after the range.
HOW = (
    f"The range holds the differences whose e-value is below {1 / LEVEL:.0f}; it and the verdict hold however often you look, "
    "because every run of yours counts, also a removed one."
)


def _advice(verdict: Verdict) -> str:
    if verdict.can_be_equivalent:
        return "Add seeds. "
    return (
        "More seeds can show a difference, but not that there is none: "
        f"for that {verdict.seeds[1]} committed runs are too few. "
    )


def _different(verdict: Verdict) -> str:
    p = p_value(verdict.p)
    p = f"p {p}" if p.startswith("<") else f"p = {p}"
    if verdict.interval.low <= 0 <= verdict.interval.high:
        return f"Different, as your first {verdict.decisive} runs showed ({p})"
    direction = "better" if verdict.estimate > 0 else "worse"
    return (
        f"Different, yours reads {abs(verdict.estimate):.2f} points {direction} ({p})"
    )


def _range(verdict: Verdict) -> str:
    """Interval of the difference."""
    if math.isinf(verdict.interval.high):
        return "So few runs set no limits to the difference."
    return f"Yours minus theirs lies between {verdict.interval.low:+.2f} and {verdict.interval.high:+.2f} points."
