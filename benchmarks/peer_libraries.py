"""Evidence of libraries that one column of results is better than another, for many pairs at once.

A function takes two columns (P, runs) and returns evidence (P, 2) that the first and that the second is better. Beside it stands the library's own
call for one pair, `<function>_one`: columns (runs,), evidence (2,). Where a library draws at random, both draw the same: a block of
`BLOCK` pairs shares its draws, as the pairs of a user do who sets one seed.
"""

import contextlib
import io
import math
from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np
from scipy import stats

from explorer.study import columns, values
from explorer.study.statistics import LEVEL
from explorer.study.welch_size import Guard

BLOCK = 500
SEED = 1234
ASO_DRAWS = 1000  # deepsig's default
ASO_STEP = 0.005  # likewise
REPS = 2000  # rliable's README, for the probability of improvement
SAMPLES = 50_000  # baycomp's default
RESOLUTION = 1e-9  # ours: one in the last digit of the values, which are not rounded
CUT = 0.25  # the share that rliable's interquartile mean trims on either side


def blocks(a: np.ndarray, b: np.ndarray) -> Iterator[tuple]:
    """Columns (BLOCK, runs) with the number of their block."""
    for start in range(0, len(a), BLOCK):
        part = slice(start, start + BLOCK)
        yield start // BLOCK, a[part], b[part]


def two_sided(p: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """P values (..., 2) of a test of either direction, 1 for the column that is behind."""
    ahead = np.stack([difference > 0, difference < 0], -1)
    return np.where(ahead, np.asarray(p)[..., None], 1)


def welch(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    p = stats.ttest_ind(a, b, axis=-1, equal_var=False).pvalue
    return two_sided(p, a.mean(-1) - b.mean(-1))


def ours(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 for the better column: what is *different* by our judgement, which takes a thousand times as long for what else it says."""
    df = a.shape[1] - 1, b.shape[1] - 1
    guard = Guard.of(*df, LEVEL)
    if not guard.is_smaller_df:
        return (welch(a, b) < guard.level(LEVEL)).astype(float)
    t = stats.ttest_ind(a, b, axis=1, equal_var=False).statistic
    p = 2 * stats.t.sf(np.abs(t), min(df))
    return (two_sided(p, t) < LEVEL).astype(float)


def ours_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    pair = [
        columns.Column(name, one, tuple(range(1, len(one) + 1)), RESOLUTION)
        for name, one in (("a", a), ("b", b))
    ]
    better = values.judge(pair, values.Setting(margin=None)).pairs[0].better
    return np.array([better is one for one in pair], float)


def autorank(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The paired t test where Shapiro and Wilk's test rejects neither column at 0.025, else Wilcoxon's one-sided test for the larger median."""
    normal = [stats.shapiro(column, axis=1).pvalue >= 0.05 / 2 for column in (a, b)]
    student = two_sided(stats.ttest_rel(a, b, axis=1).pvalue, (a - b).mean(1))
    medians = np.median(a, 1) - np.median(b, 1)
    sign = np.sign(medians)[:, None]
    wilcoxon = stats.wilcoxon(sign * a, sign * b, axis=1, alternative="greater")
    ranks = two_sided(wilcoxon.pvalue, medians)
    return np.where((normal[0] & normal[1])[:, None], student, ranks)


def autorank_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    import pandas as pd
    from autorank import autorank as library

    with contextlib.redirect_stdout(io.StringIO()):  # it prints a table
        result = library(pd.DataFrame({"a": a, "b": b}), alpha=0.05)
    centre = "mean" if result.omnibus == "ttest" else "median"
    ahead = result.rankdf[centre]
    return two_sided(result.pvalue, ahead["a"] - ahead["b"])


@cache
def aso_draws(block: int, runs: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions (draws, runs) in the sorted columns, in order: quantiles of uniform numbers, with a seed for every draw."""
    uniform = np.empty((ASO_DRAWS, 2, runs))
    for draw in range(ASO_DRAWS):
        random = np.random.RandomState(aso_seed(block) + draw + 1)
        uniform[draw] = random.uniform(0, 1, (2, runs))
    first, second = np.sort(np.ceil(runs * uniform).astype(int) - 1).swapaxes(0, 1)
    return first, second


def aso_seed(block: int) -> int:
    return SEED + block * ASO_DRAWS


def violation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Violation ratio of "a is better" (...), of sorted columns (..., runs); as in deepsig the first point of the grid counts in the denominator only."""
    runs = a.shape[-1]
    points = np.arange(ASO_STEP, 1, ASO_STEP)
    positions = np.clip(np.ceil(runs * points).astype(int) - 1, 0, runs - 1)
    gaps = b - a
    whole = gaps**2 @ np.bincount(positions).astype(float)
    np.maximum(gaps, 0, out=gaps)
    return gaps**2 @ np.bincount(positions[1:]).astype(float) / whole


def aso_one_way(block: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Upper bound of the violation ratio (P,), `min_eps` of Dror et al. (2019), of sorted columns."""
    first, second = aso_draws(block, a.shape[1])
    spread = violation(a[:, first], b[:, second]).std(1)
    return np.clip(violation(a, b) - spread * stats.norm.ppf(0.05), 0, 1)


def aso(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = np.sort(a), np.sort(b)
    bounds = [
        np.stack([aso_one_way(block, x, y), aso_one_way(block, y, x)], 1)
        for block, x, y in blocks(a, b)
    ]
    return np.concatenate(bounds)


def aso_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from deepsig import aso as library

    ask = partial(library, show_progress=False, seed=aso_seed(0))
    return np.array([ask(a, b), ask(b, a)])


@cache
def resampled(block: int, runs: int, in_turn: bool) -> tuple[np.ndarray, np.ndarray]:
    """Positions (REPS, runs) of rliable's bootstrap: the columns draw by turns where one statistic takes both, else one after the other."""
    random = np.random.RandomState(SEED + block)
    shape = (REPS, 2, runs) if in_turn else (2, REPS, runs)
    drawn = random.randint(0, runs, shape)
    first, second = drawn.swapaxes(0, 1) if in_turn else drawn
    return first, second


def counts(positions: np.ndarray) -> np.ndarray:
    """Numbers of times that every run is drawn (REPS, runs)."""
    return (positions[:, :, None] == np.arange(positions.shape[1])).sum(1).astype(float)


def middle(values: np.ndarray) -> np.ndarray:
    """Percentile interval of 95 % over the last axis, (2, ...)."""
    return np.percentile(values, [2.5, 97.5], axis=-1)


def improvement(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances of the interval of P(a > b) above and below 0.5."""
    limits = []
    for block, x, y in blocks(a, b):
        first, second = map(counts, resampled(block, x.shape[1], True))
        wins = (x[:, :, None] > y[:, None, :]).astype(float)
        shares = ((first @ wins) * second).sum(-1) / x.shape[1] ** 2
        limits.append(middle(shares))
    low, high = np.concatenate(limits, 1)
    return np.stack([low - 0.5, 0.5 - high], 1)


def mean_difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances of the interval of the difference of the means above and below 0."""
    limits = []
    for block, x, y in blocks(a, b):
        first, second = map(counts, resampled(block, x.shape[1], True))
        limits.append(middle((x @ first.T - y @ second.T) / x.shape[1]))
    low, high = np.concatenate(limits, 1)
    return np.stack([low, -high], 1)


def interquartile(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Space between the two intervals of the interquartile mean, in either order."""
    cut = int(CUT * a.shape[1])
    kept = slice(cut, a.shape[1] - cut)
    limits = []
    for block, *pair in blocks(a, b):
        draws = resampled(block, a.shape[1], False)
        both = zip(pair, draws, strict=True)
        means = [np.sort(one[:, draw])[..., kept].mean(-1) for one, draw in both]
        limits.append([middle(one) for one in means])
    (low_a, high_a), (low_b, high_b) = np.concatenate(limits, -1)
    return np.stack([low_a - high_b, low_b - high_a], 1)


def rliable_limits(scores: dict, statistic: Callable) -> dict[str, np.ndarray]:
    from rliable.library import get_interval_estimates

    np.random.seed(SEED)  # the library draws from NumPy's global state
    return get_interval_estimates(scores, statistic, reps=REPS)[1]


def improvement_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from rliable import metrics

    scores = {"a,b": (a[:, None], b[:, None])}
    low, high = rliable_limits(scores, metrics.probability_of_improvement)[
        "a,b"
    ].ravel()
    return np.array([low - 0.5, 0.5 - high])


def mean_difference_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from rliable.metrics import aggregate_mean

    scores = {"a,b": (a[:, None], b[:, None])}
    limits = rliable_limits(scores, lambda x, y: aggregate_mean(x) - aggregate_mean(y))
    low, high = limits["a,b"].ravel()
    return np.array([low, -high])


def interquartile_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from rliable.metrics import aggregate_iqm

    scores = {"a": a[:, None], "b": b[:, None]}
    limits = rliable_limits(scores, lambda x: np.array([aggregate_iqm(x)]))
    (low_a, high_a), (low_b, high_b) = limits["a"].ravel(), limits["b"].ravel()
    return np.array([low_a - high_b, low_b - high_a])


def correlated(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Posterior probabilities of Nadeau and Bengio's corrected t test, with every pair of runs for a fold."""
    runs = a.shape[1]
    gaps = a - b
    error = gaps.std(1, ddof=1) * math.sqrt(1 / runs + 1 / (runs - 1))
    first = stats.t.cdf(gaps.mean(1) / error, runs - 1)
    return np.stack([first, 1 - first], 1)


def correlated_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from baycomp import two_on_single

    return np.array(two_on_single(a, b))


@cache
def rank_weights(runs: int) -> np.ndarray:
    """Products of the Dirichlet weights of two differences (SAMPLES, sums of two); the first difference is the prior's, 0."""
    random = np.random.RandomState(SEED)
    weights = random.dirichlet([0.5, *[1] * runs], SAMPLES).astype(np.float32)
    first, second = np.triu_indices(runs + 1)
    return weights[:, first] * weights[:, second] * np.where(first == second, 1, 2)


def signed_rank(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Shares of the posterior sample in which sums of two differences are more often above 0, and below."""
    gaps = np.concatenate([np.zeros((len(a), 1)), a - b], 1)
    first, second = np.triu_indices(gaps.shape[1])
    above = (np.sign(gaps[:, first] + gaps[:, second]) / 2 + 0.5).astype(np.float32)
    kinds, of_pair = np.unique(above, axis=0, return_inverse=True)
    weights = rank_weights(a.shape[1])
    shares = [(weights @ part.T > 0.5).mean(0) for _, part, _ in blocks(kinds, kinds)]
    better = np.concatenate(shares)[of_pair]
    return np.stack([better, 1 - better], 1)


def signed_rank_one(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from baycomp import SignedRankTest

    return np.array(SignedRankTest.probs(a, b, random_state=SEED))
