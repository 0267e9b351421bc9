"""The sections of the report that decide: what is real, what is luck, and what became of the published observations."""

from collections import Counter
from itertools import combinations

import numpy as np

from explorer import claims, comparison, effects, figures, statistics
from explorer.report.draft import (
    COMMAND,
    SHORT,
    Draft,
    row_name,
    span,
)
from explorer.statistics import DIFFERENT, EQUIVALENT, UNDECIDED, StatisticsError
from train.study import GRID_BATCH_SIZES, NORMS, ROWS, Row, Trial, as_run

UNTESTED = "cannot be tested yet for want of seeds"
SHORT_CLAIMS = (
    "that group norm is better at small batches",
    "that batch norm's losses vary less",
    "that layer norm takes more epochs",
    "that L1 and L2 cost accuracy and narrow the gap",
)


def finding(draft: Draft) -> str:
    """What came of the study, in two sentences."""
    outcomes = [
        outcome for _, outcome in comparison.published_pairs(draft.found).values()
    ]
    if not outcomes:
        return f"{SHORT} `python train/all.py --study all --seeds 10` trains them."
    rows = draft.whole()
    seeds = span([len(draft.values(row.trial)) for row in rows])
    first = (
        f"Of the {len(outcomes)} pairs among {len(rows)} published configurations, trained again with their regularisers "
        f"really applied and {seeds} seeds each, {_counted(outcomes)}"
    )
    floor = comparison.noise_floor(draft.found)
    if floor and EQUIVALENT not in outcomes:
        enough = comparison.needed(0, floor["deviation"], len(outcomes))
        first += f" (to show a pair equivalent takes about {enough} seeds each)"
    lost = [str(row.number) for row in ROWS if draft.destroyed(row.trial)]
    if lost:
        first += f"; the penalty of row {' and '.join(lost)} destroys its network"
    said: dict[str, list[str]] = {}
    for claim in claims.judge(draft.found):
        grid = next(arm for arm in claim.arms if arm.name == claims.ARMS[claims.GRID])
        verdict = claim.verdict if grid.comparisons else UNTESTED
        words = SHORT_CLAIMS[claim.number - 1]
        if grid.comparisons:
            supporting = sum(each.supports for each in grid.comparisons)
            words += (
                f" ({supporting} of {len(grid.comparisons)} comparisons support it)"
            )
        said.setdefault(verdict, []).append(words)
    second = "; ".join(
        f"{_listed(names)} {_verb(verdict, len(names))}"
        for verdict, names in said.items()
    )
    return f"{first}. Of the four published observations, on the grid where nothing else varies, {second}."


def _counted(outcomes: list[str]) -> str:
    """How many outcomes are shown, and how many cannot be told with so many seeds."""
    count = Counter(outcomes)
    return (
        f"{_count(count[DIFFERENT])} shown to differ in accuracy, {_count(count[EQUIVALENT])} shown to be equivalent within "
        f"{statistics.MARGIN} points, and {_count(count[UNDECIDED])} too close to call with so many seeds"
    )


def _count(count: int) -> str:
    return {0: "none is", 1: "1 is"}.get(count, f"{count} are")


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _verb(verdict: str, count: int) -> str:
    if verdict == UNTESTED:
        return UNTESTED
    if count > 1:
        return {claims.HOLDS: "hold", claims.FAILS: "do not hold"}.get(
            verdict, f"are {verdict}"
        )
    return verdict if verdict in (claims.HOLDS, claims.FAILS) else f"is {verdict}"


def differences(draft: Draft):
    """Pairs of published rows, and the questions that a reader would ask, as a forest."""
    draft.say("## Is the difference real?")
    asked = [
        (words, a, b)
        for words, a, b in questions(draft)
        if draft.comparable(a) and draft.comparable(b)
    ]
    if not asked:
        return draft.say(SHORT)
    every = comparison.published_pairs(draft.found)
    draft.say(
        f"Of the {len(every)} pairs of published rows as labelled (Welch and TOST, Holm over all pairs), "
        f"{_counted([outcome for _, outcome in every.values()])}."
    )
    real = [
        {
            "row": a.number if gap.estimate > 0 else b.number,
            "reads better than row": b.number if gap.estimate > 0 else a.number,
            "by, points": f"{abs(gap.estimate):.3f} ± {gap.interval.half:.3f}",
            "new images": f"± {_new_images(draft, a, b).half:.3f}",
            "seeds": "{} and {}".format(*gap.seeds),
        }
        for (a, b), (gap, outcome) in every.items()
        if outcome == DIFFERENT
    ]
    if real:
        draft.table(real)
    draft.say(_pairs_more(draft, every))
    draft.say(
        "What a penalty did to each row, and how the norms compare without any, as one family: outcomes are corrected for "
        "all of its lines, intervals are not."
    )
    pairs = [(draft.values(a), draft.values(b)) for _, a, b in asked]
    family = [statistics.difference(*pair) for pair in pairs]
    crossed = [
        statistics.crossed_interval(draft.correct(a), draft.correct(b))
        for _, a, b in asked
    ]
    lines = list(
        zip(
            [words for words, *_ in asked], family, crossed, statistics.outcomes(family)
        )
    )
    draft.show(
        "forest.svg",
        figures.forest(
            [
                (words, gap.estimate, gap.interval, wide, outcome)
                for words, gap, wide, outcome in lines
            ],
            "difference, points; thick: on these images, thin: on new ones",
            statistics.MARGIN,
        ),
        "Differences with intervals; the band is the margin of equivalence",
    )
    draft.table(
        {
            "comparison": words,
            "difference, points": f"{gap.estimate:+.3f} ± {gap.interval.half:.3f}",
            "new images": f"± {wide.half:.3f}",
            "outcome": outcome,
            "seeds": "{} and {}".format(*gap.seeds),
            "more seeds to decide": _more(pair, gap, len(family))
            if outcome == UNDECIDED
            else "-",
        }
        for (words, gap, wide, outcome), pair in zip(lines, pairs)
    )


def _new_images(draft: Draft, a: Row, b: Row) -> statistics.Interval:
    return statistics.crossed_interval(draft.correct(a.trial), draft.correct(b.trial))


def _pairs_more(draft: Draft, every: dict) -> str:
    """How many more seeds would decide the pairs that are too close to call, in a sentence."""
    more = [
        comparison.more_seeds(
            [draft.values(row.trial) for row in pair], gap, len(every)
        )
        for pair, (gap, outcome) in every.items()
        if outcome == UNDECIDED
    ]
    if not more:
        return "No pair is too close to call."
    known = sorted(number for number in more if number)
    never = len(more) - len(known)
    said = f"over {statistics.MOST_SEEDS} seeds each for {never}" if never else ""
    if known:
        middle = known[len(known) // 2]
        said = ", ".join(
            filter(
                None,
                [
                    f"from {known[0]} to {known[-1]} more seeds each, {middle} for half of {len(known)}",
                    said,
                ],
            )
        )
    return f"To decide those that are too close to call would take, with 80 % power and if the gaps are as seen, {said}."


def questions(draft: Draft) -> list[tuple[str, Trial, Trial]]:
    """What a penalty did to a row, and norm against norm without any."""
    return [
        (
            f"row {row_name(row)}: as labelled less as run",
            row.trial,
            as_run(row.trial),
        )
        for row in ROWS
        if row.trial != as_run(row.trial) and not draft.destroyed(row.trial)
    ] + [
        (
            f"no penalty, batch {batch}: {a} less {b}",
            Trial(a, 0.0, 0.0, batch),
            Trial(b, 0.0, 0.0, batch),
        )
        for batch in GRID_BATCH_SIZES
        for a, b in combinations(NORMS, 2)
    ]


def _more(pair, gap: statistics.Difference, comparisons: int) -> str:
    more = comparison.more_seeds(pair, gap, comparisons)
    return str(more or f"over {statistics.MOST_SEEDS}")


def noise(draft: Draft):
    draft.say("## The noise floor")
    floor = comparison.noise_floor(draft.found)
    if not floor:
        return draft.say(SHORT)
    deviation = floor["deviation"]
    draft.say(
        f"Two runs of one recipe differ: the deviation between seeds, pooled over {floor['configurations']} configurations "
        f"with {floor['runs']} runs, is {deviation:.3f} points. If images were missed independently it would be "
        f"{floor['independent']:.3f}. To see a difference with 80 % power takes, of each of the two:"
    )
    pairs = len(comparison.published_pairs(draft.found))
    draft.table(
        {
            "difference, points": f"{gap:.2f}",
            "seeds": comparison.needed(gap, deviation),
            f"seeds, corrected for {pairs} pairs": comparison.needed(
                gap, deviation, max(1, pairs)
            ),
        }
        for gap in comparison.GAPS
    )
    draft.say(
        f"To show two equal recipes equivalent within {statistics.MARGIN} points takes {comparison.needed(0, deviation)} seeds of "
        f"each, {comparison.needed(0, deviation, max(1, pairs))} when corrected for {pairs} pairs: with fewer, that none is "
        "shown to be equivalent says nothing."
    )


def luck(draft: Draft):
    draft.say("## What one seed each would have shown")
    rows = draft.whole()
    if len(rows) < 2:
        return draft.say(SHORT)
    rows.sort(key=lambda row: -draft.values(row.trial).mean())
    shares, flattery = statistics.ranks([draft.values(row.trial) for row in rows])
    equal, _ = statistics.luck([len(draft.values(row.trial)) for row in rows])
    draft.say(
        "In a study with one run of each row as labelled, the row with our best mean would come first in "
        f"{100 * shares[0, 0]:.0f} % of such studies ({100 * equal:.0f} % is what the best mean of {len(rows)} equal rows with so "
        f"many seeds would reach on average), and whoever wins would look {flattery:.2f} points better than its "
        "recipe is. A row's best epoch flatters it further: by "
        f"{np.mean([(draft.values(row.trial, 'best') - draft.values(row.trial)).mean() for row in rows]):.2f} points on average."
    )
    draft.show(
        "ranks.svg",
        figures.ranks([row_name(row) for row in rows], shares),
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
    draft.say(_applied(draft, judged))
    for claim in judged:
        draft.say(
            f"### {claim.number}. {claim.observation}",
            f"**{claim.verdict.capitalize()}** on the grid. {claim.test}; rerun with `{COMMAND}`.",
        )
        draft.table(
            {"arm": arm.name, "verdict": arm.verdict, "why": arm.words}
            for arm in claim.arms
        )
        lines = [
            {
                "arm": arm.name,
                "comparison": each.words,
                "expected": "above" if each.sign > 0 else "below",
                "difference": f"{each.gap.estimate:+.3f} ± {each.gap.interval.half:.3f}",
                "p (Holm)": statistics.p_words(each.p),
                "outcome": each.outcome,
                "runs": "{} and {}".format(*each.gap.seeds),
            }
            for arm in claim.arms
            for each in arm.comparisons
        ]
        if lines:
            draft.table(lines)
            draft.show(
                f"claim{claim.number}.svg",
                figures.claim(claim),
                f"Observation {claim.number}: every comparison, in its own unit",
            )


def _applied(draft: Draft, judged: list[claims.Claim]) -> str:
    """What changes when the regularisers are applied, in a sentence or two."""
    rows = [
        row
        for row in ROWS
        if row.trial != as_run(row.trial)
        and draft.comparable(row.trial)
        and draft.comparable(as_run(row.trial))
    ]
    if not rows:
        return SHORT
    lost = [row for row in rows if draft.destroyed(row.trial)]
    rows = [row for row in rows if row not in lost]
    gaps = [
        statistics.difference(draft.values(row.trial), draft.values(as_run(row.trial)))
        for row in rows
    ]
    ways: dict[str, list[str]] = {}
    for row, gap, outcome in zip(rows, gaps, statistics.outcomes(gaps)):
        way = outcome
        if outcome == DIFFERENT:
            way = "lower" if gap.estimate < 0 else "higher"
        ways.setdefault(way, []).append(str(row.number))
    said = [
        f"accuracy is shown to be {way} in row{'s' if ways[way][1:] else ''} {_listed(ways[way])}"
        for way in ("lower", "higher", EQUIVALENT)
        if way in ways
    ]
    said += (
        [f"{len(ways[UNDECIDED])} rows are too close to call"]
        if UNDECIDED in ways
        else []
    )
    said += [f"row {row.number}'s network is destroyed" for row in lost]
    changed = [
        f"{claim.number} ({run.verdict} as run, {labelled.verdict} as labelled)"
        for claim in judged
        for labelled, run in [claim.arms[:2]]
        if labelled.verdict != run.verdict and run.comparisons
    ]
    verdicts = (
        f"The verdict changes on observation {_listed(changed)}."
        if changed
        else "No verdict changes between the two."
    )
    return f"When the regularisers are applied (each row against itself as run, Holm over {len(rows)} rows): {'; '.join(said)}. {verdicts}"


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
    draft.table(
        {
            "term": term.name,
            "F": f"{term.f:.1f} ({term.free[0]}, {term.free[1]})",
            "p (Holm)": statistics.p_words(term.p),
            "partial eta squared": f"{term.eta_squared:.2f}",
        }
        for term in found.terms
    )
    draft.show(
        "effects.svg",
        figures.forest(
            [
                (
                    f"{effects.FACTORS[level.factor]} {level.level}",
                    level.deviation,
                    level.interval,
                    None,
                    DIFFERENT if level.p < statistics.LEVEL else UNDECIDED,
                )
                for level in found.levels
            ],
            "deviation from the mean of the grid, points",
        ),
        "Effects of each factor's levels",
    )
