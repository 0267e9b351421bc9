"""Draw: every network reads the digit that is being drawn."""

import base64
import binascii

import gradio as gr
import numpy as np

from explorer import analysis, sketch
from explorer.plots import HUES
from explorer.results import Results, describe
from explorer.tabs import takeaway
from train.checkpoint import TEST_IMAGES
from train.data import DataError

TITLE = "Draw"
SIDE = 112  # pixels a side of what the pad sends
SCRIPTS = (
    "nodes.js",
    "votes.js",
    "pad.js",
    "keys.js",
)
STYLES = ("controls.css", "tables.css", "pad.css")


def build(tab: gr.Tab, results: Results):
    def answer(question: dict) -> dict:
        """The pad's question, a drawing or a test digit, and what it shows."""
        try:
            image, index = seen(question)
        except (sketch.SketchError, DataError) as error:
            return {"error": str(error)}
        probs = analysis.predict(results, image)
        return {
            "verdict": analysis.verdict(results, probs),
            "doubt": analysis.doubt(probs) if len(probs) else "",
            "index": index,
            "seen": base64.b64encode(image.tobytes()).decode(),
            "digits": probs.argmax(1).tolist(),
            "percent": np.rint(100 * probs.max(1)).astype(int).tolist(),
        }

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
        answer,
        hues=HUES,
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


def seen(question: dict) -> tuple[np.ndarray, int | None]:
    """The (28, 28) image that the networks get, and which test image it is. Raises `SketchError` and `DataError`."""
    match question:
        case {"pixels": str(text)} if len(text) == 4 * -(-(SIDE**2) // 3):
            try:
                pixels = base64.b64decode(text, validate=True)
            except binascii.Error as error:
                raise sketch.SketchError("The drawing arrived damaged.") from error
            drawing = np.frombuffer(pixels, np.uint8)
            if drawing.size == SIDE**2:
                return sketch.to_mnist(drawing.reshape(SIDE, SIDE), paper=0), None
        case {"digit": int(digit), "turn": int(turn)} if 0 <= digit <= 9:
            index = analysis.sample(digit, turn)
            return analysis.image(index), index
        case {"image": int(index)} if 0 <= index < TEST_IMAGES:
            return analysis.image(index), index
    raise sketch.SketchError("The drawing arrived damaged.")
