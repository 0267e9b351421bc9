"""The tab "What holds?": the four published observations tested, the effects of the factors, and the glossary."""

from functools import cache

import gradio as gr

from explorer.charts import interactive
from explorer.runs.results import Results
from explorer.study import claims, effects, markdown, records, tables, wording
from explorer.study.observations import ARMS, GRID
from explorer.study.wording.observations import ARM_NOTES, MEANINGS
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound, showing

TITLE = "What holds?"
SLUG = "findings"
STYLES = ("controls.css", "pages.css", "findings.css")


@cache
def judged(results: Results) -> list[claims.Claim]:
    """The four published observations, tested once."""
    return claims.judge(results.core)


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the page: cards of the observations on every arm, or the table of all parts."""
    if question.get("table"):
        rows = tables.all_parts(judged(results))
        return {
            "headers": list(rows.columns),
            "data": rows.astype(object).to_numpy().tolist(),
        }
    return {"observations": records.cards(judged(results))}


@answering
def observations(results: Results) -> list[dict]:
    """The four observations of the published study, per arm: the grid, the rows as labelled and as run.

    `parts` has an estimate for each comparison, a minus b as `part` says, its interval, which holds together with those of the
    other parts with 95 % probability, its unit, and one word about the side that the observation claims (`expected`: above or
    below 0): "shown" (the whole interval on that side, beyond the margin), "shown, small" (on that side, not wholly beyond),
    "opposite" (on the other side), "negligible" (within the margin) or "open". `seeds` are the runs of a and of b, `seeds_needed` the seeds
    per configuration that could tell where it is open. `verdict`, `words` and `comparisons` are deprecated: the earlier rule.
    """
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


def build(tab: gr.Tab, results: Results):
    takeaway.page(
        "findings",
        STYLES,
        bound(ask, results),
        arms={
            arm: {"name": ARMS[arm], "note": ARM_NOTES[arm]} for arm in (GRID, *ARMS)
        },
        words=MEANINGS,
    )
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
        bound(show_effects, results),
        None,
        [factors, fitted, deviations, levels, terms],
        **takeaway.QUIET,
    )
    with gr.Accordion("Words", open=False):
        gr.Markdown(markdown.glossary())
    gr.api(bound(observations, results), api_name="claims")
    gr.api(bound(grid_effects, results), api_name="effects")
