"""What holds?: the four published observations tested, and what each factor does."""

from functools import cache

import gradio as gr

from explorer import claims, effects, plots
from explorer.results import Results
from explorer.statistics import StatisticsError
from explorer.tabs import takeaway

TITLE = "What holds?"


def build(tab: gr.Tab, results: Results):
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

    @cache
    def show():
        found = grid_effects()
        known = "error" not in found
        levels, terms = effects.tables(found) if known else (None, None)
        return (
            claims.summary(judged()),
            claims.markdown(judged()),
            effects.words(found),
            gr.Column(visible=known),
            plots.deviations(found["levels"]) if known else None,
            levels,
            terms,
        )

    gr.Markdown("**What became of the four published observations?**")
    answer = gr.Markdown()
    observed = gr.Markdown(elem_classes="evidence")
    takeaway.buttons(tab, {}, tables={"evidence": (lambda: claims.table(judged()), [])})
    gr.Markdown("**What does each factor do?** The grid: all else averaged.")
    factors = gr.Markdown()
    with gr.Column(visible=False) as fitted:
        with gr.Row():
            deviations = gr.Plot(
                show_label=False, min_width=300, elem_id="findings-effects"
            )
            levels = takeaway.table("What each level does")
        terms = takeaway.table("Factors and pairs of factors")
        takeaway.buttons(
            tab, tables={"levels": levels, "terms": terms}, plots=[deviations]
        )
    tab.select(
        show,
        None,
        [answer, observed, factors, fitted, deviations, levels, terms],
        show_progress="hidden",
        api_visibility="private",
    )
    gr.api(observations, api_name="claims")
    gr.api(grid_effects, api_name="effects")
