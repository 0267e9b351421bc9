"""Simulated false words in the primary family of docs/protocol.md: 15 contrasts over the grid of 3 x 4 x 4 configurations."""

import math
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from benchmarks import chain
from benchmarks.chain import DEVIATION, Errors
from explorer.study.statistics import DIFFERENT, EQUIVALENT, LEVEL, MARGIN, UNDECIDED

SHAPE = (3, 4, 4)  # levels of norm, penalty and batch size
Truth = tuple[tuple[float, ...], ...]  # by factor, the effects of its levels in points
NO_EFFECT: Truth = tuple((0.0,) * count for count in SHAPE)
ON_MARGIN: Truth = tuple(tuple(MARGIN * np.arange(count)) for count in SHAPE)


def _level_weights() -> list[np.ndarray]:
    """By factor, the weights (levels, 48) of the means of its levels."""
    cells = np.array(list(np.ndindex(SHAPE)))
    return [
        np.array([cells[:, factor] == level for level in range(count)])
        * count
        / len(cells)
        for factor, count in enumerate(SHAPE)
    ]


LEVEL_WEIGHTS = _level_weights()
WEIGHTS = np.array(  # (15, 48)
    [a - b for means in LEVEL_WEIGHTS for a, b in combinations(means, 2)]
)


def true_contrasts(truth: Truth) -> np.ndarray:
    """True contrasts (15,) of effects of levels that add up."""
    return np.array([a - b for effects in truth for a, b in combinations(effects, 2)])


@dataclass(frozen=True, eq=False)
class Grids:
    """Simulated grids: deviations of the 15 estimates from the truth, and their errors."""

    noise: np.ndarray  # (D, 15)
    errors: Errors

    @classmethod
    def drawn(
        cls,
        random: np.random.Generator,
        count: int,
        deviation: float = DEVIATION,
        runs: int = 10,
    ) -> "Grids":
        """Grids of normal runs: normal means and chi-square variances of the 48 configurations."""
        configs = WEIGHTS.shape[1]
        means = random.normal(0, deviation / math.sqrt(runs), (count, configs))
        variances = chain.drawn(random, count, np.full(configs, runs), deviation)
        return cls(means @ WEIGHTS.T, chain.contrast([(variances, WEIGHTS)]))

    def words(self, truth: np.ndarray) -> np.ndarray:
        """Outcomes (D, 15) of the family, as `statistics.outcomes`."""
        estimates = self.noise + truth
        is_different = holm(self.errors.p(estimates)) < LEVEL
        is_equivalent = holm(self.errors.p_equivalent(estimates, MARGIN)) < LEVEL
        return np.where(
            is_different, DIFFERENT, np.where(is_equivalent, EQUIVALENT, UNDECIDED)
        )

    def false_words(self, truth: np.ndarray) -> "FalseWords":
        """Shares of grids with a false word. *Different* in the wrong direction is false, too."""
        words, estimates = self.words(truth), self.noise + truth
        is_wrong = np.isclose(truth, 0) | (estimates * truth < 0)
        different = ((words == DIFFERENT) & is_wrong).any(1)
        is_large = np.abs(truth) >= MARGIN - 1e-9
        equivalent = ((words == EQUIVALENT) & is_large).any(1)
        either = float((different | equivalent).mean())
        return FalseWords(
            float(different.mean()), float(equivalent.mean()), either, len(words)
        )


@dataclass(frozen=True)
class FalseWords:
    """Probabilities of a false word in a family, as shares of simulated families."""

    different: float
    equivalent: float
    either: float
    families: int

    @property
    def error(self) -> float:
        """Standard error of `either`."""
        return math.sqrt(self.either * (1 - self.either) / self.families)


def holm(p_values: np.ndarray) -> np.ndarray:
    """P values (D, C) adjusted by Holm's method in every row."""
    order = p_values.argsort(1)
    steps = np.arange(p_values.shape[1], 0, -1)
    ordered = np.take_along_axis(p_values, order, 1) * steps
    adjusted = np.minimum(np.maximum.accumulate(ordered, 1), 1)
    result = np.empty_like(adjusted)
    np.put_along_axis(result, order, adjusted, 1)
    return result


def mixtures() -> list[Truth]:
    """Truths with contrasts that are 0, on the margin, or far from 0; penalty and batch size are alike, so one order of the two."""
    steps = (MARGIN, 1.0)
    three = [
        (0, 0, 0),
        *(
            tuple(step * x for x in pattern)
            for step in steps
            for pattern in ((0, 0, 1), (0, 1, 2))
        ),
    ]
    patterns = ((0, 0, 0, 1), (0, 0, 1, 1), (0, 0, 1, 2), (0, 1, 2, 3))
    four = [
        (0, 0, 0, 0),
        *(tuple(step * x for x in pattern) for step in steps for pattern in patterns),
    ]
    return [
        (norm, penalty, batch)
        for norm, penalty, batch in product(three, four, four)
        if four.index(penalty) <= four.index(batch)
    ]


def worst(grids: Grids, count: int = 1) -> list[Truth]:
    """Mixtures with most false words; to be simulated anew, because the largest of many shares is too large."""
    either = [grids.false_words(true_contrasts(one)).either for one in mixtures()]
    return [mixtures()[index] for index in np.argsort(either)[::-1][:count]]
