"""Results: the published table beside ours."""

import gradio as gr

from explorer.runs.results import Results
from explorer.study import published_table, row_comparisons, tables, wording
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound

TITLE = "Results"
SLUG = "table"


@answering
def trials(results: Results) -> list[dict]:
    """Every trial that was trained: its name, settings, seed and test accuracy.

    Accuracies are fractions of the 10,000 test images: last_acc after the last epoch,
    best_acc the maximum over the epochs, which is a selection on the test set.
    """
    return results.records()


def leader(results: Results) -> str:
    """Sentence on the configuration with the best accuracy."""
    return wording.row_comparisons.leader(row_comparisons.leader(results.core))


def chosen(results: Results, event: gr.SelectData) -> str:
    """Links to other tabs about the row that was clicked."""
    line = tables.published_line(published_table.lines(results), event.row_value)
    return wording.published_table.links(line)


def build(tab: gr.Tab, results: Results):
    gr.Markdown("**Which configuration reads best?** Click a row to see more of it.")
    answer = gr.Markdown()
    more = gr.Markdown()
    table = gr.Dataframe(
        tables.published(published_table.lines(results)),
        interactive=False,
        show_search="filter",
        pinned_columns=1,
        max_height=640,
        buttons=["fullscreen", "copy"],
        label="The published table, and ours",
        show_label=False,
        column_widths=[55, 65, 105, 90, 65, 110, 145, 165, 150, 165, 190],
    )
    trained = wording.published_table.coverage(published_table.coverage(results))
    gr.Markdown(
        "Test accuracy in percent. *Published best* is the best epoch of one run, which is a selection on the test set. Our "
        "numbers are means over the seeds with 95 % intervals, the number of seeds in brackets: *as labelled* with the "
        "penalties that the row names, *as run* without penalties, as in the published notebook. *Other* names what differs "
        f"from the common hyperparameters. {trained}"
    )
    takeaway.buttons(tab, {}, {"results": table})
    tab.select(
        bound(leader, results),
        None,
        answer,
        **takeaway.QUIET,
    )
    table.select(bound(chosen, results), None, more, **takeaway.QUIET)
    gr.api(bound(trials, results), api_name="trials")
