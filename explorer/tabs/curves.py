"""Learning curves: learning curves of the networks, epoch by epoch."""

from functools import cache
from math import inf
from typing import NamedTuple

import gradio as gr

from explorer.charts import curves
from explorer.network import wording
from explorer.retrain.session import SESSIONS
from explorer.runs import metrics, published_curves
from explorer.runs.descriptions import NO_STUDY, describe
from explorer.runs.results import REGULARISERS, Results, Selection
from explorer.study import epochs
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.data_sets import MNIST
from train.errors import UserError
from train.study import CORE, STUDIES

TITLE = "Learning curves"
SLUG = "curves"
METRICS = {"Error": "acc", "Loss": "loss"}
SPLITS = {"test": "test", "training": "train"}
SCALES = ("linear", "logarithmic")
SEEDS = ("mean with interval", "singly")
PRESETS = ("all", "after the rate falls")
FIRST = "the first line"  # as baseline
# Names in links, in the order of the fields of `Looks` and of `Selection`.
LOOKS = ("figure", "images", "scale", "seeds", "epochs", "baseline", "published")
CHOSEN = ("study", "norm", "regulariser", "batch", "rate")


def first(results: Results):
    """Computes what the tab shows at first, but for the charts, so that no visitor waits for the networks' files."""
    epochs.samples(results, curves.Axis(SPLITS["test"], METRICS["Error"]).column)


@cache
def published():
    return published_curves.read()


class Looks(NamedTuple):
    """Choices of how the curves are drawn."""

    metric: str  # a key of `METRICS`
    images: str  # a key of `SPLITS`
    scale: str
    seeds: str
    epochs: str
    baseline: str  # a configuration, or `FIRST`
    overlay: bool  # with the published runs

    @property
    def axis(self) -> curves.Axis:
        log = self.scale == SCALES[1]
        return curves.Axis(SPLITS[self.images], METRICS[self.metric], log)


def draw(results: Results, *values):
    """Updates of the components of `Shown` for the ticked choices; the plots include the networks of the page's session.

    `values` are those of `Looks`, those of `Selection`, and the secret of the session.
    """
    *ticked, secret = values
    looks, selection = Looks(*ticked[: len(LOOKS)]), Selection(*ticked[len(LOOKS) :])
    chosen = results.choose(selection)
    start = epochs.fall(chosen) if looks.epochs == PRESETS[1] else 0
    text = f"{chosen.name.nunique()} of {len(results.checkpoints)} networks shown."
    if not results.checkpoints:
        text = wording.NOTHING
    elif chosen.empty:
        text += " No network has these settings: tick more of them."
    configs = chosen.config.unique().tolist()
    rows = metrics.table(results, configs)
    text += f" {quickest(metrics.quickest(rows, configs))}"
    table = metrics.progress(rows, configs)
    charts = [] if chosen.empty else pictures(results, chosen, looks, start, secret)
    return (
        text,
        gr.Column(visible=not chosen.empty),
        takeaway.drawn(*charts),
        table,
        gr.Accordion(open=False),  # its numbers belong to the previous choices
    )


def pictures(results: Results, chosen, looks: Looks, start: int, secret: str | None):
    """Charts of chosen rows of `Results.history` from the epoch `start` on."""
    axis = looks.axis
    configs = chosen.config.unique().tolist()
    baseline, words = base(results, chosen, looks.baseline)
    runs = published()
    if results.data_set is not MNIST:
        runs = runs.iloc[:0]
    series = [
        chosen,
        epochs.means(results, axis.column, configs),
        runs[runs.norm.isin(chosen.norm)],
        SESSIONS.networks(secret).history(),
    ]
    shown, means, runs, own = (some[some.epoch >= start] for some in series)
    gaps = epochs.differences(results, axis.column, configs, baseline)
    singly = looks.seeds == SEEDS[1]
    charts = [curves.learning(shown, means, runs, own, axis, singly, looks.overlay)]
    if len(gaps):
        late = gaps[gaps.epoch >= start]
        charts.append(curves.differences(shown, late, axis, words))
    return [*charts, curves.learning_rate(shown)]


def base(results: Results, chosen, baseline: str) -> tuple[str, str]:
    """Configuration that others are compared with, and its description: `baseline`, or the first of the chosen rows."""
    if baseline in results.configs:
        trial = results.finished[results.configs[baseline][0]].trial
        return baseline, describe(trial)
    first = chosen.iloc[0]
    return first.config, first.words


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


def per_epoch(results: Results, *settings):
    """Table of the curves: a row per configuration and epoch."""
    return metrics.per_epoch(results.choose(Selection(*settings)))


def differences(results: Results, *values):
    """Table of the differences to the baseline: a row per configuration and epoch. `values` as those of `draw`, but the secret."""
    looks, selection = Looks(*values[: len(LOOKS)]), Selection(*values[len(LOOKS) :])
    chosen = results.choose(selection)
    configs = chosen.config.unique().tolist()
    baseline = base(results, chosen, looks.baseline)[0] if configs else ""
    gaps = epochs.differences(results, looks.axis.column, configs, baseline)
    return gaps.assign(baseline=baseline, measure=looks.axis.title)


@answering
def history(results: Results, trial: str) -> dict:
    """Learning history of one trial: a row per epoch.

    `history` has a row for each: epoch, lr, train_loss, train_acc, test_loss, test_acc, seconds, and for
    each layer the sums of |w| and of w^2. Accuracies are fractions, losses are in nats.

    Args:
        trial: the name of the trial, as /trials gives it
    """
    checkpoint = results.find(trial)
    if not checkpoint:
        raise UserError(f"There is no trial named {trial!r}; /trials lists them.")
    return {"history": checkpoint.history}


class Shown(NamedTuple):
    """Components that show the chosen networks."""

    text: gr.Markdown
    column: gr.Column
    charts: gr.HTML
    table: gr.Dataframe
    folded: gr.Accordion
    numbers: gr.Dataframe
    files: gr.Column


def shown_part(results: Results) -> tuple[dict, Shown]:
    """Choices below the charts, by their names in links, and what shows the chosen networks."""
    with gr.Column(scale=4, min_width=320):
        text = gr.Markdown(container=False, elem_classes="awaited")
        with gr.Column() as shown:
            charts = takeaway.line_charts("curves", "press")
            view = look_part(results)
            with takeaway.drawer("Numbers and method", "fold"):
                table = takeaway.table("Accuracies, and epochs to a threshold")
                gr.Markdown(
                    "A band is the 95 % interval of the mean over seeds, by the variance of the study (Welch's where it is unusual), epoch by "
                    "epoch: it says nothing of all epochs at once. Whether two configurations differ, Compare says, by the last epoch alone. "
                    "A line is thicker where the learning rate is larger. Training error is measured during training, with rotation "
                    "and dropout, and is therefore above test error."
                )
            with gr.Accordion("The curves in numbers", open=False) as folded:
                numbers = takeaway.table("The curves in numbers")
            files = gr.Column()
    return view, Shown(text, shown, charts, table, folded, numbers, files)


def choices_part(results: Results) -> dict:
    """Components of the choices and their values, by their names in links."""
    batch_sizes = sorted(results.trials.batch_size.unique().tolist())
    rates = sorted(results.trials.lr.unique().tolist())
    present = set(", ".join(results.trials.study).split(", "))
    names = [name for name in (*STUDIES, NO_STUDY) if name in present]
    ticked = [name for name in CORE if name in present] or names
    size, regulariser = epochs.telling(results)
    known = list(results.norms)
    start = [regulariser, epochs.PLAIN]
    penalties = [name for name in REGULARISERS if name in start]
    with (
        gr.Column(scale=1, min_width=200),
        takeaway.drawer("Choose networks", "sheet"),
    ):
        studies = gr.CheckboxGroup(names, value=ticked, label="Study")
        norms = gr.CheckboxGroup(known, value=known, label="Norm")
        regularisers = gr.CheckboxGroup(
            list(REGULARISERS), value=penalties, label="Regulariser"
        )
        batches = gr.CheckboxGroup(
            batch_sizes, value=[size] if size else [], label="Batch size"
        )
        lrs = gr.CheckboxGroup(rates, value=rates, label="Learning rate")
        metric = gr.Radio(list(METRICS), value="Error", label="Measure")
        images = gr.Radio(list(SPLITS), value="test", label="Images")
        scale = gr.Radio(list(SCALES), value=SCALES[1], label="Scale")
        seeds = gr.Radio(list(SEEDS), value=SEEDS[0], label="Seeds")
    return {
        "study": (studies, names),
        "norm": (norms, known),
        "regulariser": (regularisers, list(REGULARISERS)),
        "batch": (batches, batch_sizes),
        "rate": (lrs, rates),
        "figure": (metric, set(METRICS)),
        "images": (images, set(SPLITS)),
        "scale": (scale, set(SCALES)),
        "seeds": (seeds, set(SEEDS)),
    }


def look_part(results: Results) -> dict:
    """Components below the charts and their values, by their names in links."""
    pairs = [(describe(trial), trial.config) for trial in results.comparable]
    with gr.Row():
        span = gr.Radio(list(PRESETS), value=PRESETS[0], label="Epochs", min_width=240)
        baseline = gr.Dropdown(
            [FIRST, *pairs], value=FIRST, label="Difference to", min_width=240
        )
    # The entry of the published runs in the legend sets it.
    overlay = gr.Checkbox(False, label="Published runs", elem_classes="unseen")
    return {
        "epochs": (span, set(PRESETS)),
        "baseline": (baseline, {FIRST, *(config for _, config in pairs)}),
        "published": (overlay, {True, False}),
    }


def build(tab: gr.Tab, results: Results) -> dict:
    gr.Markdown(
        "**How did the networks learn?** A line is the mean over the seeds of a configuration, its band the 95 % interval."
    )
    with gr.Row():
        view = choices_part(results)
        below, shown = shown_part(results)
    view |= below
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
    overlay, _ = view["published"]
    shown.charts.press(None, overlay, overlay, js="(shown) => !shown")
    numbers = bound(per_epoch, results)
    shown.folded.expand(numbers, chosen, shown.numbers, **takeaway.QUIET)
    with shown.files:
        takeaway.buttons(
            tab,
            view,
            {
                "table": shown.table,
                "epochs": (numbers, chosen),
                "differences": (bound(differences, results), choices),
            },
            charts=takeaway.LINE_CHARTS,
        )
    takeaway.endpoint("history", history, results)
    return view
