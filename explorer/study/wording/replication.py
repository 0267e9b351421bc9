"""Sentences about the replication: which findings carry over to another data set."""

from collections import Counter

from explorer.study.families import Judged
from explorer.study.replication import CARRIES, FAILS, OPEN, Finding
from explorer.study.statistics import DIFFERENT, EQUIVALENT
from train.data_sets import MNIST, DataSet

VERDICTS = {
    CARRIES: "it carries over",
    FAILS: "it does not carry over",
    OPEN: "whether it carries over is open",
}


def summary(findings: list[Finding], data_set: DataSet) -> str:
    """Numbers of findings that carry over, that do not, and that are open; "" without any."""
    if not findings:
        return ""
    count = Counter(one.outcome for one in findings)
    return (
        f"Of {len(findings)} findings on {MNIST.name}, {count[CARRIES]} carry over to {data_set.name}, {count[FAILS]} "
        f"do not, {count[OPEN]} are open."
    )


def sentences(findings: list[Finding], data_set: DataSet) -> list[str]:
    """A sentence on each finding."""
    return [
        f"{_names(one.here)}: {_side(one.here)} on {data_set.name}, {_side(one.there)} on {MNIST.name}; {VERDICTS[one.outcome]}."
        for one in findings
    ]


def _names(one: Judged) -> str:
    contrast = one.contrast
    at = f" at {contrast.setting}" if contrast.setting else ""
    names = f"{contrast.first} and {contrast.second}{at}"
    return names[:1].upper() + names[1:]


def _side(one: Judged) -> str:
    gap = one.gap
    interval = f"{gap.estimate:+.2f} ± {gap.interval.half_width:.2f} points"
    if one.outcome == DIFFERENT:
        better = one.contrast.first if gap.estimate > 0 else one.contrast.second
        return f"{better} reads more ({interval})"
    if one.outcome == EQUIVALENT:
        return f"equivalent within {gap.margin} points ({interval})"
    return f"too close to call ({interval})"
