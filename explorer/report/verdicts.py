"""The sections of the report that decide: what is real, what is luck, and what became of the published observations."""

import numpy as np

from explorer.charts import figures
from explorer.charts.figures import Estimate
from explorer.report.draft import COMMAND, SHORT, Draft, span
from explorer.study import (
    claims,
    comparison,
    effects,
    row_comparisons,
    statistics,
    tables,
    wording,
)
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED, StatisticsError
from train.study import ROWS

GAPS = (0.02, 0.05, 0.10, 0.20)  # points that the noise floor is planned for


def finding(draft: Draft) -> str:
    """What came of the study, in two sentences."""
    pairs = row_comparisons.pairs(draft.found)
    if not pairs:
        return f"{SHORT} `python train/all.py` trains them."
    rows = draft.non_collapsed()
    counts = span([len(draft.values(row.trial)) for row in rows])
    first = (
        f"Of the {len(pairs)} pairs among {len(rows)} published configurations, trained again with their regularisers "
        f"really applied and {counts} seeds each, {wording.row_comparisons.counted(pairs)}"
    )
    floor = comparison.noise_floor(draft.found)
    if floor and all(pair.decision.outcome != EQUIVALENT for pair in pairs):
        enough = wording.comparison.needed(0, floor.deviation, len(pairs))
        first += f" (to show a pair equivalent takes about {enough} seeds each)"
    lost = [str(row.number) for row in ROWS if draft.is_collapsed(row.trial)]
    if lost:
        first += f"; the penalty of row {' and '.join(lost)} destroys its network"
    return f"{first}. {wording.claims.finding(claims.judge(draft.found))}"


def differences(draft: Draft):
    """Pairs of published rows, and the questions that a reader would ask, as a forest."""
    draft.say("## Is the difference real?")
    asked = row_comparisons.questions(draft.found)
    if not asked:
        return draft.say(SHORT)
    pairs = row_comparisons.pairs(draft.found)
    draft.say(
        f"Of the {len(pairs)} pairs of published rows as labelled (Welch and TOST, Holm over all pairs), "
        f"{wording.row_comparisons.counted(pairs)}."
    )
    if different := row_comparisons.different(draft.found, pairs):
        draft.table(tables.different_rows(different))
    draft.say(wording.row_comparisons.more_seeds(pairs))
    draft.say(
        "What a penalty did to each row, and how the norms compare without any, as one family: outcomes are corrected for "
        "all of its lines, intervals are not."
    )
    draft.show(
        "forest.svg",
        figures.forest(
            [
                Estimate(
                    wording.row_comparisons.question(each),
                    each.decision.gap.estimate,
                    each.decision.gap.interval,
                    each.decision.outcome,
                    each.new_images,
                )
                for each in asked
            ],
            "difference, points; thick: on these images, thin: on new ones",
            statistics.MARGIN,
        ),
        "Differences with intervals; the band is the margin of equivalence",
    )
    draft.table(tables.questions(asked))


def noise(draft: Draft):
    draft.say("## The noise floor")
    floor = comparison.noise_floor(draft.found)
    if not floor:
        return draft.say(SHORT)
    deviation = floor.deviation
    draft.say(
        f"Two runs of one recipe differ: the deviation between seeds, pooled over {floor.configurations} configurations "
        f"of {floor.scope} with {floor.runs} runs, is {deviation:.3f} points. If images were missed independently it would be "
        f"{floor.independent:.3f}. To see a difference with 80 % power takes, of each of the two:"
    )
    pairs = len(row_comparisons.pairs(draft.found))
    draft.table(tables.seeds_needed(GAPS, deviation, pairs))
    draft.say(
        f"To show two equal recipes equivalent within {statistics.MARGIN} points takes {wording.comparison.needed(0, deviation)} seeds of "
        f"each, {wording.comparison.needed(0, deviation, max(1, pairs))} when corrected for {pairs} pairs: with fewer, that none is "
        "shown to be equivalent says nothing."
    )


def single_seeds(draft: Draft):
    draft.say("## What one seed each would have shown")
    rows = draft.non_collapsed()
    if len(rows) < 2:
        return draft.say(SHORT)
    rows.sort(key=lambda row: -draft.values(row.trial).mean())
    shares, selection_bias = statistics.ranks([draft.values(row.trial) for row in rows])
    equal, _ = statistics.simulate_null([len(draft.values(row.trial)) for row in rows])
    draft.say(
        "In a study with one run of each row as labelled, the row with our best mean would come first in "
        f"{100 * shares[0, 0]:.0f} % of such studies ({100 * equal:.0f} % is what the best mean of {len(rows)} equal rows with so "
        f"many seeds would reach on average), and whoever wins would look {selection_bias:.2f} points better than its "
        "recipe is. A row's best epoch flatters it further: by "
        f"{np.mean([(draft.values(row.trial, 'best') - draft.values(row.trial)).mean() for row in rows]):.2f} points on average."
    )
    draft.show(
        "ranks.svg",
        figures.ranks([wording.row_comparisons.name(row) for row in rows], shares),
        "The probability of each rank",
    )


def observations(draft: Draft):
    draft.say(
        "## The four published observations",
        "The published notebook never applied a regulariser: `train()` was called without its L1 switch, and SGD was built "
        "without weight decay. So its curves differ in the norm alone; *as run* repeats that, *as labelled* applies the "
        "penalties that the table names, and the *grid* gives every norm the same penalties.",
    )
    judged = claims.judge(draft.found)
    penalties = row_comparisons.penalties(draft.found)
    said = SHORT
    if penalties.decisions or penalties.collapsed:
        changed = wording.claims.changed(judged)
        said = f"{wording.row_comparisons.penalties(penalties)} {changed}"
    draft.say(said)
    for claim in judged:
        draft.say(
            f"### {claim.number}. {claim.observation}",
            f"**{claim.verdict.capitalize()}** on the grid. {claim.test}; rerun with `{COMMAND}`.",
        )
        draft.table(tables.arms(claim))
        evidence = tables.evidence(claim, units=False)
        if len(evidence):
            draft.table(evidence)
            draft.show(
                f"claim{claim.number}.svg",
                figures.claim(claim),
                f"Observation {claim.number}: every comparison, in its own unit",
            )


def grid(draft: Draft):
    draft.say("## Effects over the grid")
    try:
        found = effects.fit(draft.found)
    except StatisticsError as error:
        return draft.say(str(error))
    draft.say(
        f"A linear model of the last accuracy of {found.runs} runs, mean {found.mean:.3f} %, HC3 robust errors. A level's "
        "deviation is from that mean, all else averaged. P values and marks are corrected for all terms and for all levels "
        "(Holm), intervals are not."
    )
    draft.table(tables.f_tests(found))
    draft.show(
        "effects.svg",
        figures.forest(
            [
                Estimate(
                    level.name,
                    level.deviation,
                    level.interval,
                    DIFFERENT if level.p < statistics.LEVEL else UNDECIDED,
                )
                for level in found.levels
            ],
            "deviation from the mean of the grid, points",
        ),
        "Effects of each factor's levels",
    )
