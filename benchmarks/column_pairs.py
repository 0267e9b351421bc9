"""Simulated pairs of columns of results, one run a value, whose truth is known: the first column is the better one, or neither is."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

PAIRS = 10_000
KINDS = ("normal", "skewed", "unequal")
RUNS = (3, 5, 10)
GAPS = (0, 1, 2)
RATIO = 3  # of the deviations, where they are unequal


@dataclass(frozen=True)
class Case:
    """Kind of the values, runs in either column, and true gap in deviations: where they are unequal, in the root of their mean square."""

    kind: str
    runs: int
    gap: int


CASES = tuple(Case(*one) for one in product(KINDS, RUNS, GAPS))


def drawn(case: Case, count: int = PAIRS) -> tuple[np.ndarray, np.ndarray]:
    """Two columns (count, runs) for every pair; the same case gives the same values."""
    random = np.random.default_rng([KINDS.index(case.kind), case.runs, case.gap])
    a, b = (values(random, case.kind, (count, case.runs)) for _ in range(2))
    if case.kind == "unequal":
        a, b = scaled(a, b, RATIO)
    return a + case.gap, b


def scaled(a: np.ndarray, b: np.ndarray, ratio: float) -> tuple[np.ndarray, np.ndarray]:
    """Columns of which one has `ratio` times the other's deviation, by turns the second and the first."""
    narrow, wide = np.array([1, ratio]) / math.sqrt((1 + ratio**2) / 2)
    is_turned = (np.arange(len(a)) % 2 == 1)[:, None]
    return np.where(is_turned, wide, narrow) * a, np.where(is_turned, narrow, wide) * b


def values(
    random: np.random.Generator, kind: str, shape: tuple[int, int]
) -> np.ndarray:
    """Values of mean 0 and deviation 1; skewed ones are exponential with the tail below, as accuracies have it."""
    if kind == "skewed":
        return 1 - random.exponential(size=shape)
    return random.normal(size=shape)
