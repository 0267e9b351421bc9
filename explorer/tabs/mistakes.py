"""Mistakes: test images that all networks, two configurations, two networks or one network misread."""

from collections.abc import Sequence

import gradio as gr

from explorer.digits.png import uri
from explorer.network import misclassified, wording
from explorer.retrain import session
from explorer.runs.descriptions import describe
from explorer.runs.results import Results
from explorer.study import hard_images, menus
from explorer.study.wording.hard_images import summary
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from explorer.web import project
from train.data_sets import DIGITS, MNIST
from train.errors import UserError
from train.norms import BY_KEY

TITLE = "Mistakes"
SLUG = "mistakes"
MAX_DIGITS = 100  # digits shown at once
STYLES = ("controls.css", "pages.css", "mistakes.css", "network_files.css")


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the page: a view by its settings."""
    match question:
        case {"view": "summary"}:
            return {"words": summary(hard_images.summary(results.core))}
        case {"view": "image", "index": int(index)}:
            return about(results, index) | {"sprite": sprite(results, [index])}
        case {"view": "one", "trial": str(trial), "label": label, "read": read}:
            network = session.find(results, question, trial)
            rows = misclassified.of_network(network)
            chosen = misclassified.of_kind(rows, label, read)
            caption = f"{len(chosen)} of the {len(rows)} images that it misses, the surest mistake first"
            grids, matrix = {caption: chosen}, misclassified.confusion(network)
        case {"view": "two", "trial": str(a), "other": str(b)}:
            pair = misclassified.against(
                *(session.find(results, question, name) for name in (a, b))
            )
            matrix = pair.matrix
            grids = {
                f"Only A misses {len(pair.only_a)}": pair.only_a,
                f"Only B misses {len(pair.only_b)}": pair.only_b,
                f"Both miss {len(pair.both)}": pair.both,
            }
        case {"view": "seeds", "a": str(a), "b": str(b)}:
            first, second = hard_images.read_by_one(results, a, b)
            matrix = None
            grids = {
                f"More seeds of A read {len(first)}": first,
                f"More seeds of B read {len(second)}": second,
            }
        case {"view": "all", "kind": str(kind)}:
            rows, matrix = hard_images.hardest(results.core, kind), None
            order = (
                "the widest gap between norms"
                if kind == hard_images.DIVIDED
                else "those that most networks miss"
            )
            caption = (
                f"{len(rows)} images are {kind}; {order} first ({results.core.scope})"
            )
            grids = {caption: rows}
        case _:
            raise UserError("The page asked for a view that is not there.")
    if question.get("table"):
        return table(grids)
    return {
        "parts": [part(results, caption, rows) for caption, rows in grids.items()],
        "matrix": None if matrix is None else matrix.tolist(),
    }


def table(grids: dict) -> dict:
    """JSON of all images of the grids, those that are not shown included, to save as CSV."""
    columns = list(next(iter(grids.values())).columns)
    return {
        "headers": ["which", *columns],
        "data": [
            [caption, *row]
            for caption, rows in grids.items()
            for row in rows.round(1).astype(object).to_numpy().tolist()
        ],
    }


def part(results: Results, caption: str, rows) -> dict:
    """JSON of a grid of digits: its caption, the captions of the digits, and one picture with all digits."""
    shown = f"; the first {MAX_DIGITS} are shown" if len(rows) > MAX_DIGITS else ""
    rows = rows.head(MAX_DIGITS)
    flagged = hard_images.label_errors(results.data_set).index
    return {
        "words": f"{caption}{shown}.",
        "sprite": sprite(results, rows["index"]),
        "images": [
            {
                "index": row["index"],
                "caption": digit_caption(
                    row["label"], row["read"], results.data_set.classes
                ),
                "share": share,
                "means": means,
                "flagged": row["index"] in flagged,
            }
            for row in rows.to_dict("records")
            for share, means in [shares(row)]
        ],
    }


def shares(row: dict) -> tuple[str, str]:
    """Percentage below the digit of a row, and what it means in words."""
    if "sure" in row:
        return f"{row['sure']:.0f} %", f"{row['sure']:.0f} % sure"
    if "missed_a" in row:
        a, b = row["missed_a"], row["missed_b"]
        return (
            f"{a:.0f} : {b:.0f} %",
            f"{a:.0f} % of A's seeds miss it, {b:.0f} % of B's",
        )
    norms = [f"{row[norm]:.0f} % of {norm}" for norm in BY_KEY if norm in row]
    means = f"{row['missed']:.0f} % of the networks miss it: {', '.join(norms)}"
    return f"{row['missed']:.0f} %", means


def digit_caption(label: int, read: int, names: Sequence[str] = DIGITS) -> str:
    name = names[label]
    return f"{name} \u2192 {names[read]}" if read >= 0 else f"{name}, never missed"


def sprite(results: Results, indices) -> str:
    return uri(misclassified.sprite(indices, results.data_set))


@answering
def missed(results: Results, trial: str) -> dict:
    """The test images that one trained network misses, its surest mistake first.

    `images` has a line for each: index (of MNIST's test set), label, read and sure (percent).

    Args:
        trial: the name of the trial with its seed, as /trials gives it
    """
    network = misclassified.find(results, trial)
    return {"images": misclassified.of_network(network).to_dict("records")}


@answering
def image(results: Results, index: int) -> dict:
    """One test image: its label, what the networks of published, as-run and grid read in it, and what reviewers said of a doubtful label.

    Args:
        index: the number of the image in MNIST's test set, 0 to 9999
    """
    return about(results, index)


def about(results: Results, index: int) -> dict:
    """Readings of a test image, and reviews of its label. Raises `UserError`."""
    readings = misclassified.readings(results.core, index)
    return {
        "index": readings.index,
        "label": readings.label,
        "networks": readings.networks,
        "studies": results.core.scope,
        "missing": readings.missing,
        "groups": {
            factor: [
                {
                    "value": one.level,
                    "reads": {
                        str(digit): count for digit, count in one.networks.items()
                    },
                }
                for one in levels
            ]
            for factor, levels in readings.levels.items()
        },
        "reviews": readings.reviews,
    }


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "mistakes",
        STYLES,
        bound(ask, results),
        trials=menus.choices(results),
        source=project.source(),
        configurations=[
            [trial.config, describe(trial)] for trial in results.comparable
        ],
        kinds=[
            kind
            for kind in hard_images.ORDERS
            if kind != hard_images.LABEL or results.data_set is MNIST
        ],
        nothing=wording.NOTHING,
    )
    takeaway.endpoint("misclassified", missed, results)
    takeaway.endpoint("image", image, results)
