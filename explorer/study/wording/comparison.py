"""Sentences about comparisons of configurations: the verdict on two, and the noise floor."""

from explorer.runs.results import COLLAPSED_BELOW, describe
from explorer.study import statistics
from explorer.study.comparison import (
    Decision,
    NoiseFloor,
    PairwiseComparison,
    Side,
    seeds_needed,
)
from explorer.study.statistics import DIFFERENT, EQUIVALENT, Interval
from explorer.study.wording.numbers import seeds


def verdict(found: PairwiseComparison) -> str:
    """Is A better than B?: the decision, and which runs collapsed."""
    names = [describe(side.trial) for side in (found.a, found.b)]
    said = decision(names, found.decision, found.new_images)
    return said + _collapsed(found.a) + _collapsed(found.b)


def decision(
    names: list[str], found: Decision, new_images: Interval | None = None
) -> str:
    """The outcome, the two means, the difference and how many seeds stand behind it."""
    gap, accuracies = found.gap, found.accuracies
    if found.outcome == DIFFERENT and gap.estimate < 0:  # the better one first
        names, accuracies = names[::-1], accuracies[::-1]
    first, second = map(len, accuracies)
    shown = [round(each.mean(), 2) for each in accuracies]
    # Where rounded means do not differ by the rounded difference, a digit more.
    apart = abs(shown[0] - shown[1]) - round(abs(gap.estimate), 2)
    digits = 2 if abs(apart) < 0.005 else 3
    means = [f"{each.mean():.{digits}f}" for each in accuracies]
    runs = f"{first} seeds each" if first == second else f"{first} and {second} seeds"
    numbers = (
        f"{means[0]} against {means[1]}, difference "
        f"{abs(gap.estimate):.{digits}f} ± {gap.interval.half_width:.{digits}f}, {runs}."
    )
    if found.outcome == EQUIVALENT:
        return f"Equivalent within {statistics.MARGIN} points: {numbers}"
    if found.outcome == DIFFERENT:
        said = f"Different, {names[0]} reads better than {names[1]}: {numbers}"
        if new_images and new_images.low < 0 < new_images.high:
            said += f" On new images it might not: ± {new_images.half_width:.2f} there."
        return said
    return f"Too close to call: {numbers} {_plan(found.more_seeds)}"


def _plan(more: int | None) -> str:
    if not more:
        return (
            f"Not even {statistics.MOST_SEEDS} seeds each would decide with 80 % power."
        )
    return f"{more} more {'seed' if more == 1 else 'seeds'} each would decide with 80 % power."


def _collapsed(side: Side) -> str:
    """A further sentence where a penalty destroyed runs of a configuration."""
    if not side.collapsed:
        return ""
    count = len(side.accuracies)
    which = "All" if side.collapsed == count else f"{side.collapsed} of"
    return f" {which} {count} runs of {describe(side.trial)} collapsed below {COLLAPSED_BELOW:.0f} %."


def plan(floor: NoiseFloor | None, gap: float | None) -> str:
    """The noise floor, and how many seeds show a difference of `gap` points."""
    if not floor:
        return "That needs two seeds of a configuration at least."
    said = (
        f"Two runs of one recipe differ by chance: the deviation between seeds is {floor.deviation:.3f} points "
        f"({floor.configurations} configurations of {floor.scope}, {floor.runs} runs)."
    )
    if not gap or gap < 0:
        return f"{said} Name a difference above 0."
    return (
        f"To see {gap:g} points with 80 % power takes {needed(gap, floor.deviation)} seeds of each of the two; to show "
        f"two equal ones equivalent within {statistics.MARGIN} points takes {needed(0, floor.deviation)}. {said}"
    )


def needed(gap: float, deviation: float, comparisons: int = 1) -> str:
    """`comparison.seeds_needed` for reading."""
    return seeds(seeds_needed(gap, deviation, comparisons))
