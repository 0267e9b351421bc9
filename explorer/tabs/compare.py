"""Is it real?: two configurations compared, and the number of seeds that a difference takes."""

import gradio as gr

from explorer.charts import interactive
from explorer.runs.results import Results, describe
from explorer.study import comparison, records, tables, wording
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound, showing

TITLE = "Is it real?"
SLUG = "compare"


@answering
def compare(results: Results, a: str, b: str) -> dict:
    """Is one configuration better than another? The verdict in words, and the numbers behind it.

    Accuracies are in percent, differences (a - b) in points, intervals at 95 %. Returns
    {"outcome": "different", "equivalent" or "undecided", "verdict": "<sentences>", "difference": {...},
    "a": {...}, "b": {...}, "a_beats_b": {...}, "one_run": {...}, "more_seeds": 12 or null}, or
    {"error": "<sentence>"}.

    Args:
        a: the name of a trial without its seed, as /trials gives it under config
        b: another
    """
    return records.comparison(comparison.compare(results, a, b))


@showing(figures=2)
def show(results: Results, a: str, b: str):
    """Verdict on two configurations, the column to show, the plot of their seeds, and the table of their numbers."""
    result = comparison.compare(results, a, b)
    return (
        f"### {wording.comparison.verdict(result)}",
        gr.Column(visible=True),
        interactive.strips([result.a, result.b]),
        tables.comparison(result),
    )


def plan(results: Results, gap: float) -> str:
    """Sentence on the number of seeds that a difference of `gap` points takes."""
    return wording.comparison.plan(comparison.noise_floor(results.core), gap)


def planner_part(tab: gr.Tab, results: Results):
    """Number field for a difference, and the sentence on the seeds that it takes."""
    gr.Markdown("**How many seeds does it take to see a difference?**")
    with gr.Row():
        wanted = gr.Number(
            0.05,
            label="Difference to detect, in points",
            minimum=0.005,
            maximum=10,
            step=0.01,
            scale=0,
            min_width=220,
        )
    planner = gr.Markdown()
    gr.on(
        [tab.select, wanted.change],
        bound(plan, results),
        wanted,
        planner,
        trigger_mode="always_last",
        **takeaway.QUIET,
    )


def build(tab: gr.Tab, results: Results):
    choices = [(describe(trial), trial.config) for trial in results.comparable]
    first, second = comparison.opening(results)
    gr.Markdown(
        "**Is A better than B?** Choose two configurations; all their seeds are compared."
    )
    if not choices:
        gr.Markdown(
            "Nothing can be compared yet: a comparison needs two configurations with two seeds each. "
            "`python train/all.py` trains them."
        )
    with gr.Row(visible=bool(choices)):
        a, b = (
            gr.Dropdown(choices, value=value, label=label, min_width=220)
            for label, value in (("A", first), ("B", second))
        )
    configs = {config for _, config in choices}
    view = {"a": (a, configs), "b": (b, configs)}
    verdict = gr.Markdown()
    with gr.Column(visible=bool(choices)) as shown:
        with gr.Row():
            figure = gr.Plot(show_label=False, min_width=300, elem_id="compare-seeds")
            numbers = takeaway.table("A and B in numbers", column_widths=["50%", "50%"])
        takeaway.buttons(tab, view, {"table": numbers}, [figure])
    planner_part(tab, results)
    if choices:
        gr.on(
            [tab.select, a.change, b.change],
            bound(show, results),
            [a, b],
            [verdict, shown, figure, numbers],
            trigger_mode="always_last",
            **takeaway.QUIET,
        )
    gr.api(bound(compare, results), api_name="compare")
    return view
