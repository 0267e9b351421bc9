"""The finding: at most six sentences on what the runs show, each from a test of docs/protocol.md, and one for each further study."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import (
    ensembles,
    factorial,
    further,
    robustness,
    row_comparisons,
)
from explorer.study.families import Family
from explorer.study.grid_families import Grid, grid
from explorer.study.statistics import DIFFERENT, LEVEL, StatisticsError
from explorer.study.wording import control
from explorer.study.wording import families as words
from explorer.study.wording.numbers import listed
from train.study import ROWS, STUDIES

TOO_FEW_SEEDS = "Too few seeds are trained yet. `python train/all.py` trains them."


@dataclass(frozen=True)
class Statement:
    """Sentence of the finding, with the section of RESULTS.md and the view of the explorer that show its numbers."""

    text: str
    section: str
    view: str  # query of a link
    headline: str = ""  # the sentence in a few words
    figure: str = ""  # file name and caption, of the further studies
    caption: str = ""
    key: str = ""  # study, of the further ones


def statements(results: Results) -> list[Statement]:
    """The finding of these results; empty where too few seeds are trained. Raises `DataError`."""
    sentences: Sequence[Callable[[Results], Iterator[Statement]]] = (
        _norms,
        _penalties,
        _batches,
        _rows,
        _corrupted,
        _votes,
    )
    return [one for sentence in sentences for one in _shown(sentence, results)]


def beyond(results: Results) -> list[Statement]:
    """Statements of the studies of small batches, of the dose of L1, of learning rates and without a norm, one each."""
    return [
        one
        for sentence in (_small_batches, _dose, _learning_rates, _control)
        for one in _shown(sentence, results)
    ]


def _shown(
    sentence: Callable[[Results], Iterator[Statement]], results: Results
) -> list[Statement]:
    """Statements of a function; none where seeds or measurements are missing."""
    with suppress(StatisticsError):
        return list(sentence(results))
    return []


def _part(key: str) -> str:
    """Query of a part of Claims: a factor of the grid, or a study beyond it."""
    return urlencode({"tab": "findings", "part": key})


def _norms(results: Results) -> Iterator[Statement]:
    judged = grid(results)
    if judged.bound:
        norms = factorial.LEVELS[0]
        shown = [
            one
            for one in judged.primary.judged
            if one.contrast.first in norms and one.outcome == DIFFERENT
        ]
        text = words.bound(judged.bound, judged.settings)
        if shown:
            text = f"{text.removesuffix('.')}; {words.read(shown)}"
            if words.on_new_images(Family(tuple(shown))):
                text += " on these images, which new ones need not show"
            text += "."
        yield Statement(
            text,
            "The factors of the grid",
            _part("norm"),
            f"any two norms differ by less than {words.below(judged.bound.these)} points on average",
        )


def _penalties(results: Results) -> Iterator[Statement]:
    judged = grid(results)
    if judged.l1.judged and judged.l2.judged:
        yield Statement(
            costs(judged),
            "What depends on what",
            _part("penalties"),
        )


def costs(judged: Grid) -> str:
    """Sentence on what L1 and L2 cost at each batch size of the grid."""
    l1, l2 = (
        words.cost(family, f"{name} of {size:g}")
        for name, size, family in (
            ("L1", further.L1, judged.l1),
            ("L2", further.L2, judged.l2),
        )
    )
    return f"{l1}; {l2} (means over the norms, with and without the other penalty)."


def _batches(results: Results) -> Iterator[Statement]:
    family = grid(results).simple.get(("batch size", "penalty"))
    plain = (
        [one for one in family.judged if one.contrast.setting == "no penalty"]
        if family
        else []
    )
    if not plain:
        return
    intervals = [one.judgement.interval for one in plain]
    largest = max(max(-one.low, one.high) for one in intervals)
    differing = [one for one in plain if one.outcome == DIFFERENT]
    shown = (
        f"{words.read(differing)}; larger differences than {words.below(largest)} points are excluded"
        if differing
        else "no two batch sizes from 16 to 128 are shown to differ; differences of "
        f"{words.below(largest)} points and more are excluded"
    )
    yield Statement(
        f"Without a penalty, over the norms, {shown} (95 %, corrected for all pairs).",
        "What depends on what",
        _part("batch-size"),
    )


def _rows(results: Results) -> Iterator[Statement]:
    core = results.core
    pairs = row_comparisons.pairs(core)
    if not pairs:
        return
    numbers = {row.number for pair in pairs for row in (pair.a, pair.b)}
    behind = {
        (pair.b if pair.decision.gap.estimate > 0 else pair.a).number
        for pair in pairs
        if pair.decision.outcome == DIFFERENT
    }
    collapsed = [
        row.number for row in ROWS if row_comparisons.is_collapsed(core, row.trial)
    ]
    text = (
        f"{len(numbers - behind)} of {len(numbers)} published rows cannot be told apart"
    )
    if behind:
        verb = "is" if len(behind) == 1 else "are"
        text += f"; {_named(behind)} {verb} shown to read worse than another"
    if collapsed:
        text += f"; {_named(collapsed)} collapsed, below {COLLAPSED_BELOW:.0f} %"
    yield Statement(f"{text}.", "Is the difference real?", urlencode({"tab": "table"}))


def _corrupted(results: Results) -> Iterator[Statement]:
    rows = robustness.read(results.core)
    trained = {
        (pair.corruption, pair.a, pair.b): pair
        for pair in robustness.compared(results.core, rows, "norm")
    }
    adapted = {
        (pair.corruption, pair.b): pair
        for pair in robustness.averages_compared(results.core, rows)
        if pair.a != "BN"
    }
    lost = [trained[corruption, "BN", "GN"] for corruption in robustness.HARDEST]
    if any(pair.outcome != DIFFERENT or pair.gap.estimate > 0 for pair in lost):
        return
    first, *others = (abs(pair.gap.estimate) for pair in lost)
    amounts = [
        f"{first:.0f} points fewer digits than group norm",
        *(f"{one:.0f} fewer" for one in others),
    ]
    under = [
        f"{amount} under {CONDITIONS[name]}"
        for amount, name in zip(amounts, robustness.HARDEST, strict=True)
    ]
    left = [_fewer(adapted[corruption, "GN"]) for corruption in robustness.HARDEST]
    yield Statement(
        f"Batch norm reads {listed(under)}; with its running averages re-estimated on those digits, {listed(left)}.",
        "Do they read digits that are made harder?",
        urlencode({"tab": "trust", "harder": "contrast", "part": "robustness"}),
    )


CONDITIONS = {"noise": "noise", "contrast": "low contrast"}


def _fewer(pair: robustness.LevelPair) -> str:
    """Size of a difference with its direction: "47.1 fewer"; of one that is not shown, that."""
    if pair.outcome != DIFFERENT:
        return "none fewer that is shown"
    way = "fewer" if pair.gap.estimate < 0 else "more"
    return f"{abs(pair.gap.estimate):.0f} {way}"


def _votes(results: Results) -> Iterator[Statement]:
    vote = ensembles.ensembles(results.core).votes[-1]
    # Corrected for all contrasts at once, because the largest of them is taken.
    judged = grid(results).primary.judged
    primary = [one.gap.interval_at(LEVEL / len(judged)) for one in judged]
    largest = max((max(-one.low, one.high) for one in primary), default=math.inf)
    text = f"{vote.voters} networks of one configuration, voting, read {vote.gain.estimate:.2f} points more than one of them alone"
    if vote.gain.interval.low > largest:
        text += f"; averaged over the grid, no two norms, penalties or batch sizes differ by more than {words.below(largest)}"
    yield Statement(
        f"{text}.",
        "What do several networks gain?",
        urlencode({"tab": "trust", "part": "votes"}),
    )


def _named(numbers) -> str:
    names = [str(number) for number in sorted(numbers)]
    return f"row{'s' if names[1:] else ''} {listed(names)}"


def _small_batches(results: Results) -> Iterator[Statement]:
    larger = [
        asked.decision.outcome
        for asked in row_comparisons.questions(results.core)
        if not asked.row
    ]
    for statement in _norms_over(
        results,
        "norms at small batches",
        "Small batches",
        "small-batch",
        "batch sizes 2, 4 and 8",
        "small_batches.svg",
        "Accuracy by norm over batch sizes, without a penalty",
    ):
        differ = larger.count(DIFFERENT)
        at_larger = f"Of {len(larger)} such pairs from batch 16 to 128, {differ} {'differs' if differ == 1 else 'differ'}."
        yield replace(statement, text=f"{statement.text} {at_larger}")


def _learning_rates(results: Results) -> Iterator[Statement]:
    yield from _norms_over(
        results,
        "norms at other learning rates",
        "The learning rate",
        "learning-rate",
        "learning rates of 1/4 to 4 times the published one, at batch 16 and 128",
        "learning_rates.svg",
        "Accuracy by norm over learning rates, without a penalty",
    )


def _norms_over(
    results: Results,
    name: str,
    section: str,
    study: str,
    settings: str,
    figure: str,
    caption: str,
) -> Iterator[Statement]:
    family = further.judge(results, name)
    if not family.judged:
        return
    differing = [one for one in family.judged if one.outcome == DIFFERENT]
    settings_of = dict.fromkeys(one.contrast.setting for one in differing)
    clauses = [
        f"at {at} {words.read([one for one in differing if one.contrast.setting == at])}"
        for at in settings_of
    ]
    seeds = {runs for one in family.judged for runs in one.gap.seeds}
    fewest = "" if len(seeds) == 1 else f"{min(seeds)} to "
    enough = f"{fewest}{max(seeds)} of {STUDIES[study].seeds} planned seeds"
    text = f"Of {len(family.judged)} pairs of norms at {settings}, with {enough}, {words.counts(family)}"
    if not differing:
        widest = max(one.gap.interval.half_width for one in family.judged)
        text += f"; each difference is known to within {words.below(widest)} points"
    yield Statement(
        f"{text}{': ' if clauses else ''}{'; '.join(clauses)}.",
        section,
        _part(study),
        figure=figure,
        caption=caption,
        key=study,
    )


def _dose(results: Results) -> Iterator[Statement]:
    family = further.judge(results, "doses of L1")
    if family.judged:
        yield Statement(
            words.dose(family, further.DOSED, further.L1),
            "The dose of L1",
            _part("dose"),
            figure="dose.svg",
            caption="Cost of L1 at batch 16 in two steps; the band is the margin of equivalence",
            key="dose",
        )


def _control(results: Results) -> Iterator[Statement]:
    family = further.judge(results, "norms with no norm")
    text = control.sentence(family, further.attempts(results))
    if text:
        yield Statement(
            text,
            "What norms are for",
            _part("control"),
            figure="control.svg" if family.judged else "",
            caption="Norms against no norm, RMS against no norm, and layer norm against RMS; the band is the margin of equivalence",
            key="control",
        )
