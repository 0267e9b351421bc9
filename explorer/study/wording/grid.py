"""Sentences about the grid: which factors matter, how sure its networks may be, which read digits made harder."""

import numpy as np

from explorer.study import statistics
from explorer.study.calibration import LevelCalibration
from explorer.study.effects import Effects
from explorer.study.robustness import MARGIN, LevelPair
from explorer.study.wording.numbers import difference


def effects(found: Effects) -> str:
    """Which terms of the linear model matter."""
    real = [term.name for term in found.terms if term.p < statistics.LEVEL]
    return (
        f"{found.runs} runs, mean {found.mean:.3f} %. "
        f"Terms with p < {statistics.LEVEL} (Holm): {', '.join(real) or 'none'}."
    )


def calibration(found: list[LevelCalibration]) -> str:
    """Which levels of a factor are off by less, and on which side they err."""
    pairs = len(found) * (len(found) - 1) // 2
    real = [
        f"{level.name} ({difference(level.error, 2)}) is off by less than {' and '.join(level.below)}"
        for level in found
        if level.below
    ]
    count = sum(len(level.below) for level in found)
    said = "; ".join(real) if real else "no two of them are shown to differ"
    sides: dict[str, list[str]] = {MODEST: [], BOLD: []}
    for level in found:
        gap = np.average(
            [each.accuracy - each.confidence for each in level.diagram],
            weights=[each.images for each in level.diagram],
        )
        sides[BOLD if gap < 0 else MODEST].append(level.name)
    sure = ", ".join(
        f"{'all' if len(names) == len(found) else ' and '.join(names)} are {side}"
        for side, names in sides.items()
        if names
    )
    return (
        f"So far, in how far confidence is off, {count} of {pairs} pairs differ: {said}. On average over the test images "
        f"{sure}."
    )


MODEST = "more often right than they are sure"
BOLD = "surer than they are often right"


def robustness(found: list[LevelPair]) -> str:
    """Number of differences that are real, and the largest of them."""
    real = [each for each in found if each.outcome == statistics.DIFFERENT]
    equal = sum(each.outcome == statistics.EQUIVALENT for each in found)
    said = (
        f"So far, of {len(found)} differences in the mean over the strengths: {len(real)} real, {equal} within {MARGIN} points, "
        f"{len(found) - len(real) - equal} too close to call."
    )
    if not real:
        return said
    most = max(real, key=lambda each: abs(each.gap.estimate))
    ahead, behind = most.a, most.b
    if most.gap.estimate <= 0:
        ahead, behind = behind, ahead
    return (
        f"{said} The largest: under {most.corruption} {ahead} networks read {abs(most.gap.estimate):.1f} ± "
        f"{most.gap.interval.half_width:.1f} points more than {behind}."
    )
