"""Comparisons of two configurations: their numbers, and refused names."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from explorer.study import comparison, records, tables, wording
from explorer.study.statistics import StatisticsError
from tests.gathered import gathered
from train.study import Trial

GN, BN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN"))
MISSED = {GN: (60, 62, 58, 61, 59), BN: (70, 75, 72, 68, 74, 73)}


@pytest.fixture(scope="module")
def results(invent):
    random = np.random.default_rng(0)
    hard = np.arange(300)
    return gathered(
        [
            invent(replace(trial, seed=seed), random.choice(hard, count, replace=False))
            for trial, counts in MISSED.items()
            for seed, count in enumerate(counts, 1)
        ]
        + [invent(replace(GN, batch_size=32), [0])]
    )


def verdict(results, a: Trial, b: Trial) -> str:
    return wording.comparison.verdict(comparison.compare(results, a.config, b.config))


def test_the_numbers_are_those_of_the_runs(results):
    result = comparison.compare(results, GN.config, BN.config)
    gap = result.decision.gap
    a, b = (100 - np.array(MISSED[trial]) / 100 for trial in (GN, BN))
    assert result.a.mean == pytest.approx(a.mean())
    assert (len(result.a.accuracies), len(result.b.accuracies)) == (5, 6)
    assert result.b.deviation == pytest.approx(b.std(ddof=1))
    pooled = stats.ttest_ind(a, b)  # both are all that is trained of their study
    assert gap.p == pytest.approx(pooled.pvalue)
    assert gap.estimate == pytest.approx(a.mean() - b.mean())
    assert result.decision.outcome == "different"
    assert result.decision.more_seeds is None
    assert result.superiority == 1
    one = result.single_runs
    assert one.only_a - one.only_b == 10
    expected = stats.binomtest(one.only_a, one.only_a + one.only_b).pvalue
    assert one.p == pytest.approx(expected)


def test_the_other_way_round_is_the_mirror_image(results):
    result = comparison.compare(results, GN.config, BN.config)
    other = comparison.compare(results, BN.config, GN.config)
    gap, mirror = result.decision.gap, other.decision.gap
    assert mirror.estimate == pytest.approx(-gap.estimate)
    assert mirror.interval.low == pytest.approx(-gap.interval.high)
    assert mirror.interval.high == pytest.approx(-gap.interval.low)
    assert other.superiority == 0


def test_every_number_is_json(results):
    def check(value):
        if isinstance(value, dict):
            return [check(item) for item in value.values()]
        assert type(value) in (int, float, str, type(None), list), value
        return None

    check(records.comparison(comparison.compare(results, GN.config, BN.config)))


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ("GN_l1=9", BN.config, "There is no trained trial named 'GN_l1=9'"),
        (GN.config, GN.config, "was given twice"),
        (GN.config, replace(GN, batch_size=32).config, "has one seed only"),
        (GN.name, BN.config, f"leave it out, {GN.config} is all of them"),
        (f"{GN.config}_seed=99", BN.config, f"leave it out, {GN.config} is all"),
        ("x" * 999, BN.config, "xxx...'"),
        ("", BN.config, "Name two trials"),
        (5, BN.config, "Name two trials"),
        (GN.config, None, "Name two trials"),
    ],
)
def test_a_bad_question_gets_one_clear_sentence(results, a, b, says):
    with pytest.raises(StatisticsError) as refusal:
        comparison.compare(results, a, b)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_collapsed_runs_are_named_and_left_out_of_the_noise_floor(invent):
    runs = [
        invent(replace(trial, seed=seed), np.arange(count + seed))
        for trial, counts in ((GN, (60, 60, 9000)), (BN, (60, 60, 60)))
        for seed, count in enumerate(counts, 1)
    ]
    sentence = verdict(gathered(runs), GN, BN)
    assert sentence.endswith("1 of 3 runs of GN, batch 16 collapsed below 90 %.")
    assert comparison.noise_floor(gathered(runs)).configurations == 1


def test_nothing_is_compared_where_nothing_is_trained():
    assert comparison.opening(gathered([])) == (None, None)
    with pytest.raises(StatisticsError):
        comparison.compare(gathered([]), GN.config, BN.config)


def test_the_table_has_the_numbers_of_the_comparison(results):
    result = comparison.compare(results, GN.config, BN.config)
    text = tables.comparison(result).to_string()
    assert f"{result.decision.gap.estimate:+.3f}" in text
    assert "5 seeds" in text
    assert "6 seeds" in text


def test_the_noise_floor_pools_configurations_and_plans(results, invent):
    floor = comparison.noise_floor(results)
    variances = [np.var(np.array(MISSED[trial]) / 100, ddof=1) for trial in (GN, BN)]
    pooled = np.sqrt(np.average(variances, weights=[4, 5]))
    assert floor.deviation == pytest.approx(pooled)
    assert (floor.configurations, floor.runs) == (2, 11)
    assert "To see 0.05 points" in wording.comparison.plan(floor, 0.05)
    assert comparison.noise_floor(gathered([])) is None
