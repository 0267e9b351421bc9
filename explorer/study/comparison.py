"""Comparisons of configurations by docs/protocol.md, and the numbers of seeds that they need."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import statistics
from explorer.study.components import Components, components
from explorer.study.statistics import (
    DIFFERENT,
    EQUIVALENT,
    Difference,
    Interval,
    StatisticsError,
)
from train.study import ROWS, Trial, studies_of


@dataclass(frozen=True, eq=False)
class Decision:
    """Comparison of two groups of runs: their difference (a - b) in points, and its outcome in a family of comparisons."""

    accuracies: tuple[np.ndarray, np.ndarray]  # percent, one per seed
    gap: Difference
    outcome: str
    family: int  # comparisons that the outcome is corrected for

    @cached_property
    def more_seeds(self) -> int | None:
        """Number of further seeds per group that would decide with 80 % power; None where it is decided, or above `MOST_SEEDS`."""
        if self.outcome in (DIFFERENT, EQUIVALENT):
            return None
        a, b = (float(np.std(values, ddof=1)) for values in self.accuracies)
        needed = statistics.seeds_to_decide(self.gap.estimate, (a, b), self.family)
        return needed and max(1, needed - min(map(len, self.accuracies)))


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
    correct_a, correct_b = (results.correct[results.configs[name]] for name in (a, b))
    side_a = _side(_trial(results, a), correct_a)
    side_b = _side(_trial(results, b), correct_b)
    accuracies = side_a.accuracies, side_b.accuracies
    (decision,) = decide([accuracies])
    superiority, superiority_interval = statistics.superiority(*accuracies)
    return PairwiseComparison(
        side_a,
        side_b,
        decision,
        statistics.crossed_interval(correct_a, correct_b),
        superiority,
        superiority_interval,
        _single_runs(results, a, b),
    )


def decide(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Decision]:
    """Decisions on pairs of groups as one family; accuracies in percent, one per seed. Raises `StatisticsError`."""
    gaps = [statistics.difference(a, b) for a, b in pairs]
    return [
        Decision(pair, gap, outcome, len(pairs))
        for pair, gap, outcome in zip(
            pairs, gaps, statistics.outcomes(gaps), strict=True
        )
    ]


def seeds_needed(gap: float, deviation: float, comparisons: int = 1) -> int | None:
    """Number of seeds per group that show a difference of `gap` points with 80 % power, for a gap of 0 equivalence; None above `MOST_SEEDS`."""
    if gap:
        level = statistics.LEVEL / comparisons
        return statistics.seeds_to_see(gap, deviation, level)
    return statistics.seeds_to_decide(0, (deviation, deviation), comparisons)


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


def _side(trial: Trial, correct: np.ndarray) -> Side:
    """Side of a comparison, from `correct` (seeds, images)."""
    accuracies = 100 * correct.mean(1)
    return Side(
        trial,
        accuracies,
        statistics.mean_interval(accuracies),
        statistics.crossed_interval(correct),
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
