"""Draw: the answers of all networks to the digit that is being drawn."""

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import gradio as gr
import numpy as np

from explorer.charts.palette import HUES
from explorer.digits import decoding, pictures, preprocess, typicality
from explorer.digits.png import png, uri
from explorer.network import (
    ablation,
    divided,
    evaluate,
    misclassified,
    poll,
    predictions,
    vote_wording,
    wording,
)
from explorer.retrain import session
from explorer.retrain.session import SessionNetworks
from explorer.runs import device_files
from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from explorer.study import menus
from explorer.study.wording import hard_images
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from explorer.web import assets
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.norms import BY_KEY

TITLE = "Draw"
CHOOSE = "Pictures"  # the title where nothing can be drawn
SLUG = "draw"
MAX_FURTHER = 8  # networks that a page may ask beside the voters
MAX_PICTURES = 20  # of a call of /predict
STYLES = (
    "controls.css",
    "tables.css",
    "pages.css",
    "bars.css",
    "pad.css",
    "pictures.css",
    "laboratory.css",
    "hand.css",
)
SET_STYLES = ("controls.css", "tables.css", "pages.css", "sets.css")


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the pad: the networks' votes on a drawing or a framed digit, or the view "laboratory", "sample", "picture" or "weights"."""
    if question.get("view") == "sample":
        return sample(results, question)
    if question.get("view") == "picture":
        return digits_of(question)
    if question.get("view") == "weights":
        return {"networks": further_weights(results, question)}
    picture, _ = predictions.picture(question, results.data_set)
    settings = ablation.Settings.of(question.get("lab"))
    image = ablation.digit(picture, predictions.is_framed(picture), settings)
    if question.get("view") == "laboratory":
        return laboratory_page(results, picture, settings, image)
    is_first = question.get("first") is True
    networks = session.own(question)  # first: some may have to be handed back
    asked = poll.poll(results, image, settings, is_first)
    answer = {
        "voters": asked.voters,
        "probs": base64_of(asked.probs.astype("<f4")),
        "seen": base64_of(image),
        "unlike": wording.unlike(asked.measured),
        "measures": measures(asked.measured),
    }
    if is_first:  # while the pen moves only the voters are asked
        return answer
    shown = ablation.network_input(image, settings)
    others = further(results, question, shown)
    return answer | {"others": own(networks, shown) + others}


def sample(results: Results, question: dict) -> dict:
    """Test image for the pad: one that divides the networks, by its turn in the gallery, or any other; what is known of its label."""
    contrast = None
    match question:
        case {"divided": int(turn)}:
            gallery = divided.gallery(results)
            entry = gallery[turn % len(gallery)]
            index, contrast = entry.index, entry.contrast
        case _:
            _, index = predictions.picture(question, results.data_set)
    if index is None:
        raise UserError("The page asked for a test image that is not there.")
    label = predictions.label(index, results.data_set)
    return {
        "index": index,
        "pixels": base64_of(predictions.image(index, results.data_set)),
        "contrast": contrast,
        "words": hard_images.test_image(index, label, results.data_set),
    }


def digits_of(question: dict) -> dict:
    """Digits found in a picture that a visitor brought, each framed as MNIST's and with its box. Raises `UserError`."""
    segmentation = pictures.read(question.get("file"))
    count = segmentation.count
    return {
        "size": [segmentation.width, segmentation.height],
        "digits": [
            {"box": asdict(digit.box), "image": base64_of(digit.image)}
            for digit in segmentation.digits
        ],
        "largest": segmentation.digits.index(segmentation.largest),
        "warnings": segmentation.warnings,
        "words": "One digit found."
        if count == 1
        else f"{count} digits found: press a box to choose one.",
    }


def greeting(results: Results) -> str:
    """Address of the digit of the gallery that greets visitors, as `sample` answers: a file, so that nobody waits for a question."""
    sources = [divided.FILE, Path(__file__), Path(hard_images.__file__)]
    voters = [voter.fingerprint.encode() for voter in results.voters]

    def make() -> bytes:
        return json.dumps(sample(results, {"divided": 0})).encode()

    contents = [source.read_bytes() for source in sources]
    return assets.keep([*contents, *voters], make)


def first_files(results: Results) -> list[str]:
    """Addresses of the files that the device's first votes need."""
    return [greeting(results), *device_files.first_files(results)]


def chosen(results: Results, names: list) -> tuple[Checkpoint, ...]:
    """The finished networks of `names`. Raises `UserError`."""
    if not isinstance(names, list):
        raise UserError("Further networks are expected as a list of names.")
    if len(names) > MAX_FURTHER:
        raise UserError(f"At most {MAX_FURTHER} further networks can be asked.")
    midway = {one.name: one for steps in results.learned() for one in steps.values()}
    return tuple(
        midway[name]
        if isinstance(name, str) and name in midway
        else misclassified.find(results, name)
        for name in names
    )


def further(results: Results, question: dict, image: np.ndarray) -> list[dict]:
    """Answers of the networks that the page asks beside the voters. Raises `UserError`."""
    networks = chosen(results, question.get("further") or [])
    return [
        {
            "name": checkpoint.name,
            "words": menus.words_of(checkpoint),
            "hue": HUES[checkpoint.trial.norm],
            **asdict(reading),
        }
        for checkpoint, reading in zip(
            networks,
            predictions.readings(predictions.stacked(networks), image),
            strict=True,
        )
    ]


def own(networks: SessionNetworks, image: np.ndarray) -> list[dict]:
    """Answers of the networks of the page's session."""
    return [
        {"words": label, "hue": HUES[checkpoint.trial.norm], **asdict(reading)}
        for label, checkpoint, reading in zip(
            networks.labels().values(),
            networks.checkpoints.values(),
            predictions.readings(networks.stack, image),
            strict=True,
        )
    ]


def further_weights(results: Results, question: dict) -> list[dict]:
    """Addresses of the weights of the networks that the page asks beside the voters, for its device. Raises `UserError`."""
    return [
        {
            "key": checkpoint.name,
            "name": checkpoint.name,
            "words": menus.words_of(checkpoint),
            "hue": HUES[checkpoint.trial.norm],
            "address": device_files.address([checkpoint]),
        }
        for checkpoint in chosen(results, question.get("further") or [])
    ]


def laboratory_page(
    results: Results,
    picture: np.ndarray,
    settings: ablation.Settings,
    image: np.ndarray,
) -> dict:
    """Pictures of the digit after each preparation step, the votes that each step changes, and measures of likeness to MNIST."""
    measured, is_framed = typicality.judge(image), predictions.is_framed(picture)
    return {
        "stages": [
            {"words": caption, "picture": uri(png(stage))}
            for caption, stage in ablation.pictures(picture, is_framed, settings)
        ],
        "changes": ablation.changes(results, picture, is_framed),
        "networks": len(results.voters),
        "measures": measures(measured),
        "unlike": wording.unlike(measured),
    }


def measures(measured: list[typicality.Measured]) -> list[dict]:
    """Measures of a digit with the percentage of MNIST's training digits below."""
    return [
        {
            "name": one.measure.name,
            "unit": one.measure.unit,
            "value": one.value,
            "below": one.below,
        }
        for one in measured
    ]


def base64_of(pixels: np.ndarray) -> str:
    return base64.b64encode(pixels.tobytes()).decode()


@answering
def predict(
    results: Results,
    image: str | list[str],
    detail: Literal["summary", "all"] = "summary",
    further: list[str] | None = None,
) -> dict | list[dict]:
    """Digit that the networks read in a picture of a digit, or in each picture of a list.

    The digit is found, cropped, scaled and centred as MNIST's makers did. Returns
    {"consensus": {"digit": 7, "share": 0.98}, "means": [ten probabilities], "norms":
    {"BN": [ten probabilities], ...}, "dissent": "<sentence>", "networks": <number of voters>, "framing": {"crop": [top, left,
    height, width], "size": [height, width], "corner": [top, left], "digits": <number of digits>}, "warnings": ["<sentence>", ...]}, with detail "all" also
    "trials": {"<trial name>": [ten probabilities], ...}; or {"error": "<sentence>"}. Means are over the voters: the seeds 1 to 5 of each
    configuration of the studies published, as-run and grid that did not collapse. Framing is in pixels: what was cropped
    from the picture, its size in the digit of 28 x 28, and its corner there. Of several digits the largest is read. A warning says
    so, or why a picture is unlike MNIST's digits. For a list the answer is a list, with an error in the position of a picture that cannot be read.

    Args:
        image: a PNG or JPEG as a base64 data URI, at most 200 kB, dark on bright or bright on dark; or a list of at most 20
        detail: "summary", or "all" for every network's probabilities
        further: with detail "all", names of up to 8 trials that are asked beside the voters, as /trials gives them
    """
    if not results.data_set.is_drawn:
        return {"error": wording.not_drawn(results.data_set)}
    if not isinstance(image, list):
        return summary(results, image, detail, further)
    if len(image) > MAX_PICTURES:
        sentence = (
            f"At most {MAX_PICTURES} pictures can be asked at once; got {len(image)}."
        )
        return [{"error": sentence}]
    return [answering(summary)(results, one, detail, further) for one in image]


def summary(results: Results, image: str, detail: str, names: list[str] | None) -> dict:
    """Summary of the votes on one picture. Raises `UserError`."""
    if detail not in takeaway.DETAILS:
        raise UserError(f"detail must be one of {', '.join(takeaway.DETAILS)}.")
    segmentation = pictures.read(image)
    digit = segmentation.largest
    others = chosen(results, names or [])
    asked = poll.poll(results, digit.image)
    if not asked.vote:
        return {"error": wording.NOTHING}
    unlike = wording.unlike(asked.measured)
    answer = {
        "consensus": asdict(asked.consensus),
        "means": rounded(asked.means.all),
        "norms": {norm: rounded(means) for norm, means in asked.means.norms.items()},
        "dissent": vote_wording.dissent(asked.vote),
        "networks": asked.vote.networks,
        "framing": framing(segmentation),
        "warnings": [*segmentation.warnings]
        + ([vote_wording.badge(unlike)] if unlike else []),
    }
    if detail == "all":
        rows = predictions.probs(predictions.stacked(others), digit.image)
        names = [trial.name for trial in asked.trials] + [one.name for one in others]
        answer["trials"] = {
            name: rounded(row)
            for name, row in zip(names, [*asked.probs, *rows], strict=True)
        }
    return answer


def framing(segmentation: pictures.Segmentation) -> dict:
    """Number of digits in a picture, and how the largest was framed."""
    largest = segmentation.largest
    placement = preprocess.stages(largest.alone).placement
    box = largest.box
    return asdict(placement) | {
        "digits": segmentation.count,
        "crop": (box.top, box.left, box.height, box.width),
    }


def rounded(probs: np.ndarray) -> list[float]:
    return probs.astype(np.float64).round(6).tolist()


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "pad",
        STYLES,
        bound(ask, results),
        limits={
            "uri": decoding.MAX_URI,
            "least": decoding.MIN_SIDE,
            "most": decoding.MAX_SIDE,
        },
        norms={
            norm: {
                "label": BY_KEY[norm].label,
                "words": words,
                "hue": HUES[norm],
            }
            for norm, words in vote_wording.NAMES.items()
        },
        steps=ablation.STEPS,
        sliders=[asdict(slider) for slider in ablation.SLIDERS],
        rates=wording.badge(typicality.reference()),
        sentences=vote_wording.TEMPLATES,
        configurations=configurations(results),
        others=menus.choices(results, without=results.voters),
        learned=menus.learned(results),
        most=MAX_FURTHER,
        voters=wording.voters(results),
        nothing=wording.NOTHING,
        greeting=greeting(results),
        device=device_files.files(results)
        | {
            "reasons": wording.reasons(),
            "refusals": preprocess.REFUSALS,
            "measures": [
                {"name": measure.name, "unit": measure.unit}
                for measure in typicality.MEASURES
            ],
        },
    )
    if results.data_set.is_drawn:
        _sets(results)
    takeaway.endpoint("predict", predict, results)


def _sets(results: Results):
    """Adds the reader of sets of digits."""
    takeaway.page(
        "sets",
        SET_STYLES,
        voters=[
            {"words": describe(voter.trial), "norm": voter.trial.norm}
            for voter in results.voters
        ],
        hues=HUES,
        device=device_files.files(results),
        most=evaluate.MOST_BY_ALL,
        bright={"above": evaluate.BRIGHT, "words": wording.BRIGHT_SET},
    )


def configurations(results: Results) -> list[dict]:
    """Configurations of the voters, with the trials' names by seed, in the voters' order."""
    rows: dict[str, dict] = {}
    for trial in (voter.trial for voter in results.voters):
        row = rows.setdefault(
            trial.config,
            {
                "name": describe(trial),
                "norm": trial.norm,
                "regulariser": trial.regulariser,
                "batch": trial.batch_size,
                "l1": trial.l1,
                "l2": trial.l2,
                "trials": [],
            },
        )
        row["trials"].append({"seed": trial.seed, "trial": trial.name})
    return list(rows.values())
