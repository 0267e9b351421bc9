"""Messages on trainings and on a session's networks, to the page and to programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from explorer.retrain import hyperparameters, reference_runs, wording
from explorer.retrain.reference_runs import LearningCurves
from explorer.retrain.session import SessionNetworks, rows_of, title
from explorer.retrain.training import Progress
from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from explorer.study.looks import Trace, Verdict
from explorer.study.statistics import MARGIN, UNDECIDED
from train.checkpoint import Checkpoint

NOT_THERE = "The page asked for something that is not there."
CURVE = ("epoch", "train_loss", "train_acc", "test_loss", "test_acc")


@dataclass(frozen=True)
class Status:
    """Progress of a training as a program gets it; the defaults are those of a training that has not begun."""

    phase: str = "waiting"
    done: int = 0  # batches
    total: int | None = None
    seconds_left: float | None = None
    train_loss: float | None = None  # of the last batches


NOT_BEGUN = {"progress": asdict(Status()), "rows": []}


def to_program(progress: Progress) -> dict:
    """Message to a program: the status of a training and the rows of its history so far."""
    loss = progress.losses[-1][1] if progress.losses else None
    status = Status(
        progress.phase, progress.done, progress.total, progress.seconds_left, loss
    )
    message = {"progress": asdict(status), "rows": list(progress.rows)}
    if not progress.result:
        return message
    last = progress.result.summary["last"]
    history = [
        {key: value for key, value in row.items() if not isinstance(value, list)}
        for row in rows_of(progress.result)
    ]
    return message | {"result": {"test_acc": last["test_acc"], "history": history}}


def to_page(results: Results, progress: Progress) -> dict:
    """Message to the page: the progress of a training, and the committed curves that are drawn beside it."""
    committed = reference_runs.configuration(results, progress.trial)
    curves = reference_runs.curves(committed, progress.trial.epochs)
    return progress_record(progress) | {"beside": beside(curves) if curves else None}


def end(results: Results, name: str, runs: list[Checkpoint]) -> dict:
    """Message on the end of a training: its network's name in the session, and the verdict on `runs`.

    `runs` are the session's runs of one configuration in the order in which they were finished; the trained network is the last.
    """
    comparison = reference_runs.compare(results, runs)
    verdict = comparison.result if comparison else None
    own = comparison.runs if comparison else []
    curves = reference_runs.curves(own, own[0].trial.epochs) if len(own) > 1 else None
    return {
        "name": name,
        "verdict": wording.verdict(comparison),
        "words": title(runs[-1]),
        "decided": isinstance(verdict, Verdict) and verdict.outcome != UNDECIDED,
        "looks": looks(comparison.trace) if comparison and comparison.trace else None,
        "yours": beside(curves, "yours") if curves else None,
    }


def looks(trace: Trace) -> dict:
    """Difference and its interval after each look, which the page draws; looks that set no limits are left out."""
    limited = np.isfinite(trace.half_width)
    difference, half = trace.difference[limited], trace.half_width[limited]
    return {
        "runs": trace.runs[limited].tolist(),
        "difference": difference.tolist(),
        "low": (difference - half).tolist(),
        "high": (difference + half).tolist(),
        "margin": MARGIN,
    }


def beside(curves: LearningCurves, whose: str = "committed") -> dict:
    """Learning curves of several runs that the page draws beside a training: means and ranges over the seeds."""
    seeds, epochs = curves.accuracies.shape
    return {
        "name": f"{describe(curves.trial)}, {whose}, {seeds} seeds",
        "config": describe(curves.trial),
        "hue": curves.trial.norm,
        "epochs": list(range(1, epochs + 1)),
        "accuracy": curves.accuracies.mean(0).tolist(),
        "low": curves.accuracies.min(0).tolist(),
        "high": curves.accuracies.max(0).tolist(),
        "loss": curves.losses.mean(0).tolist(),
    }


def progress_record(progress: Progress) -> dict:
    """JSON of `Progress` for the page."""
    return {
        "phase": progress.phase,
        "words": title(Checkpoint(progress.trial, {}, [], "", {"diverged": None}, "")),
        "settings": {
            name: getattr(progress.trial, name) for name in hyperparameters.NAMES
        },
        "hue": progress.trial.norm,
        "epochs": progress.trial.epochs,
        "done": progress.done,
        "total": progress.total,
        "seconds": progress.seconds_left,
        "allowed": progress.seconds_allowed,
        "losses": list(progress.losses),
        "rows": curve(rows_of(progress.result) if progress.result else progress.rows),
        "ended": progress.ended,
        "slow": progress.slow,
    }


def curve(rows: Sequence[dict]) -> list[dict]:
    """Rows of a history, only with the columns that the page draws."""
    return [{key: row[key] for key in CURVE} for row in rows]


def own(networks: SessionNetworks, name: str) -> dict:
    """Record of a network of a session, as the pages list it. `trained` says that this explorer trained it; else only its file says so."""
    checkpoint = networks.checkpoints[name]
    return {
        "name": name,
        "words": networks.labels()[name],
        "family": "yours",
        "accuracy": f"{checkpoint.summary['last']['test_acc']:.2%}",
        "hue": checkpoint.trial.norm,
        "rows": curve(rows_of(checkpoint)),
        "trained": name in networks.trained,
    }
