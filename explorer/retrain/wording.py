"""Sentences about a visitor's runs beside the committed ones."""

from explorer.retrain.reference_runs import Comparison, Prediction, Repeated
from explorer.retrain.session import title
from explorer.runs.results import describe
from explorer.study import wording


def verdict(found: Comparison | None) -> str:
    """Are a visitor's runs different from the nearest committed seeds?, in the protocol's words."""
    if not found:
        return "A training that was stopped or diverged is compared with nothing: it had not learned as long as the others."
    if not found.other:
        return "There are no two committed seeds to compare with."
    again = "".join(map(_repeated, found.repeated))
    if not found.result:
        return f"{again}Too few other seeds are committed to compare with."
    other = describe(found.other)
    if isinstance(found.result, Prediction):
        said = _one(found.result, found.epoch, other)
    else:
        own = title(found.runs[0]).rpartition(", seed")[0]
        # Without an interval on new images: only digits of a last epoch tell.
        decision = wording.comparison.decision([f"yours ({own})", other], found.result)
        said = f"{decision} After epoch {found.epoch}."
    if found.is_same:
        said += " The configuration is the same, so that whatever differs is chance, or another engine."
    return f"{again}{said}"


def _repeated(found: Repeated) -> str:
    words = "it is the same run again, number for number"
    if not found.is_equal:
        words = (
            f"that one was trained by {found.committed.engine}, this one by {found.own.engine}, "
            "so their numbers differ"
        )
    return f"Seed {found.own.trial.seed} is also committed: {words}. "


def _one(found: Prediction, epoch: int, name: str) -> str:
    where = (
        f"{found.value:.2f} % after epoch {epoch}; a new seed of the {found.seeds} committed of {name} would be at {found.mean:.2f} ± {found.half_width:.2f} "
        "with 95 % probability."
    )
    if found.is_inside:
        return (
            f"Nothing is shown: {where} One run inside that range can come from chance alone, and cannot show that the two are equal "
            "either: add seeds."
        )
    return (
        f"Outside of what their seeds do: {where} One run says nothing about its own spread, so it is a hint and no verdict: "
        "add seeds."
    )
