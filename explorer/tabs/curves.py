"""Curves: how the networks learned, epoch by epoch."""

from functools import cache

import gradio as gr

from explorer import analysis, measures, plots
from explorer.results import REGULARISERS, Results, published_curves
from explorer.tabs import takeaway
from explorer.visits import VISITS
from train.study import NORMS

TITLE = "Curves"
METRICS = {"Accuracy": "acc", "Loss": "loss"}
SPLITS = ("test", "train")
SCALES = ("linear", "logarithmic")
SEEDS = ("mean with band", "singly")


def build(tab: gr.Tab, results: Results) -> dict:
    published = published_curves()
    batch_sizes = sorted(results.trials.batch_size.unique().tolist())

    @cache
    def rows():
        return measures.table(results)

    def draw(metric, scale, seeds, norms, regularisers, batches, overlay, visit):
        own = VISITS.shelf(visit).history()
        chosen = results.choose(norms, regularisers, batches)
        runs = published[
            published.norm.isin(norms) & published.batch_size.isin(batches) & overlay
        ]
        figures = [
            plots.curves(
                chosen,
                runs,
                split,
                METRICS[metric],
                log=scale == SCALES[1],
                singly=seeds == SEEDS[1],
                own=own,
            )
            for split in SPLITS
        ]
        words = f"{chosen.name.nunique()} of {len(results.checkpoints)} trials shown."
        if not results.checkpoints:
            words = analysis.NOTHING
        elif chosen.empty:
            words += " No trial that was trained has these settings: tick more of them."
        words += f" {measures.quickest(rows(), chosen.config)}"
        table = measures.progress(rows(), chosen.config)
        return (
            words,
            gr.Column(visible=not chosen.empty),
            *figures,
            plots.learning_rate(chosen),
            table,
            gr.Accordion(open=False),  # its numbers were those of other choices
        )

    def epochs(norms, regularisers, batches):
        return measures.per_epoch(results.choose(norms, regularisers, batches))

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
        "**How did they learn?** A line is the mean over the seeds of one configuration, its band one deviation. "
        "The train figures are taken while training, with rotation and dropout, and so lie below the test's."
    )
    with gr.Row():
        with gr.Column(scale=4, min_width=320):
            words = gr.Markdown(container=False)
            with gr.Column() as shown:
                with gr.Row():
                    figures = [
                        gr.Plot(
                            show_label=False, min_width=300, elem_id=f"curves-{split}"
                        )
                        for split in SPLITS
                    ]
                rate = gr.Plot(show_label=False, elem_id="curves-rate")
                table = takeaway.table("Accuracies, and epochs to a threshold")
                with gr.Accordion("The curves in numbers", open=False) as folded:
                    numbers = takeaway.table("The curves in numbers")
                files = gr.Column()
        with gr.Column(scale=1, min_width=180):
            norms = gr.CheckboxGroup(list(NORMS), value=list(NORMS), label="Norm")
            regularisers = gr.CheckboxGroup(
                list(REGULARISERS), value=["none"], label="Regulariser"
            )
            batches = gr.CheckboxGroup(
                batch_sizes, value=batch_sizes[-1:], label="Batch size"
            )
            metric = gr.Radio(list(METRICS), value="Accuracy", label="Figure")
            scale = gr.Radio(list(SCALES), value=SCALES[0], label="Scale")
            seeds = gr.Radio(list(SEEDS), value=SEEDS[0], label="Seeds")
            overlay = gr.Checkbox(True, label="The published runs")
    choices = [metric, scale, seeds, norms, regularisers, batches, overlay]
    gr.on(
        [tab.select, *(choice.change for choice in choices)],
        draw,
        [*choices, takeaway.secret()],
        [words, shown, *figures, rate, table, folded],
        js=takeaway.SECRET,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    view = {
        "norm": (norms, list(NORMS)),
        "regulariser": (regularisers, list(REGULARISERS)),
        "batch": (batches, batch_sizes),
        "figure": (metric, set(METRICS)),
        "scale": (scale, set(SCALES)),
        "seeds": (seeds, set(SEEDS)),
        "published": (overlay, {True, False}),
    }
    chosen = [norms, regularisers, batches]
    folded.expand(
        epochs, chosen, numbers, show_progress="hidden", api_visibility="private"
    )
    with files:
        takeaway.buttons(
            tab,
            view,
            {"table": table, "epochs": (epochs, chosen)},
            [*figures, rate],
        )
    gr.api(history, api_name="history")
    return view
