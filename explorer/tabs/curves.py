"""Learning curves: learning curves of the networks, epoch by epoch."""

import json
from dataclasses import asdict
from functools import cache
from math import inf
from typing import NamedTuple

import gradio as gr

from explorer.charts import curves
from explorer.network import wording
from explorer.retrain.session import SESSIONS
from explorer.runs import metrics, published_curves
from explorer.runs.results import NO_STUDY, REGULARISERS, Results, Selection
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.errors import UserError
from train.norms import BY_KEY
from train.study import CORE, STUDIES

TITLE = "Learning curves"
SLUG = "curves"
METRICS = {"Accuracy": "acc", "Loss": "loss"}
SPLITS = ("test", "train")
SCALES = ("linear", "logarithmic")
SEEDS = ("mean with band", "singly")
# Names in links, in the order of the fields of `Looks` and of `Selection`.
LOOKS = ("figure", "scale", "seeds", "published")
CHOSEN = ("study", "norm", "regulariser", "batch", "rate")


@cache
def rows(results: Results):
    return metrics.table(results)


@cache
def published():
    return published_curves.read()


class Looks(NamedTuple):
    """Choices of how the curves are drawn."""

    metric: str  # a key of `METRICS`
    scale: str
    seeds: str
    overlay: bool  # with the published runs

    def axis(self, split: str) -> curves.Axis:
        return curves.Axis(split, METRICS[self.metric], self.scale == SCALES[1])


def draw(results: Results, *values):
    """Updates of the components of `Shown` for the ticked choices; the plots include the networks of the page's session.

    `values` are those of `Looks`, those of `Selection`, and the secret of the session.
    """
    *ticked, secret = values
    looks, selection = Looks(*ticked[: len(LOOKS)]), Selection(*ticked[len(LOOKS) :])
    own = SESSIONS.networks(secret).history()
    chosen = results.choose(selection)
    runs = published()
    runs = runs[
        runs.norm.isin(selection.norms)
        & runs.batch_size.isin(selection.batch_sizes)
        & looks.overlay
    ]
    charts = [
        curves.learning(chosen, runs, own, looks.axis(split), looks.seeds == SEEDS[1])
        for split in SPLITS
    ]
    charts.append(curves.learning_rate(chosen))
    text = f"{chosen.name.nunique()} of {len(results.checkpoints)} networks shown."
    if not results.checkpoints:
        text = wording.NOTHING
    elif chosen.empty:
        text += " No network has these settings: tick more of them."
    text += f" {quickest(metrics.quickest(rows(results), chosen.config))}"
    table = metrics.progress(rows(results), chosen.config)
    return (
        text,
        gr.Column(visible=not chosen.empty),
        json.dumps([asdict(chart) for chart in charts]),
        table,
        gr.Accordion(open=False),  # its numbers belong to the previous choices
    )


def quickest(best: metrics.Quickest | None) -> str:
    """Sentence on the configurations that reach the highest threshold first; "" for None."""
    if not best:
        return ""
    threshold = f"{100 * metrics.THRESHOLDS[-1]:.1f} %"
    if best.epoch == inf:
        return f"No configuration reaches {threshold} with more than half of its seeds."
    subject = f"{' and '.join(best.descriptions)} {'is' if len(best.descriptions) == 1 else 'are'}"
    if len(best.descriptions) > 2:
        subject = f"{len(best.descriptions)} configurations are"
    fewest, most = best.seeds
    seeds = f"{fewest} to {most}" if fewest < most else f"{most}"
    return (
        f"So far {subject} the first to reach {threshold}: in epoch {best.epoch:g}, the median of "
        f"{seeds} seed{'' if most == 1 else 's'}."
    )


def epochs(results: Results, *settings):
    """Table of the curves: a row per configuration and epoch."""
    return metrics.per_epoch(results.choose(Selection(*settings)))


@answering
def history(results: Results, trial: str) -> list[dict]:
    """Learning history of one trial: a row per epoch.

    A row has epoch, lr, train_loss, train_acc, test_loss, test_acc, seconds, and for
    each layer the sums of |w| and of w^2. Accuracies are fractions, losses are in nats.

    Args:
        trial: the name of the trial, as /trials gives it
    """
    checkpoint = results.find(trial)
    if not checkpoint:
        raise UserError(f"There is no trial named {trial!r}; /trials lists them.")
    return checkpoint.history


class Shown(NamedTuple):
    """Components that show the chosen networks."""

    text: gr.Markdown
    column: gr.Column
    charts: gr.HTML
    table: gr.Dataframe
    folded: gr.Accordion
    numbers: gr.Dataframe
    files: gr.Column


def shown_part() -> Shown:
    with gr.Column(scale=4, min_width=320):
        text = gr.Markdown(container=False)
        with gr.Column() as shown:
            charts = takeaway.page(
                "curves", ("charts.css", "curves.css"), padding=False
            )
            table = takeaway.table("Accuracies, and epochs to a threshold")
            with gr.Accordion("The curves in numbers", open=False) as folded:
                numbers = takeaway.table("The curves in numbers")
            files = gr.Column()
    return Shown(text, shown, charts, table, folded, numbers, files)


def choices_part(results: Results) -> dict:
    """Components of the choices and their values, by their names in links."""
    batch_sizes = sorted(results.trials.batch_size.unique().tolist())
    rates = sorted(results.trials.lr.unique().tolist())
    present = set(", ".join(results.trials.study).split(", "))
    names = [name for name in (*STUDIES, NO_STUDY) if name in present]
    ticked = [name for name in CORE if name in present] or names
    with gr.Column(scale=1, min_width=180):
        studies = gr.CheckboxGroup(names, value=ticked, label="Study")
        norms = gr.CheckboxGroup(list(BY_KEY), value=list(BY_KEY), label="Norm")
        regularisers = gr.CheckboxGroup(
            list(REGULARISERS), value=["none"], label="Regulariser"
        )
        batches = gr.CheckboxGroup(
            batch_sizes, value=batch_sizes[-1:], label="Batch size"
        )
        lrs = gr.CheckboxGroup(rates, value=rates, label="Learning rate")
        metric = gr.Radio(list(METRICS), value="Accuracy", label="Measure")
        scale = gr.Radio(list(SCALES), value=SCALES[0], label="Scale")
        seeds = gr.Radio(list(SEEDS), value=SEEDS[0], label="Seeds")
        overlay = gr.Checkbox(True, label="Published runs")
    return {
        "study": (studies, names),
        "norm": (norms, list(BY_KEY)),
        "regulariser": (regularisers, list(REGULARISERS)),
        "batch": (batches, batch_sizes),
        "rate": (lrs, rates),
        "figure": (metric, set(METRICS)),
        "scale": (scale, set(SCALES)),
        "seeds": (seeds, set(SEEDS)),
        "published": (overlay, {True, False}),
    }


def build(tab: gr.Tab, results: Results) -> dict:
    gr.Markdown(
        "**How did the networks learn?** A line is the mean over the seeds of a configuration, and its band is one standard "
        "deviation to each side."
    )
    with gr.Row():
        shown = shown_part()
        view = choices_part(results)
    chosen = [view[name][0] for name in CHOSEN]
    choices = [*(view[name][0] for name in LOOKS), *chosen]
    gr.on(
        [tab.select, *(choice.change for choice in choices)],
        bound(draw, results),
        [*choices, takeaway.secret()],
        [
            shown.text,
            shown.column,
            shown.charts,
            shown.table,
            shown.folded,
        ],
        js=takeaway.SECRET,
        trigger_mode="always_last",
        **takeaway.QUIET,
    )
    numbers = bound(epochs, results)
    shown.folded.expand(numbers, chosen, shown.numbers, **takeaway.QUIET)
    with shown.files:
        takeaway.buttons(
            tab,
            view,
            {"table": shown.table, "epochs": (numbers, chosen)},
            charts=[".charts", ".legend"],
        )
    gr.api(bound(history, results), api_name="history")
    return view
