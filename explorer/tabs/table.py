"""Results: every trained configuration with its interval beside the published table, and all pairs of a study."""

from functools import cache

import gradio as gr

from explorer.charts import palette
from explorer.runs.descriptions import JOINT
from explorer.runs.results import Results
from explorer.study import pair_matrix, published_table, result_records, tables, wording
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from explorer.web import project
from train.errors import UserError

TITLE = "All results"
SLUG = "table"
STYLES = (
    "controls.css",
    "charts.css",
    "pages.css",
    "results.css",
    "network_files.css",
)


@answering
def trials(results: Results, norm: str = "", study: str = "", config: str = "") -> dict:
    """Trials that were trained: their names, settings, seeds and test accuracies.

    `trials` has a record for each. Accuracies are fractions of the 10,000 test images: last_acc after the last epoch,
    best_acc the maximum over the epochs, which is a selection on the test set.

    Args:
        norm: a norm such as "GN" for those only, "" for all
        study: the name of a study, such as "grid", for its trials only
        config: the name of a trial without its seed, for its seeds only
    """
    chosen = [
        record
        for record in results.records()
        if norm in ("", record["norm"])
        and config in ("", record["config"])
        and (study == "" or study in record["study"].split(JOINT))
    ]
    if not chosen and results.checkpoints:
        raise UserError("No trial is of that norm, study and configuration.")
    return {"trials": chosen}


@cache
def everything(results: Results) -> dict:
    """JSON of the page: its sentences and lines, computed once."""
    lines = published_table.lines(results)
    rows = [line for line in lines if line.row]
    return {
        "best": wording.published_table.best(
            published_table.best(results, lines), published_table.best(results, rows)
        ),
        "lines": result_records.lines(lines),
        "pairs": list(map(result_records.pair_matrix, pair_matrix.matrices(results))),
        "sentences": wording.pair_matrix.PAIR,
        "coverage": wording.published_table.coverage(published_table.coverage(results)),
    }


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the page: all that it shows, or the lines as a table to save."""
    match question:
        case {"view": "all"}:
            return everything(results)
        case {"view": "csv"}:
            return takeaway.csv_table(tables.published(published_table.lines(results)))
        case _:
            raise UserError("The page asked for a view that is not there.")


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "results",
        STYLES,
        bound(ask, results),
        hues=palette.HUES,
        source=project.source(),
    )
    takeaway.endpoint("trials", trials, results)
