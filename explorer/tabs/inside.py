"""Inside: maps of a digit block by block, the pixels that speak for it, and the weights of a network."""

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
from explorer.study import menus, regularisation
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.norms import BY_KEY
from train.study import GRID

TITLE = "Inside"
SLUG = "inside"
STYLES = (
    "controls.css",
    "pages.css",
    "tables.css",
    "charts.css",
    "bars.css",
    "inside.css",
)
TIMES = ("before", "after")  # the norm


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the page: a view of one to three networks."""
    match question:
        case {"trials": [*names]} if 1 <= len(names) <= 3:
            networks = [session.find(results, question, name) for name in names]
            titles = [session.label_of(question, network) for network in networks]
        case _:
            raise UserError("The page asked for a view that is not there.")
    match question:
        case {"view": "batches"}:
            return by_batch(results, networks, titles)
        case {"view": "weights"}:
            return spread(results, networks, titles)
    networks, titles = after_epoch(results, question, networks, titles)
    match question:
        case {"view": "saliency", "method": str(method), "target": target}:
            image, _ = ablation.digit_of(question, results.data_set)
            return salience(networks[0], titles[0], image, method, target)
    return maps(networks, titles, *ablation.digit_of(question, results.data_set))


def after_epoch(
    results: Results, question: dict, networks: list[Checkpoint], titles: list[str]
) -> tuple[list[Checkpoint], list[str]]:
    """The networks as they were after the epoch that the page asks for, where that was kept, and their titles. Raises `UserError`."""
    epoch = question.get("epoch")
    if not (epoch is None or type(epoch) is int):
        raise UserError("An epoch is expected as a whole number.")
    midway = [results.at(network, epoch) for network in networks]
    named = [
        title if network is whole else f"{title}, after epoch {epoch}"
        for title, network, whole in zip(titles, midway, networks, strict=True)
    ]
    return midway, named


def maps(
    networks: list[Checkpoint], titles: list[str], image: np.ndarray, index: int | None
) -> dict:
    """Maps of one to three networks for a digit, on one scale of grey."""
    activated = [activations.blocks(network, image) for network in networks]
    tables = [
        activations.xray(network, blocks)
        for network, blocks in zip(networks, activated, strict=True)
    ]

    probs = predictions.probs(predictions.stacked(tuple(networks)), image)
    scales = [
        {when: activations.scale(activated, number, when) for when in TIMES}
        for number in range(len(activated[0]))
    ]

    def strip(block: activations.Maps, number: int, when: str) -> str:
        return uri(activations.sprite(getattr(block, when), scales[number][when]))

    return {
        "index": index,
        "image": "Your digit" if index is None else f"Image {index} of the test set",
        "sprite": uri(png(image)),
        "sides": [
            {
                "name": title,
                "reads": wording.reading(row, network.trial.data.classes),
                "probs": row.tolist(),
                "words": wording.norm_statistics(
                    network.trial, activations.shift(table)
                ),
                "blocks": [
                    {
                        "title": f"Block {number + 1}",
                        "size": block.before.shape[-1],
                        "scale": scales[number],
                        **{when: strip(block, number, when) for when in TIMES},
                        "maps": captions(table, number),
                    }
                    for number, block in enumerate(blocks)
                ],
            }
            for title, network, row, blocks, table in zip(
                titles, networks, probs, activated, tables, strict=True
            )
        ],
        "table": table_record(activations.side_by_side(titles, tables)),
    }


def captions(table, block: int) -> list[dict]:
    """Captions of every channel of a block (from 0): mean and deviation before and after the norm."""
    return [
        {
            "before": wording.moments(row.mean, row.var),
            "after": wording.moments(row.mean_after, row.var_after),
        }
        for row in table[table.block == block + 1].itertuples()
    ]


def table_record(table) -> dict:
    """JSON of a data frame: its headers and rows."""
    return {
        "headers": [name.replace("_", " ") for name in table],
        "data": table.astype(object).to_numpy().tolist(),
    }


def salience(
    network: Checkpoint, title: str, image: np.ndarray, method: str, target
) -> dict:
    """Attribution of a network's answer to the pixels; float32 values (28, 28) as base64."""
    attributed = attribution.explain(network, image, method, target)
    return {
        "name": title,
        "digit": attributed.digit,
        "percent": 100 * attributed.prob,
        "values": base64.b64encode(attributed.values.tobytes()).decode(),
        "seen": base64.b64encode(image.tobytes()).decode(),
        "sum": attributed.total,
        "difference": attributed.difference,
    }


@cache
def acted(results: Results):
    """Data frame of which penalties of the core studies acted, tested once."""
    return regularisation.acted(results.core)


def spread(results: Results, networks: list[Checkpoint], titles: list[str]) -> dict:
    """Weights of one to three networks: histograms, growth over the epochs, and the test whether their penalty acted."""
    return {
        "words": [wording.penalty(network, acted(results)) for network in networks],
        "layers": list(map(asdict, weights.histograms(networks))),
        "networks": [
            {
                "name": title,
                "hue": HUES[network.trial.norm],
                **asdict(weights.growth(network)),
            }
            for title, network in zip(titles, networks, strict=True)
        ],
    }


def by_batch(results: Results, networks: list[Checkpoint], titles: list[str]) -> dict:
    """Accuracy over the size of the batch whose statistics batch norm uses: of one to three networks, and means by norm."""
    return {
        "lines": [
            {"name": title, "hue": HUES[network.trial.norm]}
            | asdict(batch_statistics.of_network(network, results.has(network)))
            for title, network in zip(titles, networks, strict=True)
        ],
        "families": [
            {
                "name": f"{family.norm}, {family.networks} networks of the grid",
                "hue": HUES[family.norm],
                **asdict(family.means),
                "halves": family.halves,
            }
            for family in batch_statistics.by_norm(
                results.core, batch_statistics.read(results.core)
            )
        ],
        "sizes": activations.BATCHES,
        "images": activations.SAMPLED,
    }


@answering
def moments(results: Results, trial: str, image: int) -> dict:
    """The mean and variance of every channel of a network for one test image, before and after its norm.

    `channels` has a line for each: block, channel, mean and var (before, over the channel's pixels), taken_mean and taken_var (what the norm
    subtracts and divides by the root of: batch norm's running averages, else statistics of this image; 0 and 1 where it takes none),
    batch_mean and batch_var (of the channel over the first 128 test images, what batch norm takes in training), mean_after
    and var_after.

    Args:
        trial: the name of the trial with its seed, as /trials gives it
        image: the number of the image in MNIST's test set, 0 to 9999
    """
    checkpoint = misclassified.find(results, trial)
    maps = activations.blocks(checkpoint, predictions.image(image, results.data_set))
    return {"channels": activations.xray(checkpoint, maps).to_dict("records")}


@answering
def salient(
    results: Results,
    trial: str,
    image: int,
    method: str = attribution.GRADIENTS,
    digit: int | None = None,
    detail: str = "summary",
) -> dict:
    """Attribution of a digit to the pixels of a test image: which of them speak for it in a network.

    Returns the digit, prob (what the network gives it), values (28 rows of 28), their sum, and for integrated gradients
    the difference between the scores of the image and of an empty field, in nats, which the sum must equal. The score is the
    digit's log-probability less the mean of all ten.

    Args:
        trial: the name of the trial with its seed, as /trials gives it
        image: the number of the image in MNIST's test set, 0 to 9999
        method: "integrated gradients" or "Grad-CAM"
        digit: 0 to 9, or null for the digit that the network reads
        detail: "summary" rounds the values to 5 decimals, "all" to 6
    """
    if detail not in takeaway.DETAILS:
        raise UserError(f"detail must be one of {', '.join(takeaway.DETAILS)}.")
    checkpoint = misclassified.find(results, trial)
    attributed = attribution.explain(
        checkpoint, predictions.image(image, results.data_set), method, digit
    )
    return {
        "digit": attributed.digit,
        "prob": attributed.prob,
        "values": rounded(attributed.values, 6 if detail == "all" else 5),
        "sum": attributed.total,
        "difference": attributed.difference,
    }


def rounded(values: np.ndarray, decimals: int) -> list:
    return values.astype(np.float64).round(decimals).tolist()


def opening(results: Results) -> list[str]:
    """Names of a network of each norm, seed 1 of the grid's smallest batch without a penalty, as far as they are trained."""
    smallest = min(trial.batch_size for trial in GRID)
    plain = {
        trial.config: trial.norm
        for trial in GRID
        if (trial.regulariser, trial.batch_size) == ("none", smallest)
    }
    names = {
        plain[trial.config]: trial.name
        for trial, _ in results.accuracies
        if trial.config in plain and trial.seed == 1
    }
    return [names[norm] for norm in BY_KEY if norm in names]


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "inside",
        STYLES,
        bound(ask, results),
        trials=menus.choices(results),
        methods=attribution.METHODS,
        source=wording.EFFECTIVE_RATE,
        nothing=wording.NOTHING,
        drawn=activations.DRAWN,
        together=[
            {"words": wording.extent(norm, part), **asdict(part)}
            for norm in BY_KEY.values()
            for part in [activations.extent(norm)]
        ],
        unmoved=wording.unmoved(),
        opening=opening(results),
        epochs=results.epochs,
    )
    takeaway.endpoint("inside", moments, results)
    takeaway.endpoint("saliency", salient, results)
