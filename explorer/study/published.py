"""The published table beside ours, as the Results tab shows it: its lines, where each leads, and what is trained."""

import math
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

import pandas as pd

from explorer.runs.results import (
    JOINT,
    NO_STUDY,
    Results,
    describe,
    differences,
)
from explorer.study.statistics import mean_interval
from train.checkpoint import Checkpoint
from train.study import ROWS, Row, Trial, as_run, is_further_seed, studies_of


def against_published(results: Results) -> pd.DataFrame:
    """One row per published row, then one per further configuration that was trained.

    Accuracies are in percent, with the 95 % interval over seeds and in brackets their number: "99.41 ± 0.05 (3)".
    `Published best` is the best epoch of one run. Ours are means over the seeds of the study that
    did not diverge: as labelled with the penalties that the row names, as run without.
    """
    runs = {
        config: 100
        * results.trials.set_index("name").loc[
            [results.finished[place].trial.name for place in places],
            ["last_acc", "best_acc"],
        ]
        for config, places in results.configs.items()
    }

    def line(trial: Trial, row: Row | None) -> dict:
        def ours(column: str, trial: Trial) -> str:
            if trial.config not in runs:
                return "-"
            values = runs[trial.config][column].to_numpy()
            half = mean_interval(values).half if column == "last_acc" else math.nan
            spread = "" if math.isnan(half) else f" ± {half:.2f}"
            return f"{values.mean():.2f}{spread} ({len(values)})"

        return {
            "Row": row.number if row else None,
            "Norm": trial.norm,
            "L1": float(f"{trial.l1:g}"),
            "L2": float(f"{trial.l2:g}"),
            "Batch": trial.batch_size,
            "Other": ", ".join(differences(trial)),
            "Published best": round(100 * row.accuracy, 2) if row else None,
            "As labelled, last": ours("last_acc", trial),
            "As labelled, best": ours("best_acc", trial),
            "As run, last": ours("last_acc", as_run(trial)),
            "Study": JOINT.join(studies_of(replace(trial, seed=Trial.seed)))
            or NO_STUDY,
        }

    rows = [line(trial, row) for trial, row in lines(results)]
    return pd.DataFrame(rows).astype({"Row": "Int64"})  # that of others is missing


def lines(results: Results) -> list[tuple[Trial, Row | None]]:
    """The trials of `against_published`, with their published row."""
    named = {trial.config for row in ROWS for trial in (row.trial, as_run(row.trial))}
    others = {found.trial.config: found.trial for found in results.checkpoints}
    return [
        *((row.trial, row) for row in ROWS),
        *((trial, None) for config, trial in others.items() if config not in named),
    ]


def links(results: Results, cells: list) -> str:
    """Markdown links from a row of `against_published`, by its cells: to its curves, mistakes and comparison."""
    shown = _identity(*cells[1:6])
    trial = next(
        (
            trial
            for trial, _ in lines(results)
            if _identity(
                trial.norm,
                trial.l1,
                trial.l2,
                trial.batch_size,
                ", ".join(differences(trial)),
            )
            == shown
        ),
        None,
    )
    if not trial or trial.config not in results.configs:
        return "That row is not trained yet."
    first = results.finished[results.configs[trial.config][0]].trial
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
    if as_run(trial).config in results.configs and as_run(trial) != trial:
        views["with and without its penalty"] = {
            "tab": "compare",
            "a": trial.config,
            "b": as_run(trial).config,
        }
    said = " · ".join(
        f"[{words}](?{urlencode(query)})" for words, query in views.items()
    )
    return f"**{describe(trial)}**: {said}"


def _identity(norm: str, l1, l2, batch_size, other: str) -> tuple:
    """The cells of a row that tell configurations apart; a browser may send numbers as text."""
    return norm, *(f"{float(each):g}" for each in (l1, l2, batch_size)), other


def choices(results: Results, without: Iterable[Checkpoint] = ()) -> list[dict]:
    """The finished trials to choose from: name, words and accuracy to read, and the family that they stand in."""
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


def coverage(results: Results) -> str:
    """How much of the study these results hold, in a sentence or more."""
    configs = set(results.trials.config)
    rows = sum(row.trial.config in configs for row in ROWS)
    words = [
        f"{len(results.checkpoints)} trials of {len(configs)} configurations are trained."
    ]
    words.append(f"They cover {rows} of the {len(ROWS)} published rows as labelled.")
    if diverged := len(results.checkpoints) - len(results.finished):
        words.append(f"{diverged} diverged and stand in no mean.")
    voting = {found.trial.config for found in results.voters}
    silent = [
        len(places)
        for config, places in results.core.configs.items()
        if config not in voting
    ]
    if silent:
        words.append(
            f"{sum(silent)} networks of {len(silent)} configuration{'s' if silent[1:] else ''} learned nothing and have no vote."
        )
    if further := sum(is_further_seed(found.trial) for found in results.finished):
        words.append(
            f"{further} have seeds beyond those of their study and stand in no number here."
        )
    if not results.checkpoints:
        words.append("`python train/all.py` trains them.")
    return " ".join(words)
