"""Statistics against scipy, statsmodels, published worked examples and simulation."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_ind

from explorer.study import statistics
from explorer.study.statistics import (
    DIFFERENT,
    EQUIVALENT,
    UNDECIDED,
    StatisticsError,
    difference,
)

A = np.array([99.41, 99.36, 99.45, 99.38, 99.43])
B = np.array([99.35, 99.40, 99.31, 99.29, 99.37, 99.33, 99.30])


def sample(size: int, mean: float, deviation: float) -> np.ndarray:
    """Sample with exactly this mean and standard deviation."""
    values = np.random.default_rng(size).normal(size=size)
    return mean + deviation * (values - values.mean()) / values.std(ddof=1)


def test_the_interval_of_a_mean_is_that_of_a_worked_example():
    # NIST/SEMATECH e-Handbook 1.3.5.2, ZARR13.DAT: N = 195, mean 9.261460, sd 0.022789: 9.258242 to 9.264679.
    interval = statistics.mean_interval(sample(195, 9.261460, 0.022789))
    assert (interval.low, interval.high) == pytest.approx(
        (9.258242, 9.264679), abs=2e-6
    )


def test_the_interval_of_a_deviation_contains_it_as_often_as_it_says():
    random = np.random.default_rng(1)
    intervals = [
        statistics.deviation_interval(random.normal(0, 2, 6)) for _ in range(4000)
    ]
    covers = [interval.low < 2 < interval.high for interval in intervals]
    assert 0.94 < np.mean(covers) < 0.96


def test_one_stratum_is_welch_and_two_one_sided_tests():
    gap = difference(A, B)
    welch = stats.ttest_ind(A, B, equal_var=False)
    assert gap.p == pytest.approx(welch.pvalue)
    welch_interval = welch.confidence_interval()
    assert (gap.interval.low, gap.interval.high) == pytest.approx(tuple(welch_interval))
    tost = ttost_ind(A, B, -0.05, 0.05, usevar="unequal")[0]
    assert gap.p_equivalent == pytest.approx(tost)
    assert gap.seeds == (5, 7)


def test_welch_of_a_worked_example():
    # NIST/SEMATECH e-Handbook 1.3.5.3, AUTO83B.DAT: t = -12.94627 with 136.8750 degrees of freedom.
    groups = [
        sample(249, 20.14458, 6.414700),
        sample(79, 30.48101, 6.107710),
    ]
    gap = difference(*groups)
    assert gap.estimate / gap.error == pytest.approx(-12.94627, abs=1e-4)
    assert gap.df == pytest.approx(136.8750, abs=1e-3)


def test_strata_are_weighed_and_a_group_on_both_sides_counts_once():
    unstratified = difference(A, B)
    strata = [(0.5, A), (-0.5, B), (0.5, A + 7), (-0.5, B + 7.2)]
    gap = statistics.contrast(strata)
    assert gap.estimate == pytest.approx(unstratified.estimate - 0.1)
    assert gap.error == pytest.approx(unstratified.error / np.sqrt(2))
    assert gap.df == pytest.approx(2 * unstratified.df)
    assert gap.seeds == (10, 14)
    # Both strata share the runs of one side, whose variance is therefore not halved.
    shared = statistics.contrast([(0.5, A), (0.5, A + 1), (-1.0, B)])
    variance = A.var(ddof=1) / 5 / 2 + B.var(ddof=1) / 7
    assert shared.error == pytest.approx(np.sqrt(variance))
    assert shared.seeds == (10, 7)


def test_runs_that_tie_have_the_spread_of_rounding():
    flat = np.array([99.41, 99.41])
    assert difference(flat, flat).p == 1
    step = difference(flat, flat + 0.01)
    assert step.error == pytest.approx(0.01 / np.sqrt(12))
    assert step.p > 0.05  # two seeds that tie do not prove a difference of one image
    assert difference(flat + 1, flat).p < 0.001
    assert difference(flat + 1, flat).p_equivalent > 0.99
    exact = statistics.contrast([(1.0, flat), (-1.0, flat)], 0.05, resolution=0)
    assert (exact.p, exact.p_equivalent) == (1, 0)
    exact = statistics.contrast([(1.0, flat + 1), (-1.0, flat)], 0.05, resolution=0)
    assert (exact.p, exact.p_equivalent) == (0, 1)


def test_the_contrast_of_deviations_covers_and_is_that_of_the_f_distribution():
    random = np.random.default_rng(5)
    margin = 0.223
    covered, false_positives = 0, 0
    for _ in range(1000):
        strata = [
            (sign / 8, scale * ratio * random.normal(size=3))
            for scale in np.geomspace(0.1, 10, 8)
            for sign, ratio in ((1, 2.0), (-1, 1.0))
        ]
        gap = statistics.deviations_contrast(strata, margin)
        covered += gap.interval.low <= np.log(2) <= gap.interval.high
        equal = [
            (weight, values / (2 if weight > 0 else 1)) for weight, values in strata
        ]
        false_positives += statistics.deviations_contrast(equal, margin).p < 0.05
    assert 930 <= covered <= 970
    assert false_positives <= 70
    # With one stratum and many runs the interval is that of a ratio of variances.
    a, b = 2 * random.normal(size=200), random.normal(size=200)
    gap = statistics.deviations_contrast([(1.0, a), (-1.0, b)], None)
    ratio = a.var(ddof=1) / b.var(ddof=1)
    low, high = np.log(ratio / stats.f.ppf([0.975, 0.025], 199, 199)) / 2
    assert gap.interval.low == pytest.approx(low, abs=2e-3)
    assert gap.interval.high == pytest.approx(high, abs=2e-3)
    with pytest.raises(StatisticsError, match="equal"):
        statistics.deviations_contrast([(1.0, np.ones(3)), (-1.0, a)], None)
    with pytest.raises(StatisticsError, match="two seeds"):
        statistics.deviations_contrast([(1.0, np.ones(1)), (-1.0, a)], None)


def test_one_run_is_not_compared():
    with pytest.raises(StatisticsError, match="two seeds"):
        difference(A, B[:1])


def test_holm_is_statsmodels():
    p = [0.01, 0.04, 0.03, 0.005, 0.04, 0.9]
    assert statistics.holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert statistics.holm([]) == []


def test_the_three_outcomes():
    family = [
        difference(sample(10, 99.5, 0.05), sample(10, 99.4, 0.05)),
        difference(sample(10, 99.4, 0.02), sample(10, 99.4, 0.02)),
        difference(sample(10, 99.43, 0.05), sample(10, 99.4, 0.05)),
    ]
    assert statistics.outcomes(family) == [DIFFERENT, EQUIVALENT, UNDECIDED]
    without_margin = difference(A, A, None)
    assert statistics.outcomes([without_margin]) == [UNDECIDED]


def test_equal_rows_are_called_different_in_at_most_one_study_in_twenty():
    studies = np.random.default_rng(3).normal(99.4, 0.05, (1000, 14, 10))
    a, b = np.triu_indices(14, 1)
    p = stats.ttest_ind(studies[:, a], studies[:, b], axis=2, equal_var=False).pvalue
    wrong = p.min(1) * len(a) < 0.05  # Holm's first step
    assert wrong.mean() <= 0.05
    chosen = [*np.flatnonzero(wrong)[:3], *range(10)]
    for rows, expected, is_wrong in zip(
        studies[chosen], p[chosen], wrong[chosen], strict=True
    ):
        family = [difference(*pair) for pair in combinations(rows, 2)]
        assert [gap.p for gap in family] == pytest.approx(expected)
        assert (DIFFERENT in statistics.outcomes(family)) == is_wrong


def test_the_seed_intervals_cover_the_recipe_on_these_images():
    random = np.random.default_rng(6)
    covered_means, covered_gaps = 0, 0
    for _ in range(1000):
        p, q = random.beta(0.05, 8, (2, 2000))
        a = 100 * (random.random((10, 2000)) > p).mean(1)
        b = 100 * (random.random((10, 2000)) > q).mean(1)
        interval = statistics.mean_interval(a)
        covered_means += interval.low < 100 * (1 - p.mean()) < interval.high
        interval = difference(a, b).interval
        covered_gaps += interval.low < 100 * (q.mean() - p.mean()) < interval.high
    assert 0.93 <= covered_means / 1000 <= 0.97
    assert 0.93 <= covered_gaps / 1000 <= 0.97


def test_mcnemar_is_statsmodels():
    random = np.random.default_rng(8)
    a, b = random.random((2, 300)) < [[0.9], [0.8]]
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
    assert statistics.mcnemar_p(a, b) == pytest.approx(
        mcnemar(table, exact=True).pvalue
    )
    assert statistics.mcnemar_p(a, a) == 1


def test_superiority_is_mann_whitney_and_its_interval_covers():
    theta, _ = statistics.superiority(A, B)
    assert theta == stats.mannwhitneyu(A, B).statistic / (len(A) * len(B))
    random = np.random.default_rng(9)
    for shift in (0, 1.5):
        expected = stats.norm.cdf(shift / np.sqrt(2))
        intervals = [
            statistics.superiority(
                random.normal(shift, 1, 10), random.normal(0, 1, 10)
            )[1]
            for _ in range(1000)
        ]
        assert (
            0.93
            <= np.mean([one.low < expected < one.high for one in intervals])
            <= 0.98
        )
    theta, interval = statistics.superiority(A + 1, B)
    assert theta == interval.high == 1
    assert 0.5 < interval.low < 1


def test_independent_errors_predict_the_deviation():
    random = np.random.default_rng(11)
    p = random.beta(0.1, 5, 10_000)
    correct = random.random((400, 10_000)) > p
    observed = 100 * correct.mean(1).std(ddof=1)
    assert statistics.independent_deviation(correct) == pytest.approx(observed, rel=0.1)
    few = statistics.independent_deviation(correct[:3])
    assert few == pytest.approx(observed, rel=0.1)


def test_a_family_is_judged_as_its_differences_one_by_one():
    family = [
        statistics.Difference(estimate, error, df, (5, 5), margin)
        for estimate, error, df, margin in (
            (0.1, 0.03, 8, 0.05),
            (0.01, 0.01, math.inf, 0.05),
            (0.2, 0.0, 8, 0.05),
            (0.0, 0.0, math.nan, 0.05),
            (0.0, 0.1, 8, None),
            (0.0, 0.0, 8, None),
        )
    ]
    judged = statistics.judge(family)
    p, q = zip(*((gap.p, gap.p_equivalent) for gap in family), strict=True)
    assert [one.p for one in judged] == statistics.holm(p)
    assert [one.p_equivalent for one in judged] == statistics.holm(q)
    assert statistics.judge([]) == []
