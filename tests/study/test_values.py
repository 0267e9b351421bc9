"""Judgement of columns that somebody brings: published examples, error control by simulation, and single runs."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from explorer.study import columns, value_tables, values, welch_size
from explorer.study.columns import Column, ColumnsError
from explorer.study.statistics import DIFFERENT, EQUIVALENT, LEVEL, UNDECIDED
from explorer.study.values import Judged, Setting

# R's `sleep` (Student 1908): hours of sleep gained with two drugs by ten patients; p values of `t.test` in R's documentation.
SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
# R's `PlantGrowth` (Dobson 1983): control and first treatment; t = 1.1913, df = 16.524, p = 0.2504.
PLANTS = (
    [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
)
# Darwin's maize (Fisher 1935, The Design of Experiments, chapter 3): inches of cross- and self-fertilised plants; t = 2.148, p = 0.0497.
MAIZE = (
    [23.5, 12, 21, 22, 19.125, 21.5, 22.125, 20.375, 18.25, 21.625, 23.25, 21, 22.125, 23, 12],
    [17.375, 20.375, 20, 20, 18.375, 18.625, 18.625, 15.25, 16.5, 18, 16.25, 18, 12.75, 15.5, 18],
)  # fmt: skip


def of(*lists, names="ABCDEFGHIJ") -> list[Column]:
    return columns.of_lists(
        [list(map(float, one)) for one in lists], names[: len(lists)]
    )


def judge(*lists, margin: float | None = 0.1, **setting) -> Judged:
    return values.judge(of(*lists), Setting(margin, **setting))


def with_moments(count: int, mean: float, deviation: float) -> np.ndarray:
    """Sample that has exactly this mean and standard deviation."""
    scores = stats.norm.ppf((np.arange(count) + 0.5) / count)
    return mean + deviation * scores / scores.std(ddof=1)


def test_student_s_sleep_data():
    (pair,) = judge(*SLEEP, is_paired=True).pairs
    assert pair.decision.gap.p == pytest.approx(0.002833, abs=5e-7)
    assert pair.decision.p == pair.decision.gap.p  # exact: needs no guard
    assert pair.decision.gap.df == 9
    assert pair.decision.interval.low == pytest.approx(-2.4598858, abs=1e-6)
    assert pair.decision.interval.high == pytest.approx(-0.7001142, abs=1e-6)
    assert pair.better and pair.better.name == "B"
    (pair,) = judge(*SLEEP).pairs
    assert pair.decision.gap.p == pytest.approx(0.07939, abs=5e-6)
    assert pair.decision.gap.df == pytest.approx(17.776, abs=5e-4)
    assert pair.decision.gap.interval.low == pytest.approx(-3.3654832, abs=1e-6)
    assert pair.decision.gap.interval.high == pytest.approx(0.2054832, abs=1e-6)
    assert 0.07939 < pair.decision.p < 0.0810  # the guard hardly changes ten runs
    assert pair.decision.outcome == UNDECIDED


def test_plant_growth():
    gap = judge(*PLANTS).pairs[0].decision.gap
    assert gap.p == pytest.approx(0.2504, abs=5e-5)
    assert gap.df == pytest.approx(16.524, abs=5e-4)
    assert gap.estimate / gap.error == pytest.approx(1.1913, abs=5e-5)


def test_darwin_s_maize():
    (pair,) = judge(*MAIZE, is_paired=True).pairs
    gap = pair.decision.gap
    assert gap.p == pytest.approx(0.0497, abs=5e-5)
    assert gap.estimate / gap.error == pytest.approx(2.148, abs=5e-4)
    assert pair.decision.outcome == DIFFERENT


def test_two_one_sided_tests_of_a_published_replication():
    """Lakens (2017, doi 10.1177/1948550617697177) on Moery and Calin-Jageman (2016), from moments: bounds of d = 0.43, t = -2.69, p = 0.004."""
    a, b = with_moments(95, 5.25, 0.95), with_moments(89, 5.22, 0.83)
    margin = 0.43 * ((0.95**2 + 0.83**2) / 2) ** 0.5
    (pair,) = judge(a, b, margin=margin).pairs
    gap = pair.decision.gap
    assert (gap.estimate - margin) / gap.error == pytest.approx(-2.69, abs=0.005)
    assert gap.p_equivalent == pytest.approx(0.004, abs=5e-4)
    assert pair.decision.p_equivalent == pytest.approx(gap.p_equivalent, rel=0.01)
    assert pair.decision.outcome == EQUIVALENT


def test_tost_of_sleep_agrees_with_its_definition():
    (pair,) = judge(*SLEEP, margin=3, is_paired=True).pairs
    d = np.subtract(*SLEEP)
    sides = [
        stats.ttest_1samp(d, 3, alternative="less").pvalue,
        stats.ttest_1samp(d, -3, alternative="greater").pvalue,
    ]
    assert pair.decision.gap.p_equivalent == pytest.approx(max(sides))


def test_directions_and_the_chance_that_a_new_run_wins():
    high = judge([3, 4, 5, 6], [1, 2, 1.5, 3.5]).pairs[0]
    low = judge([3, 4, 5, 6], [1, 2, 1.5, 3.5], higher_is_better=False).pairs[0]
    assert high.superiority == 15 / 16 and low.superiority == 1 / 16
    assert high.decision.gap.estimate == low.decision.gap.estimate > 0
    assert high.ahead.name == "A" and low.ahead.name == "B"
    assert high.superiority_interval and high.superiority_interval.high < 1


def test_columns_that_tie_vary_by_rounding():
    (pair,) = judge([99.1] * 3, [99.1, 99.2, 99.2], margin=None).pairs
    own = pair.decision.samples[0]
    assert own.own_variance == pytest.approx(0.1**2 / 12)
    for margin, outcome in ((0.1, EQUIVALENT), (0.04, UNDECIDED)):
        (equal,) = judge([99.1] * 3, [99.1] * 3, margin=margin).pairs
        assert equal.decision.outcome == outcome
    tiny = judge([1e-12] * 3, [2e-12] * 3, margin=None).pairs[0]
    assert tiny.decision.gap.error == pytest.approx(1e-12 / 12**0.5 * (2 / 3) ** 0.5)
    (paired,) = judge([1, 2, 3], [2, 3, 4], is_paired=True, margin=None).pairs
    assert paired.decision.gap.error == pytest.approx((2 / 12 / 3) ** 0.5)


def test_a_unit_changes_nothing_but_the_unit():
    a, b = [99.1, 99.3, 99.0], [98.2, 98.5, 98.4]
    one, other = (
        judge(np.multiply(a, scale), np.multiply(b, scale), margin=0.1 * scale).pairs[0]
        for scale in (1, 2**-40)
    )
    assert other.decision.p == pytest.approx(one.decision.p, rel=1e-6)
    assert other.decision.detectable == pytest.approx(one.decision.detectable * 2**-40)


def test_a_single_run_takes_the_deviation_that_was_named():
    (pair,) = judge([99.3], [99.1], deviation=0.1).pairs
    z = 0.2 / (0.1 * 2**0.5)
    assert pair.decision.gap.p == pytest.approx(2 * stats.norm.sf(z))
    assert pair.decision.p == pair.decision.gap.p
    assert pair.superiority is None
    # 80 % power for a gap of 2.8 standard errors; 0.2 takes 4 runs of each.
    assert pair.decision.detectable == pytest.approx(2.8016 * 0.1 * 2**0.5, rel=1e-3)
    assert pair.decision.seeds_to_see(0.2) == 4
    b = [99.1, 99.0, 99.05, 98.9]
    (mixed,) = judge([99.3], b, deviation=0.1).pairs
    assert mixed.decision.gap.error == pytest.approx(
        (0.01 + np.var(b, ddof=1) / 4) ** 0.5
    )
    assert mixed.decision.p > mixed.decision.gap.p
    several = judge(b, [99.3, 99.2], deviation=5.0).pairs[0]  # nobody needs it
    assert several.decision.gap.p == judge(b, [99.3, 99.2]).pairs[0].decision.gap.p


@pytest.mark.parametrize(
    ("lists", "setting", "sentence"),
    [
        (([1, 2],), {}, "two columns"),
        (([1, 2], [3]), {}, "Line 1, column B: one value says nothing"),
        (([1, 2], [3]), {"is_paired": True}, "Line 2, column A: a value without its pair"),
        (([1], [3]), {"is_paired": True, "deviation": 1.0}, "two pairs or more"),
        (([1, 2], [3, 4]), {"margin": 0}, "margin must be a number above 0"),
        (([1, 2], [3, 4]), {"margin": float("nan")}, "margin must be"),
        (([1, 2], [3, 4]), {"margin": "1"}, "margin must be"),
        (([1, 2], [3, 4]), {"deviation": -1}, "deviation must be"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_gets_a_sentence(lists, setting, sentence):
    with pytest.raises(ColumnsError, match=sentence):
        judge(*lists, **setting)
    with pytest.raises(ColumnsError, match="Two columns have the name A"):
        values.judge(of([1, 2], [3, 4], names="AA"), Setting(1))


def test_all_pairs_are_a_family_with_the_set_that_may_be_best():
    lists = [with_moments(10, mean, 1) for mean in (0, 9, 9.2, 4)]
    judged = judge(*lists, margin=None)
    assert len(judged.pairs) == 6
    p = [pair.decision.guard.p(pair.decision.gap) for pair in judged.pairs if pair.decision.guard]  # fmt: skip
    adjusted = np.minimum.accumulate(sorted(p, reverse=True))[::-1]  # sorted
    assert min(pair.decision.p for pair in judged.pairs) == pytest.approx(
        6 * adjusted[0]
    )
    assert {one.name for one in judged.best} == {"B", "C"}
    for pair in judged.pairs:
        interval = pair.decision.interval
        is_outside = not interval.low <= 0 <= interval.high
        assert is_outside == (pair.decision.outcome == DIFFERENT)
    lower = judge(*lists, margin=None, higher_is_better=False)
    assert [one.name for one in lower.best] == ["A"]


FAMILIES = 4000


@pytest.mark.parametrize("runs", [3, 5, 10])
@pytest.mark.parametrize("recipe", ["normal", "exponential", "unequal"])
def test_ten_equal_recipes_are_called_different_in_at_most_5_percent_of_families(
    runs, recipe
):
    """A family has a false word where its smallest p value, guarded and times 45, is below 5 %."""
    random = np.random.default_rng(runs)
    shape = FAMILIES, 10, runs
    drawn = random.exponential(size=shape) if recipe == "exponential" else random.normal(size=shape)  # fmt: skip
    if recipe == "unequal":
        drawn = drawn * np.geomspace(1, 5, 10)[:, None]
    smallest = np.min(
        [
            stats.ttest_ind(drawn[:, a], drawn[:, b], axis=1, equal_var=False).pvalue
            for a, b in combinations(range(10), 2)
        ],
        axis=0,
    )
    df = runs - 1.0
    limit = welch_size.nominal(LEVEL / 45, df, df)
    assert not values.Guard.of(df, df, LEVEL / 45).is_smaller_df
    assert (smallest < limit).mean() <= LEVEL
    for family in np.argsort(smallest)[[0, 1, 40, 400]]:
        judged = judge(*drawn[family], margin=None)
        called = any(pair.decision.outcome == DIFFERENT for pair in judged.pairs)
        assert called == (smallest[family] < limit)


@pytest.mark.parametrize("runs", [(3, 3), (5, 5), (10, 10), (3, 10), (2, 5)])
@pytest.mark.parametrize("ratio", [0.2, 0.6, 1.0, 2.0, 5.0])
def test_two_equal_recipes_are_called_different_in_at_most_5_percent(runs, ratio):
    random = np.random.default_rng(9)
    draws = 40_000
    a, b = (random.normal(size=(draws, count)) for count in runs)
    test = stats.ttest_ind(a, ratio * b, axis=1, equal_var=False)
    guard = values.Guard.of(runs[0] - 1.0, runs[1] - 1.0, LEVEL)
    assert guard.is_smaller_df == (runs == (2, 5))
    df = min(runs) - 1 if guard.is_smaller_df else test.df
    p = 2 * stats.t.sf(abs(test.statistic), df)
    assert (p < guard.level(LEVEL)).mean() < LEVEL + 3 * (LEVEL / draws) ** 0.5


def test_the_runs_that_are_asked_for_decide():
    random = np.random.default_rng(4)
    (pair,) = judge(
        with_moments(4, 0.5, 0.4), with_moments(4, 0, 0.4), margin=None
    ).pairs
    more = pair.decision.more_seeds
    assert more
    count = 4 + more
    a, b = random.normal(0.5, 0.4, (4000, count)), random.normal(0, 0.4, (4000, count))
    level = welch_size.nominal(LEVEL, count - 1.0, count - 1.0)
    power = (stats.ttest_ind(a, b, axis=1, equal_var=False).pvalue < level).mean()
    assert 0.76 < power < 0.86


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"margin": 1e300}, "margin must lie between 1e-50 and 1e\\+50"),
        ({"margin": 1e-300}, "margin must lie between"),
        ({"margin": 10**400}, "margin must lie between"),
        ({"margin": 1, "deviation": 1e300}, "deviation must lie between"),
        ({"margin": 1, "is_paired": "false"}, "paired must be true"),
        ({"margin": 1, "is_paired": None}, "paired must be true"),
        ({"margin": 1, "higher_is_better": "no"}, "higher_is_better must be true"),
    ],
)
def test_settings_of_another_kind_or_size_get_a_sentence(setting, sentence):
    with pytest.raises(ColumnsError, match=sentence):
        values.judge(of([1, 2], [3, 4]), Setting(**setting))


@pytest.mark.parametrize("scale", [1e-50, 1e-20, 1e20, 1e49])
def test_the_verdict_does_not_depend_on_the_unit_up_to_the_bounds(scale):
    one = judge([1, 2, 3], [2, 4, 5.5], margin=1).pairs[0].decision
    lists = [[scale * x for x in (1, 2, 3)], [scale * x for x in (2, 4, 5.5)]]
    other = judge(*lists, margin=scale).pairs[0].decision
    assert (other.outcome, other.more_seeds) == (one.outcome, one.more_seeds)
    assert other.gap.p == pytest.approx(one.gap.p)
    assert other.detectable == pytest.approx(scale * one.detectable)


def test_intervals_of_several_columns_hold_together_and_never_contradict_their_word():
    means, rng, missed = (0, 10, 20), np.random.default_rng(3), 0
    for _ in range(200):
        lists = [rng.normal(mean, 1, 5).tolist() for mean in means]
        judged = values.judge(columns.of_lists(lists, ["a", "b", "c"]), Setting(0.1))
        assert all(pair.decision.is_joint for pair in judged.pairs)
        missed += not all(
            pair.decision.interval.low <= true <= pair.decision.interval.high
            for pair, true in zip(judged.pairs, (-10, -20, -10), strict=True)
        )
    assert missed <= 12  # 5 % and two deviations


def test_a_pair_that_only_a_later_step_shows_has_the_interval_of_that_step():
    noise = np.array([-1.2, -0.6, 0.0, 0.6, 1.2])
    lists = [(noise + mean).tolist() for mean in (0, 1.45, 20)]
    judged = values.judge(columns.of_lists(lists, ["a", "b", "c"]), Setting(0.1))
    near, *far = (pair.decision for pair in judged.pairs)
    assert near.outcome == "different" and near.interval.high < 0
    assert not near.is_joint and near.level == 0.05
    assert near.interval_at(0.05 / 3).high > 0
    assert all(one.is_joint and one.level == 0.05 / 3 for one in far)
    named = [*value_tables.judged(judged, "")["what"]]
    assert "a - b, at the level of Holm's last step, by itself" in named
    assert "a - c, corrected for 3 comparisons" in named
