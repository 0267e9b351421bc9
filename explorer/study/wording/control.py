"""Sentence on what norms are for, from the networks without one."""

from collections.abc import Sequence

from explorer.study import further
from explorer.study.families import Family, Judged
from explorer.study.further import Attempts
from explorer.study.statistics import DIFFERENT, EQUIVALENT
from explorer.study.wording.numbers import listed


def sentence(family: Family, attempts: Sequence[Attempts]) -> str:
    """Sentence on where a network without a norm does not learn, and what the norms change where it does; empty without such a network."""
    bare = [one for one in attempts if one.trial.norm == further.NO_NORM]
    lost = [one for one in bare if one.is_collapsed]
    clauses = [_lost(lost)] if lost else []
    places: dict[str, list[str]] = {}  # by what the norms change there
    for one in bare:
        at = further.setting_of(one.trial)
        judged = family.find(further.NORMED, further.BARE, at)
        if judged and not one.is_collapsed:
            words, bounds = _changed(judged)
            places.setdefault(words, []).append(f"at {at}{bounds}{_failed(one)}")
    clauses += [f"{words} {listed(where)}" for words, where in places.items()]
    if not clauses:
        return ""
    return f"What norms are for in this network: {'; '.join(clauses)}."


def _lost(lost: Sequence[Attempts]) -> str:
    places = [further.setting_of(one.trial) for one in lost]
    failed, runs = (
        sum(getattr(one, key) for one in lost) for key in ("failed", "runs")
    )
    return f"without one it does not learn at {' or at '.join(places)} ({failed} of {runs} runs collapsed or diverged)"


def _changed(one: Judged) -> tuple[str, str]:
    """Clause on the difference between the mean of the norms and no norm, and the interval that the outcome rests on, if it does not say it."""
    estimate, interval = one.gap.estimate, one.judgement.interval
    bounds = f" ({interval.low:+.2f} to {interval.high:+.2f})"
    if one.outcome == DIFFERENT:
        verb = "gain" if estimate > 0 else "cost"
        norms = listed([*further.NORMS])
        return f"{norms} {verb} {abs(estimate):.2f} points on average", bounds
    if one.outcome == EQUIVALENT:
        return f"they change less than {one.gap.margin} points", ""
    return "it is too close to call whether they change anything", bounds


def _failed(one: Attempts) -> str:
    if not one.failed:
        return ""
    return f", where {one.failed} of {one.runs} runs without one collapsed or diverged"
