"""Messages on trainings and on a visit's networks, to the page and to programs."""

from collections.abc import Sequence

from explorer.retrain import hyperparameters, reference_runs
from explorer.retrain.session import VISITS, rows_of, title
from explorer.retrain.training import Run
from explorer.runs.results import Results
from train.checkpoint import Checkpoint
from train.study import Trial

NOT_THERE = "The page asked for something that is not there."
CURVE = ("epoch", "train_loss", "train_acc", "test_loss", "test_acc")


def to_program(run: Run) -> dict:
    return {
        "phase": run.phase,
        "done": run.done,
        "total": run.total,
        "seconds_left": run.seconds_left,
        "train_loss": run.losses[-1][1] if run.losses else None,
        "rows": list(run.rows),
    }


def to_page(results: Results, secret: str, run: Run, runs: list[Checkpoint]) -> dict:
    """State of a training for the page; a network that has ended joins the visit, and `runs`."""
    committed = reference_runs.configuration(results, run.trial)
    message = progress(run) | {
        "beside": reference_runs.curves(committed, run.trial.epochs)
    }
    if run.result:
        name = VISITS.add(secret, run.result)
        runs.append(run.result)
        message |= {
            "name": name,
            "verdict": reference_runs.verdict(results, runs),
            "words": title(run.result),
            "own": own(secret),
        }
    return message


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
