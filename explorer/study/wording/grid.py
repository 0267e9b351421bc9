"""Sentences about the grid: calibration of the networks, and their robustness."""

from collections import defaultdict

from explorer.study import statistics
from explorer.study.calibration import LevelCalibration
from explorer.study.robustness import MARGIN, BatchNormLoss, LevelPair
from explorer.study.wording.numbers import difference, listed, plus_minus


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
        f"In how far confidence is off, {count} of {pairs} pairs differ: {differing}. On average over the test images, "
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


def outcomes(pairs: list[LevelPair]) -> str:
    """Numbers of differences by outcome."""
    different = sum(pair.outcome == statistics.DIFFERENT for pair in pairs)
    beyond = sum(pair.exceeds_margin for pair in pairs)
    equivalent = sum(pair.outcome == statistics.EQUIVALENT for pair in pairs)
    return (
        f"In the mean over the strengths, {different} of {len(pairs)} pairs differ, {beyond} of them by more than "
        f"{MARGIN} points; {equivalent} within {MARGIN} points, {len(pairs) - different - equivalent} too close to call."
    )


def robustness(pairs: list[LevelPair]) -> str:
    """Numbers of differences by outcome, and the largest significant one."""
    different = [pair for pair in pairs if pair.outcome == statistics.DIFFERENT]
    if not different:
        return outcomes(pairs)
    largest = max(different, key=lambda pair: abs(pair.gap.estimate))
    better, worse = largest.a, largest.b
    if largest.gap.estimate <= 0:
        better, worse = worse, better
    return (
        f"{outcomes(pairs)} The largest: under {largest.corruption} {better} networks read {abs(largest.gap.estimate):.1f} ± "
        f"{largest.gap.interval.half_width:.1f} points more than {worse}."
    )


def ranked(pairs: list[LevelPair], corruption: str) -> str:
    """Levels under one corruption: the one that reads most digits, and how many points it is ahead of each other."""
    under = [pair for pair in pairs if pair.corruption == corruption]
    ahead: dict[str, float] = defaultdict(float)
    for pair in under:
        ahead[pair.a] += pair.gap.estimate
        ahead[pair.b] -= pair.gap.estimate
    best = max(ahead, key=lambda level: ahead[level])
    gaps = [_ahead(pair, best) for pair in under if best in (pair.a, pair.b)]
    return f"Under {corruption} {best} networks read most: {listed(gaps)}."


def _ahead(pair: LevelPair, best: str) -> str:
    """Clause on the best level of a pair, beside the other."""
    other = pair.b if pair.a == best else pair.a
    size = plus_minus(abs(pair.gap.estimate), pair.gap.interval.half_width, 1)
    return {
        statistics.DIFFERENT: f"{size} points more than {other}",
        statistics.EQUIVALENT: f"within {MARGIN} points of {other}",
        statistics.UNDECIDED: f"not shown to differ from {other}",
    }[pair.outcome]


def averages(pairs: list[LevelPair]) -> str:
    """Batch norm with averages re-estimated on the digits of one corruption, from the pairs of `averages_compared` under it."""
    own, *others = pairs
    size = plus_minus(abs(own.gap.estimate), own.gap.interval.half_width, 1)
    effect = {
        statistics.DIFFERENT: f"{'lose' if own.gap.estimate > 0 else 'gain'} {size} points",
        statistics.EQUIVALENT: f"change by less than {MARGIN} points",
        statistics.UNDECIDED: "are not shown to change",
    }[own.outcome]
    return (
        f"{own.a} uses averages over training. With averages re-estimated on the digits under {own.corruption} themselves, its networks {effect}; "
        f"they then {listed([_against(pair) for pair in others])}."
    )


def _against(pair: LevelPair) -> str:
    """Clause on a pair whose first level is the subject."""
    size = plus_minus(abs(pair.gap.estimate), pair.gap.interval.half_width, 1)
    more = "more" if pair.gap.estimate > 0 else "fewer"
    return {
        statistics.DIFFERENT: f"read {size} points {more} than {pair.b}",
        statistics.EQUIVALENT: f"are within {MARGIN} points of {pair.b}",
        statistics.UNDECIDED: f"are not shown to differ from {pair.b} ({difference(pair.gap, 1, '+')})",
    }[pair.outcome]


def batch_norm_loss(loss: BatchNormLoss) -> str:
    """Loss of batch norm under the corruptions where it is largest, and what of it re-estimated averages leave."""
    lost, left = loss.as_trained, loss.re_estimated
    size = plus_minus(abs(left.gap.estimate), left.gap.interval.half_width, 1)
    rest = {
        statistics.DIFFERENT: f"leaves {size}"
        if left.gap.estimate > 0
        else f"turns this into {size} more",
        statistics.EQUIVALENT: f"leaves less than {MARGIN}",
        statistics.UNDECIDED: "leaves none that is shown",
    }[left.outcome]
    return (
        f"Under {lost.corruption}, where its loss is largest, batch norm reads {difference(lost.gap, 1)} points fewer digits than group "
        f"norm; re-estimating its averages on the corrupted digits {rest}."
    )
