"""Comparisons of configurations by the protocol, and how many seeds they take."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import statistics
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
    """Two groups of runs by the protocol: their difference (a - b) in points, and its outcome in a family of comparisons."""

    accuracies: tuple[np.ndarray, np.ndarray]  # percent, one per seed
    gap: Difference
    outcome: str
    family: int  # comparisons that the outcome is corrected for

    @cached_property
    def more_seeds(self) -> int | None:
        """Number of further seeds of each that would decide; None where it is decided, or where a thousand would not."""
        if self.outcome in (DIFFERENT, EQUIVALENT):
            return None
        a, b = (float(np.std(values, ddof=1)) for values in self.accuracies)
        needed = statistics.seeds_to_decide(self.gap.estimate, (a, b), self.family)
        return needed and max(1, needed - min(map(len, self.accuracies)))


@dataclass(frozen=True, eq=False)
class Side:
    """A configuration with two seeds or more; accuracies in percent, deviations in points."""

    trial: Trial  # of the lowest seed
    accuracies: np.ndarray  # one per seed
    interval: Interval  # of the mean
    new_images: Interval  # of the mean on other images of their kind
    independent_deviation: float  # what independent errors would give

    @property
    def mean(self) -> float:
        return float(self.accuracies.mean())

    @property
    def deviation(self) -> float:
        return float(np.std(self.accuracies, ddof=1))

    @property
    def collapsed(self) -> int:
        """Number of runs that learned nothing that a mean could use."""
        return int((self.accuracies < COLLAPSED_BELOW).sum())


@dataclass(frozen=True)
class SingleRuns:
    """What the published kind of comparison would have seen: one run each, of the lowest seed, on the same images."""

    seeds: tuple[int, int]
    only_a: int  # images that only the run of a reads
    only_b: int
    p: float  # McNemar


@dataclass(frozen=True, eq=False)
class PairwiseComparison:
    """Two configurations by the protocol; differences are a - b."""

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

    deviation: float
    independent: float  # what independent errors predict
    configurations: int
    runs: int
    scope: str  # the studies of the runs


def compare(results: Results, a: str, b: str) -> PairwiseComparison:
    """Two configurations by the protocol.

    Raises `StatisticsError` with one sentence for a name that is not there, the same one twice, or a single seed.
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
    one, other = (results.correct[results.configs[name]] for name in (a, b))
    side, beside = _side(_trial(results, a), one), _side(_trial(results, b), other)
    accuracies = side.accuracies, beside.accuracies
    (decision,) = decide([accuracies])
    superiority, interval = statistics.superiority(*accuracies)
    return PairwiseComparison(
        side,
        beside,
        decision,
        statistics.crossed_interval(one, other),
        superiority,
        interval,
        _single_runs(results, a, b),
    )


def decide(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Decision]:
    """A family of pairs of groups of accuracies in percent, one value per seed. Raises `StatisticsError`."""
    gaps = [statistics.difference(a, b) for a, b in pairs]
    return [
        Decision(pair, gap, outcome, len(pairs))
        for pair, gap, outcome in zip(
            pairs, gaps, statistics.outcomes(gaps), strict=True
        )
    ]


def seeds_needed(gap: float, deviation: float, comparisons: int = 1) -> int | None:
    """How many seeds show a difference of `gap` points with 80 % power, or for a gap of 0 equivalence; None where a thousand do not."""
    if gap:
        level = statistics.LEVEL / comparisons
        return statistics.seeds_to_see(gap, deviation, level)
    return statistics.seeds_to_decide(0, (deviation, deviation), comparisons)


def noise_floor(results: Results) -> NoiseFloor | None:
    """The noise floor of these runs; None where no configuration has two seeds."""
    arms = [
        results.correct[places]
        for places in results.configs.values()
        if len(places) > 1
        and 100 * results.correct[places].mean(1).min() >= COLLAPSED_BELOW
    ]
    if not arms:
        return None
    df = [len(arm) - 1 for arm in arms]
    seen = [(100 * arm.mean(1)).var(ddof=1) for arm in arms]
    predicted = [statistics.independent_deviation(arm) ** 2 for arm in arms]
    return NoiseFloor(
        float(np.sqrt(np.average(seen, weights=df))),
        float(np.sqrt(np.average(predicted, weights=df))),
        len(arms),
        sum(map(len, arms)),
        results.scope,
    )


def opening(results: Results) -> tuple[str | None, str | None]:
    """The pair to begin with: published rows 1 and 11 where they are trained, else the first two that can be compared."""
    names = [trial.config for trial in results.comparable]
    wanted = [ROWS[number - 1].trial.config for number in (1, 11)]
    if not set(wanted) <= set(names):
        wanted = names[:2]
    return (wanted[0], wanted[1]) if len(wanted) == 2 else (None, None)


def _side(trial: Trial, correct: np.ndarray) -> Side:
    """A configuration from `correct` (seeds, images)."""
    accuracies = 100 * correct.mean(1)
    return Side(
        trial,
        accuracies,
        statistics.mean_interval(accuracies),
        statistics.crossed_interval(correct),
        statistics.independent_deviation(correct),
    )


def _single_runs(results: Results, a: str, b: str) -> SingleRuns:
    one, other = (results.correct[results.configs[name][0]] for name in (a, b))
    return SingleRuns(
        (_trial(results, a).seed, _trial(results, b).seed),
        int((one & ~other).sum()),
        int((other & ~one).sum()),
        statistics.pairs_p(one, other),
    )


def _trial(results: Results, config: str) -> Trial:
    return results.finished[results.configs[config][0]].trial


def _train_more(results: Results, name: str) -> str:
    """A sentence on how to train more seeds of a configuration."""
    studies = studies_of(_trial(results, name))
    if studies:
        return (
            f"train more with `python train/all.py --study {studies[0]} --only {name}`."
        )
    return "train more with the command that trained it and `--seeds 10`."


def _unknown(results: Results, name: str) -> str:
    bare = re.sub(r"_seed=\d+$", "", name)
    if bare != name and bare in results.configs:
        return f"{name} names one seed: leave it out, {bare} is all of them."
    if diverged := results.find(name):
        return f"{diverged.trial.config} diverged, so there is nothing to compare."
    shown = name if len(name) <= 80 else f"{name[:80]}..."
    return (
        f"There is no trained trial named {shown!r}; /trials lists them under config."
    )
