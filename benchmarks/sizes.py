"""Simulated size of the test of a difference, and the differences that it detects."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmarks import chain
from benchmarks.chain import Errors, Weighted
from explorer.study import power

LEVELS = {"0.05": 0.05, "0.05 / 15": 0.05 / 15, "0.05 / 78": 0.05 / 78}
STUDIES = 50_000  # drawn for a row
VARIANCE = 0.0044  # points^2: pooled, of the committed runs


@dataclass(frozen=True)
class Size:
    """Rejections of a true null hypothesis as a multiple of the level, with the simulation's standard error."""

    ratio: float
    error: float

    def __str__(self) -> str:
        return f"{self.ratio:.3f} ± {self.error:.3f}"


def size(errors: Errors, true_errors: np.ndarray, level: float) -> Size:
    """Size of the t test with these errors; `true_errors` (C,) or (D, C) are the deviations of the estimates.

    An estimate is independent of the variances of normal runs, so its probability to lie beyond the limit is known for every draw; nothing but the
    variances is simulated. The contrasts of a study are not independent: the standard error is that over studies.
    """
    beyond = 2 * special.ndtr(-errors.critical(level) / true_errors)
    by_study = beyond.mean(1) / level
    return Size(
        float(by_study.mean()), float(by_study.std() / math.sqrt(len(by_study)))
    )


def alternating(count: int, few: int, many: int = 10) -> np.ndarray:
    """Numbers of runs of neighbours."""
    return np.resize([few, many], count)


def families(
    random: np.random.Generator, studies: int
) -> Iterator[tuple[str, str, Weighted]]:
    """Name of studies with equal variances, numbers of runs that are compared, and the pairs."""
    for name, count in (("published", 13), ("grid", 48)):
        drawn = chain.drawn(random, studies, np.full(count, 10))
        yield f"`{name}`, {count} of 10", "10 and 10", [(drawn, chain.pairs(count))]
        for few in (5, 3):
            drawn = chain.drawn(random, studies, alternating(count, few))
            title = f"`{name}`, {count} of {few} and 10 in turn"
            yield title, f"{few} and 10", [(drawn, chain.pairs(count))]
    drawn = chain.drawn(random, studies, np.full(24, 5))
    yield "`learning-rate`, 24 of 5", "5 and 5", [(drawn, chain.pairs(24))]


ACROSS = (  # name and shape of a study: configurations, runs of them
    (("learning-rate", 24, 5), ("grid", 48, 10)),
    (("dose", 3, 10), ("grid", 48, 10)),
    (("small-batch", 9, 10), ("as-run", 12, 10)),
)


def across(
    random: np.random.Generator, studies: int
) -> Iterator[tuple[str, str, Weighted]]:
    """As `families`, for pairs of which either side has its own study."""
    for (name, count, runs), (other, others, other_runs) in ACROSS:
        sides = (
            chain.drawn(random, studies, np.full(count, runs)),
            chain.drawn(random, studies, np.full(others, other_runs)),
        )
        some = min(count, others)
        weights = (np.eye(count)[:some], -np.eye(others)[:some])
        title = (
            f"`{name}`, {count} of {runs}, against `{other}`, {others} of {other_runs}"
        )
        yield title, f"{runs} and {other_runs}", list(zip(sides, weights, strict=True))


def true_errors(groups: Weighted, deviations: np.ndarray | float = 1.0) -> np.ndarray:
    """Deviations (C,) or (D, C) of the estimates, from those between runs, (G,) or (D, G)."""
    return np.sqrt(
        sum((deviations**2 / one.runs) @ (weights**2).T for one, weights in groups)
    )


METHODS = (chain.contrast, chain.moderated, chain.welch)


def equal_variances(seed: int, studies: int = STUDIES) -> list[list[str]]:
    """Rows of the table of sizes where all variances are equal."""
    return [
        [name, runs, *row]
        for name, runs, groups in families(np.random.default_rng(seed), studies)
        for row in _rows(groups, true_errors(groups), METHODS)
    ]


def two_studies(seed: int, studies: int = STUDIES) -> list[list[str]]:
    """Rows of the table of sizes of pairs of two studies, all variances equal."""
    return [
        [name, runs, *row]
        for name, runs, groups in across(np.random.default_rng(seed), studies)
        for row in _rows(groups, true_errors(groups), METHODS)
    ]


def _rows(
    groups: Weighted, true: np.ndarray, methods: Sequence[Callable[[Weighted], Errors]]
) -> list[list[str]]:
    """Level and sizes by method, for every level."""
    errors = [method(groups) for method in methods]
    return [
        [name, *(str(size(one, true, level)) for one in errors)]
        for name, level in LEVELS.items()
    ]


def unequal_variances(seed: int, studies: int = STUDIES // 5) -> list[list[str]]:
    """Rows of the table of sizes in `published` where variances differ."""
    random, runs, rows = np.random.default_rng(seed), np.full(13, 10), []
    for ratio in (1.25, 1.5, 1.76, 2.5):
        deviations = np.array([ratio, *[1.0] * 12])
        drawn = chain.drawn(random, studies, runs, deviations)
        groups = [(drawn, chain.pairs(13)[:1])]
        name = f"a configuration with {ratio} times the deviation of the others"
        true = true_errors(groups, deviations)
        rows += [[name, *row] for row in _rows(groups, true, METHODS)]
    # The model of Smyth's prior, d_0 = 8: all deviations differ.
    deviations = np.sqrt(8 / random.chisquare(8, (studies, 13)))
    groups = [(chain.drawn(random, studies, runs, deviations), chain.pairs(13))]
    name = "any two of 13 whose variances are scaled inverse chi-square, d_0 = 8"
    true = true_errors(groups, deviations)
    return rows + [[name, *row] for row in _rows(groups, true, METHODS)]


def detectable(seed: int, studies: int = STUDIES // 10) -> list[list[str]]:
    """Rows of the table of differences in points that 10 against 10 runs show with 80 % power, and their simulated power."""
    random, rows = np.random.default_rng(seed), []
    error = math.sqrt(VARIANCE * 2 / 10)
    for study, count in (("published", 13), ("grid", 48)):
        drawn = chain.drawn(random, studies, np.full(count, 10), math.sqrt(VARIANCE))
        errors = chain.contrast([(drawn, chain.pairs(count))])
        for name, level in LEVELS.items():
            gap = power.detectable(error, drawn.pooled_df, level)
            shown = special.ndtr((gap - errors.critical(level)) / error).mean()
            row = [f"`{study}`, {drawn.pooled_df} degrees of freedom", name]
            rows.append([*row, f"{gap:.3f}", f"{shown:.1%}"])
    return rows
