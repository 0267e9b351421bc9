"""Sentences about the grid: effects of the factors, calibration of the networks, and their robustness."""

import numpy as np

from explorer.study import statistics
from explorer.study.calibration import LevelCalibration
from explorer.study.effects import Effects
from explorer.study.robustness import MARGIN, LevelPair
from explorer.study.wording.numbers import difference


def effects(fit: Effects) -> str:
    """Significant terms of the linear model."""
    significant = [term.name for term in fit.terms if term.p < statistics.LEVEL]
    return (
        f"{fit.runs} runs, mean {fit.mean:.3f} %. "
        f"Terms with p < {statistics.LEVEL} (Holm): {', '.join(significant) or 'none'}."
    )


def calibration(levels: list[LevelCalibration]) -> str:
    """Levels of a factor that differ in calibration error, and whether they are over- or underconfident."""
    pairs = len(levels) * (len(levels) - 1) // 2
    clauses = [
        f"{level.name} ({difference(level.error, 2)}) is off by less than {' and '.join(level.below)}"
        for level in levels
        if level.below
    ]
    count = sum(len(level.below) for level in levels)
    differing = "; ".join(clauses) if clauses else "no two of them are shown to differ"
    by_bias: dict[str, list[str]] = {UNDERCONFIDENT: [], OVERCONFIDENT: []}
    for level in levels:
        gap = np.average(
            [bin_.accuracy - bin_.confidence for bin_ in level.diagram],
            weights=[bin_.images for bin_ in level.diagram],
        )
        by_bias[OVERCONFIDENT if gap < 0 else UNDERCONFIDENT].append(level.name)
    biases = ", ".join(
        f"{'all' if len(names) == len(levels) else ' and '.join(names)} are {bias}"
        for bias, names in by_bias.items()
        if names
    )
    return (
        f"So far, in how far confidence is off, {count} of {pairs} pairs differ: {differing}. On average over the test images "
        f"{biases}."
    )


UNDERCONFIDENT = "more often right than they are sure"
OVERCONFIDENT = "surer than they are often right"


def robustness(pairs: list[LevelPair]) -> str:
    """Numbers of differences by outcome, and the largest significant one."""
    different = [pair for pair in pairs if pair.outcome == statistics.DIFFERENT]
    equivalent = sum(pair.outcome == statistics.EQUIVALENT for pair in pairs)
    sentence = (
        f"So far, of {len(pairs)} differences in the mean over the strengths: {len(different)} real, {equivalent} within {MARGIN} points, "
        f"{len(pairs) - len(different) - equivalent} too close to call."
    )
    if not different:
        return sentence
    largest = max(different, key=lambda pair: abs(pair.gap.estimate))
    better, worse = largest.a, largest.b
    if largest.gap.estimate <= 0:
        better, worse = worse, better
    return (
        f"{sentence} The largest: under {largest.corruption} {better} networks read {abs(largest.gap.estimate):.1f} ± "
        f"{largest.gap.interval.half_width:.1f} points more than {worse}."
    )
