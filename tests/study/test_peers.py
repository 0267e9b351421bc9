"""Rules of other libraries as benchmarks/peers.py computes them for many pairs, against their definitions for one pair."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks import peer_libraries as libraries
from benchmarks import peers
from benchmarks.column_pairs import CASES, PAIRS, Case, drawn
from benchmarks.peer_rules import OURS, RULES, WELCH

FEW = Case("skewed", 5, 1)
A, B = drawn(FEW, 40)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_columns_have_the_gap_and_the_deviations_of_their_case(case):
    a, b = drawn(case)
    error = 1 / np.sqrt(PAIRS * case.runs)
    assert a.mean() == pytest.approx(case.gap, abs=5 * error)
    assert b.mean() == pytest.approx(0, abs=5 * error)
    ratios = {"unequal": (1 / 3, 3)}.get(case.kind, (1, 1))
    for turn, ratio in enumerate(ratios):
        assert a[turn::2].std() / b[turn::2].std() == pytest.approx(ratio, rel=0.05)
    assert (a.var() + b.var()) / 2 == pytest.approx(1, rel=0.05)
    skewness = -2 if case.kind == "skewed" else 0
    if case.kind != "unequal":
        assert stats.skew(b, axis=None) == pytest.approx(skewness, abs=0.2)


def test_ours_has_the_verdicts_of_the_judgement_of_columns():
    for case in CASES:
        columns = drawn(case, 40)
        replace(OURS, checked=40).check(*columns, OURS.many(*columns))


def test_autorank_takes_the_test_that_normality_asks_for():
    evidence = libraries.autorank(A, B)
    kinds = set()
    for a, b, own in zip(A, B, evidence, strict=True):
        is_normal = min(stats.shapiro(a).pvalue, stats.shapiro(b).pvalue) >= 0.025
        kinds.add(is_normal)
        if is_normal:
            p, is_first = stats.ttest_rel(a, b).pvalue, a.mean() > b.mean()
        else:
            is_first = np.median(a) > np.median(b)
            ahead, behind = (a, b) if is_first else (b, a)
            p = stats.wilcoxon(ahead, behind, alternative="greater").pvalue
        assert own == pytest.approx([p, 1] if is_first else [1, p])
    assert kinds == {True, False}


def test_violation_ratio_is_the_share_of_the_squared_distance_in_which_order_is_violated():
    a, b = np.sort(A), np.sort(B)
    points = np.linspace(0, 1, 20_001)[1:-1]
    for one, other, ratio in zip(a, b, libraries.violation(a, b), strict=True):
        quantiles = (
            np.quantile(column, points, method="inverted_cdf")
            for column in (one, other)
        )
        gaps = np.subtract(*quantiles)
        expected = (gaps[gaps < 0] ** 2).sum() / (gaps**2).sum()
        assert ratio == pytest.approx(expected, abs=0.02)  # a grid of 199 points


def test_bound_of_the_violation_ratio_lies_above_it_and_falls_with_the_gap():
    a, b = np.sort(A), np.sort(B)
    bounds = libraries.aso(A, B)
    assert (bounds[:, 0] >= libraries.violation(a, b)).all()
    farther = libraries.aso(A + 3, B)
    assert farther[:, 0].mean() < bounds[:, 0].mean()
    assert farther[:, 1].mean() > bounds[:, 1].mean()


def test_intervals_of_rliable_are_percentiles_of_the_statistic_over_resamples():
    first, second = libraries.resampled(0, 5, True)
    better = libraries.improvement(A[:1], B[:1])[0]
    means = libraries.mean_difference(A[:1], B[:1])[0]
    wins, gaps = [], []
    for one, other in zip(A[0][first], B[0][second], strict=True):
        wins.append((one[:, None] > other).mean())
        gaps.append(one.mean() - other.mean())
    low, high = np.percentile(wins, [2.5, 97.5])
    assert better == pytest.approx([low - 0.5, 0.5 - high])
    low, high = np.percentile(gaps, [2.5, 97.5])
    assert means == pytest.approx([low, -high])
    limits = [
        np.percentile(stats.trim_mean(column[draw], libraries.CUT, axis=1), [2.5, 97.5])
        for column, draw in zip(
            (A[0], B[0]), libraries.resampled(0, 5, False), strict=True
        )
    ]
    (low_a, high_a), (low_b, high_b) = limits
    space = libraries.interquartile(A[:1], B[:1])[0]
    assert space == pytest.approx([low_a - high_b, low_b - high_a])


def test_posterior_of_the_corrected_t_test_is_its_one_sided_p_value():
    correction = np.sqrt((1 / 5) / (1 / 5 + 1 / 4))
    t = correction * stats.ttest_rel(A, B, axis=1).statistic
    assert libraries.correlated(A, B)[:, 1] == pytest.approx(stats.t.sf(t, 4))


def test_signed_ranks_weigh_sums_of_two_differences_with_the_prior_for_one():
    runs = 3
    a, b = drawn(Case("normal", runs, 0), 5)
    gaps = np.concatenate([np.zeros((5, 1)), a - b], 1)
    weights = np.random.RandomState(libraries.SEED).dirichlet(
        [0.5, 1, 1, 1], libraries.SAMPLES
    )
    for own, gap in zip(libraries.signed_rank(a, b), gaps, strict=True):
        above = np.heaviside(gap[:, None] + gap, 0.5)
        shares = np.einsum("si,ij,sj->s", weights, above, weights)
        assert own[0] == pytest.approx((shares > 0.5).mean(), abs=1e-4)
        assert own.sum() == pytest.approx(1)


def test_verdicts_name_the_better_column():
    evidence = np.array([[0.01, 1], [1, 0.01], [0.2, 1]])
    assert WELCH.verdicts(evidence).tolist() == [1, -1, 0]


def test_a_library_that_disagrees_stops_the_script():
    rule = next(one for one in RULES if one.package == "scipy")
    evidence = rule.many(A, B)
    rule.check(A, B, evidence)
    with pytest.raises(ValueError, match="Welch alone"):
        rule.check(A, B, evidence + 0.01)


def test_a_rule_that_errs_too_often_is_bold_and_its_power_in_brackets():
    null, case = Case("normal", 5, 0), Case("normal", 5, 1)
    called = np.ones(PAIRS, int)
    called[: PAIRS // 2] = 0
    seldom = np.where(np.arange(PAIRS) < 0.05 * PAIRS, -1, 0)
    bad = {(WELCH, null): called, (WELCH, case): called}
    good = {(WELCH, null): seldom, (WELCH, case): called}
    assert peers.cell(bad, WELCH, null) == "**50.0%**"
    assert peers.cell(bad, WELCH, case) == "(50.0%)"
    assert peers.cell(good, WELCH, null) == "5.0%"
    assert peers.cell(good, WELCH, case) == "50.0%"


def test_power_is_compared_with_ours_where_a_rule_keeps_5_percent():
    verdicts = {}
    for case in CASES:
        size = PAIRS // 2 if case.gap else 0
        verdicts[OURS, case] = np.where(np.arange(PAIRS) < size, 1, 0)
        more = size and size + 300 * (case == Case("normal", 3, 1))
        verdicts[WELCH, case] = np.where(np.arange(PAIRS) < more, 1, 0)
    text = peers.against(verdicts, WELCH)
    assert "in 9 of 9" in text and "in 1 of 18 cases" in text
    assert "+3.0 points, normal, 3 runs, gap 1" in text
    verdicts[WELCH, Case("normal", 3, 0)] = np.ones(PAIRS, int)
    text = peers.against(verdicts, WELCH)
    assert "in 8 of 9" in text and "nowhere more powerful" in text


def test_the_committed_tables_are_those_of_this_code():
    text = peers.PATH.read_text()
    for gap in (0, 1, 2):
        cases = [case for case in CASES if case.gap == gap]
        verdicts = {
            (WELCH, case): WELCH.verdicts(WELCH.many(*drawn(case)))
            for case in CASES
            if case.gap in (0, gap)
        }
        cells = [peers.cell(verdicts, WELCH, case) for case in cases]
        assert f"| {WELCH.name} | {' | '.join(cells)} |" in text
