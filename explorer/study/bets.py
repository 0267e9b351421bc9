"""Pairs of single runs to bet on: one whose gap is luck, and one with the same gap whose difference is real."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from explorer.runs.results import Results
from explorer.study import comparison
from explorer.study.comparison import PairwiseComparison
from explorer.study.statistics import DIFFERENT
from train.study import Trial

SEEDS = 5  # of each configuration, at least
ROUNDED = 2  # decimals of an accuracy in percent, as it is shown


@dataclass(frozen=True, eq=False)
class Bet:
    """Two configurations, and for each the place of one run among its seeds; the run of a reads more digits."""

    result: PairwiseComparison
    runs: tuple[int, int]

    @property
    def gap(self) -> float:
        """Difference of the two runs in points."""
        first, second = self.runs
        return float(self.result.a.accuracies[first] - self.result.b.accuracies[second])


def bets(results: Results) -> list[Bet]:
    """At most two bets.

    The first has the largest gap between a run of one norm and a run of another, without a penalty and at one batch size, where
    the first norm is not better on average. The second has two configurations that differ in a penalty only, the pair with the
    largest mean difference, and runs whose gap is nearest to that of the first.
    """
    trials = [
        trial
        for trial in results.core.comparable
        if trial.config not in results.core.collapsed
        and len(_accuracies(results, trial)) >= SEEDS
    ]
    found = []
    for chosen in (_luck(results, trials), _real(results, trials)):
        pair = max(chosen, default=None)
        if pair is None:
            continue
        _, a, b = pair
        result = comparison.compare(results, a, b)
        if not found or result.decision.outcome == DIFFERENT:
            wanted = found[0].gap if found else np.inf
            found.append(Bet(result, _runs(result, wanted)))
    return found


def _accuracies(results: Results, trial: Trial) -> np.ndarray:
    core = results.core
    return np.array([core.accuracies[index][1] for index in core.configs[trial.config]])


def _luck(results: Results, trials: list[Trial]) -> Iterator[tuple[float, str, str]]:
    """Gap of the best run of one norm over the worst of another that is better on average, and the names of both."""
    plain = [trial for trial in trials if trial.regulariser == "none"]
    for a, b in permutations(plain, 2):
        first, second = _accuracies(results, a), _accuracies(results, b)
        alike = (a.batch_size, a.lr) == (b.batch_size, b.lr) and a.norm != b.norm
        if alike and first.mean() <= second.mean():
            yield float(first.max() - second.min()), a.config, b.config


def _real(results: Results, trials: list[Trial]) -> Iterator[tuple[float, str, str]]:
    """Mean difference between no penalty and one, and the names of both."""
    for a, b in permutations(trials, 2):
        alike = (a.norm, a.batch_size, a.lr) == (b.norm, b.batch_size, b.lr)
        if alike and a.regulariser == "none" != b.regulariser:
            first, second = _accuracies(results, a), _accuracies(results, b)
            yield float(first.mean() - second.mean()), a.config, b.config


def _runs(result: PairwiseComparison, gap: float) -> tuple[int, int]:
    """Places of the two runs whose gap in points is nearest to `gap`, above 0 where there is one; infinite: the largest."""
    gaps = np.round(
        np.subtract.outer(result.a.accuracies, result.b.accuracies), ROUNDED
    )
    distance = -gaps if np.isinf(gap) else np.where(gaps > 0, abs(gaps - gap), np.inf)
    first, second = np.unravel_index(distance.argmin(), gaps.shape)
    return int(first), int(second)
