"""Sentences about the published table beside ours: links of a line, and how much of the study is trained."""

from urllib.parse import urlencode

from explorer.runs.results import NO_STUDY, describe
from explorer.study.published_table import Coverage, Line
from train.study import ROWS, studies_of


def links(line: Line | None) -> str:
    """Markdown links from a line to its learning curves, errors and comparison."""
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
    text = " · ".join(
        f"[{label}](?{urlencode(query)})" for label, query in views.items()
    )
    return f"**{describe(trial)}**: {text}"


def coverage(counts: Coverage) -> str:
    """Sentences on how much of the study is trained."""
    sentences = [
        f"{counts.networks} trials of {counts.configurations} configurations are trained.",
        f"They cover {counts.rows} of the {len(ROWS)} published rows as labelled.",
    ]
    if counts.diverged:
        sentences.append(f"{counts.diverged} diverged and stand in no mean.")
    if counts.silent:
        sentences.append(
            f"{sum(counts.silent)} networks of {len(counts.silent)} configuration{'s' if counts.silent[1:] else ''} learned nothing and have no vote."
        )
    if counts.further:
        sentences.append(
            f"{counts.further} have seeds beyond those of their study and stand in no number here."
        )
    if not counts.networks:
        sentences.append("`python train/all.py` trains them.")
    return " ".join(sentences)
