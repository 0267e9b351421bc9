"""Trust: may they be as sure as they are, and do they read digits that are made harder?"""

from functools import cache

import gradio as gr

from explorer import calibration, plots, robustness
from explorer.corruptions import CORRUPTIONS
from explorer.results import FACTORS, Results
from explorer.statistics import StatisticsError
from explorer.tabs import takeaway
from train.data import DataError

TITLE = "Trust"
NAMES = {"Norm": "norm", "Regulariser": "regulariser", "Batch size": "batch_size"}
STEPS = [0, *(round(6.67 * place, 2) for place in range(1, len(calibration.EDGES)))]
assert tuple(NAMES.values()) == FACTORS


def build(tab: gr.Tab, results: Results) -> dict:
    @cache
    def sure(threshold: float) -> dict:
        return calibration.records(results, threshold)

    def calibrated(threshold: float = 0.0) -> dict:
        """How sure the grid's networks are against how often they are right, by norm, regulariser and batch size.

        For each factor a line per level: calibration_error (expected calibration error in points, with its 95 % interval
        over seeds), diagram (per bin of confidence: confidence, accuracy with low and high, images a network; percent), and
        selective (coverage and accuracy, in percent, if only answers surer than the threshold count).

        Args:
            threshold: from 0 to 1; the nearest lower edge of the 15 bins of confidence counts
        """
        try:
            return sure(calibration.edge(threshold))
        except (StatisticsError, DataError) as error:
            return {"error": str(error)}

    def show(name: str, percent: float):
        records = calibrated(percent / 100)
        if "error" in records:
            return records["error"], gr.Column(visible=False), None, None
        levels = records[NAMES[name]]
        return (
            calibration.words(levels),
            gr.Column(visible=True),
            plots.reliability(levels, name),
            calibration.table(levels),
        )

    @cache
    def measured():
        return robustness.read(results)

    @cache
    def compared() -> dict:
        return {
            name: robustness.compared(results, measured(), name) for name in FACTORS
        }

    @cache
    def curved(corruption: str) -> dict:
        return robustness.curves(results, measured(), corruption)

    def robust(corruption: str = "noise") -> dict:
        """How well the grid's networks read test digits made harder, and which differences between them are real.

        curves: for each of norm, regulariser and batch_size a line per level, its accuracy with low and high (percent, 95 %
        intervals over seeds) over the strengths. differences: for each of them every pair of levels under every corruption,
        in the mean over its five strengths (points), with the outcome by the protocol, "different", "equivalent" or
        "undecided".

        Args:
            corruption: "rotation", "shift", "noise", "blur", "contrast" or "thickness"
        """
        try:
            name = robustness.choose(corruption).name
            return {"curves": curved(name), "differences": compared()}
        except (StatisticsError, DataError) as error:
            return {"error": str(error)}

    def show_harder(name: str, corruption: str):
        records = robust(corruption)
        if "error" in records:
            return records["error"], gr.Column(visible=False), None, None
        differences = records["differences"][NAMES[name]]
        return (
            robustness.words(differences),
            gr.Column(visible=True),
            plots.robustness(
                records["curves"][NAMES[name]],
                name,
                corruption,
                robustness.choose(corruption).unit,
                robustness.choose(corruption).fading,
            ),
            robustness.shown(differences, corruption),
        )

    def bins(name: str):
        return calibration.diagrams(sure(0.0)[NAMES[name]])

    def pairs(name: str):
        return robustness.table(compared()[NAMES[name]])

    def lines(name: str, corruption: str):
        return robustness.points(curved(corruption)[NAMES[name]])

    factor = gr.Radio(list(NAMES), value="Norm", label="Networks by", min_width=220)
    gr.Markdown("**May they be as sure as they are?** The networks of the grid.")
    words = gr.Markdown()
    with gr.Row():
        threshold = gr.Slider(
            0,
            STEPS[-1],
            value=0,
            step=STEPS[1],
            label="Answer only if surer than, % (in fifteenths)",
            min_width=220,
        )
    with gr.Column(visible=False) as shown:
        with gr.Row():
            figure = gr.Plot(
                show_label=False, min_width=300, elem_id="trust-reliability"
            )
            table = takeaway.table(
                "Calibration, and answers above the threshold",
                column_widths=[80, 55, 115, 165, 175],
            )
        takeaway.buttons(
            tab,
            None,
            {"table": table, "diagram": (bins, [factor])},
            [figure],
        )
        gr.Markdown(
            "Confidence is the largest of the ten probabilities. The calibration error is the mean gap between confidence and "
            "accuracy over 15 bins (Guo et al. 2017, arXiv 1706.04599), in points; its interval is over the seeds of each "
            "configuration. Bars and brackets are 95 % intervals over networks; bins with less than one image a network are not drawn."
        )
    gr.on(
        [tab.select, factor.change, threshold.change],
        show,
        [factor, threshold],
        [words, shown, figure, table],
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    gr.Markdown("**Do they read digits that are made harder?** The same networks.")
    found = gr.Markdown()
    corruption = gr.Radio(
        [each.name for each in CORRUPTIONS], value="rotation", label="Made harder by"
    )
    with gr.Column(visible=False) as known:
        with gr.Row():
            curves = gr.Plot(
                show_label=False, min_width=300, elem_id="trust-robustness"
            )
            differences = takeaway.table(
                "Differences in robustness", column_widths=[130, 130, 100, 110]
            )
        takeaway.buttons(
            tab,
            None,
            {
                "differences": (pairs, [factor]),
                "accuracies": (lines, [factor, corruption]),
            },
            [curves],
        )
        gr.Markdown(
            "Every other test image, the same for every network. Bands are 95 % intervals over the seeds of each "
            "configuration. Compared is the mean over the five strengths, every pair of levels under every corruption in one "
            f"family (Welch's t test and TOST within {robustness.MARGIN} points, Holm)."
        )
    gr.on(
        [tab.select, factor.change, corruption.change],
        show_harder,
        [factor, corruption],
        [found, known, curves, differences],
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    view = {
        "by": (factor, set(NAMES)),
        "above": (threshold, set(STEPS)),
        "harder": (corruption, {each.name for each in CORRUPTIONS}),
    }
    takeaway.buttons(tab, view)
    gr.api(calibrated, api_name="calibration")
    gr.api(robust, api_name="robustness")
    return view
