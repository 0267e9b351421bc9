"""Is it real?: two configurations compared, and the four published observations."""

from functools import cache

import gradio as gr

from explorer import claims, comparison, effects, plots
from explorer.results import Results, describe
from explorer.statistics import StatisticsError
from explorer.tabs import takeaway
from train.data import DataError

TITLE = "Is it real?"
TABLE = {
    "interactive": False,
    "show_label": False,
    "buttons": ["copy"],
    "wrap": True,
    "min_width": 300,
    "max_height": 1000,
}


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

    @cache
    def judged() -> list[claims.Claim]:
        return claims.judge(results)

    def observations() -> list[dict]:
        """The four observations of the published study: a verdict on each, per arm, with every comparison behind it."""
        return claims.records(judged())

    @cache
    def grid_effects() -> dict:
        """What norm, L1, L2 and batch size do to the accuracy over the grid: F tests, and deviations in points."""
        try:
            return effects.records(effects.fit(results))
        except StatisticsError as error:
            return {"error": str(error)}

    def show(a: str, b: str):
        found = compare(a, b)
        if "error" in found:
            return found["error"], None, None
        return (
            f"### {found['verdict']}",
            plots.strips(comparison.runs(results, a, b)),
            comparison.table(found),
        )

    @cache
    def show_study():
        found = grid_effects()
        known = "error" not in found
        levels, terms = effects.tables(found) if known else (None, None)
        return (
            claims.markdown(judged()),
            effects.words(found),
            gr.Column(visible=known),
            plots.deviations(found["levels"]) if known else None,
            levels,
            terms,
            comparison.plan(results),
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
    with gr.Row(visible=bool(choices)):
        figure = gr.Plot(show_label=False, min_width=300, elem_id="compare-seeds")
        numbers = gr.Dataframe(column_widths=["50%", "50%"], **TABLE)
    if choices:
        takeaway.buttons(tab, view, {"table": numbers}, [figure])
    gr.Markdown("**What became of the four published observations?**")
    observed = gr.Markdown()
    takeaway.buttons(tab, tables={"evidence": (lambda: claims.table(judged()), [])})
    gr.Markdown("**What does each factor do?** The grid: all else averaged.")
    factors = gr.Markdown()
    with gr.Column(visible=False) as fitted:
        with gr.Row():
            deviations = gr.Plot(
                show_label=False, min_width=300, elem_id="compare-effects"
            )
            levels = gr.Dataframe(**TABLE)
        terms = gr.Dataframe(**TABLE)
        takeaway.buttons(
            tab, tables={"levels": levels, "terms": terms}, plots=[deviations]
        )
    gr.Markdown("**How many seeds would it take?**")
    planner = gr.Markdown()
    if choices:
        gr.on(
            [tab.select, a.change, b.change],
            show,
            [a, b],
            [verdict, figure, numbers],
            show_progress="hidden",
            trigger_mode="always_last",
            api_visibility="private",
        )
    tab.select(
        show_study,
        None,
        [observed, factors, fitted, deviations, levels, terms, planner],
        show_progress="hidden",
        api_visibility="private",
    )
    gr.api(compare, api_name="compare")
    gr.api(observations, api_name="claims")
    gr.api(grid_effects, api_name="effects")
    return view
