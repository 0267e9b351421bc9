"""Messages on trainings and on a visit's networks, to the page and to programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from explorer.retrain import hyperparameters, reference_runs, wording
from explorer.retrain.reference_runs import LearningCurves
from explorer.retrain.session import VISITS, rows_of, title
from explorer.retrain.training import Run
from explorer.runs.results import Results, describe
from train.checkpoint import Checkpoint
from train.study import Trial

NOT_THERE = "The page asked for something that is not there."
CURVE = ("epoch", "train_loss", "train_acc", "test_loss", "test_acc")


@dataclass(frozen=True)
class Progress:
    """Progress of a training for a program, at first that of one that has not begun."""

    phase: str = "waiting"
    done: int = 0  # batches
    total: int | None = None
    seconds_left: float | None = None
    train_loss: float | None = None  # of the last batches


NOT_BEGUN = {"progress": asdict(Progress()), "rows": []}


def to_program(run: Run) -> dict:
    """State of a training for a program: its progress and the rows so far."""
    loss = run.losses[-1][1] if run.losses else None
    now = Progress(run.phase, run.done, run.total, run.seconds_left, loss)
    return {"progress": asdict(now), "rows": list(run.rows)}


def to_page(results: Results, run: Run) -> dict:
    """State of a training for the page."""
    committed = reference_runs.configuration(results, run.trial)
    curves = reference_runs.curves(committed, run.trial.epochs)
    return progress(run) | {"beside": beside(curves) if curves else None}


def end(results: Results, secret: str, name: str, runs: list[Checkpoint]) -> dict:
    """State of a training that has ended, for the page: its network's name in the visit, and `runs` with it compared."""
    return {
        "name": name,
        "verdict": wording.verdict(reference_runs.compare(results, runs)),
        "words": title(runs[-1]),
        "own": own(secret),
    }


def beside(found: LearningCurves) -> dict:
    """The committed runs that the page draws beside a training: means and ranges over the seeds."""
    seeds, epochs = found.accuracies.shape
    return {
        "name": f"{describe(found.trial)}, committed, {seeds} seeds",
        "hue": found.trial.norm,
        "epochs": list(range(1, epochs + 1)),
        "accuracy": found.accuracies.mean(0).tolist(),
        "low": found.accuracies.min(0).tolist(),
        "high": found.accuracies.max(0).tolist(),
        "loss": found.losses.mean(0).tolist(),
    }


def progress(run: Run) -> dict:
    """Progress of a training for the page."""
    return {
        "phase": run.phase,
        "words": title(Checkpoint(run.trial, {}, [], "", {"diverged": None}, "")),
        "settings": {name: getattr(run.trial, name) for name in hyperparameters.NAMES},
        "hue": run.trial.norm,
        "epochs": run.trial.epochs,
        "done": run.done,
        "total": run.total,
        "seconds": run.seconds_left,
        "allowed": run.seconds_allowed,
        "losses": list(run.losses),
        "rows": curve(rows_of(run.result) if run.result else run.rows),
        "ended": run.ended,
        "slow": run.slow,
    }


def curve(rows: Sequence[dict]) -> list[dict]:
    """Rows of a history without what the page does not draw."""
    return [{key: row[key] for key in CURVE} for row in rows]


def own(secret) -> list[dict]:
    """The networks of a visit, for the pages that offer them."""
    shelf = VISITS.shelf(secret)
    words = shelf.words()
    return [
        {
            "name": name,
            "words": words[name],
            "family": "yours",
            "accuracy": f"{found.summary['last']['test_acc']:.2%}",
            "hue": found.trial.norm,
            "rows": curve(rows_of(found)),
        }
        for name, found in shelf.networks.items()
    ]


def seeds_of(secret: str, trial: Trial) -> list[Checkpoint]:
    """The networks of a visit with the configuration of a trial."""
    networks = VISITS.shelf(secret).networks.values()
    return [found for found in networks if found.trial.config == trial.config]
