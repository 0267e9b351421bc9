"""Sentences about a visitor's runs beside the committed ones."""

import math

from explorer.retrain.reference_runs import Comparison, Prediction, Repeated
from explorer.retrain.session import title
from explorer.runs.results import COLLAPSED_BELOW, describe
from explorer.study.looks import Verdict
from explorer.study.statistics import DIFFERENT, EQUIVALENT, LEVEL, MARGIN
from explorer.study.wording.numbers import p_value


def verdict(comparison: Comparison | None) -> str:
    """Verdict on a visitor's runs against the nearest committed seeds, in the protocol's words."""
    if not comparison:
        return "A training that was stopped or diverged is not compared: it did not learn as long as the others."
    if not comparison.other:
        return "There are no two committed seeds to compare with."
    again = "".join(map(_repeated, comparison.repeated))
    if not comparison.result:
        return f"{again}No run of yours is new: add seeds."
    other = describe(comparison.other)
    if isinstance(comparison.result, Prediction):
        text = _prediction(comparison.result, comparison.epoch, other)
    else:
        own = title(comparison.runs[0]).rpartition(", seed")[0]
        text = (
            f"{_verdict(comparison.result, own, other)} After epoch {comparison.epoch}."
        )
    if comparison.is_same:
        text += " The configuration is the same, so any difference comes from chance or from another engine."
    return f"{again}{text}"


def _repeated(pair: Repeated) -> str:
    relation = "it is the same run again, number for number"
    if not pair.is_equal:
        relation = (
            f"that one was trained by {pair.committed.engine}, this one by {pair.own.engine}, "
            "so their numbers differ"
        )
    return f"Seed {pair.own.trial.seed} is also committed: {relation}. "


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


def _verdict(verdict: Verdict, own: str, other: str) -> str:
    """Verdict on several runs, and how often one may look at it."""
    own_runs, committed = verdict.seeds
    numbers = (
        f"yours ({own}) {verdict.means[0]:.2f} % in {own_runs} runs, "
        f"{other} {verdict.means[1]:.2f} % in {committed}"
    )
    if verdict.has_collapsed:
        return f"No verdict: {numbers}. Some of the {committed} collapsed below {COLLAPSED_BELOW:.0f} %."
    if verdict.is_unusual:
        return f"No verdict: {numbers}. Yours lie further apart than the study's runs do, so they cannot be judged by its spread."
    if verdict.outcome == DIFFERENT:
        return f"{_different(verdict)}: {numbers}. {_range(verdict)} {HOW}"
    if verdict.outcome == EQUIVALENT:
        return f"Equivalent within {MARGIN} points: {numbers}. {_range(verdict)} {HOW}"
    more = (
        "Add seeds."
        if verdict.can_be_equivalent
        else f"More seeds can show a difference; to show none, {committed} committed runs are too few."
    )
    return f"Undecided after {own_runs} runs: {numbers}. {_range(verdict)} {more} {HOW}"


# Said once, after the range.
HOW = (
    f"The range leaves out differences with an e-value of {1 / LEVEL:.0f} or more. It and the verdict hold however often you look; "
    "every run of yours counts, also one that you removed."
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
