"""Sentences about the published table beside ours: where a line leads, and how much of the study is trained."""

from urllib.parse import urlencode

from explorer.runs.results import NO_STUDY, describe
from explorer.study.published_table import Coverage, Line
from train.study import ROWS, studies_of


def links(line: Line | None) -> str:
    """Markdown links from a line: to its curves, mistakes and comparison."""
    if not line or not line.labelled.trials:
        return "That row is not trained yet."
    trial, first = line.trial, line.labelled.trials[0]
    views = {
        "its curves": {
            "tab": "curves",
            "norm": trial.norm,
            "regulariser": trial.regulariser,
            "batch": trial.batch_size,
            "study": "|".join(studies_of(first) or [NO_STUDY]),
            "rate": trial.lr,
        },
        "its mistakes": {"tab": "mistakes", "trial": first.name},
    }
    if line.run.trials and line.run.trial != trial:
        views["with and without its penalty"] = {
            "tab": "compare",
            "a": trial.config,
            "b": line.run.trial.config,
        }
    said = " · ".join(
        f"[{words}](?{urlencode(query)})" for words, query in views.items()
    )
    return f"**{describe(trial)}**: {said}"


def coverage(found: Coverage) -> str:
    """How much of the study is trained, in a sentence or more."""
    words = [
        f"{found.networks} trials of {found.configurations} configurations are trained.",
        f"They cover {found.rows} of the {len(ROWS)} published rows as labelled.",
    ]
    if found.diverged:
        words.append(f"{found.diverged} diverged and stand in no mean.")
    if found.silent:
        words.append(
            f"{sum(found.silent)} networks of {len(found.silent)} configuration{'s' if found.silent[1:] else ''} learned nothing and have no vote."
        )
    if found.further:
        words.append(
            f"{found.further} have seeds beyond those of their study and stand in no number here."
        )
    if not found.networks:
        words.append("`python train/all.py` trains them.")
    return " ".join(words)
