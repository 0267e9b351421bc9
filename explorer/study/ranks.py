"""Ranks of groups of runs in simulated studies with one run per group, and what equal groups would give."""

import math
from collections.abc import Sequence

import numpy as np


def simulate_null(
    counts: Sequence[int], studies: int = 200, draws: int = 2000
) -> tuple[float, float]:
    """`simulate` under the null hypothesis that all groups are equal: P(the group with the best mean ranks first), selection bias.

    Means over simulated studies with standard normal runs, so the selection bias is in units of the deviation between
    runs. `counts` are the numbers of runs of the groups.
    """
    random = np.random.default_rng(0)
    simulated = []
    for _ in range(studies):
        groups = [random.normal(size=count) for count in counts]
        groups.sort(key=lambda group: -group.mean())
        probabilities, selection_bias = simulate(groups, draws)
        simulated.append((probabilities[0, 0], selection_bias))
    first, selection_bias = np.mean(simulated, axis=0)
    return float(first), float(selection_bias)


def simulate(
    groups: Sequence[np.ndarray], draws: int = 100_000
) -> tuple[np.ndarray, float]:
    """Simulated studies with one run per group: P(rank) (G, G), groups by ranks with 0 the best, and the winner's selection bias.

    One run of each group is drawn, ties are broken at random. The selection bias is the mean of the winner's run minus the
    mean of its group. Deviations of runs from their group's mean are multiplied by sqrt(n / (n - 1)), so that their
    variance is unbiased.
    """
    random = np.random.default_rng(0)
    runs = np.stack(
        [
            np.mean(group)
            + (random.choice(group, draws) - np.mean(group))
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
    return probabilities, float(excess.mean())
