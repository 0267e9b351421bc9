"""Ranks of groups of runs in simulated studies with one run per group, and what equal groups would give."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Simulated:
    """Mean over simulated studies, and the standard error that the simulation gives it (Monte Carlo error)."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: np.ndarray) -> "Simulated":
        """Mean of one value per study, two or more."""
        error = values.std(ddof=1) / math.sqrt(len(values))
        return cls(float(values.mean()), float(error))


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks in simulated studies with one run per group."""

    probabilities: np.ndarray  # (G, G) groups by ranks, 0 the best
    first: Simulated  # share of the studies in which the first group has the best run
    selection_bias: Simulated  # the winner's run minus the mean of its group


def simulate_null(
    counts: Sequence[int], studies: int = 200, draws: int = 2000
) -> tuple[Simulated, Simulated]:
    """`Ranks.first` of the group with the best mean, and `Ranks.selection_bias`, under the null hypothesis that all groups are equal.

    Over simulated studies with standard normal runs, so the selection bias is in units of the deviation between
    runs. `counts` are the numbers of runs of the groups.
    """
    random = np.random.default_rng(0)
    simulated = []
    for _ in range(studies):
        groups = [random.normal(size=count) for count in counts]
        groups.sort(key=lambda group: -group.mean())
        ranks = simulate(groups, draws)
        simulated.append((ranks.first.mean, ranks.selection_bias.mean))
    first, selection_bias = np.transpose(simulated)
    return Simulated.of(first), Simulated.of(selection_bias)


def simulate(
    groups: Sequence[np.ndarray], draws: int = 100_000, resolution: float = 0.0
) -> Ranks:
    """Ranks in simulated studies with one run per group.

    One run of each group is drawn. What rounding to `resolution` has cut off is drawn anew, so that equal values win equally often. Deviations
    of runs from their group's mean are multiplied by sqrt(n / (n - 1)), so that their variance is unbiased.
    """
    random = np.random.default_rng(0)
    half = resolution / 2
    runs = np.stack(
        [
            np.mean(group)
            + (
                random.choice(group, draws)
                + random.uniform(-half, half, draws)
                - np.mean(group)
            )
            * math.sqrt(len(group) / max(1, len(group) - 1))
            for group in groups
        ]
    )
    order = np.lexsort((random.random(runs.shape), -runs), axis=0)
    rank_of_group = order.argsort(0)
    probabilities = np.stack(
        [(rank_of_group == rank).mean(1) for rank in range(len(groups))], 1
    )
    means = np.array([np.mean(group) for group in groups])
    excess = runs[order[0], np.arange(draws)] - means[order[0]]
    return Ranks(probabilities, Simulated.of(order[0] == 0), Simulated.of(excess))
