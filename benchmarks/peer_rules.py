"""Rules by which libraries, Welch's test and ours call one column of results better: the call, and the threshold of its evidence."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import peer_libraries as libraries

Evidence = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Rule:
    """Evidence for either column, for many pairs and by the library for one, and the evidence that suffices for "better"."""

    name: str
    package: str  # "" of our own and of SciPy's test
    call: str
    better: str
    many: Evidence
    one: Evidence
    suffices: Callable[[np.ndarray], np.ndarray]
    checked: int = 20  # pairs of a case for which the library itself is called
    least: int = 2  # runs that it needs

    def check(self, a: np.ndarray, b: np.ndarray, evidence: np.ndarray):
        """Raises `ValueError` where the library has other evidence (P, 2) for the first pairs of the columns (P, runs)."""
        for index in range(self.checked):
            own = self.one(a[index], b[index])
            if not np.allclose(evidence[index], own, rtol=0, atol=1e-6):
                raise ValueError(f"{self.name}: {evidence[index]}, the library {own}")

    def verdicts(self, evidence: np.ndarray) -> np.ndarray:
        """1 where the first column is called better, -1 where the second is, 0 where neither is (P,)."""
        first, second = self.suffices(evidence).T
        return first.astype(int) - second


def below(limit: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda evidence: evidence < limit


def above(limit: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda evidence: evidence > limit


OURS = Rule(
    "ours",
    "",
    "`explorer.study.values.judge`",
    "*different*, and its mean is the better one",
    libraries.ours,
    libraries.ours_one,
    above(0.5),
    checked=300,
)
WELCH = Rule(
    "Welch alone",
    "scipy",
    "`stats.ttest_ind(a, b, equal_var=False)`",
    "two-sided p below 0.05",
    libraries.welch,
    libraries.welch,
    below(0.05),
)
AUTORANK = Rule(
    "autorank",
    "autorank",
    "`autorank(data, alpha=0.05)`",
    "p below 0.05 in the test that it chooses: the paired t test where Shapiro and Wilk's test rejects neither column at 0.025, "
    "else Wilcoxon's signed-rank test, one-sided for the column with the larger median. Needs 5 runs",
    libraries.autorank,
    libraries.autorank_one,
    below(0.05),
    least=5,
)
RULES = (
    OURS,
    WELCH,
    AUTORANK,
    *(
        Rule(
            f"deep-significance, {limit}",
            "deepsig",
            "`aso(a, b, confidence_level=0.95, num_bootstrap_iterations=1000)`, and `aso(b, a)`",
            f"`min_eps` below {limit}, {advice}",
            libraries.aso,
            libraries.aso_one,
            below(limit),
            checked=1,
        )
        for limit, advice in (
            (0.2, "as its documentation recommends"),
            (0.5, "the weakest that its documentation allows"),
        )
    ),
    Rule(
        "rliable, improvement",
        "rliable",
        "`get_interval_estimates({'a,b': (a, b)}, metrics.probability_of_improvement, reps=2000)`",
        "the 95 % interval lies on one side of 0.5",
        libraries.improvement,
        libraries.improvement_one,
        above(0),
        checked=1,
    ),
    Rule(
        "rliable, means",
        "rliable",
        "the same with the difference of two `metrics.aggregate_mean`",
        "the 95 % interval lies on one side of 0",
        libraries.mean_difference,
        libraries.mean_difference_one,
        above(0),
        checked=1,
    ),
    Rule(
        "rliable, two intervals",
        "rliable",
        "`get_interval_estimates({'a': a, 'b': b}, metrics.aggregate_iqm, reps=2000)`",
        "the two 95 % intervals, as its plots show them, do not overlap",
        libraries.interquartile,
        libraries.interquartile_one,
        above(0),
        checked=1,
    ),
    Rule(
        "baycomp, t test",
        "baycomp",
        "`two_on_single(a, b, rope=0)`",
        "probability above 0.95. It takes the runs for folds of a cross-validation",
        libraries.correlated,
        libraries.correlated_one,
        above(0.95),
    ),
    Rule(
        "baycomp, signed ranks",
        "baycomp",
        "`SignedRankTest.probs(a, b, rope=0)`",
        "probability above 0.95. It takes the runs for data sets",
        libraries.signed_rank,
        libraries.signed_rank_one,
        above(0.95),
        checked=1,
    ),
)
