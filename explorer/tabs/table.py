"""Results: the published table beside ours."""

import gradio as gr

from explorer.results import Results

TITLE = "Results"


def build(tab: gr.Tab, results: Results):
    def trials() -> list[dict]:
        """Every trial that was trained: its name, settings, seed and test accuracy.

        Accuracies are fractions of the 10,000 test images: last_acc after the last epoch,
        best_acc the maximum over the epochs, which is a selection on the test set.
        """
        return results.records()

    gr.Markdown(
        "**Which configuration reads best?** Published is one run's best epoch. Ours is the "
        "mean over our seeds after the last epoch, with the penalties that the row names, "
        "and as the published notebook ran it: without any. Test accuracy in percent, the "
        "number of seeds in brackets."
    )
    gr.Markdown(results.coverage())
    gr.Dataframe(
        results.against_published(),
        interactive=False,
        show_search="search",
        pinned_columns=1,
        max_height=640,
        buttons=["fullscreen", "copy"],
        show_label=False,
        column_widths=[60, 70, 105, 95, 70, 120, 140, 140, 120],
    )
    gr.api(trials, api_name="trials")
