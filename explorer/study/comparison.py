"""Comparisons of configurations by docs/protocol.md, and the numbers of seeds that they need."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import power, statistics, variance
from explorer.study.components import Components, components
from explorer.study.statistics import (
    LEVEL,
    MARGIN,
    UNDECIDED,
    Interval,
    Judgement,
    StatisticsError,
)
from explorer.study.variance import Sample, Samples
from train.study import ROWS, Trial, studies_of


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
        needed = power.seeds_to_decide(
            self.gap.estimate,
            power.of_samples(*self.samples),
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


@dataclass(frozen=True, eq=False)
class Side:
    """One of two compared configurations, with two seeds or more; accuracies in percent, deviations in points."""

    trial: Trial  # of the lowest seed
    accuracies: np.ndarray  # one per seed
    interval: Interval  # of the mean
    new_images: Interval  # of the mean, for new seeds and new images
    independent_deviation: float  # `statistics.independent_deviation`
    components: Components  # of the variance between seeds

    @property
    def mean(self) -> float:
        return float(self.accuracies.mean())

    @property
    def deviation(self) -> float:
        return float(np.std(self.accuracies, ddof=1))

    @property
    def collapsed(self) -> int:
        """Number of runs with an accuracy below `COLLAPSED_BELOW`."""
        return int((self.accuracies < COLLAPSED_BELOW).sum())


@dataclass(frozen=True)
class SingleRuns:
    """Comparison of one run of each configuration, that of its lowest seed, on the same images, as was published."""

    seeds: tuple[int, int]
    only_a: int  # images that only the run of a reads correctly
    only_b: int
    p: float  # McNemar


@dataclass(frozen=True, eq=False)
class PairwiseComparison:
    """Two configurations compared; differences are a - b."""

    a: Side
    b: Side
    decision: Decision
    new_images: Interval  # of the difference, for new seeds and new images
    superiority: float  # the probability that a new run of a beats one of b
    superiority_interval: Interval
    single_runs: SingleRuns


@dataclass(frozen=True)
class NoiseFloor:
    """The deviation between seeds in points, pooled over configurations of which no run collapsed."""

    components: Components  # of its square
    independent: float  # `statistics.independent_deviation`, pooled
    configurations: int
    runs: int
    scope: str  # the studies of the runs

    @property
    def deviation(self) -> float:
        return self.components.deviation


def compare(results: Results, a: str, b: str) -> PairwiseComparison:
    """Comparison of the configurations named `a` and `b`.

    Raises `StatisticsError` with one sentence for an unknown name, the same name twice, or a single seed.
    """
    if not (isinstance(a, str) and isinstance(b, str) and a.strip() and b.strip()):
        raise StatisticsError(
            "Name two trials without their seeds; /trials lists them under config."
        )
    a, b = a.strip(), b.strip()
    for name in (a, b):
        if name not in results.configs:
            raise StatisticsError(_unknown(results, name))
    if a == b:
        raise StatisticsError(f"Choose two different trials: {a} was given twice.")
    for name in (a, b):
        if len(results.configs[name]) < 2:
            raise StatisticsError(
                f"{name} has one seed only, and one run says nothing about the spread between runs: {_train_more(results, name)}"
            )
    side_a, side_b = (_side(results, name) for name in (a, b))
    accuracies = side_a.accuracies, side_b.accuracies
    samples = variance.accuracies(results)
    (decision,) = decide(samples, [(a, b)])
    superiority, superiority_interval = statistics.superiority(*accuracies)
    return PairwiseComparison(
        side_a,
        side_b,
        decision,
        samples.new_images(decision.gap, {a: 1.0, b: -1.0}),
        superiority,
        superiority_interval,
        _single_runs(results, a, b),
    )


def decide(
    samples: Samples, pairs: Sequence[tuple[str, str]], margin: float = MARGIN
) -> list[Decision]:
    """Decisions on pairs of configurations, by name, as one family. Raises `StatisticsError` where one has a single run."""
    groups = [samples.groups({a: 1.0, b: -1.0}) for a, b in pairs]
    judgements = statistics.judge(
        [variance.contrast(sides, margin) for sides in groups]
    )
    return [
        Decision(**vars(judgement), samples=(a, b))
        for judgement, ((_, a), (_, b)) in zip(judgements, groups, strict=True)
    ]


def seeds_needed(gap: float, deviation: float, comparisons: int = 1) -> int | None:
    """Number of seeds per group that show a difference of `gap` points with 80 % power, for a gap of 0 equivalence; None above `power.MOST_SEEDS`."""
    errors = power.alike(deviation)
    if gap:
        return power.seeds_to_see(gap, errors, LEVEL / comparisons)
    return power.seeds_to_decide(0, errors, comparisons)


def noise_floor(results: Results) -> NoiseFloor | None:
    """Noise floor of these runs; None where no configuration has two seeds."""
    groups = [
        results.correct[indices]
        for indices in results.configs.values()
        if len(indices) > 1
        and 100 * results.correct[indices].mean(1).min() >= COLLAPSED_BELOW
    ]
    if not groups:
        return None
    df = [len(group) - 1 for group in groups]
    independent_variances = [
        statistics.independent_deviation(group) ** 2 for group in groups
    ]
    return NoiseFloor(
        components(groups),
        float(np.sqrt(np.average(independent_variances, weights=df))),
        len(groups),
        sum(map(len, groups)),
        results.scope,
    )


def opening(results: Results) -> tuple[str | None, str | None]:
    """Names of the configurations selected at first: published rows 1 and 11 where trained, else the first two with two seeds."""
    names = [trial.config for trial in results.comparable]
    chosen = [ROWS[number - 1].trial.config for number in (1, 11)]
    if not set(chosen) <= set(names):
        chosen = names[:2]
    return (chosen[0], chosen[1]) if len(chosen) == 2 else (None, None)


def _side(results: Results, config: str) -> Side:
    samples = variance.accuracies(results)
    sample = samples.sample(config)
    correct = results.correct[results.configs[config]]
    return Side(
        _trial(results, config),
        sample.values,
        sample.interval,
        samples.mean_on_new_images(config),
        statistics.independent_deviation(correct),
        components([correct]),
    )


def _single_runs(results: Results, a: str, b: str) -> SingleRuns:
    """McNemar's test of the runs of the lowest seeds."""
    correct_a, correct_b = (
        results.correct[results.configs[name][0]] for name in (a, b)
    )
    return SingleRuns(
        (_trial(results, a).seed, _trial(results, b).seed),
        int((correct_a & ~correct_b).sum()),
        int((correct_b & ~correct_a).sum()),
        statistics.mcnemar_p(correct_a, correct_b),
    )


def _trial(results: Results, config: str) -> Trial:
    """Trial of the lowest seed of a configuration."""
    return results.finished[results.configs[config][0]].trial


def _train_more(results: Results, name: str) -> str:
    """Clause with the command that trains more seeds of a configuration."""
    studies = studies_of(_trial(results, name))
    if studies:
        return (
            f"train more with `python train/all.py --study {studies[0]} --only {name}`."
        )
    return "train more with the command that trained it and `--seeds 10`."


def _unknown(results: Results, name: str) -> str:
    """Message for a name that no trained configuration has."""
    config = re.sub(r"_seed=\d+$", "", name)
    if config != name and config in results.configs:
        return f"{name} names one seed: leave it out, {config} is all of them."
    if diverged := results.find(name):
        return f"{diverged.trial.config} diverged, so there is nothing to compare."
    excerpt = name if len(name) <= 80 else f"{name[:80]}..."
    return (
        f"There is no trained trial named {excerpt!r}; /trials lists them under config."
    )
