"""Comparisons of two configurations: their numbers, and refused names."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from explorer.study import (
    comparison,
    families,
    further,
    records,
    row_comparisons,
    statistics,
    tables,
    variance,
    wording,
)
from explorer.study.statistics import StatisticsError
from tests.gathered import gathered
from train.study import GRID, ROWS, STUDIES, Trial, as_run

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
    result = comparison.compare(gathered(runs), GN.config, BN.config)
    sentence = wording.comparison.notes(result)
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
    assert f"{pooled:.3f} points" in wording.comparison.noise(floor)
    assert comparison.noise_floor(gathered([])) is None


def study_of(invent, trials, seeds=3):
    """Results of some configurations, each of which misses a few images more than the one before."""
    return gathered(
        invent(replace(trial, seed=seed), range(60 + index + 2 * seed))
        for index, trial in enumerate(trials)
        for seed in range(1, seeds + 1)
    )


OTHER = Trial("GN", 0.0, 0.0, 16, lr=0.3)  # of no study
DOSE = STUDIES["dose"].trials[0]
COLLAPSED = ROWS[1].trial


@pytest.fixture(scope="module")
def studies(invent):
    """The published rows, some of them as run, the grid at batch 16, dose, and a configuration of no study."""
    trials = [row.trial for row in ROWS if row.trial != COLLAPSED]
    trials += [as_run(ROWS[2].trial), *(t for t in GRID if t.batch_size == 16)]
    results = study_of(invent, dict.fromkeys([*trials, *STUDIES["dose"].trials, OTHER]))
    runs = [invent(replace(COLLAPSED, seed=seed), range(9000)) for seed in (1, 2)]
    return gathered([*results.checkpoints, *runs])


@pytest.mark.parametrize(
    ("a", "b", "scope", "pairs"),
    [
        (
            ROWS[2].trial,
            as_run(ROWS[2].trial),
            "planned comparisons of rows and norms",
            None,
        ),
        (BN, GN, "planned comparisons of rows and norms", None),
        (ROWS[3].trial, ROWS[4].trial, "pairs of published rows", 13 * 12 // 2),
        (GN, Trial("GN", 1e-4, 0.0, 16), "pairs of configurations of grid", None),
        (DOSE, BN, "planned comparisons of doses of L1", 8),
        (DOSE, GN, "pairs of configurations of as-run and dose", None),
        (OTHER, DOSE, "pairs of configurations of dose and no study", 6),
        (COLLAPSED, ROWS[0].trial, "", 1),
    ],
)
def test_a_pair_is_judged_in_the_family_that_the_protocol_names(
    studies, a, b, scope, pairs
):
    family = comparison.family_of(studies, a.config, b.config)
    assert family.scope == scope
    assert len(family) == (pairs or len(set(map(frozenset, family.pairs))))
    assert {(a.config, b.config), (b.config, a.config)} & set(family.pairs)
    other = comparison.family_of(studies, b.config, a.config)
    assert set(map(frozenset, other.pairs)) == set(map(frozenset, family.pairs))
    in_family = {config for pair in family.pairs for config in pair}
    assert (COLLAPSED.config in in_family) == (COLLAPSED in (a, b))


def test_a_pair_has_the_word_of_the_tables_of_its_family(studies):
    for pair in row_comparisons.pairs(studies):
        one = comparison.judge_pair(studies, pair.a.trial.config, pair.b.trial.config)
        assert (one.outcome, one.p) == (pair.decision.outcome, pair.decision.p)
    for asked in row_comparisons.questions(studies):
        one = comparison.judge_pair(studies, asked.b.config, asked.a.config)
        assert (one.outcome, one.p) == (asked.decision.outcome, asked.decision.p)
        assert one.gap.estimate == -asked.decision.gap.estimate
    doses = families.judge(variance.accuracies(studies), further.dose())
    judged = {tuple(one.contrast.weights): one.judgement for one in doses.judged}
    one = comparison.judge_pair(studies, BN.config, DOSE.config)
    assert one.p == judged[BN.config, DOSE.config].p
    assert one.family == len(doses.judged)
    assert row_comparisons.penalties(studies).family == len(
        row_comparisons.planned(studies)
    )


def test_a_margin_holds_for_the_whole_family(studies):
    a, b = ROWS[3].trial.config, ROWS[4].trial.config
    assert comparison.judge_pair(studies, a, b, 0.02).outcome == "undecided"
    wide = comparison.judge_pair(studies, a, b, 0.5)
    assert (wide.outcome, wide.gap.margin) == ("equivalent", 0.5)
    family = comparison.family_of(studies, a, b)
    gaps = [
        comparison.judge_pair(studies, *pair, 0.5).gap.p_equivalent
        for pair in family.pairs
    ]
    position = family.pairs.index((a, b))
    assert wide.p_equivalent == statistics.holm(gaps)[position]


@pytest.mark.parametrize("margin", [0.01, 0.6, float("nan"), "wide", None])
def test_a_margin_out_of_bounds_is_refused(results, margin):
    with pytest.raises(StatisticsError, match=r"margin must be from 0\.02 to 0\.5"):
        comparison.compare(results, GN.config, BN.config, margin)
