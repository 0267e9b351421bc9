"""Sections of the report about the factors of the grid: the primary family, simple effects, and the second endpoint."""

from itertools import combinations

from matplotlib.figure import Figure

from explorer.charts import figures
from explorer.charts.figures import Estimate
from explorer.report.draft import Draft, require, section
from explorer.study import (
    factorial,
    families,
    family_tables,
    row_comparisons,
    statistics,
    variance,
    wording,
)
from explorer.study.families import Contrast, Family
from explorer.study.grid_families import grid

MARGINS = (0.02, 0.03, 0.05, 0.1, 0.2, 0.5)  # points


@section("The factors of the grid")
def primary(draft: Draft):
    """Primary family: all pairs of levels of norm, penalty and batch size over the grid."""
    judged = grid(draft.samples.results)
    require(judged.primary.judged)
    prior = draft.samples.priors[factorial.STUDY]
    deviation = prior.variance**0.5 if prior else 0.0
    draft.add_text(
        "The primary family: every pair of levels of norm, penalty and batch size, each level the mean over all settings of the other "
        f"two factors. The variance between seeds is moderated over the study (deviation {deviation:.3f} points), both p values are "
        f"corrected over the {len(judged.primary.judged)} contrasts (Holm), intervals are single 95 % ones. Every other family of "
        f"this report is secondary. These contrasts: {wording.families.counted(judged.primary)}."
    )
    if judged.bound:
        draft.add_text(wording.families.bound(judged.bound, judged.settings))
    add_forest(
        draft,
        "effects.svg",
        judged.primary,
        "Differences between the levels of each factor",
    )
    draft.add_table(family_tables.contrasts(judged.primary))
    draft.add_text(
        f"{wording.families.checks(judged.primary)} "
        f"{wording.families.without(judged.primary, judged.without_early, 'Without the runs trained before the Winograd kernels')}"
    )


@section("What depends on what")
def simple_effects(draft: Draft):
    """Interactions of the factors, and simple effects where there is one."""
    judged = grid(draft.samples.results)
    require(judged.l1.judged)
    draft.add_text(
        f"{wording.families.cost(judged.l1, 'L1 of 0.0001')}; {wording.families.cost(judged.l2, 'L2 of 0.0004')}: each against the "
        "same without it, over the norms and the other penalty, Holm over the four batch sizes. Batch size, steps and so the dose "
        "of a penalty in an epoch vary together; *The dose of L1* below takes them apart."
    )
    both = Family(judged.l1.judged + judged.l2.judged)
    add_forest(
        draft, "penalties_by_batch.svg", both, "Cost of L1 and of L2 at each batch size"
    )
    for family in (judged.l1, judged.l2):
        add_contrasts(draft, family)
    if not judged.interactions:
        return
    draft.add_text(
        "Interactions over the grid, F tests with moderated variances, Holm over the three. "
        f"{wording.families.interactions(judged.interactions)} Where two factors interact, the pairs of levels of one at each level "
        "of the other follow, each table a family of its own."
    )
    draft.add_table(family_tables.interactions(judged.interactions))
    for (factor, by), family in judged.simple.items():
        draft.add_text(
            f"{factor.capitalize()} at each {by}: {wording.families.counted(family)}."
        )
        add_contrasts(draft, family)


def add_contrasts(draft: Draft, family: Family):
    """Adds the table of a family, and what new images or Welch's test say otherwise."""
    draft.add_table(family_tables.contrasts(family))
    draft.add_text(wording.families.checks(family))


@section("The second endpoint: negative log-likelihood")
def losses(draft: Draft):
    """Second endpoint: the same contrasts of the negative log-likelihood."""
    judged = grid(draft.samples.results)
    require(judged.losses.judged)
    draft.add_text(
        "The negative log-likelihood of the test images after the last epoch, in nats per image; lower is better. It has no margin, "
        "so nothing is called equivalent. The contrasts of the primary family, Holm over them:"
    )
    draft.add_table(family_tables.contrasts(judged.losses, 5))
    draft.add_text(wording.families.sensitivity(judged.losses))
    rows = _row_pairs(draft)
    if not rows:
        return
    family = families.judge(
        variance.losses(draft.samples.results), rows, "published", None
    )
    by_accuracy = families.judge(draft.samples, rows, "published")
    draft.add_text(
        f"{wording.losses.agreement(family, by_accuracy)} {wording.families.sensitivity(family)}"
    )


@section("What another margin would change")
def margins(draft: Draft):
    """Numbers of outcomes over margins of equivalence."""
    primary = factorial.primary(draft.samples)
    require(primary)
    counted = {
        "primary": families.outcomes_by_margin(
            draft.samples, primary, MARGINS, factorial.STUDY
        ),
        "pairs of published rows": families.outcomes_by_margin(
            draft.samples, _row_pairs(draft), MARGINS, "published"
        ),
    }
    draft.add_text(
        f"How many contrasts have which outcome if not {statistics.MARGIN} but another number of points counts as no difference:"
    )
    draft.add_table(family_tables.margins(counted))


def _row_pairs(draft: Draft) -> list[Contrast]:
    """Contrasts of all pairs of published rows as labelled that did not collapse."""
    return [
        Contrast(
            f"row {a.number}",
            f"row {b.number}",
            {a.trial.config: 1.0, b.trial.config: -1.0},
        )
        for a, b in combinations(row_comparisons.comparable_rows(draft.results), 2)
    ]


def add_forest(draft: Draft, name: str, family: Family, caption: str):
    """Adds the forest plot of a family of accuracies."""
    draft.add_figure(
        name, forest(family), f"{caption}; the band is the margin of equivalence"
    )


def forest(family: Family) -> Figure:
    """Forest plot of a family of accuracies."""
    return figures.forest(
        [
            Estimate(
                one.contrast.label,
                one.gap.estimate,
                one.gap.interval,
                one.outcome,
                one.new_images,
            )
            for one in family.judged
        ],
        "difference, points; thick: on these images, thin: on new ones",
        statistics.MARGIN,
    )
