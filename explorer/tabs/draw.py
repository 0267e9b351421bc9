"""Draw: every network reads the digit that is being drawn."""

import base64
from dataclasses import asdict

import gradio as gr
import numpy as np

from explorer.charts.palette import HUES
from explorer.digits import preprocess, typicality
from explorer.digits.png import png, uri
from explorer.network import ablation, misclassified, predictions, wording
from explorer.retrain.session import VISITS
from explorer.runs.results import Results, describe
from explorer.study import records
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.checkpoint import Checkpoint
from train.errors import UserError

TITLE = "Draw"
SLUG = "draw"
MOST_FURTHER = 8  # networks that are asked beside the voters
STYLES = ("controls.css", "tables.css", "pages.css", "pad.css", "laboratory.css")


@answering
def ask(results: Results, question: dict) -> dict:
    """What the pad shows of a drawing or a test digit."""
    picture, index = predictions.picture(question)
    made, settings = index is not None, ablation.Settings.of(question.get("lab"))
    image = ablation.digit(picture, made, settings)
    if question.get("view") == "laboratory":
        return laboratory_page(results, picture, made, settings, image)
    probs = predictions.predict(results, ablation.network_input(image, settings))
    return {
        "verdict": wording.verdict(predictions.vote(results, probs)),
        "doubt": wording.doubt(predictions.entropy(probs)) if len(probs) else "",
        "index": index,
        "sample": text(picture) if made else None,
        "seen": text(image),
        "digits": probs.argmax(1).tolist(),
        "percent": np.rint(100 * probs.max(1)).astype(int).tolist(),
        "own": own(question, ablation.network_input(image, settings)),
        "further": further(results, question, ablation.network_input(image, settings)),
    }


def chosen(results: Results, names: list) -> tuple[Checkpoint, ...]:
    """The finished trials of these names. Raises `UserError`."""
    if not isinstance(names, list):
        raise UserError("Further networks are expected as a list of names.")
    if len(names) > MOST_FURTHER:
        raise UserError(f"At most {MOST_FURTHER} further networks can be asked.")
    return tuple(misclassified.find(results, name) for name in names)


def further(results: Results, question: dict, image: np.ndarray) -> list[dict]:
    """Answers of the networks that the page asks beside the voters. Raises `UserError`."""
    networks = chosen(results, question.get("further") or [])
    return [
        {
            "name": found.trial.name,
            "words": f"{describe(found.trial)}, seed {found.trial.seed}",
            "hue": HUES[found.trial.norm],
            **asdict(read),
        }
        for found, read in zip(
            networks,
            predictions.readings(predictions.stacked(networks), image),
            strict=True,
        )
    ]


def own(question: dict, image: np.ndarray) -> list[dict]:
    """What each network of the page's visit reads."""
    shelf = VISITS.shelf(question.get("visit"))
    return [
        {"words": words, "hue": HUES[found.trial.norm], **asdict(read)}
        for words, found, read in zip(
            shelf.words().values(),
            shelf.networks.values(),
            predictions.readings(shelf.stack, image),
            strict=True,
        )
    ]


def laboratory_page(
    results: Results,
    picture: np.ndarray,
    made: bool,
    settings: ablation.Settings,
    image: np.ndarray,
) -> dict:
    """The digit on its way, what each step changes, and how like MNIST's digits it is."""
    measured = typicality.judge(image)
    return {
        "stages": [
            {"words": words, "picture": uri(png(stage))}
            for words, stage in ablation.pictures(picture, made, settings)
        ],
        "changes": ablation.changes(results, picture, made),
        "networks": len(results.voters),
        "measures": [
            {
                "name": each.measure.name,
                "unit": each.measure.unit,
                "value": each.value,
                "below": each.below,
            }
            for each in measured
        ],
        "unlike": wording.unlike(measured),
    }


def text(pixels: np.ndarray) -> str:
    return base64.b64encode(pixels.tobytes()).decode()


@answering
def predict(results: Results, image: str, further: list[str] | None = None) -> dict:
    """Probabilities of the ten digits in a picture of a digit, by every network that votes and by others on request.

    The digit is found, cropped, scaled and centred as MNIST's makers did. Returns
    {"consensus": {"digit": 7, "share": 0.98}, "trials": {"<trial name>": [ten
    probabilities], ...}}, or {"error": "<sentence>"}. The consensus is that of the voters: the seeds 1 to 5 of each
    configuration of the studies published, as-run and grid that did not collapse.

    Args:
        image: a PNG or JPEG as a base64 data URI, at most 200 kB, dark on bright or bright on dark
        further: names of up to 8 trials that are asked beside the voters, as /trials gives them
    """
    digit = preprocess.to_mnist(preprocess.decode(image))
    others = chosen(results, further or [])
    probs = predictions.predict(results, digit)
    if not len(probs):
        return {"error": wording.NOTHING}
    asked = [
        (results.voters, probs),
        (others, predictions.probs(predictions.stacked(others), digit)),
    ]
    return {
        "consensus": asdict(predictions.consensus(probs)),
        "trials": {
            found.trial.name: each
            for networks, rows in asked
            for found, each in zip(networks, rows.round(6).tolist(), strict=True)
        },
    }


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "pad",
        STYLES,
        bound(ask, results),
        hues=HUES,
        steps=ablation.STEPS,
        sliders=[asdict(each) for each in ablation.SLIDERS],
        badge=wording.badge(typicality.reference()),
        networks=[
            {
                "name": describe(trial),
                "norm": wording.NAMES[trial.norm],
                "hue": trial.norm,
                "regulariser": trial.regulariser,
                "batch": trial.batch_size,
                "seed": trial.seed,
            }
            for trial in (found.trial for found in results.voters)
        ],
        others=records.choices(results, without=results.voters),
        most=MOST_FURTHER,
        voters=wording.voters(results),
    )
    gr.api(bound(predict, results), api_name="predict")
