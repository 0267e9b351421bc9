"""Sections of the report with tests: differences, noise floor, selection bias of single seeds."""

import numpy as np

from explorer.charts import figures
from explorer.charts.figures import Estimate
from explorer.report.draft import Draft, require, section
from explorer.study import (
    comparison,
    ranks,
    row_comparisons,
    statistics,
    tables,
    wording,
)

GAPS = (0.02, 0.05, 0.10, 0.20)  # points, for which seeds are planned


@section("Is the difference real?")
def differences(draft: Draft):
    """Differences between published rows, and a forest plot of the planned comparisons."""
    questions = row_comparisons.questions(draft.results)
    require(questions)
    pairs = row_comparisons.pairs(draft.results)
    draft.add_text(
        f"Of the {len(pairs)} pairs of published rows as labelled (moderated variances and TOST, Holm over all pairs), "
        f"{wording.row_comparisons.counted(pairs)}."
    )
    if different := row_comparisons.different(draft.results, pairs):
        draft.add_table(tables.different_rows(different))
    draft.add_text(
        wording.row_comparisons.by_welch(
            [f"row {pair.a.number} minus row {pair.b.number}" for pair in pairs],
            [pair.decision for pair in pairs],
        )
    )
    draft.add_text(
        "What a penalty did to each row, and how the norms compare without any, as one family: outcomes are corrected for "
        "all of its lines, intervals are not. *More seeds to decide*: of each configuration, to show either outcome with 80 % power at that "
        "correction, if the difference seen is the true one."
    )
    draft.add_figure(
        "forest.svg",
        figures.forest(
            [
                Estimate(
                    wording.row_comparisons.question(question),
                    question.decision.gap.estimate,
                    question.decision.gap.interval,
                    question.decision.outcome,
                    question.new_images,
                )
                for question in questions
            ],
            "difference, points; thick: on these images, thin: on new ones",
            statistics.MARGIN,
        ),
        "Differences with intervals; the band is the margin of equivalence",
    )
    draft.add_table(tables.questions(questions))
    draft.add_text(
        wording.row_comparisons.by_welch(
            [wording.row_comparisons.question(question) for question in questions],
            [question.decision for question in questions],
        )
    )


@section("The noise floor")
def noise(draft: Draft):
    """Deviation between seeds, and the numbers of seeds that show a difference."""
    floor = require(comparison.noise_floor(draft.results))
    deviation = floor.deviation
    draft.add_text(
        f"Two runs of one recipe differ: the deviation between seeds, pooled over {floor.configurations} configurations "
        f"of {floor.scope} with {floor.runs} runs, is {deviation:.3f} points. "
        f"{wording.comparison.finite_test_set(floor.components)} If images were missed independently it would be "
        f"{floor.independent:.3f}. To see a difference with 80 % power takes, of each of the two:"
    )
    pairs = len(row_comparisons.pairs(draft.results))
    draft.add_table(tables.seeds_needed(GAPS, deviation, pairs))
    draft.add_text(
        f"To show two equal recipes equivalent within {statistics.MARGIN} points takes {wording.comparison.needed(0, deviation)} seeds of "
        f"each, {wording.comparison.needed(0, deviation, max(1, pairs))} when corrected for {pairs} pairs: with fewer, that none is "
        "shown to be equivalent says nothing."
    )


@section("What one seed each would have shown")
def single_seeds(draft: Draft):
    """Rank probabilities and selection bias of a study with one seed per row."""
    rows = draft.non_collapsed()
    require(len(rows) > 1)
    rows.sort(key=lambda row: -draft.values(row.trial).mean())
    simulated = ranks.simulate(
        [draft.values(row.trial) for row in rows], resolution=statistics.RESOLUTION
    )
    first, bias = simulated.first, simulated.selection_bias
    equal, _ = ranks.simulate_null([len(draft.values(row.trial)) for row in rows])
    draft.add_text(
        "In a study with one run of each row as labelled, the row with our best mean would come first in "
        f"{100 * first.mean:.1f} % of such studies ({100 * equal.mean:.1f} % is what the best mean of {len(rows)} equal rows with so "
        f"many seeds would reach on average), and whoever wins would look {bias.mean:.3f} points better than its "
        "recipe is. A row's best epoch flatters it further: by "
        f"{np.mean([(draft.values(row.trial, 'best') - draft.values(row.trial)).mean() for row in rows]):.2f} points on average. "
        "The Monte Carlo standard errors of these simulations, for the runs as they are, are "
        f"{100 * first.error:.1f} and {100 * equal.error:.1f} percentage points and {bias.error:.4f} points."
    )
    draft.add_figure(
        "ranks.svg",
        figures.ranks(
            [wording.row_comparisons.name(row) for row in rows], simulated.probabilities
        ),
        "The probability of each rank",
    )
