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
        a, b = self.samples
        needed = power.seeds_to_decide(
            self.gap.estimate,
            power.of_samples([(1.0, a), (-1.0, b)]),
            self.family,
            self.gap.margin or 0.0,
        )
        return needed and max(
            1, needed - min(len(sample.values) for sample in self.samples)
        )

    @property
    def detectable(self) -> float:
        """Smallest true difference that these seeds show with 80 % power (minimum detectable effect), in points."""
        return power.detectable(self.gap.error, self.gap.df, LEVEL / self.family)

    @property
    def is_by_welch(self) -> bool:
        """True where a variance is unusual, so that both sides have their own (Welch)."""
        return any(sample.is_unusual for sample in self.samples)

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
