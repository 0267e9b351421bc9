"""The tab "Claims": the four published observations tested, what each factor does, the further studies, and the glossary."""

from functools import cache

import gradio as gr

from explorer.charts.palette import HUES
from explorer.runs.results import Results, load
from explorer.study import (
    claims,
    effects,
    family_records,
    family_tables,
    markdown,
    records,
    replication,
    tables,
    wording,
)
from explorer.study.families import Family
from explorer.study.grid_families import grid
from explorer.study.observations import ARMS, GRID
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED, StatisticsError
from explorer.study.wording.observations import ARM_NOTES, MEANINGS
from explorer.tabs import takeaway
from explorer.tabs.answers import answering, bound
from train.data_sets import MNIST

TITLE = "Claims"
SLUG = "findings"
STYLES = ("controls.css", "pages.css", "charts.css", "findings.css")
OUTCOMES = {  # words for the outcomes of families
    DIFFERENT: "different",
    EQUIVALENT: "equivalent",
    UNDECIDED: "too close to call",
}


@cache
def judged(results: Results) -> list[claims.Claim]:
    """The four published observations, tested once."""
    return claims.judge(results.core)


@answering
def ask(results: Results, question: dict) -> dict:
    """Answer to the page: cards of the observations on every arm, the table of all parts, the factors, their table, or the further studies."""
    match question:
        case {"view": "parts"}:
            return _table(tables.all_parts(judged(results)))
        case {"view": "factors"}:
            return factors(results)
        case {"view": "contrasts"}:
            return _table(family_tables.contrasts(every_contrast(results)))
        case {"view": "studies"}:
            return {"studies": family_records.studies(results), "hues": HUES}
        case _:
            return {"observations": records.cards(judged(results))}


def _table(rows) -> dict:
    return {
        "headers": list(rows.columns),
        "data": rows.astype(object).to_numpy().tolist(),
    }


def factors(results: Results) -> dict:
    """Cards of the factors, and what they show together. Raises `StatisticsError`."""
    judged_grid = grid(results)
    if not judged_grid.primary.judged:
        raise StatisticsError(wording.finding.TOO_FEW_SEEDS)
    sentences = []
    if judged_grid.bound:
        sentences.append(
            wording.families.bound(judged_grid.bound, judged_grid.settings)
        )
    if judged_grid.interactions:
        sentences.append(wording.families.interactions(judged_grid.interactions))
    return {
        "factors": family_records.factors(results),
        "sentence": " ".join(sentences),
    }


def every_contrast(results: Results) -> Family:
    """The primary family, then the simple effects."""
    judged_grid = grid(results)
    simple = [one for family in judged_grid.simple.values() for one in family.judged]
    return Family((*judged_grid.primary.judged, *simple))


@answering
def observations(results: Results) -> dict:
    """The four observations of the published study, per arm: the grid, the rows as labelled and as run.

    `claims` has a record for each; its `parts` have an estimate for each comparison, a minus b as `part` says, its interval, which
    holds together with those of the other parts with 95 % probability, its unit, and one word about the side that the observation claims (`expected`: above or
    below 0): "shown" (the whole interval on that side, beyond the margin), "shown, small" (on that side, not wholly beyond),
    "opposite" (on the other side), "negligible" (within the margin) or "open". `seeds` are the runs of a and of b, `seeds_needed` the seeds
    per configuration that could tell where it is open. `verdict`, `words` and `comparisons` are deprecated: the earlier rule.
    """
    return {"claims": records.claims(judged(results))}


@cache
def linear_model(results: Results) -> effects.Effects:
    """The linear model over the grid, fitted once. Raises `StatisticsError`."""
    return effects.fit(results.core)


@answering
def grid_effects(results: Results) -> dict:
    """Effects of norm, penalty and batch size on the accuracy over the grid, in points.

    `contrasts` is the primary family: every pair of levels, first minus second, with its 95 % interval, the interval `corrected` for the
    family, the adjusted p, and the outcome "different", "equivalent" (within `margin`) or "undecided"; where two factors interact,
    `simple` has the same pair at each level of the other, a family of its own. `terms` (F tests) and `levels` (deviations from the
    mean) are those of a linear model of norm, L1, L2 and batch size.
    """
    model = records.effects(linear_model(results))
    return {"contrasts": family_records.contrasts(grid(results)), **model}


ELSEWHERE = (
    "**Do the findings carry over?** The published observations are about MNIST; these networks were trained on {}. The same questions are asked of "
    "both, by the part *The replication* of the protocol. *Compare* judges any two configurations here, *All results* every pair."
)
TOO_FEW = "Nothing is known yet: a question takes two seeds of each of its configurations, here and on MNIST."


def elsewhere(results: Results) -> str:
    """Markdown on the findings that carry over to another data set; those on MNIST are of the committed networks."""
    found = replication.findings(results, load())
    said = wording.replication.sentences(found, results.data_set)
    text = [ELSEWHERE.format(results.data_set.name), wording.replication.summary(found, results.data_set) or TOO_FEW]  # fmt: skip
    return "\n\n".join([*text, "\n".join(f"- {one}" for one in said)])


def build(tab: gr.Tab, results: Results):
    if results.data_set is not MNIST:
        gr.Markdown(elsewhere(results))
        return
    takeaway.page(
        "findings",
        STYLES,
        bound(ask, results),
        arms={
            arm: {"name": ARMS[arm], "note": ARM_NOTES[arm]} for arm in (GRID, *ARMS)
        },
        words=MEANINGS,
        outcomes=OUTCOMES,
    )
    with gr.Accordion("Words", open=False):
        gr.Markdown(markdown.glossary())
    takeaway.endpoint("claims", observations, results)
    takeaway.endpoint("effects", grid_effects, results)
