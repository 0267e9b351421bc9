"""Verdicts that hold at every look, against their formulas and by simulation."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from explorer.study import looks
from explorer.study.looks import Reference
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED
from explorer.study.variance import Prior, Sample

REFERENCE = Reference(99.0, 10, 0.0043, 432)


def simulated_studies(
    random: np.random.Generator,
    draws: int,
    runs: int,
    others_df: int,
    ratio: float = 1.0,
    looks_until: int = 30,
) -> tuple[float, float]:
    """Share of false *different*, and of intervals that hold at all looks, where a visitor repeats a configuration with `runs` runs.

    The study's other configurations have `others_df` degrees of freedom and the deviation 1, this one `ratio`.
    """
    theirs = ratio * random.normal(size=(draws, runs))
    own = ratio * random.normal(size=(draws, looks_until))
    df = others_df + runs - 1
    squares = theirs.var(1, ddof=1) * (runs - 1)
    if others_df:
        squares += random.chisquare(others_df, draws)
    reference = Reference(  # arrays, a row per study
        theirs.mean(1, keepdims=True), runs, (squares / df)[:, None], df
    )
    trace = looks.trace(own, reference)
    is_different = np.maximum.accumulate(trace.log_e, -1) >= looks.LOG_LIMIT
    holds = (np.abs(trace.difference) < trace.half_width).all(-1)
    is_said = (is_different & ~trace.is_unusual).any(-1)
    return float(is_said.mean()), float(holds.mean())


@pytest.mark.parametrize("runs", [10, 5])
def test_equal_recipes_differ_at_any_look_in_at_most_5_percent(runs):
    random = np.random.default_rng(0)
    for others_df in (runs - 1, 432 - 9):
        different, coverage = simulated_studies(random, 20_000, runs, others_df)
        assert 0.001 < different <= 0.05
        assert coverage >= 0.95


def test_another_variance_than_the_studys_breaks_the_guarantee():
    """That is why a reference whose variance is unusual has its own only."""
    random = np.random.default_rng(1)
    different, _ = simulated_studies(random, 20_000, 10, 117 - 9, ratio=1.76)
    assert different > 0.1
    row_9 = Sample(
        99 + 0.134 * np.linspace(-1.486, 1.486, 10), Prior(0.0058, math.inf, 117)
    )
    assert row_9.is_unusual
    assert Reference.of(row_9).df == 9
    own_only, _ = simulated_studies(random, 20_000, 10, 0, ratio=1.76)
    assert own_only <= 0.05


def test_a_finite_prior_holds_on_average_over_the_variances_that_it_describes():
    random, draws, d0 = np.random.default_rng(2), 20_000, 4
    sigma = np.sqrt(d0 / random.chisquare(d0, (draws, 1)))
    theirs, own = (sigma * random.normal(size=(draws, size)) for size in (10, 30))
    moderated = (d0 + 9 * theirs.var(1, ddof=1)) / (d0 + 9)
    reference = Reference(theirs.mean(1, keepdims=True), 10, moderated[:, None], d0 + 9)
    trace = looks.trace(own, reference)
    assert (trace.log_e >= looks.LOG_LIMIT).any(-1).mean() <= 0.05


def test_the_e_value_is_the_ratio_of_the_densities_of_t():
    t, weight, df = 2.3, 20 / 12, 12

    def density(effect: float) -> float:
        noncentral = stats.nct.pdf(t, df, effect * math.sqrt(weight))
        return noncentral * stats.norm.pdf(effect)

    marginal, _ = integrate.quad(density, -8, 8)
    assert math.exp(looks.log_e(t, weight, df)) == pytest.approx(
        marginal / stats.t.pdf(t, df), rel=1e-6
    )


@pytest.mark.parametrize(("weight", "df"), [(20 / 12, 433), (7.5, 38), (5.0, 6)])
def test_the_interval_ends_where_e_is_20(weight, df):
    t = looks.largest_t(weight, df)
    assert math.exp(looks.log_e(t, weight, df)) == pytest.approx(20)


def test_few_degrees_of_freedom_set_no_limits():
    assert looks.largest_t(1.0, 2) == math.inf
    assert looks.log_e(1e9, 1.0, 2) < looks.LOG_LIMIT


def test_a_look_pools_the_studys_variance_with_the_own_runs():
    own = np.array([98.9, 99.1, 99.3])
    trace = looks.trace(own, REFERENCE)
    assert trace.runs.tolist() == [2, 3]
    assert trace.difference == pytest.approx([0, 0.1])
    variance = (432 * 0.0043 + 2 * 0.04) / 434
    t = 0.1 / math.sqrt(variance * (1 / 3 + 1 / 10))
    k = 30 / 13
    g = 1 + k
    e = g**-0.5 * ((1 + t**2 / 434) / (1 + t**2 / (434 * g))) ** (435 / 2)
    assert np.exp(trace.log_e[-1]) == pytest.approx(e)
    assert looks.judge(own[:2], REFERENCE).p == 1


def test_a_difference_that_was_shown_stays_shown():
    far = [98.8, 98.81, 98.79, 98.8]
    verdict = looks.judge(np.array([*far, *[99.02] * 26]), REFERENCE)
    assert verdict.outcome == DIFFERENT
    assert verdict.decisive == 4
    assert verdict.interval.low < 0 < verdict.interval.high
    assert verdict.p == pytest.approx(looks.judge(np.array(far), REFERENCE).p)


def test_equivalence_needs_an_interval_within_the_margin_and_no_difference():
    many = Reference(99.0, 200, 0.0043, 432)
    close = np.tile([98.95, 99.05], 50)
    assert looks.judge(close, many).outcome == EQUIVALENT
    few = looks.judge(close, REFERENCE)
    assert few.outcome == UNDECIDED
    assert not few.can_be_equivalent
    assert looks.judge(close[:4], many).can_be_equivalent
    shown = looks.judge(np.array([98.6, 98.6, *close, *close]), many)
    assert max(-shown.interval.low, shown.interval.high) < 0.05
    assert shown.outcome == DIFFERENT


def test_runs_that_vary_too_much_and_a_collapsed_reference_get_no_verdict():
    limit = math.sqrt(stats.f.ppf(0.999, 1, 432) * 0.0043 * 2)  # of the gap of two runs
    for share, is_unusual in ((0.99, False), (1.01, True)):
        verdict = looks.judge(np.array([99.0, 99.0 + share * limit]), REFERENCE)
        assert verdict.is_unusual is is_unusual
        assert (verdict.outcome is None) is is_unusual
    prior = Prior(0.0043, math.inf, 432)
    collapsed = Reference.of(Sample(np.array([99.0, 99.1, 89.9]), prior))
    assert collapsed.df == 2
    assert looks.judge(np.array([90.0, 90.1]), collapsed).outcome is None


def test_a_reference_knows_no_more_than_its_study():
    values = np.array([98.95, 99.0, 99.05])
    pooled = Reference.of(Sample(values, Prior(0.004, math.inf, 40)))
    assert (pooled.variance, pooled.df) == (0.004, 40)
    moderated = Reference.of(Sample(values, Prior(0.004, 6.0, 40)))
    assert moderated.df == 8
    assert moderated.variance == pytest.approx((6 * 0.004 + 2 * 0.0025) / 8)
    assert Reference.of(Sample(values, Prior(0.004, 60.0, 40))).df == 40
    assert Reference.of(Sample(values)).df == 2
