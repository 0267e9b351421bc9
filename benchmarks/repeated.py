"""Simulated false verdicts of a visitor who looks at every number of runs (explorer/study/looks.py)."""

import math

import numpy as np
from scipy import special

from benchmarks import chain
from benchmarks.chain import Chain
from explorer.study import looks
from explorer.study.looks import Reference
from explorer.study.statistics import LEVEL

MOST = 30  # runs of the visitor
STUDIES = 20_000  # drawn for a row
SHAPES = {"published": (13, 10), "grid": (48, 10), "learning-rate": (24, 5)}


def reference(drawn: Chain, means: np.ndarray) -> Reference:
    """References as `Reference.of` has them, as arrays (D, 1): the first configuration of studies, with these means (D,) of its runs."""
    is_unusual, runs = drawn.is_unusual[:, 0], int(drawn.runs[0])
    df = np.minimum(drawn.df[:, 0], drawn.pooled_df)
    df = np.where(is_unusual, runs - 1, df)
    variances = np.where(is_unusual, drawn.variances[:, 0], drawn.moderated[:, 0])
    return Reference(means[:, None], runs, variances[:, None], df[:, None])


def verdicts(
    random: np.random.Generator, studies: int, shape: tuple[int, int], ratio: float
) -> dict[str, np.ndarray]:
    """Whether (D,) a visitor who repeats the reference is told *different* at any look, and the like."""
    configs, runs = shape
    deviations = np.array([ratio, *[1.0] * (configs - 1)])
    drawn = chain.drawn(random, studies, np.full(configs, runs), deviations)
    means = random.normal(0, ratio / math.sqrt(runs), studies)
    own = random.normal(0, ratio, (studies, MOST))
    trace = looks.trace(own, reference(drawn, means))
    is_different = np.maximum.accumulate(trace.log_e, -1) >= looks.LOG_LIMIT
    weight = trace.runs * runs / (trace.runs + runs)
    t = np.abs(trace.difference) / trace.deviation * np.sqrt(weight)
    return {
        "e-value": (is_different & ~trace.is_unusual).any(-1),
        "t test": (2 * special.stdtr(trace.df, -t) < LEVEL).any(-1),
        "interval": (np.abs(trace.difference) < trace.half_width).all(-1),
        "no verdict": trace.is_unusual[:, -1],
    }


def rows(seed: int, studies: int = STUDIES) -> list[list[str]]:
    """Rows of the table: study, ratio of deviations, and the shares of `verdicts`."""
    random, table = np.random.default_rng(seed), []
    for ratio in (1.0, 1.76):
        for name, shape in SHAPES.items():
            shares = verdicts(random, studies, shape, ratio).values()
            cells = [
                f"{one.mean():.1%} ± {one.std() / math.sqrt(studies):.1%}"
                for one in shares
            ]
            study = f"`{name}`, {shape[0]} of {shape[1]}"
            table.append([study, f"{ratio:g}", *cells])
    return table
