"""Misclassified: what one network misses, what two networks miss, and the images that are hard for all."""

import gradio as gr

from explorer import analysis, errors, mistakes, overview, visits
from explorer.pictures import uri
from explorer.results import Results
from explorer.tabs import takeaway
from train.data import DataError

TITLE = "Misclassified"
MOST = 100  # digits shown at once
MEANINGS = {"sure": "sure", "missed": "of the networks miss it"}
SCRIPTS = ("nodes.js", "pages.js", "mistakes.js")
STYLES = ("controls.css", "pages.css", "mistakes.css")


def build(tab: gr.Tab, results: Results):
    def misclassified(trial: str) -> list[dict]:
        """The test images that one trained network misses, its surest mistake first.

        A line has index (of MNIST's test set), label, read and sure (percent).

        Args:
            trial: the name of the trial with its seed, as /trials gives it
        """
        try:
            found = mistakes.find(results, trial)
            return mistakes.of_network(found).to_dict("records")
        except (KeyError, DataError) as error:
            return [{"error": error.args[0]}]

    def image(index: int) -> dict:
        """One test image: its label, what every network reads in it, and what reviewers said of a doubtful label.

        Args:
            index: the number of the image in MNIST's test set, 0 to 9999
        """
        try:
            return mistakes.page(results, index)
        except (IndexError, DataError) as error:
            return {"error": error.args[0]}

    def ask(question: dict) -> dict:
        """What the page asks for: a view, and its settings."""
        try:
            return answer(results, question)
        except (KeyError, IndexError, DataError) as error:
            return {"error": error.args[0]}

    takeaway.page(
        "mistakes",
        SCRIPTS,
        STYLES,
        ask,
        trials=overview.choices(results),
        kinds=[*errors.KINDS[:-1], errors.LABEL],
        nothing=analysis.NOTHING,
    )
    gr.api(misclassified, api_name="misclassified")
    gr.api(image, api_name="image")


def answer(results: Results, question: dict) -> dict:
    """One view of the page. Raises `KeyError` and `IndexError` with a sentence for settings that are not there."""
    match question:
        case {"view": "summary"}:
            return {"words": errors.summary(results)}
        case {"view": "image", "index": int(index)}:
            return mistakes.page(results, index) | {"sprite": sprite([index])}
        case {"view": "one", "trial": str(trial), "label": label, "read": read}:
            network = visits.find(results, question, trial)
            rows = mistakes.of_network(network)
            chosen = mistakes.of_kind(rows, label, read)
            words = f"{len(chosen)} of the {len(rows)} images that it misses, its surest mistake first"
            found, matrix = {words: chosen}, mistakes.confusion(network)
        case {"view": "two", "trial": str(a), "other": str(b)}:
            parts, matrix = mistakes.against(
                *(visits.find(results, question, name) for name in (a, b))
            )
            found = {
                f"{words} {'miss' if words == 'Both' else 'misses'} {len(rows)}": rows
                for words, rows in parts.items()
            }
        case {"view": "all", "kind": str(kind)}:
            rows, matrix = errors.hardest(results, kind), None
            words = (
                f"{len(rows)} images are {kind}, those that most networks miss first"
            )
            found = {words: rows}
        case _:
            raise KeyError("The page asked for a view that is not there.")
    if question.get("table"):
        return table(found)
    return {
        "parts": [part(words, rows) for words, rows in found.items()],
        "matrix": None if matrix is None else matrix.tolist(),
    }


def table(found: dict) -> dict:
    """Every image of the grids, also beyond those that are shown, for a file."""
    columns = list(next(iter(found.values())).columns)
    return {
        "headers": ["which", *columns],
        "data": [
            [words, *row]
            for words, rows in found.items()
            for row in rows.round(1).astype(object).to_numpy().tolist()
        ],
    }


def part(words: str, rows) -> dict:
    """A grid of digits: what is said above it, their captions, and one picture of all."""
    share = "sure" if "sure" in rows else "missed"
    shown = f"; the first {MOST} are shown" if len(rows) > MOST else ""
    rows = rows.head(MOST)
    return {
        "words": f"{words}{shown}.",
        "sprite": sprite(rows["index"]),
        "images": [
            {
                "index": row["index"],
                "caption": caption(row["label"], row["read"]),
                "share": f"{row[share]:.0f} %",
                "means": MEANINGS[share],
                "flagged": row["index"] in errors.label_errors().index,
            }
            for row in rows.to_dict("records")
        ],
    }


def caption(label: int, read: int) -> str:
    return f"{label} \u2192 {read}" if read >= 0 else f"{label}, never missed"


def sprite(indices) -> str:
    return uri(mistakes.sprite(indices))
