"""Draw: the answers of all networks to the digit that is being drawn."""

import base64
from dataclasses import asdict

import gradio as gr
import numpy as np

from explorer.charts.palette import HUES
from explorer.digits import pictures, typicality
from explorer.digits.png import png, uri
from explorer.network import ablation, misclassified, predictions, wording
from explorer.retrain.session import SESSIONS
from explorer.runs.results import Results, describe
from explorer.study import records
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.checkpoint import Checkpoint
from train.errors import UserError

TITLE = "Draw"
SLUG = "draw"
MAX_FURTHER = 8  # networks that a page may ask beside the voters
STYLES = ("controls.css", "tables.css", "pages.css", "pad.css", "laboratory.css")


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the pad about a drawing or a test digit; of the view "laboratory" where it asks for that."""
    picture, index = predictions.picture(question)
    is_test, settings = index is not None, ablation.Settings.of(question.get("lab"))
    image = ablation.digit(picture, is_test, settings)
    if question.get("view") == "laboratory":
        return laboratory_page(results, picture, is_test, settings, image)
    probs = predictions.predict(results, ablation.network_input(image, settings))
    return {
        "verdict": wording.verdict(predictions.vote(results, probs)),
        "doubt": wording.doubt(predictions.entropy(probs)) if len(probs) else "",
        "index": index,
        "sample": base64_of(picture) if is_test else None,
        "seen": base64_of(image),
        "digits": probs.argmax(1).tolist(),
        "percent": np.rint(100 * probs.max(1)).astype(int).tolist(),
        "own": own(question, ablation.network_input(image, settings)),
        "further": further(results, question, ablation.network_input(image, settings)),
    }


def chosen(results: Results, names: list) -> tuple[Checkpoint, ...]:
    """The finished networks of `names`. Raises `UserError`."""
    if not isinstance(names, list):
        raise UserError("Further networks are expected as a list of names.")
    if len(names) > MAX_FURTHER:
        raise UserError(f"At most {MAX_FURTHER} further networks can be asked.")
    return tuple(misclassified.find(results, name) for name in names)


def further(results: Results, question: dict, image: np.ndarray) -> list[dict]:
    """Answers of the networks that the page asks beside the voters. Raises `UserError`."""
    networks = chosen(results, question.get("further") or [])
    return [
        {
            "name": checkpoint.trial.name,
            "words": f"{describe(checkpoint.trial)}, seed {checkpoint.trial.seed}",
            "hue": HUES[checkpoint.trial.norm],
            **asdict(reading),
        }
        for checkpoint, reading in zip(
            networks,
            predictions.readings(predictions.stacked(networks), image),
            strict=True,
        )
    ]


def own(question: dict, image: np.ndarray) -> list[dict]:
    """Answers of the networks of the page's session."""
    networks = SESSIONS.networks(question.get("visit"))
    return [
        {"words": label, "hue": HUES[checkpoint.trial.norm], **asdict(reading)}
        for label, checkpoint, reading in zip(
            networks.labels().values(),
            networks.checkpoints.values(),
            predictions.readings(networks.stack, image),
            strict=True,
        )
    ]


def laboratory_page(
    results: Results,
    picture: np.ndarray,
    is_test: bool,
    settings: ablation.Settings,
    image: np.ndarray,
) -> dict:
    """Pictures of the digit after each preparation step, the votes that each step changes, and measures of likeness to MNIST."""
    measured = typicality.judge(image)
    return {
        "stages": [
            {"words": caption, "picture": uri(png(stage))}
            for caption, stage in ablation.pictures(picture, is_test, settings)
        ],
        "changes": ablation.changes(results, picture, is_test),
        "networks": len(results.voters),
        "measures": [
            {
                "name": one.measure.name,
                "unit": one.measure.unit,
                "value": one.value,
                "below": one.below,
            }
            for one in measured
        ],
        "unlike": wording.unlike(measured),
    }


def base64_of(pixels: np.ndarray) -> str:
    return base64.b64encode(pixels.tobytes()).decode()


@answering
def predict(results: Results, image: str, further: list[str] | None = None) -> dict:
    """Probabilities of the ten digits in a picture of a digit, by every network that votes and by others on request.

    The digit is found, cropped, scaled and centred as MNIST's makers did. Returns
    {"consensus": {"digit": 7, "share": 0.98}, "digits": <number of digits in the picture>, "warnings": ["<sentence>", ...],
    "trials": {"<trial name>": [ten probabilities], ...}}, or {"error": "<sentence>"}. The consensus is that of the voters: the
    seeds 1 to 5 of each configuration of the studies published, as-run and grid that did not collapse. Of several digits the
    largest is read, and a warning says so.

    Args:
        image: a PNG or JPEG as a base64 data URI, at most 200 kB, dark on bright or bright on dark
        further: names of up to 8 trials that are asked beside the voters, as /trials gives them
    """
    segmentation = pictures.read(image)
    digit = segmentation.largest.image
    others = chosen(results, further or [])
    probs = predictions.predict(results, digit)
    if not len(probs):
        return {"error": wording.NOTHING}
    answers = [
        (results.voters, probs),
        (others, predictions.probs(predictions.stacked(others), digit)),
    ]
    return {
        "consensus": asdict(predictions.consensus(probs)),
        "digits": segmentation.count,
        "warnings": list(segmentation.warnings),
        "trials": {
            checkpoint.trial.name: row
            for networks, rows in answers
            for checkpoint, row in zip(networks, rows.round(6).tolist(), strict=True)
        },
    }


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "pad",
        STYLES,
        bound(ask, results),
        hues=HUES,
        steps=ablation.STEPS,
        sliders=[asdict(slider) for slider in ablation.SLIDERS],
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
            for trial in (voter.trial for voter in results.voters)
        ],
        others=records.choices(results, without=results.voters),
        most=MAX_FURTHER,
        voters=wording.voters(results),
    )
    gr.api(bound(predict, results), api_name="predict")
