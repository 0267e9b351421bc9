"""Simulated error control of the statistics (benchmarks/simulations.py), with few draws, and its vectorised chain against the reference."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks import chain, coverage, false_words, repeated, simulations, sizes
from benchmarks.false_words import WEIGHTS, Grids
from explorer.study import factorial, looks, statistics, variance
from explorer.study.statistics import MARGIN, Difference
from explorer.study.variance import Sample
from tests.gathered import gathered
from train.study import GRID

RUNS = np.array([10, 5, 10, 3, 10, 5, 10, 10])
SPREADS = {  # deviations of configurations: alike, of one that is unusual, and all different
    "alike": np.full(8, 0.07),
    "one unusual": np.array([0.2, *[0.07] * 7]),
    "different": 0.07 * 2.0 ** np.linspace(-3, 3, 8),
}


def drawn_values(random, deviations: np.ndarray, studies: int) -> list:
    return [
        [
            random.normal(99, one, count).round(2)
            for one, count in zip(deviations, RUNS, strict=True)
        ]
        for _ in range(studies)
    ]


def chain_of(studies: list) -> chain.Chain:
    variances = [[values.var(ddof=1) for values in study] for study in studies]
    return chain.chain(np.array(variances), RUNS, 0.01)


@pytest.mark.parametrize("spread", SPREADS)
def test_the_vectorised_chain_is_that_of_a_single_study(spread):
    random = np.random.default_rng(0)
    studies = drawn_values(random, SPREADS[spread], 20)
    weights = np.vstack([chain.pairs(8), random.normal(size=(3, 8))])
    many = chain_of(studies)
    contrasts = chain.contrast([(many, weights)])
    kinds = set()
    for index, study in enumerate(studies):
        prior = variance.prior(study, 0.01)
        assert prior
        samples = [Sample(values, prior, 0.01) for values in study]
        assert many.moderated[index] == pytest.approx([one.variance for one in samples])
        assert many.df[index] == pytest.approx([one.df for one in samples])
        unusual = [one.is_unusual for one in samples]
        assert many.is_unusual[index].tolist() == unusual
        kinds.add((math.isinf(prior.df), any(unusual)))
        for row, one in enumerate(weights):
            gap = variance.contrast(list(zip(one, samples, strict=True)))
            assert contrasts.error[index, row] == pytest.approx(gap.error)
            assert contrasts.df[index, row] == pytest.approx(gap.df)
    met = {"alike": (True, False), "one unusual": (True, True)}
    assert met.get(spread, (False, False)) in kinds  # pooled, unusual


def test_the_vectorised_contrast_of_two_studies_is_that_of_single_ones():
    random = np.random.default_rng(1)
    sides = [drawn_values(random, SPREADS["alike"], 10) for _ in range(2)]
    weights = np.eye(8)
    errors = chain.contrast(
        [(chain_of(sides[0]), weights), (chain_of(sides[1]), -weights)]
    )
    for index, pair in enumerate(zip(*sides, strict=True)):
        priors = [variance.prior(study, 0.01) for study in pair]
        for config in range(8):
            samples = [
                Sample(study[config], prior, 0.01)
                for study, prior in zip(pair, priors, strict=True)
            ]
            gap = variance.contrast([(1.0, samples[0]), (-1.0, samples[1])])
            assert errors.error[index, config] == pytest.approx(gap.error)
            assert errors.df[index, config] == pytest.approx(gap.df)


def test_the_family_of_false_words_is_the_primary_family(invent):
    runs = [
        invent(replace(trial, seed=seed), range(50 + seed))
        for trial in GRID
        for seed in (1, 2)
    ]
    samples = variance.accuracies(gathered(runs))
    configs = [trial.config for trial in GRID]
    expected = [
        [contrast.weights.get(config, 0.0) for config in configs]
        for contrast in factorial.primary(samples)
    ]
    assert pytest.approx(np.array(expected)) == WEIGHTS


def test_the_words_are_those_of_the_reference():
    grids = Grids.drawn(np.random.default_rng(2), 30, deviation=0.1)
    truth = np.linspace(-0.1, 0.1, 15)
    words = grids.words(truth)
    for index, (noise, error, df) in enumerate(
        zip(grids.noise, grids.errors.error, grids.errors.df, strict=True)
    ):
        family = [
            Difference(*one, (10, 10))
            for one in zip(noise + truth, error, df, strict=True)
        ]
        assert words[index].tolist() == statistics.outcomes(family)
    assert len(np.unique(words)) == 3


def test_the_size_is_within_10_percent_of_the_level_and_welchs_is_not():
    random, compared = np.random.default_rng(3), []
    drawn = (*sizes.families(random, 2000), *sizes.across(random, 4000))
    for _, runs, groups in drawn:
        errors, true = chain.contrast(groups), sizes.true_errors(groups)
        if runs in ("5 and 10", "10 and 10"):
            for level in sizes.LEVELS.values():
                one = sizes.size(errors, true, level)
                assert one.error < 0.1 / 3
                assert abs(one.ratio - 1) < 0.1
                compared.append(one.ratio)
        elif runs == "3 and 10":
            own = sizes.size(chain.welch(groups), true, 0.05 / 78)
            assert own.ratio > 3
    assert len(compared) == 21


def test_the_size_is_the_share_of_rejections():
    random = np.random.default_rng(4)
    drawn = chain.drawn(random, 20_000, np.full(6, 5))
    groups = [(drawn, chain.pairs(6)[:1])]
    errors, true = chain.contrast(groups), sizes.true_errors(groups)
    rejected = errors.p(random.normal(0, true, (20_000, 1))) < 0.05
    expected = sizes.size(errors, true, 0.05).ratio
    assert rejected.mean() / 0.05 == pytest.approx(expected, abs=0.09)


def test_intervals_for_these_images_cover():
    for one in coverage.of_means(5, 1000):
        assert one.share > 0.93
        assert one.share < 0.97 or one.reason


def test_intervals_of_deviations_predictions_and_superiority_cover():
    for one in coverage.of_runs(6, 200):
        assert one.share > 0.93 - 3 * one.error
        assert one.share < 0.97 + 3 * one.error or one.reason


@pytest.mark.parametrize("df", [12, 60, 432])
def test_the_quantile_of_the_studentised_range_is_scipys(df):
    expected = stats.studentized_range.ppf(0.95, 3, df)
    assert coverage.range_quantile(np.array(df)) == pytest.approx(expected, rel=1e-4)


def test_intervals_for_new_images_cover():
    for one in coverage.of_new_images(7, 40, configs=6):
        assert one.share > 0.93 - 3 * one.error


def test_a_family_has_a_false_word_in_at_most_5_percent():
    grids = Grids.drawn(np.random.default_rng(8), 4000)
    no_effect = grids.false_words(false_words.true_contrasts(false_words.NO_EFFECT))
    assert 0.02 < no_effect.different < 0.05
    on_margin = grids.false_words(false_words.true_contrasts(false_words.ON_MARGIN))
    assert on_margin.either < 0.01


def test_equality_is_shown_falsely_in_at_most_5_percent_of_families_on_the_margin():
    """With larger deviations the tests of a difference do not hide it."""
    grids = Grids.drawn(np.random.default_rng(9), 4000, deviation=0.1)
    truth = false_words.true_contrasts(false_words.ON_MARGIN)
    words = grids.false_words(truth)
    assert 0.005 < words.equivalent < 0.05
    smaller = grids.false_words(0.9 * truth)  # *equivalent* is true
    assert smaller.equivalent < words.equivalent


def test_the_detectable_difference_has_its_power():
    for *_, power in sizes.detectable(10, 1000):
        assert 0.77 < float(power.rstrip("%")) / 100 < 0.81


def test_who_looks_again_and_again_is_told_a_false_difference_in_at_most_5_percent():
    random = np.random.default_rng(11)
    for shape in repeated.SHAPES.values():
        shares = repeated.verdicts(random, 2000, shape, 1.0)
        assert 0 < shares["e-value"].mean() < 0.05 < shares["t test"].mean()
        assert shares["interval"].mean() > 0.95


def test_a_simulated_reference_is_that_of_the_explorer():
    random, kinds = np.random.default_rng(12), set()
    for deviations in SPREADS.values():
        for study in drawn_values(random, deviations, 20):
            sample = Sample(study[0], variance.prior(study, 0.01), 0.01)
            expected = looks.Reference.of(sample)
            one = repeated.reference(chain_of([study]), np.array([study[0].mean()]))
            assert np.ravel(one.variance) == pytest.approx([expected.variance])
            assert np.ravel(one.df) == pytest.approx([expected.df])
            kinds.add(sample.is_unusual)
    assert kinds == {True, False}


def test_the_committed_tables_are_of_this_script():
    text = simulations.PATH.read_text()
    for section in (
        "INTRODUCTION",
        "EQUAL",
        "ACROSS",
        "UNEQUAL",
        "COVERAGE",
        "FALSE",
        "POWER",
        "LOOKS",
    ):
        assert getattr(simulations, section) in text
    for row in sizes.detectable(7):
        assert f"| {' | '.join(row)} |" in text
    assert MARGIN == 0.05  # as its text says
