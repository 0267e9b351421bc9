"""Retrain: a network learns while the visitor watches, and joins the others for the time of the visit."""

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict

import gradio as gr
from gradio.context import get_blocks_context

from explorer import nearest, recipe, retraining, visits
from explorer.plots import HUES, SHADES
from explorer.recipe import SettingsError
from explorer.results import Results
from explorer.retraining import CPU, GPU, Run
from explorer.tabs import takeaway
from explorer.visits import VISITS, Visit, is_secret, rows_of, title
from train import checkpoint
from train.checkpoint import SUFFIX, Checkpoint, CheckpointError
from train.data import DataError
from train.study import Trial

TITLE = "Retrain"
SCRIPTS = ("nodes.js", "pages.js", "charts.js", "retrain.js", "own.js")
STYLES = ("controls.css", "pages.css", "tables.css", "charts.css", "retrain.css")
MORE = 2  # seeds that are added at once
LARGEST = 150_000  # bytes of a file that is loaded: a trial of the study has 60,000
QUEUE = {"concurrency_id": "train", "concurrency_limit": 1}


def build(tab: gr.Tab, results: Results):
    def ask(question: dict) -> dict:
        """What the page asks for beside a training."""
        try:
            return answer(results, question)
        except (KeyError, SettingsError, CheckpointError, DataError) as error:
            return {"error": str(error.args[0])}

    def check(event: gr.EventData) -> list:
        """Refuses what may not be trained before it stands in the queue."""
        match event._data:
            case {"settings": dict(settings), "visit": secret} if is_secret(secret):
                recipe.trial_of(settings)
            case _:
                raise SettingsError(NOT_THERE)
        return []

    def train(event: gr.EventData) -> Iterator[str]:
        yield from map(json.dumps, training(results, event._data))

    def retrain(
        norm: str = "GN",
        groups: int = 4,
        l1: float = 0.0,
        l2: float = 0.0,
        batch_size: int = 16,
        lr: float = Trial.lr,
        dropout: float = Trial.dropout,
        epochs: int = 1,
        train_images: int = 60000,
        seed: int = 11,
    ) -> dict:  # what it streams: Gradio describes the endpoint by it
        """Trains one network of the study and streams its history, a row per epoch, and between the rows how far it is.

        A row has epoch, lr, train_loss, train_acc, test_loss, test_acc, seconds, and for each layer the sums of |w| and of w^2.
        Accuracies are fractions of 10,000 test digits, losses are in nats. What comes in between has no epoch, but phase, done and
        total (batches), seconds_left and the train_loss of the last batches. What may not be trained is refused at once, with
        status 400 and a sentence. Cancel the job to stop it. One network is trained at a time; others wait.

        Args:
            norm: "BN", "GN" or "LN"
            groups: 1, 2, 4 or 8, of group norm
            l1: weight of the sum of |w| in the loss, 0 to 1
            l2: weight decay, 0 to 1
            batch_size: 8 to 512
            lr: learning rate
            dropout: probability of zeroing an element, 0 to 0.9
            epochs: 1 to 25
            train_images: how many of the training digits, 100 to 60000
            seed: 0 or more; a seed and the settings determine the network
        """
        settings = {key: value for key, value in locals().items() if key in FIELDS}
        try:
            trial, told = recipe.trial_of(settings), 0
            for run in retraining.watch(trial, retraining.devices()[0], lambda: False):
                if run.rows[told:]:
                    yield from run.rows[told:]
                else:  # also so that a cancelled job ends soon
                    yield {
                        "phase": run.phase,
                        "done": run.done,
                        "total": run.total,
                        "seconds_left": run.seconds_left,
                        "train_loss": run.losses[-1][1] if run.losses else None,
                    }
                told = len(run.rows)
        except DataError as error:
            yield {"error": str(error)}

    # Gradio says the place in the queue here, and the page says it on.
    place = gr.Markdown(elem_id="retrain-place", elem_classes="unseen")
    page = takeaway.page(
        "retrain",
        SCRIPTS,
        STYLES,
        ask,
        settings=[asdict(each) for each in recipe.SETTINGS],
        devices=retraining.devices(),
        hues=HUES,
        shades=SHADES,
        more=MORE,
        largest=LARGEST,
    )
    event = page.train(
        train,
        None,
        page,
        validator=check,
        trigger_mode="multiple",  # one that was stopped may still wait
        show_progress="minimal",
        show_progress_on=place,
        api_visibility="private",
        **QUEUE,
    )
    # A full queue, or a server that ended: the page has to know that nothing more comes.
    failed = "() => window.dispatchEvent(new CustomEvent('training-failed'))"
    event.failure(None, None, None, js=failed)
    endpoint = gr.api(retrain, api_name="retrain", **QUEUE)

    def check_all(*values) -> list:
        recipe.trial_of(dict(zip(FIELDS, values)))
        return [None] * len(values)

    # `gr.api` takes no validator, though its events have one like any other.
    get_blocks_context().fns[endpoint["id"]].validator = check_all


FIELDS = [each.name for each in recipe.SETTINGS]


def training(results: Results, asked: dict) -> Iterator[dict]:
    """Trains what a page asks for, one seed after another, and says how it goes; the networks join the page's visit."""
    visit, ticket = VISITS.open(asked.get("visit")), str(asked.get("ticket"))
    kind = GPU if asked.get("device") == GPU and GPU in retraining.devices() else CPU
    try:
        first = recipe.trial_of(asked["settings"])
        runs = seeds_of(visit, first) if asked.get("more") else []
        taken = {found.trial.seed for found in runs}
        number = MORE if asked.get("more") else 1
        for trial in recipe.fresh(first, taken, number):
            if visit.stops(ticket):
                break
            for run in retraining.watch(trial, kind, lambda: visit.stops(ticket)):
                yield {"ticket": ticket, **told(results, visit, run, runs)}
    except DataError as error:
        yield {"ticket": ticket, "error": str(error)}
    except gr.Error as error:  # ZeroGPU's: no quota left, or no GPU in time
        offer = "Choose CPU to train without a GPU."
        yield {"ticket": ticket, "error": f"{error.message} {offer}"}
    yield {"ticket": ticket, "over": True}


def seeds_of(visit: Visit, trial: Trial) -> list[Checkpoint]:
    """The networks of a visit with the configuration of a trial."""
    networks = visit.shelf.networks.values()
    return [found for found in networks if found.trial.config == trial.config]


def told(results: Results, visit: Visit, run: Run, runs: list[Checkpoint]) -> dict:
    """What the page shows of a training; when it has ended its network joins the visit, and `runs`."""
    committed = nearest.configuration(results, run.trial)
    said = progress(run) | {"beside": nearest.curves(committed, run.trial.epochs)}
    if run.result:
        name = visit.add(run.result)
        runs.append(run.result)
        said |= {
            "name": name,
            "verdict": nearest.verdict(results, runs),
            "words": title(run.result),
            "own": own(visit),
        }
    return said


def progress(run: Run) -> dict:
    """How far a training is, for the page."""
    return {
        "phase": run.phase,
        "words": title(Checkpoint(run.trial, {}, [], "", {"diverged": None}, "")),
        "settings": {name: getattr(run.trial, name) for name in FIELDS},
        "hue": run.trial.norm,
        "epochs": run.trial.epochs,
        "done": run.done,
        "total": run.total,
        "seconds": run.seconds_left,
        "allowed": run.seconds_allowed,
        "losses": run.losses,
        "rows": curve(rows_of(run.result) if run.result else run.rows),
        "ended": run.ended,
    }


CURVE = ("epoch", "train_loss", "train_acc", "test_loss", "test_acc")


def curve(rows: list[dict]) -> list[dict]:
    return [{key: row[key] for key in CURVE} for row in rows]


def own(visit: Visit) -> list[dict]:
    """The networks of a visit, for the pages that offer them."""
    words = visit.shelf.words()
    return [
        {
            "name": name,
            "words": words[name],
            "family": "yours",
            "accuracy": f"{found.summary['last']['test_acc']:.2%}",
            "hue": found.trial.norm,
            "rows": curve(rows_of(found)),
        }
        for name, found in visit.shelf.networks.items()
    ]


NOT_THERE = "The page asked for something that is not there."


def answer(results: Results, question: dict) -> dict:
    """What the page asks for beside a training. Raises `KeyError`, `SettingsError`, `CheckpointError` and `DataError`."""
    if not isinstance(question, dict):
        raise KeyError(NOT_THERE)
    secret = question.get("visit")
    match question:
        case {"view": "check", "settings": dict(settings)}:
            recipe.trial_of(settings)
            return {}
        case {"view": "stop", "ticket": str(ticket)}:
            VISITS.open(secret).stop(ticket)
            return {}
        case {"view": "file", "name": str(name)}:
            found = visits.find(results, question, name)
            content = base64.b64encode(checkpoint.to_bytes(found)).decode()
            return {"file": found.name + SUFFIX, "content": content}
        case {"view": "remove", "name": str(name)}:
            visit = VISITS.open(secret)
            visit.remove(name)
        case {"view": "load", "file": str(name), "content": str(content)}:
            visit = VISITS.open(secret)
            visit.add(loaded(name, content))
        case _:
            raise KeyError(NOT_THERE)
    return {"own": own(visit)}


def loaded(name: str, content: str) -> Checkpoint:
    """A network out of a file's content as base64. Raises `CheckpointError` and `DataError`, their messages sentences."""
    name = name[:120]
    if len(content) * 3 // 4 > LARGEST:
        raise CheckpointError(
            f"{name}: larger than {LARGEST:,} bytes, which no network of this kind is."
        )
    try:
        data = base64.b64decode(content, validate=True)
    except ValueError as error:
        raise CheckpointError(f"{name}: it arrived damaged.") from error
    return visits.verified(checkpoint.from_bytes(data, name))
