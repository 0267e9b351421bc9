"""Sentences about comparisons of configurations: the verdict on two, and the noise floor."""

from explorer.runs.descriptions import describe
from explorer.study.comparison import (
    NoiseFloor,
    PairwiseComparison,
    Side,
    seeds_needed,
)
from explorer.study.components import Components
from explorer.study.decisions import Decision
from explorer.study.statistics import DIFFERENT, EQUIVALENT, Interval
from explorer.study.wording import numbers
from explorer.study.wording.numbers import seeds


def verdict(comparison: PairwiseComparison) -> str:
    """Outcome of a comparison in the family of its pair, with the difference of the means."""
    result = comparison.decision
    if result.outcome == DIFFERENT:
        return _different(comparison)
    if result.outcome == EQUIVALENT:
        return f"Equivalent within {result.gap.margin:g} points: {_numbers(comparison)}"
    gap, best = result.gap.estimate, "A"
    interval = result.interval
    if gap < 0:
        gap, best, interval = -gap, "B", Interval(-interval.high, -interval.low)
    return (
        f"Too close to call: {best} reads {_points(gap)} points more ({_span(interval)}); with "
        f"{_seeds(result)} a difference of {result.detectable:.2f} would be seen{_more(result)}."
    )


def _points(value: float, sign: str = "") -> str:
    """Points with two digits, or three where those would show 0."""
    return f"{value:{sign}.{2 if abs(value) >= 0.005 else 3}f}"


def _span(interval: Interval) -> str:
    return f"{_points(interval.low, '+')} to {_points(interval.high, '+')}"


def _different(comparison: PairwiseComparison) -> str:
    sides, new_images = [comparison.a, comparison.b], comparison.new_images
    if comparison.decision.gap.estimate < 0:  # the better one first
        sides.reverse()
    better, worse = (describe(side.trial) for side in sides)
    sentence = f"Different, {better} reads better than {worse}: {_numbers(comparison)}"
    if new_images.low < 0 < new_images.high:
        sentence += f" On new images it might not: ± {new_images.half_width:.2f} there."
    return sentence


def _numbers(comparison: PairwiseComparison) -> str:
    """Means, their difference and the numbers of seeds; the better mean first where they differ."""
    result = comparison.decision
    means = [comparison.a.mean, comparison.b.mean]
    if result.outcome == DIFFERENT and result.gap.estimate < 0:
        means.reverse()
        result = result.reversed
    gap = abs(result.gap.estimate)
    # A third digit where the rounded means do not differ by the rounded difference.
    discrepancy = abs(round(means[0], 2) - round(means[1], 2)) - round(gap, 2)
    digits = 2 if abs(discrepancy) < 0.005 else 3
    half = f" ± {result.interval.half_width:.{digits}f}"
    # Equivalence has a test of its own, which this interval could contradict.
    shown = half if result.outcome == DIFFERENT else ""
    return f"{means[0]:.{digits}f} against {means[1]:.{digits}f}, difference {gap:.{digits}f}{shown}, {_seeds(result)}."


def _seeds(result: Decision) -> str:
    first, second = result.gap.seeds
    return f"{first} seeds each" if first == second else f"{first} and {second} seeds"


def _more(result: Decision) -> str:
    """Clause on the seeds that see a difference of the margin, where these do not."""
    margin = result.gap.margin or 0.0
    if result.detectable <= margin:
        return ""
    return f", {margin:g} would take {seeds(result.seeds_to_see(margin))}"


def notes(comparison: PairwiseComparison) -> str:
    """Correction of the verdict, the p value of the pair by itself, and what is unusual about its runs."""
    result, family = comparison.decision, comparison.family
    corrected = (
        f"The verdict and its interval are corrected for the {len(family):,} {family.scope} that one could have picked."
        if len(family) > 1
        else "The verdict is on this pair alone."
    )
    sentences = [
        corrected,
        f"By itself the pair has the interval {_span(result.gap.interval)} and p {numbers.p_equals(result.gap.p)}: if there were "
        f"no difference, a gap this large would come up in {numbers.share(result.gap.p)} of such comparisons.",
    ]
    unusual = [
        name
        for name, sample in zip("AB", result.samples, strict=True)
        if sample.is_unusual
    ]
    if unusual:
        sentences.append(
            f"The seeds of {' and of '.join(unusual)} vary more than those of the same study, so each side is judged by the "
            "variance of its own seeds (Welch's test)."
        )
    return " ".join(
        [*sentences, *map(_collapsed, (comparison.a, comparison.b))]
    ).strip()


def _collapsed(side: Side) -> str:
    """Sentence on the collapsed runs of a configuration; empty without any."""
    if not side.collapsed:
        return ""
    count = len(side.accuracies)
    subject = "All" if side.collapsed == count else f"{side.collapsed} of"
    return f"{subject} {count} runs of {describe(side.trial)} collapsed below {side.trial.data.collapsed_below:.0f} %."


def plan(comparison: PairwiseComparison, gap: float | None) -> str:
    """Number of seeds that decide whether two configurations differ by `gap` points, and what their present seeds can show."""
    result, family = comparison.decision, comparison.family
    at_hand = (
        f"With the seeds at hand ({_seeds(result)}) a difference of {result.detectable:.2f} points or more would be seen with "
        "80 % power."
    )
    if not gap or not gap > 0:
        return f"Name a difference from 0.005 to 10 points. {at_hand}"
    alone = seeds(result.seeds_to_decide(gap, comparisons=1))
    takes = f"{alone} seeds of each"
    if len(family) > 1:
        takes = (
            f"{seeds(result.seeds_to_decide(gap))} seeds of each, corrected for the {len(family):,} {family.scope}; for this "
            f"pair alone it would take {alone}"
        )
    return (
        f"If A and B truly differ by {gap:g} points, a verdict with 80 % power (different, or equivalent within "
        f"{result.gap.margin:g} points) takes {takes}. {at_hand}"
    )


def noise(floor: NoiseFloor | None) -> str:
    """Noise floor; empty for None."""
    if not floor:
        return ""
    return (
        f"Two runs of one recipe differ by chance: the deviation between seeds is {floor.deviation:.3f} points "
        f"({floor.configurations} configurations of {floor.scope}, {floor.runs} runs). {finite_test_set(floor.components)}"
    )


def finite_test_set(components: Components) -> str:
    """Share of the variance between seeds that is drawing the test images, and the deviation on all images."""
    interval = components.share_interval
    return (
        f"About {100 * components.share:.0f} % ({100 * interval.low:.0f} to {100 * interval.high:.0f} %) of this variance is the luck of "
        f"which 10,000 images are tested; on all images of this kind the deviation would be {on_all_images(components)} points."
    )


def on_all_images(components: Components) -> str:
    """Deviation between seeds on all images, in points; "0" where drawing the images alone explains as much as is seen."""
    return f"{components.on_all_images:.3f}" if components.on_all_images else "0"


def needed(gap: float, deviation: float, comparisons: int = 1) -> str:
    """`comparison.seeds_needed`, formatted."""
    return seeds(seeds_needed(gap, deviation, comparisons))
