"""Results: every trained configuration with its interval beside the published table, and all pairs of a study."""

from functools import cache

import gradio as gr

from explorer.charts import palette
from explorer.runs.results import Results
from explorer.study import pair_matrix, published_table, result_records, tables, wording
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.errors import UserError

TITLE = "All results"
SLUG = "table"
STYLES = ("controls.css", "charts.css", "pages.css", "results.css")


@answering
def trials(results: Results) -> list[dict]:
    """Every trial that was trained: its name, settings, seed and test accuracy.

    Accuracies are fractions of the 10,000 test images: last_acc after the last epoch,
    best_acc the maximum over the epochs, which is a selection on the test set.
    """
    return results.records()


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
    takeaway.page("results", STYLES, bound(ask, results), hues=palette.HUES)
    gr.api(bound(trials, results), api_name="trials")
