"""Decisions on pairs of configurations, judged together as a family by docs/protocol.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from explorer.study import power, statistics, variance
from explorer.study.statistics import LEVEL, MARGIN, UNDECIDED, Judgement
from explorer.study.variance import Sample, Samples


@dataclass(frozen=True, eq=False)
class Decision(Judgement):
    """Comparison of two configurations: their difference (a - b) in points, judged in a family of comparisons."""

    samples: tuple[Sample, Sample]  # percent, one value per seed

    @cached_property
    def more_seeds(self) -> int | None:
        """Number of further seeds per group that would decide with 80 % power if the gap seen were the true one.

        None where it is decided, or above `power.MOST_SEEDS`.
        """
        if self.outcome != UNDECIDED:
            return None
        needed = self.seeds_to_decide(self.gap.estimate)
        return needed and max(1, needed - min(self.gap.seeds))

    def seeds_to_decide(self, gap: float, comparisons: int | None = None) -> int | None:
        """Number of seeds per group that show two configurations to be different or equivalent with 80 % power, if they differ by `gap` points.

        Corrected for `comparisons`, by default for the family. None above `power.MOST_SEEDS`.
        """
        return power.seeds_to_decide(
            gap,
            self._errors,
            comparisons or self.family,
            self.gap.margin or 0.0,
        )

    def seeds_to_see(self, gap: float) -> int | None:
        """Number of seeds per group that show a difference of `gap` points with 80 % power, corrected for the family; None above `power.MOST_SEEDS`."""
        level = LEVEL / self.family
        return power.seeds_to_see(gap, self._errors, level)

    @property
    def _errors(self) -> power.Errors:
        a, b = self.samples
        return power.of_samples([(1.0, a), (-1.0, b)])

    @property
    def detectable(self) -> float:
        """Smallest true difference that these seeds show with 80 % power (minimum detectable effect), in points."""
        return power.detectable(self.gap.error, self.gap.df, LEVEL / self.family)

    @property
    def reversed(self) -> "Decision":
        """Decision on b - a."""
        gap = replace(self.gap, estimate=-self.gap.estimate, seeds=self.gap.seeds[::-1])
        return replace(self, gap=gap, samples=self.samples[::-1])


def decide(
    samples: Samples,
    pairs: Sequence[tuple[str, str]],
    margin: float = MARGIN,
    beside: Sequence[Mapping[str, float]] = (),
) -> list[Decision]:
    """Decisions on pairs of configurations, by name, as one family; `beside` has the weights of its contrasts that are no pairs.

    Raises `StatisticsError` where a configuration has a single run.
    """
    groups = [samples.groups({a: 1.0, b: -1.0}) for a, b in pairs]
    gaps = [variance.contrast(sides, margin) for sides in groups]
    gaps += [samples.gap(weights, margin) for weights in beside]
    return [
        Decision(**vars(judgement), samples=(a, b))
        for judgement, ((_, a), (_, b)) in zip(
            statistics.judge(gaps), groups, strict=False
        )
    ]


def by_welch(family: Sequence[Decision]) -> list[str]:
    """Outcomes of a family of pairs in which every configuration has its own variance: a sensitivity check."""
    return statistics.outcomes(
        [
            variance.welch([(1.0, a), (-1.0, b)], decision.gap.margin)
            for decision in family
            for a, b in [decision.samples]
        ]
    )
