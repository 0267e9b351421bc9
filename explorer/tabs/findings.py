"""The tab "What holds?": the four published observations tested, the effects of the factors, and the glossary."""

from functools import cache

import gradio as gr

from explorer.charts import interactive
from explorer.runs.results import Results
from explorer.study import claims, effects, markdown, records, tables, wording
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound, showing

TITLE = "What holds?"
SLUG = "findings"


@cache
def judged(results: Results) -> list[claims.Claim]:
    """The four published observations, tested once."""
    return claims.judge(results.core)


@answering
def observations(results: Results) -> list[dict]:
    """The four observations of the published study: a verdict on each, per arm, with every comparison behind it."""
    return records.claims(judged(results))


@cache
def linear_model(results: Results) -> effects.Effects:
    """The linear model over the grid, fitted once. Raises `StatisticsError`."""
    return effects.fit(results.core)


@answering
def grid_effects(results: Results) -> dict:
    """Effects of norm, L1, L2 and batch size on the accuracy over the grid: F tests, and deviations in points."""
    return records.effects(linear_model(results))


@cache
def show(results: Results):
    """Verdicts on the observations, and `show_effects`."""
    return (
        wording.claims.summary(judged(results)),
        markdown.claims(judged(results)),
        *show_effects(results),
    )


@showing(figures=3)
def show_effects(results: Results):
    """Effects of the factors: sentences, the column to show, a plot, and tables of levels and of terms."""
    fit = linear_model(results)
    return (
        wording.grid.effects(fit),
        gr.Column(visible=True),
        interactive.deviations(fit.levels),
        tables.levels(fit),
        tables.terms(fit),
    )


def evidence(results: Results):
    """Table of every comparison behind the verdicts."""
    return tables.claims(judged(results))


def build(tab: gr.Tab, results: Results):
    gr.Markdown("**Do the four published observations hold?**")
    answer = gr.Markdown()
    observed = gr.Markdown(elem_classes="evidence")
    takeaway.buttons(tab, {}, tables={"evidence": (bound(evidence, results), [])})
    gr.Markdown(
        "**What does each factor do?** Its effect over the grid, averaged over the other factors."
    )
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
        bound(show, results),
        None,
        [answer, observed, factors, fitted, deviations, levels, terms],
        **takeaway.QUIET,
    )
    with gr.Accordion("Words", open=False):
        gr.Markdown(markdown.glossary())
    gr.api(bound(observations, results), api_name="claims")
    gr.api(bound(grid_effects, results), api_name="effects")
