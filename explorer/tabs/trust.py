"""Robustness: calibration of the networks, their accuracy on digits that are made harder, and votes of several networks."""

from collections.abc import Callable
from functools import cache

import gradio as gr

from explorer.charts import robustness as charts
from explorer.digits.corruptions import CORRUPTIONS
from explorer.runs.results import FACTORS, Results
from explorer.study import (
    calibration,
    records,
    robustness,
    robustness_tables,
    tables,
    wording,
)
from explorer.tabs import takeaway, voting
from explorer.tabs.answers import answering, bound, showing
from explorer.web import refusals
from train.data_sets import MNIST
from train.errors import UserError
from train.study import STUDIES

TITLE = "Robustness"
SLUG = "trust"


class Choices(dict):
    """Choices by name; any name that is none raises `UserError`."""

    def __missing__(self, name):
        raise UserError(refusals.OUTSIDE)


NAMES = Choices(
    {"Norm": "norm", "Regulariser": "regulariser", "Batch size": "batch_size"}
)
NORMS = STUDIES["grid"].norms
BASELINE = "GN"  # of the differences at first: the norm that the finding compares with
STEPS = [0, *(round(6.67 * edge, 2) for edge in range(1, len(calibration.EDGES)))]
OPENS_ON = robustness.HARDEST[1]  # where norms part
assert tuple(NAMES.values()) == FACTORS


@cache
def sure(results: Results, threshold: float) -> dict:
    """Calibration over the grid for answers above an edge of the bins, computed once; see `calibrated`."""
    return calibration.calibrated(results.core, threshold)


@cache
def covered(results: Results) -> dict:
    return calibration.coverage(results.core)


def sure_above(results: Results, threshold: float) -> dict:
    """Calibration over the grid for answers above a threshold, rounded down to an edge. Raises `StatisticsError`."""
    return sure(results, calibration.edge(threshold))


@answering
def calibrated(results: Results, threshold: float = 0.0) -> dict:
    """Calibration of the grid's networks, how sure they are against how often they are right, by norm, regulariser and batch size.

    For each factor a line per level: calibration_error (expected calibration error in points, with its 95 % interval
    over seeds), accuracy_minus_confidence (in points: above 0 underconfident, below 0 overconfident; p_adjusted is by Holm over
    the levels), diagram (per bin of confidence: confidence, accuracy with low and high, images a network; percent), and
    selective (coverage and accuracy, in percent, if only answers surer than the threshold count).

    Args:
        threshold: from 0 to 1; the nearest lower edge of the 15 bins of confidence counts
    """
    return records.calibration(sure_above(results, threshold))


@showing(figures=2)
def show(results: Results, name: str, percent: float):
    """Calibration by a factor of `NAMES`, for answers surer than `percent`: sentence, column to show, plot and table."""
    levels = sure_above(results, percent / 100)[NAMES[name]]
    return (
        wording.grid.calibration(levels),
        gr.Column(visible=True),
        takeaway.drawn(
            charts.reliability(levels),
            charts.coverage(levels, covered(results)[NAMES[name]]),
        ),
        tables.calibration(levels),
    )


@cache
def measured(results: Results):
    return robustness.read(results.core)


@cache
def by_factor(results: Results, judge: Callable) -> dict:
    """Pairs of levels that `judge` of `robustness` compares, by factor."""
    return {name: judge(results.core, measured(results), name) for name in FACTORS}


@cache
def curved(results: Results, corruption: str) -> dict:
    return robustness.curves(results.core, measured(results), corruption)


@cache
def re_estimated(results: Results, corruption: str) -> list:
    return robustness.re_estimated_curves(results.core, measured(results), corruption)


@cache
def averages(results: Results) -> list:
    return robustness.averages_compared(results.core, measured(results))


def harder(results: Results, corruption: str) -> tuple[dict, dict]:
    """Curves under a corruption, and differences under all, by factor. Raises `StatisticsError`."""
    name = robustness.choose(corruption).name
    return curved(results, name), by_factor(results, robustness.compared)


@answering
def robust(results: Results, corruption: str = "noise") -> dict:
    """Robustness of the grid's networks: accuracy on test digits made harder, and which differences are real.

    curves: for each of norm, regulariser and batch_size a line per level, its accuracy with low and high (percent, 95 %
    intervals over seeds) over the strengths. differences: for each of them every pair of levels under every corruption,
    in the mean over its five strengths (points), with the outcome by the protocol, "different", "equivalent" or
    "undecided", and exceeds_margin: whether the levels differ by more than margin, with the whole interval. strengths: the
    same at every strength, the strengths and pairs of a corruption one family. re_estimated: curves of batch norm with mean
    and variance re-estimated on the corrupted digits themselves, and its differences from batch norm as trained and from
    the other norms.

    Args:
        corruption: "rotation", "shift", "noise", "blur", "contrast" or "thickness"
    """
    curves, differences = harder(results, corruption)
    name = robustness.choose(corruption).name
    adapted = re_estimated(results, name), averages(results)
    strengths = by_factor(results, robustness.by_strength)
    return records.robustness(curves, differences, strengths, adapted)


@showing(figures=2)
def show_harder(results: Results, name: str, corruption: str, norm: str):
    """Robustness by a factor of `NAMES` under a corruption: sentence, column to show, plots and table of differences.

    The differences are to a norm, or to the first level of another factor.
    """
    curves, differences = (
        factors[NAMES[name]] for factors in harder(results, corruption)
    )
    chosen = robustness.choose(corruption)
    look = corruption, chosen.unit, chosen.fading
    baseline = norm if NAMES[name] == "norm" else curves[0].name
    strengths = by_factor(results, robustness.by_strength)[NAMES[name]]
    gaps = robustness_tables.less(strengths, corruption, baseline)
    less = charts.less(curves, gaps, baseline, *look)
    sentences = [
        f"{wording.grid.ranked(differences, corruption)} {wording.grid.outcomes(differences)}"
    ]
    if NAMES[name] == "norm":
        curves = curves + re_estimated(results, corruption)
        under = [pair for pair in averages(results) if pair.corruption == corruption]
        sentences.append(wording.grid.averages(under))
    return (
        "\n\n".join(sentences),
        gr.Column(visible=True),
        takeaway.drawn(charts.robustness(curves, *look), less),
        robustness_tables.under(differences, corruption),
    )


def bins(results: Results, name: str):
    return tables.diagrams(sure(results, 0.0)[NAMES[name]])


def pairs(results: Results, name: str):
    compared = by_factor(results, robustness.compared)
    return robustness_tables.differences(compared[NAMES[name]])


def pairs_by_strength(results: Results, name: str):
    strengths = by_factor(results, robustness.by_strength)
    return robustness_tables.strengths(strengths[NAMES[name]])


def lines(results: Results, name: str, corruption: str):
    curves = curved(results, corruption)[NAMES[name]]
    if NAMES[name] == "norm":
        curves = curves + re_estimated(results, corruption)
    return robustness_tables.curves(curves)


SURE_METHOD = (
    f"{takeaway.term('Confidence')} is the largest of the ten probabilities. The "
    f"{takeaway.term('calibration error')} is the mean gap between confidence and accuracy over 15 bins (Guo et al. 2017, "
    "arXiv 1706.04599), in points; its interval is over the seeds of each configuration. Right - sure is mean accuracy minus "
    "mean confidence over all test images. Bands and brackets are 95 % intervals over those seeds, too; every configuration "
    "weighs the same. Bins with fewer than one image per network are not drawn."
)
HARDER_METHOD = (
    "Every network reads the same 5,000 test images, every other one. Bands are 95 % intervals over the seeds of each "
    "configuration. The tests compare mean accuracies over the five strengths; all pairs of levels under all "
    f"corruptions are one {takeaway.term('family')} (Welch's t test, and TOST within {robustness.MARGIN} points, with Holm's correction). Levels differ by "
    f"more than {robustness.MARGIN} points where the whole interval does. The pairs at every strength are in the CSV of strengths.\n\n"
    "*Re-estimated*: the mean and variance by which batch norm normalises are those of the corrupted digits, instead of averages "
    "over training (without labels)."
)


def _folded(
    tab: gr.Tab, page: str, title: str, widths: list[int], method: str, files: dict
) -> gr.Dataframe:
    """Fold of a part with a table, how it was computed, and files to save, None for the table; returns the table."""
    with (
        gr.Column(scale=7, min_width=300),
        takeaway.drawer("Numbers, files and method", "fold"),
    ):
        table = takeaway.table(title, column_widths=widths)
        gr.Markdown(method)
        saved = {name: source or table for name, source in files.items()}
        takeaway.buttons(tab, None, saved, takeaway.LINE_CHARTS, page)
    return table


def calibration_part(tab: gr.Tab, results: Results, factor: gr.Radio) -> gr.Slider:
    """Upper part of the tab; returns the slider of the threshold."""
    gr.Markdown(
        "**Are the networks right as often as they are sure?** The networks of the grid."
    )
    text = gr.Markdown()
    with gr.Column(visible=False) as shown:
        with gr.Row():
            with (
                gr.Column(scale=5, min_width=300),
                takeaway.drawer("Charts of confidence", "fold"),
            ):
                figure = takeaway.line_charts("trust-reliability")
                threshold = gr.Slider(
                    0,
                    STEPS[-1],
                    value=0,
                    step=STEPS[1],
                    label="Only answers surer than, % (the rings; steps of 1/15)",
                    min_width=220,
                )
            table = _folded(
                tab,
                "trust-reliability",
                "Calibration, and answers above the threshold",
                [80, 50, 110, 110, 120, 120],
                SURE_METHOD,
                {"table": None, "diagram": (bound(bins, results), [factor])},
            )
    gr.on(
        [tab.select, factor.change, threshold.change],
        bound(show, results),
        [factor, threshold],
        [text, shown, figure, table],
        trigger_mode="always_last",
        **takeaway.QUIET,
    )
    return threshold


def first(results: Results):
    """Computes what the tab shows first; what it takes is cached."""
    if results.data_set is not MNIST:
        return
    name = next(iter(NAMES))
    show_harder(results, name, OPENS_ON, BASELINE)
    show(results, name, 0)


def robustness_part(
    tab: gr.Tab, results: Results, factor: gr.Radio
) -> tuple[gr.Radio, gr.Radio]:
    """Lower part of the tab; returns the choices of the corruption and of the norm that differences are to."""
    gr.Markdown(
        "**Do they still read digits that are made harder?** The same networks."
    )
    with gr.Row():
        corruption = gr.Radio(
            [corruption.name for corruption in CORRUPTIONS],
            value=OPENS_ON,
            label="Made harder by",
            min_width=260,
            scale=2,
        )
        norm = gr.Radio(
            list(NORMS), value=BASELINE, label="Difference to", min_width=220
        )
    factor.change(
        lambda name: gr.Radio(visible=NAMES.get(name) == "norm"),
        factor,
        norm,
        **takeaway.QUIET,
    )
    text = gr.Markdown()
    with gr.Column(visible=False) as shown:
        with gr.Row():
            with gr.Column(scale=5, min_width=300):
                curves = takeaway.line_charts("trust-robustness")
            differences = _folded(
                tab,
                "trust-robustness",
                "Differences in robustness",
                [115, 145, 95, 105, 90],
                HARDER_METHOD,
                {
                    "differences": (bound(pairs, results), [factor]),
                    "strengths": (bound(pairs_by_strength, results), [factor]),
                    "accuracies": (bound(lines, results), [factor, corruption]),
                },
            )
    gr.on(
        [tab.select, factor.change, corruption.change, norm.change],
        bound(show_harder, results),
        [factor, corruption, norm],
        [text, shown, curves, differences],
        trigger_mode="always_last",
        **takeaway.QUIET,
    )
    return corruption, norm


ELSEWHERE = (
    "**Are the networks right as often as they are sure, and do they still read images that are made harder?** Both are asked of the grid of "
    "MNIST's study, which these networks of {} are not: the corruptions are made for handwriting. What several networks gain is below."
)


def build(tab: gr.Tab, results: Results) -> dict | None:
    if results.data_set is not MNIST:
        with gr.Column(elem_classes="part short"):
            gr.Markdown(ELSEWHERE.format(results.data_set.name))
        voting.part(tab, results)
        return None
    factor = gr.Radio(
        list(NAMES), value="Norm", label="Group networks by", min_width=220
    )
    with gr.Column(elem_classes="part folds"):
        threshold = calibration_part(tab, results, factor)
    with gr.Column(elem_classes="part"):
        corruption, norm = robustness_part(tab, results, factor)
    voting.part(tab, results)
    view = {
        "by": (factor, set(NAMES)),
        "above": (threshold, set(STEPS)),
        "harder": (corruption, {kind.name for kind in CORRUPTIONS}),
        "less": (norm, {*NORMS}),
    }
    takeaway.buttons(tab, view)
    takeaway.endpoint("calibration", calibrated, results)
    takeaway.endpoint("robustness", robust, results)
    return view
