"""Guard of Welch's test: its size against simulations, and that its parts agree."""

import math

import numpy as np
import pytest
from scipy import stats

from explorer.study import statistics, welch_size
from explorer.study.statistics import LEVEL
from explorer.study.welch_size import Guard

DRAWS = 100_000


def welch_p(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """P values of rows."""
    return stats.ttest_ind(a, b, axis=1, equal_var=False).pvalue


@pytest.mark.parametrize(
    ("runs", "ratio"), [((3, 3), 5.8), ((5, 5), 4.6), ((3, 10), 0.6), ((2, 2), 16.0)]
)
def test_the_largest_size_is_that_of_the_worst_ratio_of_deviations(runs, ratio):
    random = np.random.default_rng(0)
    a, b = (random.normal(size=(DRAWS, count)) for count in runs)
    p = welch_p(a, ratio * b)
    df = [float(count - 1) for count in runs]
    expected = welch_size.largest(0.05, *df)
    error = math.sqrt(expected / DRAWS)
    assert (p <= 0.05).mean() == pytest.approx(expected, abs=4 * error)
    assert expected > 0.05


def test_no_ratio_has_a_larger_size():
    random = np.random.default_rng(1)
    a, b = random.normal(size=(DRAWS, 3)), random.normal(size=(DRAWS, 4))
    largest = welch_size.largest(0.05, 2.0, 3.0)
    for ratio in np.exp(np.linspace(-4, 4, 15)):
        assert (welch_p(a, ratio * b) <= 0.05).mean() < largest + 0.003


@pytest.mark.parametrize("df", [(2.0, 2.0), (9.0, 9.0), (2.0, 9.0), (1e9, 2.0)])
def test_the_nominal_level_has_the_size_that_is_asked_for(df):
    for level in (0.05, 0.05 / 45):
        nominal = welch_size.nominal(level, *df)
        assert welch_size.largest(nominal, *df) == pytest.approx(level, rel=1e-3)
        assert nominal < level


def test_with_many_runs_nothing_changes():
    assert welch_size.largest(0.05, 499.0, 499.0) == pytest.approx(0.05, rel=1e-3)
    assert welch_size.largest(0.0, 2.0, 2.0) == 0


@pytest.mark.parametrize("runs", [(3, 3), (2, 9), (10, 10)])
@pytest.mark.parametrize("level", [LEVEL, LEVEL / 45])
def test_p_value_and_interval_agree(runs, level):
    random = np.random.default_rng(2)
    guard = Guard.of(runs[0] - 1.0, runs[1] - 1.0, level)
    for shift in (0.5, 2, 5, 60):
        a, b = random.normal(size=runs[0]) + shift, random.normal(size=runs[1])
        gap = statistics.difference(a, b, margin=3.0)
        interval = guard.interval(gap, level)
        assert (guard.p(gap) < level) == (not interval.low <= 0 <= interval.high)
        wide = guard.interval(gap, 2 * level)
        is_within = -3 < wide.low and wide.high < 3
        if not guard.is_smaller_df:
            assert guard.p(gap) >= gap.p
        assert (guard.p_equivalent(gap) < level) == is_within


def test_in_large_families_the_smaller_degrees_of_freedom_decide_where_they_are_better():
    assert not Guard.of(2.0, 2.0, LEVEL).is_smaller_df
    guard = Guard.of(2.0, 9.0, LEVEL / 45)
    assert guard.is_smaller_df
    gap = statistics.difference(np.array([3.0, 4, 5]), np.arange(10.0))
    distance = abs(gap.estimate) / gap.error
    assert guard.p(gap) == pytest.approx(2 * stats.t.sf(distance, 2))
    assert guard.interval(gap, 0.01).half_width == pytest.approx(
        stats.t.ppf(0.995, 2) * gap.error
    )
