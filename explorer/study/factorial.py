"""The grid as a factorial design of norm, penalty and batch size: primary contrasts, simple effects, and tests of interactions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy import stats

from explorer.runs.results import REGULARISERS
from explorer.study import statistics
from explorer.study.families import Contrast
from explorer.study.statistics import StatisticsError
from explorer.study.variance import Samples
from train.study import GRID, GRID_BATCH_SIZES, STUDIES

STUDY = "grid"
FACTORS = ("norm", "penalty", "batch size")
LEVELS = (
    STUDIES[STUDY].norms,
    REGULARISERS,
    tuple(f"batch {size}" for size in GRID_BATCH_SIZES),
)
Cell = tuple[str, str, str]  # a level of each of `FACTORS`
NO_PENALTY = REGULARISERS[0]
WITH_L1 = {NO_PENALTY: "L1", "L2": "L1 + L2"}  # penalties without L1, and with it
WITH_L2 = {NO_PENALTY: "L2", "L1": "L1 + L2"}


def cells(samples: Samples) -> dict[Cell, str]:
    """Configurations of the grid with two runs or more that did not collapse, by their levels."""
    return {
        (trial.norm, trial.regulariser, f"batch {trial.batch_size}"): trial.config
        for trial in GRID
        if len(samples.values.get(trial.config, ())) > 1
        and trial.config not in samples.results.collapsed
    }


def primary(samples: Samples) -> list[Contrast]:
    """Contrasts of the primary family: all pairs of levels of norm, penalty and batch size over the grid."""
    return [
        contrast for factor in FACTORS for contrast in _pairs(cells(samples), factor)
    ]


def simple(samples: Samples, factor: str, by: str) -> list[Contrast]:
    """Simple effects: the pairs of levels of a factor at each level of another."""
    grid, index = cells(samples), FACTORS.index(by)
    return [
        contrast
        for level in LEVELS[index]
        for contrast in _pairs(
            {cell: grid[cell] for cell in grid if cell[index] == level},
            factor,
            level_name(level),
        )
    ]


def penalty_by_batch(samples: Samples, pairs: dict[str, str]) -> list[Contrast]:
    """Contrasts without minus with a penalty (`WITH_L1` or `WITH_L2`) over norms and the other penalty, at each batch size."""
    name = pairs[NO_PENALTY]
    return [
        contrast
        for batch in LEVELS[2]
        for contrast in [_penalty(cells(samples), pairs, name, batch)]
        if contrast.weights
    ]


def _penalty(
    grid: dict[Cell, str], pairs: dict[str, str], name: str, batch: str
) -> Contrast:
    def other(cell: Cell) -> Cell | None:
        norm, penalty, size = cell
        return (norm, pairs[penalty], size) if penalty in pairs else None

    at = {cell: config for cell, config in grid.items() if cell[2] == batch}
    return Contrast(f"no {name}", name, _weights(at, other), batch)


def _pairs(grid: dict[Cell, str], factor: str, setting: str = "") -> Iterator[Contrast]:
    """All pairs of levels of a factor over the settings that both have, with equal weights."""
    index = FACTORS.index(factor)
    for first, second in combinations(LEVELS[index], 2):

        def other(cell: Cell, first=first, second=second) -> Cell | None:
            if cell[index] != first:
                return None
            changed = list(cell)
            changed[index] = second
            return (changed[0], changed[1], changed[2])

        if weights := _weights(grid, other):
            yield Contrast(level_name(first), level_name(second), weights, setting)


def level_name(level: str) -> str:
    return "no penalty" if level == NO_PENALTY else level


def _weights(
    grid: dict[Cell, str], other: Callable[[Cell], Cell | None]
) -> dict[str, float]:
    """Weights of the settings in which both a cell and its counterpart are trained."""
    settings = [
        (config, grid[counterpart])
        for cell, config in grid.items()
        if (counterpart := other(cell)) in grid
    ]
    return {
        config: sign / len(settings)
        for pair in settings
        for sign, config in zip((1, -1), pair, strict=True)
    }


@dataclass(frozen=True)
class Interaction:
    """F test of the interaction of two factors over the grid, with moderated variances."""

    factors: tuple[str, str]
    f: float
    df: tuple[int, int]  # degrees of freedom
    p: float  # adjusted for the three interactions (Holm)


def interactions(samples: Samples) -> list[Interaction]:
    """The three two-way interactions. Raises `StatisticsError` where a configuration of the grid lacks two runs or collapsed."""
    grid = cells(samples)
    every = list(product(*LEVELS))
    if set(grid) != set(every):
        raise StatisticsError("The grid has too few seeds yet.")
    runs = [samples.sample(grid[cell], STUDY) for cell in every]
    means = np.array([sample.mean for sample in runs])
    variances = np.array([sample.variance / len(sample.values) for sample in runs])
    prior = samples.priors[STUDY]
    df = prior.pooled_df if prior else 0
    tested = []
    for pair in combinations(range(len(FACTORS)), 2):
        contrasts = _interaction(pair)
        estimate = contrasts @ means
        covariance = (contrasts * variances) @ contrasts.T
        count = len(contrasts)
        f = float(estimate @ np.linalg.solve(covariance, estimate)) / count
        tested.append((pair, f, count))
    adjusted = statistics.holm([stats.f.sf(f, count, df) for _, f, count in tested])
    return [
        Interaction((FACTORS[a], FACTORS[b]), f, (count, df), p)
        for ((a, b), f, count), p in zip(tested, adjusted, strict=True)
    ]


def _interaction(pair: tuple[int, int]) -> np.ndarray:
    """Contrasts (q, cells) that are 0 where two factors do not interact: differences of differences, averaged over the third."""
    factors = [
        np.eye(len(levels))[1:] - np.eye(len(levels))[0]
        if index in pair
        else np.full((1, len(levels)), 1 / len(levels))
        for index, levels in enumerate(LEVELS)
    ]
    return np.kron(np.kron(factors[0], factors[1]), factors[2])
