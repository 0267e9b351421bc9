"""Inside: what networks make of a digit, block by block, which pixels speak for it, and what became of their weights."""

import base64
from dataclasses import asdict
from functools import cache

import gradio as gr
import numpy as np

from explorer.charts.palette import HUES
from explorer.digits.png import png, uri
from explorer.network import (
    ablation,
    activations,
    attribution,
    batch_statistics,
    misclassified,
    predictions,
    weights,
    wording,
)
from explorer.retrain import session
from explorer.runs.results import Results
from explorer.study import records, regularisation
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.norms import BY_KEY

TITLE = "Inside"
SLUG = "inside"
STYLES = ("controls.css", "pages.css", "tables.css", "charts.css", "inside.css")


@answering
def ask(results: Results, question: dict) -> dict:
    """What the page asks for: a view of some networks."""
    match question:
        case {"trials": [*names]} if 1 <= len(names) <= 2:
            chosen = [session.find(results, question, name) for name in names]
            titles = [session.name_of(question, found) for found in chosen]
        case _:
            raise UserError("The page asked for a view that is not there.")
    match question:
        case {"view": "batches"}:
            return by_batch(results, chosen, titles)
        case {"view": "weights"}:
            return spread(results, chosen, titles)
        case {"view": "saliency", "method": str(method), "target": target}:
            image, _ = ablation.digit_of(question)
            return salience(chosen[0], titles[0], image, method, target)
    return maps(chosen, titles, *ablation.digit_of(question))


def maps(
    chosen: list[Checkpoint], titles: list[str], image: np.ndarray, index: int | None
) -> dict:
    """The maps of one or two networks for a digit, on one scale."""
    made = [activations.blocks(found, image) for found in chosen]
    tables = [
        activations.xray(found, each) for found, each in zip(chosen, made, strict=True)
    ]

    def strip(block: activations.Maps, place: int, when: str) -> str:
        scale = activations.scale(made, place, when)
        return uri(activations.sprite(getattr(block, when), scale))

    return {
        "index": index,
        "image": "Your drawing" if index is None else f"Image {index} of the test set",
        "sprite": uri(png(255 - image)),
        "words": " ".join(
            wording.norm_statistics(found.trial, activations.shift(table))
            for found, table in zip(chosen, tables, strict=True)
        ),
        "sides": [
            {
                "name": title,
                "blocks": [
                    {
                        "title": f"Block {place + 1}",
                        "before": strip(block, place, "before"),
                        "after": strip(block, place, "after"),
                        "maps": captions(table, place),
                    }
                    for place, block in enumerate(each)
                ],
            }
            for title, each, table in zip(titles, made, tables, strict=True)
        ],
        "table": numbers(activations.side_by_side(titles, tables)),
    }


def captions(table, block: int) -> list[dict]:
    """Moments of every channel of a block, before and after its norm."""
    return [
        {
            "before": wording.moments(row.mean, row.var),
            "after": wording.moments(row.mean_after, row.var_after),
        }
        for row in table[table.block == block + 1].itertuples()
    ]


def numbers(table) -> dict:
    """A table to read."""
    return {
        "headers": [name.replace("_", " ") for name in table],
        "data": table.astype(object).to_numpy().tolist(),
    }


def salience(
    found: Checkpoint, title: str, image: np.ndarray, method: str, target
) -> dict:
    """Which pixels speak for a digit in one network; float32 values as base64."""
    made = attribution.explain(found, image, method, target)
    return {
        "name": title,
        "digit": made.digit,
        "percent": 100 * made.prob,
        "values": base64.b64encode(made.values.tobytes()).decode(),
        "seen": base64.b64encode(image.tobytes()).decode(),
        "sum": made.total,
        "difference": made.difference,
    }


@cache
def acted(results: Results):
    """Whether the penalties acted, over the grid."""
    return regularisation.acted(results.core)


def spread(results: Results, chosen: list[Checkpoint], titles: list[str]) -> dict:
    """The weights of one or two networks, how they grew, and whether their penalty acted."""
    return {
        "words": [wording.penalty(found, acted(results)) for found in chosen],
        "layers": list(map(asdict, weights.histograms(chosen))),
        "networks": [
            {
                "name": title,
                "hue": HUES[found.trial.norm],
                **asdict(weights.growth(found)),
            }
            for title, found in zip(titles, chosen, strict=True)
        ],
    }


def by_batch(results: Results, chosen: list[Checkpoint], titles: list[str]) -> dict:
    """The accuracy of networks over the size of the batch whose statistics batch norm takes; and of all of a kind."""
    return {
        "lines": [
            {"name": title, "hue": HUES[found.trial.norm]}
            | asdict(batch_statistics.of_network(found))
            for title, found in zip(titles, chosen, strict=True)
        ],
        "families": [
            {
                "name": f"{each.norm}, {each.networks} networks of the grid",
                "hue": HUES[each.norm],
                **asdict(each.means),
                "halves": each.halves,
            }
            for each in batch_statistics.by_norm(
                results.core, batch_statistics.read(results.core)
            )
        ],
        "sizes": activations.BATCHES,
        "images": activations.SAMPLED,
    }


@answering
def moments(results: Results, trial: str, image: int) -> list[dict]:
    """The mean and variance of every channel of a network for one test image, before and after its norm.

    A line has block, channel, mean and var (before, over the channel's pixels), taken_mean and taken_var (what the norm
    subtracts and divides by the root of: batch norm's running averages, group and layer norm's own of this image),
    batch_mean and batch_var (of the channel over the first 128 test images, what batch norm takes in training), mean_after
    and var_after.

    Args:
        trial: the name of the trial with its seed, as /trials gives it
        image: the number of the image in MNIST's test set, 0 to 9999
    """
    found = misclassified.find(results, trial)
    maps = activations.blocks(found, predictions.image(image))
    return activations.xray(found, maps).to_dict("records")


@answering
def salient(
    results: Results,
    trial: str,
    image: int,
    method: str = attribution.GRADIENTS,
    digit: int | None = None,
) -> dict:
    """Which pixels of a test image speak for a digit in a network.

    Returns the digit, prob (what the network gives it), values (28 rows of 28), their sum, and for integrated gradients
    the difference between the scores of the image and of an empty field, in nats, which the sum must equal. The score is the
    digit's log-probability less the mean of all ten.

    Args:
        trial: the name of the trial with its seed, as /trials gives it
        image: the number of the image in MNIST's test set, 0 to 9999
        method: "integrated gradients" or "Grad-CAM"
        digit: 0 to 9, or null for the digit that the network reads
    """
    found = misclassified.find(results, trial)
    made = attribution.explain(found, predictions.image(image), method, digit)
    return {
        "digit": made.digit,
        "prob": made.prob,
        "values": made.values.round(6).tolist(),
        "sum": made.total,
        "difference": made.difference,
    }


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "inside",
        STYLES,
        bound(ask, results),
        trials=records.choices(results),
        methods=attribution.METHODS,
        source=wording.EFFECTIVE_RATE,
        nothing=wording.NOTHING,
        drawn=activations.DRAWN,
        together=[
            {"words": wording.extent(norm, found), **asdict(found)}
            for norm in BY_KEY.values()
            for found in [activations.extent(norm)]
        ],
        unmoved=wording.unmoved(),
    )
    gr.api(bound(moments, results), api_name="inside")
    gr.api(bound(salient, results), api_name="saliency")
