"""Draw: every network reads the digit that is being drawn."""

import base64
from dataclasses import asdict

import gradio as gr
import numpy as np

from explorer import analysis, laboratory, likeness, sketch
from explorer.pictures import png, uri
from explorer.plots import HUES
from explorer.results import Results, describe
from explorer.tabs import takeaway
from explorer.visits import VISITS
from train.data import DataError

TITLE = "Draw"
SCRIPTS = ("nodes.js", "votes.js", "laboratory.js", "pad.js", "keys.js")
STYLES = ("controls.css", "tables.css", "pages.css", "pad.css", "laboratory.css")


def build(tab: gr.Tab, results: Results):
    def ask(question: dict) -> dict:
        """The pad's question, and what it shows."""
        try:
            return answer(results, question)
        except (sketch.SketchError, IndexError, DataError) as error:
            return {"error": error.args[0]}

    def predict(image: str) -> dict:
        """What every trained network reads in a picture of a digit.

        The digit is found, cropped, scaled and centred as MNIST's makers did. Returns
        {"consensus": {"digit": 7, "share": 0.98}, "trials": {"<trial name>": [ten
        probabilities], ...}}, or {"error": "<sentence>"}.

        Args:
            image: a PNG or JPEG as a base64 data URI, at most 200 kB, dark on bright or bright on dark
        """
        try:
            digit = sketch.to_mnist(sketch.decode(image))
        except sketch.SketchError as error:
            return {"error": str(error)}
        probs = analysis.predict(results, digit)
        if not len(probs):
            return {"error": analysis.NOTHING}
        names = [found.trial.name for found in results.voters]
        return {
            "consensus": analysis.consensus(probs),
            "trials": dict(zip(names, probs.round(6).tolist())),
        }

    takeaway.page(
        "pad",
        SCRIPTS,
        STYLES,
        ask,
        hues=HUES,
        steps=laboratory.STEPS,
        sliders=[asdict(each) for each in laboratory.SLIDERS],
        badge=likeness.words(),
        networks=[
            {
                "name": describe(trial),
                "norm": analysis.NAMES[trial.norm],
                "hue": trial.norm,
                "regulariser": trial.regulariser,
                "batch": trial.batch_size,
                "seed": trial.seed,
            }
            for trial in (found.trial for found in results.voters)
        ],
    )
    gr.api(predict, api_name="predict")


def answer(results: Results, question: dict) -> dict:
    """What the page shows of a drawing or a test digit. Raises `SketchError`, `IndexError` and `DataError` with a sentence."""
    picture, index = analysis.picture(question)
    made, settings = index is not None, laboratory.Settings.of(question.get("lab"))
    image = laboratory.digit(picture, made, settings)
    if question.get("view") == "laboratory":
        return laboratory_page(results, picture, made, settings, image)
    probs = analysis.predict(results, laboratory.given(image, settings))
    return {
        "verdict": analysis.verdict(results, probs),
        "doubt": analysis.doubt(probs) if len(probs) else "",
        "index": index,
        "sample": text(picture) if made else None,
        "seen": text(image),
        "digits": probs.argmax(1).tolist(),
        "percent": np.rint(100 * probs.max(1)).astype(int).tolist(),
        "own": own(question, laboratory.given(image, settings)),
    }


def own(question: dict, image: np.ndarray) -> list[dict]:
    """What each network of the page's visit reads."""
    shelf = VISITS.shelf(question.get("visit"))
    return [
        {"words": words, "hue": HUES[found.trial.norm], **read}
        for words, found, read in zip(
            shelf.words().values(),
            shelf.networks.values(),
            analysis.readings(shelf.stack, image),
        )
    ]


def laboratory_page(
    results: Results,
    picture: np.ndarray,
    made: bool,
    settings: laboratory.Settings,
    image: np.ndarray,
) -> dict:
    """The digit on its way, what each step changes, and how like MNIST's digits it is."""
    found = likeness.judge(image)
    return {
        "stages": [
            {"words": words, "picture": uri(png(stage))}
            for words, stage in laboratory.pictures(picture, made, settings)
        ],
        "changes": laboratory.changes(results, picture, made),
        "networks": len(results.voters),
        **found,
    }


def text(pixels: np.ndarray) -> str:
    return base64.b64encode(pixels.tobytes()).decode()
