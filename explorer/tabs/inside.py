"""Inside: what one network, or two side by side, make of a digit, block by block."""

import base64

import gradio as gr

from explorer import analysis, inside, mistakes, overview
from explorer.plots import HUES
from explorer.results import Results, describe, test_split
from explorer.tabs import takeaway
from train.data import DataError

TITLE = "Inside"
SCRIPTS = ("nodes.js", "pages.js", "inside.js")
STYLES = ("controls.css", "pages.css", "tables.css", "inside.css")


def build(tab: gr.Tab, results: Results):
    def moments(trial: str, image: int) -> list[dict]:
        """The mean and variance of every channel of a network for one test image, before and after its norm.

        A line has block, channel, mean and var (before, over the channel's pixels), taken_mean and taken_var (what the norm
        subtracts and divides by the root of: batch norm's running averages, group and layer norm's own of this image),
        mean_after and var_after.

        Args:
            trial: the name of the trial with its seed, as /trials gives it
            image: the number of the image in MNIST's test set, 0 to 9999
        """
        try:
            found = results.finished[mistakes.place_of(results, trial)]
            maps = inside.blocks(found, analysis.image(image))
        except (KeyError, IndexError, DataError) as error:
            return [{"error": error.args[0]}]
        return inside.xray(found, maps).to_dict("records")

    def ask(question: dict) -> dict:
        """What the page asks for: the maps of some networks for a digit."""
        try:
            return answer(results, question)
        except (KeyError, IndexError, DataError) as error:
            return {"error": error.args[0]}

    takeaway.page(
        "inside",
        SCRIPTS,
        STYLES,
        ask,
        trials=overview.choices(results),
        nothing=analysis.NOTHING,
    )
    gr.api(moments, api_name="inside")


def answer(results: Results, question: dict) -> dict:
    """The maps of one or two networks. Raises `KeyError` and `IndexError` with a sentence for what is not there."""
    match question:
        case {"view": "batches", "trials": [*names]} if 1 <= len(names) <= 2:
            return batches(
                [results.finished[mistakes.place_of(results, name)] for name in names]
            )
        case {"trials": [*names], "image": int(image)} if 1 <= len(names) <= 2:
            index = image
        case {"trials": [*names], "digit": int(digit), "turn": int(turn)} if (
            1 <= len(names) <= 2 and 0 <= digit <= 9
        ):
            index = analysis.sample(digit, turn)
        case _:
            raise KeyError("The page asked for a view that is not there.")
    chosen = [results.finished[mistakes.place_of(results, name)] for name in names]
    image = analysis.image(index)
    maps = [inside.blocks(found, image) for found in chosen]
    tables = [inside.xray(found, each) for found, each in zip(chosen, maps)]
    return {
        "index": index,
        "image": f"Image {index} of the test set",
        "sprite": uri(mistakes.sprite([index])),
        "words": " ".join(map(inside.words, chosen, tables)),
        "sides": [
            {
                "name": f"{describe(found.trial)}, seed {found.trial.seed}",
                "blocks": [
                    {
                        "title": f"Block {place + 1}",
                        "before": uri(
                            inside.sprite(
                                block.before, inside.scale(maps, place, "before")
                            )
                        ),
                        "after": uri(
                            inside.sprite(
                                block.after, inside.scale(maps, place, "after")
                            )
                        ),
                        "maps": inside.captions(table, place),
                    }
                    for place, block in enumerate(each)
                ],
            }
            for found, each, table in zip(chosen, maps, tables)
        ],
        "table": inside.numbers(chosen, tables),
    }


def batches(chosen: list) -> dict:
    """The accuracy of one or two networks over the size of the batch whose statistics batch norm takes."""
    split = test_split()
    return {
        "lines": [
            {
                "name": f"{describe(found.trial)}, seed {found.trial.seed}",
                "hue": HUES[found.trial.norm],
                "accuracies": list(inside.accuracy_by_batch(found, split).values()),
                "usual": inside.usual_accuracy(found, split),
            }
            for found in chosen
        ],
        "sizes": inside.BATCHES,
        "images": inside.SAMPLED,
    }


def uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()
