"""Sentences about a visitor's runs beside the committed ones."""

from explorer.retrain.reference_runs import Comparison, Prediction, Repeated
from explorer.retrain.session import title
from explorer.runs.results import describe
from explorer.study import wording


def verdict(comparison: Comparison | None) -> str:
    """Verdict on a visitor's runs against the nearest committed seeds, in the protocol's words."""
    if not comparison:
        return "A training that was stopped or diverged is not compared: it did not learn as long as the others."
    if not comparison.other:
        return "There are no two committed seeds to compare with."
    again = "".join(map(_repeated, comparison.repeated))
    if not comparison.result:
        return f"{again}Too few other seeds are committed to compare with."
    other = describe(comparison.other)
    if isinstance(comparison.result, Prediction):
        text = _prediction(comparison.result, comparison.epoch, other)
    else:
        own = title(comparison.runs[0]).rpartition(", seed")[0]
        # No interval over new images: the test digits read are those of the last epoch only.
        decision = wording.comparison.decision(
            [f"yours ({own})", other], comparison.result
        )
        text = f"{decision} After epoch {comparison.epoch}."
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
