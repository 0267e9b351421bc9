"""Sentences about the published observations, made from the words of their parts."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from explorer.study.claims import Arm
from explorer.study.observations import (
    EPOCHS_TO_THRESHOLD,
    GRID,
    LABELLED,
    RUN,
    Plan,
)
from explorer.study.parts import NEGLIGIBLE, OPEN, OPPOSITE, SHOWN, SMALL, Part
from explorer.study.statistics import DIFFERENT
from explorer.study.wording import claims
from explorer.study.wording.numbers import listed, seeds

MEANINGS = {
    SHOWN: "as the observation says, by more than the margin",
    SMALL: "as the observation says, but perhaps by less than the margin",
    OPPOSITE: "the other way round",
    NEGLIGIBLE: "within the margin",
    OPEN: "cannot be told with so many seeds",
}
ARM_NOTES = {
    GRID: "Grid: every norm has the same penalties.",
    LABELLED: "As labelled: the published rows with the penalties that the table names. Norms have different penalties there, so that a "
    "comparison of norms compares penalties as well.",
    RUN: "As run: the published rows without penalties, as the published notebook ran the three that it saved.",
}
DIGITS = {"points": 2, "epochs": 1}  # of a size in a sentence


@dataclass(frozen=True)
class Clauses:
    """Clauses about the parts of a quantity, by word; `{names}` are compared with the subject, `{sizes}` are their differences.

    A verb in the singular ends in `{s}`, which is "s" where it has one name.
    """

    subject: str
    shown: str
    opposite: str
    negligible: str
    open: str

    def of(self, word: str) -> str:
        if word == SMALL:
            return self.shown
        return {
            SHOWN: self.shown,
            OPPOSITE: self.opposite,
            NEGLIGIBLE: self.negligible,
            OPEN: self.open,
        }[word]


CLAUSES: dict[str, Clauses] = {
    "accuracy of norms": Clauses(
        "group norm",
        "reads about {sizes} better than {names}",
        "reads about {sizes} worse than {names}",
        "differs by less than 0.05 points from {names}",
        "cannot be told from {names}",
    ),
    "accuracy of penalties": Clauses(
        "",
        "{names} cost{s} about {sizes}",
        "{names} gain{s} about {sizes}",
        "{names} change{s} the accuracy by less than 0.05 points",
        "what {names} cost{s} cannot be told",
    ),
    "gap between train and test": Clauses(
        "",
        "{names} narrow{s} the gap by about {sizes}",
        "{names} widen{s} the gap by about {sizes}",
        "{names} change{s} the gap by less than 0.05 points",
        "whether {names} narrow{s} the gap cannot be told",
    ),
    **{
        f"variation of the {split} loss {scope}": Clauses(
            f"{scope} batch norm's {split} loss",
            "varies about {sizes} less than {names}",
            "varies about {sizes} more than {names}",
            "varies like {names} within a factor of 1.25",
            "cannot be told from {names}",
        )
        for split in ("test", "train")
        for scope in ("within runs", "between runs")
    },
    **{
        f"epochs to {threshold} %": Clauses(
            f"to {threshold} % layer norm",
            "takes about {sizes} more than {names}",
            "takes about {sizes} fewer than {names}",
            "takes as long as {names} to within one epoch",
            "cannot be told from {names}",
        )
        for threshold in ("99.0", "99.3")
    },
}
REST = "the rest cannot be told with so many seeds"


def sentence(arm: Arm) -> str:
    """Sentence on the parts of an observation on one study; the reason where it has no parts."""
    if not arm.parts:
        return claims.arm(arm)
    told = [part for part in arm.parts if part.word != OPEN]
    if not told:
        return "None of it can be told with so many seeds."
    clauses = [
        _clause(list(some))
        for _, some in groupby(told, key=lambda part: part.plan.quantity)
    ]
    if len(told) < len(arm.parts):
        clauses.append(REST)
    return _capitalised("; ".join(clauses))


def of_part(part: Part) -> str:
    """Sentence on one part; where it is open, with the number of seeds that could tell."""
    text = _clause([part])
    if part.word == OPEN:
        about = "about " if part.seeds_needed else ""
        text += f"; {about}{seeds(part.seeds_needed)} seeds of each configuration could"
    if part.is_censored:
        text += (
            "; a run that never reaches it counts as if it did one epoch after its end"
        )
    return _capitalised(text)


def _capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _clause(parts: Sequence[Part]) -> str:
    """Clause about the parts of one quantity: parts of one meaning together."""
    clauses = _clauses(parts[0])
    by_meaning: dict[str, list[Part]] = {}
    for part in parts:
        by_meaning.setdefault(clauses.of(part.word), []).append(part)
    predicates = [
        template.format(
            names=_names(some),
            sizes=_sizes(some),
            s="" if some[1:] or _is_pair(some[0]) else "s",
        )
        for template, some in by_meaning.items()
    ]
    if clauses.subject:
        return f"{clauses.subject} {listed(predicates)}"
    return "; ".join(predicates)


def _clauses(part: Part) -> Clauses:
    """Clauses of a part's quantity; accuracies are compared between norms or with no penalty."""
    quantity = part.plan.quantity
    if quantity == "accuracy":
        quantity += " of penalties" if part.plan.b == "none" else " of norms"
    return CLAUSES[quantity]


def _names(parts: Sequence[Part]) -> str:
    """Names of the sides that vary: "BN and LN at 16"."""
    both = "both together" if parts[1:] else "L1 and L2 together"
    settings: dict[str, list[str]] = {}  # by names
    for where, some in groupby(parts, key=lambda part: part.plan.where):
        sides = [
            (both if _is_pair(part) else _name(part)) + _bracketed(part)
            for part in some
        ]
        settings.setdefault(listed(sides), []).append(where)
    return listed([f"{sides}{' and'.join(at)}" for sides, at in settings.items()])


def _name(part: Part) -> str:
    """Name of the norm or the penalty that varies among the parts of a quantity; a norm's loss has a possessive."""
    plan = part.plan
    if plan.b == "none":
        return plan.a
    return f"{plan.b}'s" if plan.unit == "log ratio" else plan.b


def _is_pair(part: Part) -> bool:
    """Both penalties are added, so that the part's name is a plural."""
    return part.plan.a == "L1 + L2"


def _bracketed(part: Part) -> str:
    """Batch sizes at which a penalty's effect is shown, in brackets, where it depends on them."""
    if not part.simple or part.word == OPEN:
        return ""
    sizes = {True: [], False: []}
    for one in part.simple:
        is_same = one.gap.estimate * part.gap.estimate < 0  # it is none minus penalty
        is_shown = one.outcome == DIFFERENT and (is_same or part.word == NEGLIGIBLE)
        sizes[is_shown].append(one.contrast.setting.removeprefix("batch "))
    shown, rest = listed(sizes[True]), listed(sizes[False])
    if part.word == NEGLIGIBLE:
        return f" (though a change is shown at batch {shown})" if shown else ""
    if not shown:
        return " (shown at no single batch size)"
    not_at = f", not at {rest}" if rest else ""
    return f" (shown at batch {shown}{not_at})"


def _sizes(parts: Iterable[Part]) -> str:
    """Sizes of differences: "0.04 and 0.07 points"; a log ratio is given in percent."""
    parts = list(parts)
    unit = parts[0].plan.unit
    if unit == "log ratio":
        return listed([f"{100 * abs(math.expm1(p.gap.estimate)):.0f} %" for p in parts])
    sizes = [f"{abs(part.gap.estimate):.{DIGITS[unit]}f}" for part in parts]
    return f"{listed(sizes)} {unit}"


def expected(plan: Plan) -> str:
    """Position of a relative to b according to the observation."""
    return "above" if plan.sign > 0 else "below"


def link(plan: Plan) -> str:
    """Query of the explorer's view of a plan's first pair: its comparison for accuracies, else its learning curves."""
    (one, *_), (other, *_) = plan.strata[0]
    if plan.measure == "acc":
        return urlencode({"tab": "compare", "a": one.config, "b": other.config})
    pair = (one, other)
    return urlencode(
        {
            "tab": "curves",
            "norm": "|".join(dict.fromkeys(trial.norm for trial in pair)),
            "regulariser": "|".join(dict.fromkeys(trial.regulariser for trial in pair)),
            "batch": one.batch_size,
            "figure": "Accuracy" if plan.measure in CURVES_OF_ACCURACY else "Loss",
        }
    )


CURVES_OF_ACCURACY = (*EPOCHS_TO_THRESHOLD, "gap")  # measures
