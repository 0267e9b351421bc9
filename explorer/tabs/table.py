"""Results: the published table beside ours."""

import gradio as gr

from explorer import comparison, overview
from explorer.results import Results
from explorer.tabs import takeaway

TITLE = "Results"


def build(tab: gr.Tab, results: Results):
    def trials() -> list[dict]:
        """Every trial that was trained: its name, settings, seed and test accuracy.

        Accuracies are fractions of the 10,000 test images: last_acc after the last epoch,
        best_acc the maximum over the epochs, which is a selection on the test set.
        """
        return results.records()

    def chosen(event: gr.SelectData) -> str:
        return overview.links(results, event.row_value)

    gr.Markdown("**Which configuration reads best?** Click a row for more of it.")
    answer = gr.Markdown()
    more = gr.Markdown()
    table = gr.Dataframe(
        overview.against_published(results),
        interactive=False,
        show_search="filter",
        pinned_columns=1,
        max_height=640,
        buttons=["fullscreen", "copy"],
        label="The published table, and ours",
        show_label=False,
        column_widths=[55, 65, 100, 90, 65, 140, 170, 170, 170],
    )
    gr.Markdown(
        "Test accuracy in percent. Published is one run's best epoch, a selection on the test set. Ours is the mean over our "
        "seeds with its 95 % interval, their number in brackets: as labelled with the penalties that the row names, as run "
        f"without any, as the published notebook did. {overview.coverage(results)}"
    )
    takeaway.buttons(tab, {}, {"results": table})
    tab.select(
        lambda: comparison.leader(results),
        None,
        answer,
        show_progress="hidden",
        api_visibility="private",
    )
    table.select(chosen, None, more, show_progress="hidden", api_visibility="private")
    gr.api(trials, api_name="trials")
