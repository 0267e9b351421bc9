"""Sentences about the grid: effects of the factors, calibration of the networks, and their robustness."""

from explorer.study import statistics
from explorer.study.calibration import LevelCalibration
from explorer.study.effects import Effects
from explorer.study.robustness import MARGIN, LevelPair
from explorer.study.wording.numbers import difference, listed, plus_minus


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
    return (
        f"So far, in how far confidence is off, {count} of {pairs} pairs differ: {differing}. On average over the test images, "
        f"{_biases(levels)}."
    )


def _biases(levels: list[LevelCalibration]) -> str:
    """Levels by what is shown of them: more often right than sure, surer than right, or neither."""
    shown = [level for level in levels if level.bias_p < statistics.LEVEL]
    clauses = [
        f"{words}: {listed([_off_by(level) for level in some])}"
        for words, sign in ((UNDERCONFIDENT, 1), (OVERCONFIDENT, -1))
        if (some := [level for level in shown if sign * level.bias.estimate > 0])
    ]
    rest = [level.name for level in levels if level not in shown]
    if rest:
        clauses.append(f"of {listed(rest)} neither is shown")
    return "; ".join(clauses)


def _off_by(level: LevelCalibration) -> str:
    size = plus_minus(abs(level.bias.estimate), level.bias.interval.half_width)
    return f"{level.name} (by {size} points)"


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
