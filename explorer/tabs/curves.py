"""Curves: how the networks learned, epoch by epoch."""

import gradio as gr

from explorer import plots
from explorer.results import REGULARISERS, Results, published_curves
from train.study import NORMS

TITLE = "Curves"
METRICS = {"Accuracy": "acc", "Loss": "loss"}


def build(tab: gr.Tab, results: Results):
    published = published_curves()
    batch_sizes = sorted(results.trials.batch_size.unique().tolist())

    def draw(
        metric: str, norms: list, regularisers: list, batches: list, overlay: bool
    ):
        chosen = results.choose(norms, regularisers, batches)
        runs = published[published.norm.isin(norms) & overlay]
        figures = [
            plots.curves(chosen, runs, split, METRICS[metric])
            for split in ("test", "train")
        ]
        words = f"{chosen.name.nunique()} of {len(results.checkpoints)} trials shown."
        if chosen.empty:
            words += " No trial that was trained has these settings: tick more of them."
        return words, *figures

    def history(trial: str) -> list[dict]:
        """How one trial learned: a row per epoch.

        A row has epoch, lr, train_loss, train_acc, test_loss, test_acc, seconds, and for
        each layer the sums of |w| and of w^2. Accuracies are fractions, losses are in nats.

        Args:
            trial: the name of the trial, as /trials gives it
        """
        found = results.find(trial)
        if not found:
            return [
                {"error": f"There is no trial named {trial!r}; /trials lists them."}
            ]
        return found.history

    gr.Markdown(
        "**How did they learn?** A line is the mean over the seeds of one configuration. "
        "The train figures are taken while training, with rotation and dropout, and so lie "
        "below the test's."
    )
    with gr.Row():
        with gr.Column(scale=4, min_width=320):
            words = gr.Markdown(container=False)
            with gr.Row():
                figures = [gr.Plot(show_label=False, min_width=300) for _ in range(2)]
        with gr.Column(scale=1, min_width=180):
            choices = [
                gr.Radio(list(METRICS), value="Accuracy", label="Figure"),
                gr.CheckboxGroup(list(NORMS), value=list(NORMS), label="Norm"),
                gr.CheckboxGroup(
                    list(REGULARISERS), value=list(REGULARISERS), label="Regulariser"
                ),
                gr.CheckboxGroup(batch_sizes, value=batch_sizes, label="Batch size"),
                gr.Checkbox(True, label="The published runs"),
            ]
    gr.on(
        [tab.select, *(choice.change for choice in choices)],
        draw,
        choices,
        [words, *figures],
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    gr.api(history, api_name="history")
