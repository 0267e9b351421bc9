"""Two configurations compared: the numbers, and what is refused."""

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
def found(invent):
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


def verdict(found, a: Trial, b: Trial) -> str:
    return wording.comparison.verdict(comparison.compare(found, a.config, b.config))


def test_the_numbers_are_those_of_the_runs(found):
    seen = comparison.compare(found, GN.config, BN.config)
    gap = seen.decision.gap
    a, b = (100 - np.array(MISSED[trial]) / 100 for trial in (GN, BN))
    assert seen.a.mean == pytest.approx(a.mean())
    assert (len(seen.a.accuracies), len(seen.b.accuracies)) == (5, 6)
    assert seen.b.deviation == pytest.approx(b.std(ddof=1))
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert gap.p == pytest.approx(welch.pvalue)
    assert gap.estimate == pytest.approx(a.mean() - b.mean())
    assert seen.decision.outcome == "different"
    assert seen.decision.more_seeds is None
    assert seen.superiority == 1
    one = seen.single_runs
    assert one.only_a - one.only_b == 10
    expected = stats.binomtest(one.only_a, one.only_a + one.only_b).pvalue
    assert one.p == pytest.approx(expected)


def test_the_other_way_round_is_the_mirror_image(found):
    seen = comparison.compare(found, GN.config, BN.config)
    other = comparison.compare(found, BN.config, GN.config)
    gap, mirror = seen.decision.gap, other.decision.gap
    assert mirror.estimate == pytest.approx(-gap.estimate)
    assert mirror.interval.low == pytest.approx(-gap.interval.high)
    assert mirror.interval.high == pytest.approx(-gap.interval.low)
    assert other.superiority == 0


def test_every_number_is_json(found):
    def check(value):
        if isinstance(value, dict):
            return [check(item) for item in value.values()]
        assert type(value) in (int, float, str, type(None), list), value
        return None

    check(records.comparison(comparison.compare(found, GN.config, BN.config)))


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
def test_a_bad_question_gets_one_clear_sentence(found, a, b, says):
    with pytest.raises(StatisticsError) as refusal:
        comparison.compare(found, a, b)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_runs_that_collapsed_are_said_and_leave_the_noise_floor(invent):
    runs = [
        invent(replace(trial, seed=seed), np.arange(missed + seed))
        for trial, many in ((GN, (60, 60, 9000)), (BN, (60, 60, 60)))
        for seed, missed in enumerate(many, 1)
    ]
    words = verdict(gathered(runs), GN, BN)
    assert words.endswith("1 of 3 runs of GN, batch 16 collapsed below 90 %.")
    assert comparison.noise_floor(gathered(runs)).configurations == 1


def test_nothing_is_compared_where_nothing_is_trained():
    assert comparison.opening(gathered([])) == (None, None)
    with pytest.raises(StatisticsError):
        comparison.compare(gathered([]), GN.config, BN.config)


def test_the_table_says_what_was_found(found):
    seen = comparison.compare(found, GN.config, BN.config)
    text = tables.comparison(seen).to_string()
    assert f"{seen.decision.gap.estimate:+.3f}" in text
    assert "5 seeds" in text
    assert "6 seeds" in text


def test_the_noise_floor_pools_configurations_and_plans(found, invent):
    floor = comparison.noise_floor(found)
    variances = [np.var(np.array(MISSED[trial]) / 100, ddof=1) for trial in (GN, BN)]
    pooled = np.sqrt(np.average(variances, weights=[4, 5]))
    assert floor.deviation == pytest.approx(pooled)
    assert (floor.configurations, floor.runs) == (2, 11)
    assert "To see 0.05 points" in wording.comparison.plan(floor, 0.05)
    assert comparison.noise_floor(gathered([])) is None
