"""Is it real?: two configurations compared, and how many seeds it would take."""

import gradio as gr

from explorer import comparison, plots
from explorer.results import Results, describe
from explorer.statistics import StatisticsError
from explorer.tabs import takeaway
from train.data import DataError

TITLE = "Is it real?"


def build(tab: gr.Tab, results: Results):
    def compare(a: str, b: str) -> dict:
        """Is one configuration better than another? The verdict in words, and the numbers behind it.

        Accuracies are in percent, differences (a - b) in points, intervals at 95 %. Returns
        {"outcome": "different", "equivalent" or "undecided", "verdict": "<sentences>", "difference": {...},
        "a": {...}, "b": {...}, "a_beats_b": {...}, "one_run": {...}, "more_seeds": 12 or null}, or
        {"error": "<sentence>"}.

        Args:
            a: the name of a trial without its seed, as /trials gives it under config
            b: another
        """
        try:
            return comparison.compare(results, a, b)
        except (StatisticsError, DataError) as error:
            return {"error": str(error)}

    def show(a: str, b: str):
        found = compare(a, b)
        if "error" in found:
            return found["error"], gr.Column(visible=False), None, None
        return (
            f"### {found['verdict']}",
            gr.Column(visible=True),
            plots.strips(comparison.runs(results, a, b)),
            comparison.table(found),
        )

    choices = [(describe(trial), trial.config) for trial in results.comparable]
    first, second = comparison.opening(results)
    gr.Markdown(
        "**Is A better than B?** Every pair of configurations, by all their seeds."
    )
    if not choices:
        gr.Markdown(
            "Nothing can be compared yet: that takes two seeds of two configurations. "
            "`python train/all.py --seeds 10` trains them."
        )
    with gr.Row(visible=bool(choices)):
        a, b = (
            gr.Dropdown(choices, value=value, label=label, min_width=220)
            for label, value in (("A", first), ("B", second))
        )
    names = {config for _, config in choices}
    view = {"a": (a, names), "b": (b, names)}
    verdict = gr.Markdown()
    with gr.Column(visible=bool(choices)) as found:
        with gr.Row():
            figure = gr.Plot(show_label=False, min_width=300, elem_id="compare-seeds")
            numbers = takeaway.table("A and B in numbers", column_widths=["50%", "50%"])
        takeaway.buttons(tab, view, {"table": numbers}, [figure])
    gr.Markdown("**How many seeds would it take?**")
    with gr.Row():
        wanted = gr.Number(
            0.05,
            label="Difference to see, points",
            minimum=0.005,
            maximum=10,
            step=0.01,
            scale=0,
            min_width=220,
        )
    planner = gr.Markdown()
    gr.on(
        [tab.select, wanted.change],
        lambda gap: comparison.plan(results, gap),
        wanted,
        planner,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )
    if choices:
        gr.on(
            [tab.select, a.change, b.change],
            show,
            [a, b],
            [verdict, found, figure, numbers],
            show_progress="hidden",
            trigger_mode="always_last",
            api_visibility="private",
        )
    gr.api(compare, api_name="compare")
    return view
