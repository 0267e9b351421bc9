"""Sentences about comparisons of configurations: the verdict on two, and the noise floor."""

from explorer.runs.results import COLLAPSED_BELOW, describe
from explorer.study import power, statistics
from explorer.study.comparison import (
    Decision,
    NoiseFloor,
    PairwiseComparison,
    Side,
    seeds_needed,
)
from explorer.study.components import Components
from explorer.study.statistics import DIFFERENT, EQUIVALENT, Interval
from explorer.study.wording.numbers import seeds


def verdict(comparison: PairwiseComparison) -> str:
    """Decision on two configurations, and the numbers of collapsed runs."""
    names = [describe(side.trial) for side in (comparison.a, comparison.b)]
    sentence = decision(names, comparison.decision, comparison.new_images)
    return sentence + _collapsed(comparison.a) + _collapsed(comparison.b)


def decision(
    names: list[str], result: Decision, new_images: Interval | None = None
) -> str:
    """Outcome of a comparison, with the two means, their difference and the numbers of seeds."""
    gap = result.gap
    accuracies = [sample.values for sample in result.samples]
    if result.outcome == DIFFERENT and gap.estimate < 0:  # the better one first
        names, accuracies = names[::-1], accuracies[::-1]
    first, second = map(len, accuracies)
    rounded = [round(values.mean(), 2) for values in accuracies]
    # A third digit where the rounded means do not differ by the rounded difference.
    discrepancy = abs(rounded[0] - rounded[1]) - round(abs(gap.estimate), 2)
    digits = 2 if abs(discrepancy) < 0.005 else 3
    means = [f"{values.mean():.{digits}f}" for values in accuracies]
    runs = f"{first} seeds each" if first == second else f"{first} and {second} seeds"
    numbers = (
        f"{means[0]} against {means[1]}, difference "
        f"{abs(gap.estimate):.{digits}f} ± {gap.interval.half_width:.{digits}f}, {runs}."
    )
    if result.outcome == EQUIVALENT:
        return f"Equivalent within {statistics.MARGIN} points: {numbers}"
    if result.outcome == DIFFERENT:
        sentence = f"Different, {names[0]} reads better than {names[1]}: {numbers}"
        if new_images and new_images.low < 0 < new_images.high:
            sentence += (
                f" On new images it might not: ± {new_images.half_width:.2f} there."
            )
        return sentence
    return f"Too close to call: {numbers} {_plan(result.more_seeds)}"


def _plan(more: int | None) -> str:
    if not more:
        return f"Not even {power.MOST_SEEDS} seeds each would decide with 80 % power."
    return f"{more} more {'seed' if more == 1 else 'seeds'} each would decide with 80 % power."


def _collapsed(side: Side) -> str:
    """Further sentence on the collapsed runs of a configuration; empty without any."""
    if not side.collapsed:
        return ""
    count = len(side.accuracies)
    subject = "All" if side.collapsed == count else f"{side.collapsed} of"
    return f" {subject} {count} runs of {describe(side.trial)} collapsed below {COLLAPSED_BELOW:.0f} %."


def plan(floor: NoiseFloor | None, gap: float | None) -> str:
    """Noise floor, and the number of seeds that show a difference of `gap` points."""
    if not floor:
        return "That needs two seeds of a configuration at least."
    sentence = (
        f"Two runs of one recipe differ by chance: the deviation between seeds is {floor.deviation:.3f} points "
        f"({floor.configurations} configurations of {floor.scope}, {floor.runs} runs). {finite_test_set(floor.components)}"
    )
    if not gap or gap < 0:
        return f"{sentence} Name a difference above 0."
    return (
        f"To see {gap:g} points with 80 % power takes {needed(gap, floor.deviation)} seeds of each of the two; to show "
        f"two equal ones equivalent within {statistics.MARGIN} points takes {needed(0, floor.deviation)}. {sentence}"
    )


def finite_test_set(components: Components) -> str:
    """Share of the variance between seeds that is drawing the test images, and the deviation on all images."""
    interval = components.share_interval
    return (
        f"About {100 * components.share:.0f} % ({100 * interval.low:.0f} to {100 * interval.high:.0f} %) of this variance is the luck of "
        f"which 10,000 images are tested; on all images of this kind the deviation would be {components.on_all_images:.3f} points."
    )


def needed(gap: float, deviation: float, comparisons: int = 1) -> str:
    """`comparison.seeds_needed`, formatted."""
    return seeds(seeds_needed(gap, deviation, comparisons))
