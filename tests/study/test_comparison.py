"""Two configurations compared: the numbers, the words, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from gathered import gathered
from scipy import stats

from explorer import comparison
from explorer.statistics import StatisticsError
from train.study import PUBLISHED, Trial

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


def test_the_numbers_are_those_of_the_runs(found):
    seen = comparison.compare(found, GN.config, BN.config)
    a, b = (100 - np.array(MISSED[trial]) / 100 for trial in (GN, BN))
    assert seen["a"]["mean"] == pytest.approx(a.mean())
    assert (seen["a"]["seeds"], seen["b"]["seeds"]) == (5, 6)
    assert seen["b"]["deviation"] == pytest.approx(b.std(ddof=1))
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert seen["difference"]["p"] == pytest.approx(welch.pvalue)
    assert seen["difference"]["points"] == pytest.approx(a.mean() - b.mean())
    assert seen["outcome"] == "different"
    assert seen["more_seeds"] is None
    assert seen["a_beats_b"]["probability"] == 1
    one = seen["one_run"]
    assert one["only_a"] - one["only_b"] == 10
    table = [[0, one["only_a"]], [one["only_b"], 0]]
    expected = stats.binomtest(table[0][1], table[0][1] + table[1][0]).pvalue
    assert one["p"] == pytest.approx(expected)


def test_the_other_way_round_is_the_mirror_image(found):
    seen = comparison.compare(found, GN.config, BN.config)
    other = comparison.compare(found, BN.config, GN.config)
    for key in ("points", "low", "high"):
        mirror = {"points": "points", "low": "high", "high": "low"}[key]
        assert other["difference"][key] == pytest.approx(-seen["difference"][mirror])
    assert other["a_beats_b"]["probability"] == 0


def test_the_verdict_says_which_is_better_by_how_much_and_from_how_many(found):
    words = comparison.compare(found, BN.config, GN.config)["verdict"]
    assert words.startswith(
        "Different, GN, batch 16 reads better than BN, batch 16: 99.40 against 99.28, difference 0.12 ± 0.03, "
        "5 and 6 seeds."
    )


def test_every_number_is_json(found):
    def check(value):
        if isinstance(value, dict):
            return [check(item) for item in value.values()]
        assert type(value) in (int, float, str, type(None), list), value
        return None

    check(comparison.compare(found, GN.config, BN.config))


@pytest.mark.parametrize(
    ("gap", "deviation", "says"),
    [
        (0, 1, "Equivalent within 0.05 points: 99.40 against 99.40, difference 0.00"),
        (4, 6, "Too close to call: 99.40 against 99.36, difference 0.04 ± 0.06"),
    ],
)
def test_the_other_two_verdicts(invent, gap, deviation, says):
    steps = deviation * np.array([-1, 1, -1, 1, -1, 1, -1, 1, -1, 1])
    runs = [
        invent(replace(trial, seed=seed), np.arange(60 + shift + int(step)))
        for trial, shift in ((GN, 0), (BN, gap))
        for seed, step in enumerate(steps, 1)
    ]
    seen = comparison.compare(gathered(runs), GN.config, BN.config)
    assert seen["verdict"].startswith(says)
    assert "10 seeds each" in seen["verdict"]
    if seen["more_seeds"]:
        assert f"{seen['more_seeds']} more seeds each would decide" in seen["verdict"]


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
    verdict = comparison.compare(gathered(runs), GN.config, BN.config)["verdict"]
    assert verdict.endswith("1 of 3 runs of GN, batch 16 collapsed below 90 %.")
    assert comparison.noise_floor(gathered(runs))["configurations"] == 1


def test_numbers_that_round_apart_are_given_with_three_digits(invent):
    runs = [
        invent(replace(trial, seed=seed), np.arange(missed))
        for trial, many in ((GN, (60, 61, 64)), (BN, (60, 64, 66)))
        for seed, missed in enumerate(many, 1)
    ]
    verdict = comparison.compare(gathered(runs), BN.config, GN.config)["verdict"]
    assert "99.367 against 99.383, difference 0.017" in verdict
    verdict = comparison.compare(gathered(runs), GN.config, BN.config)["verdict"]
    assert "99.383 against 99.367, difference 0.017" in verdict


def test_nothing_is_compared_where_nothing_is_trained():
    assert comparison.opening(gathered([])) == (None, None)
    with pytest.raises(StatisticsError):
        comparison.compare(gathered([]), GN.config, BN.config)


def test_the_table_says_what_was_found(found):
    seen = comparison.compare(found, GN.config, BN.config)
    text = comparison.table(seen).to_string()
    assert f"{seen['difference']['points']:+.3f}" in text
    assert "5 seeds" in text
    assert "6 seeds" in text


def test_the_best_row_is_named_with_how_many_are_really_behind_it(invent):
    row, other, third = PUBLISHED[0], PUBLISHED[2], PUBLISHED[3]
    runs = [
        invent(replace(trial, seed=seed), np.arange(missed + seed))
        for trial, missed in ((row, 60), (other, 60), (third, 90))
        for seed in range(1, 6)
    ]
    words = comparison.leader(gathered(runs))
    assert words.startswith("So far row 1 (GN, batch 128) has the best mean")
    assert "Of 2 others 1 are shown to be behind it" in words
    assert "all 3 pairs" in words
    assert "Too few seeds" in comparison.leader(gathered(runs[:5]))


def test_the_noise_floor_pools_configurations_and_plans(found, invent):
    floor = comparison.noise_floor(found)
    variances = [np.var(np.array(MISSED[trial]) / 100, ddof=1) for trial in (GN, BN)]
    pooled = np.sqrt(np.average(variances, weights=[4, 5]))
    assert floor["deviation"] == pytest.approx(pooled)
    assert (floor["configurations"], floor["runs"]) == (2, 11)
    assert "To see 0.05 points" in comparison.plan(found, 0.05)
    assert comparison.noise_floor(gathered([])) is None
