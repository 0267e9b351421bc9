"""Moderated variances, contrasts with them, and intervals on new images, against scipy, simulation and a bootstrap."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from explorer.study import statistics, variance
from explorer.study.statistics import StatisticsError
from explorer.study.variance import Images, Prior, Sample
from tests.gathered import gathered
from train.study import Trial

GN, BN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN"))


def test_equal_variances_are_pooled():
    groups = list(np.random.default_rng(0).normal(0, 2, (13, 10)))
    assert stats.bartlett(*groups).pvalue > variance.BARTLETT_LEVEL
    pooled = variance.prior([*groups, np.array([5.0])], 0)
    assert pooled == Prior(
        pytest.approx(np.var(groups, axis=1, ddof=1).mean()), math.inf, 117
    )
    sample = Sample(groups[0], pooled, 0)
    assert (sample.variance, sample.df) == (pooled.variance, math.inf)
    assert variance.prior([np.array([5.0])], 0) is None


def test_bartlett_is_scipys():
    groups = [np.random.default_rng(1).normal(0, scale, 10) for scale in (1, 2, 1.5)]
    variances = np.array([group.var(ddof=1) for group in groups])
    p = variance._bartlett_p(variances, np.array([9, 9, 9]))
    assert p == pytest.approx(stats.bartlett(*groups).pvalue)


def test_smyths_fit_recovers_the_prior_of_unequal_variances():
    random = np.random.default_rng(2)
    true = 0.5 * 8 / random.chisquare(8, 3000)  # d_0 = 8, s_0^2 = 0.5
    groups = [random.normal(0, math.sqrt(one), 10) for one in true]
    fitted = variance.prior(groups, 0)
    assert fitted.df == pytest.approx(8, rel=0.15)
    assert fitted.variance == pytest.approx(0.5, rel=0.05)
    sample = Sample(groups[0], fitted, 0)
    expected = (fitted.df * fitted.variance + 9 * groups[0].var(ddof=1)) / sample.df
    assert sample.variance == pytest.approx(expected)
    assert sample.df == pytest.approx(fitted.df + 9)
    half = special.polygamma(1, fitted.df / 2)  # the equation that defines d_0
    logs = np.log([group.var(ddof=1) for group in groups])
    assert half == pytest.approx(logs.var(ddof=1) - special.polygamma(1, 4.5), rel=1e-6)


def test_a_contrast_of_pooled_samples_is_the_t_test_on_all_the_studys_runs():
    groups = list(np.random.default_rng(3).normal(99, 0.07, (6, 10)))
    prior = variance.prior(groups, 0.01)
    gap = variance.contrast(
        [(1.0, Sample(groups[0], prior)), (-1.0, Sample(groups[1], prior))]
    )
    assert gap.df == 54
    assert gap.error == pytest.approx(math.sqrt(prior.variance / 5))
    t = gap.estimate / gap.error
    assert gap.p == pytest.approx(2 * stats.t.sf(abs(t), 54))
    with pytest.raises(StatisticsError, match="two seeds"):
        variance.contrast(
            [(1.0, Sample(groups[0], prior)), (-1.0, Sample(np.ones(1), prior))]
        )


def test_welch_decides_where_a_variance_is_unusual():
    groups = list(np.random.default_rng(4).normal(99, 0.07, (12, 10)))
    prior = variance.prior(groups, 0.01)
    wild = Sample(99 + 3 * (groups[0] - groups[0].mean()), prior)
    assert wild.is_unusual
    gap = variance.contrast([(1.0, wild), (-1.0, Sample(groups[1], prior))])
    expected = stats.ttest_ind(wild.values, groups[1], equal_var=False).pvalue
    assert gap.p == pytest.approx(expected)
    own = stats.t.interval(0.95, 9, wild.mean, stats.sem(wild.values))
    assert (wild.interval.low, wild.interval.high) == pytest.approx(own)


def test_samples_take_the_prior_of_the_first_study_that_has_both(invent):
    random = np.random.default_rng(5)
    penalised = replace(
        GN, l1=1e-4
    )  # of the grid only; GN at batch 16 is of as-run first
    runs = [
        invent(replace(trial, seed=seed), range(int(count)))
        for trial in (GN, BN, penalised)
        for seed, count in enumerate(random.integers(50, 80, 10), 1)
    ]
    samples = variance.accuracies(gathered(runs))
    assert variance.first_study(GN.config) == "as-run"
    assert samples.sample(GN.config).prior == samples.priors["as-run"]
    (_, a), (_, b) = samples.groups({GN.config: 1.0, penalised.config: -1.0})
    assert a.prior == b.prior == samples.priors["grid"]
    values = [samples.values[trial.config] for trial in (GN, BN, penalised)]
    assert samples.priors["grid"] == variance.prior(values, 0.01)
    gap = variance.contrast(samples.groups({GN.config: 1.0, penalised.config: -1.0}))
    assert gap.estimate == pytest.approx(values[0].mean() - values[2].mean())


def test_a_configuration_with_a_collapsed_run_keeps_its_own_variance(invent):
    counts = {GN: (60, 61, 9000), BN: (60, 64, 68)}
    runs = [
        invent(replace(trial, seed=seed), range(count))
        for trial, missed in counts.items()
        for seed, count in enumerate(missed, 1)
    ]
    samples = variance.accuracies(gathered(runs))
    assert samples.sample(GN.config).prior is None
    expected = variance.prior([samples.values[BN.config]], 0.01)
    assert samples.sample(BN.config).prior == expected


def new_images(a: np.ndarray, b: np.ndarray | None = None) -> statistics.Interval:
    """Interval for new seeds and images of the mean of `a` (S, N), or of its difference to `b`, with own variances."""
    arms = [(1.0, a)] if b is None else [(1.0, a), (-1.0, b)]
    gap = variance.contrast(
        [(weight, Sample(100 * arm.mean(1))) for weight, arm in arms]
    )
    return variance.new_images_interval(
        gap, [(weight, Images.of(arm)) for weight, arm in arms]
    )


@pytest.fixture(scope="module")
def pool() -> np.ndarray:
    """Error probabilities of 100,000 images, of which 3 % are hard to different degrees, as in MNIST's test set."""
    random = np.random.default_rng(4)
    hard = random.random(100_000) < 0.03
    return np.where(hard, random.beta(0.3, 1.2, 100_000), 0.0002)


def study(random, pool: np.ndarray, seeds: int, images: int = 10_000):
    """Two groups (seeds, images) with equal expectations, image effects specific to each group, and a deviation between seeds."""
    shared = random.choice(pool, images)
    for _ in range(2):
        own = shared * np.exp(0.35 * random.standard_normal(images))
        shift = np.exp(0.03 * random.standard_normal((seeds, 1)))
        yield random.random((seeds, images), np.float32) > np.minimum(own * shift, 1)


@pytest.mark.parametrize("seeds", [3, 10])
def test_the_crossed_intervals_cover_new_seeds_and_images(seeds, pool):
    random = np.random.default_rng(5)
    studies, means_and_intervals, covered_pairs = 1000, [], 0
    for _ in range(studies):
        a, b = study(random, pool, seeds)
        means_and_intervals.append((a.mean(), new_images(a)))
        interval = new_images(a, b)
        covered_pairs += interval.low < 0 < interval.high
    truth = 100 * np.mean([mean for mean, _ in means_and_intervals])
    assert 0.93 <= covered_pairs / studies <= 0.97
    covered = sum(
        interval.low < truth < interval.high for _, interval in means_and_intervals
    )
    assert 0.93 <= covered / studies <= 0.97


def bootstrap_error(a, b, random, crossed: bool) -> float:
    """Bootstrap standard error of mean a - mean b in percent, over seeds and images, as an independent check.

    With `crossed`, seeds and images are drawn, and the cells at their intersections taken. Otherwise the effects of seeds
    and of images are drawn, with the image effects shrunk to their variance component.
    """
    draws = 2000
    images = random.multinomial(
        a.shape[1], np.full(a.shape[1], 1 / a.shape[1]), draws
    ).astype(float)
    total = np.zeros(draws)
    for sign, arm in ((1, a), (-1, b)):
        arm = 100 * arm
        n = len(arm)
        counts = random.multinomial(n, np.full(n, 1 / n), draws)
        if crossed:
            total += sign * np.einsum("ds,sd->d", counts, arm @ images.T) / arm.size
        else:
            effects = (arm.mean(1) - arm.mean()) * np.sqrt(n / (n - 1))
            total += sign * counts @ effects / n
    if not crossed:
        column = 100 * (a.mean(0) - b.mean(0))
        rest = sum(100**2 * arm.var(0, ddof=1).mean() / len(arm) for arm in (a, b))
        shrink = np.sqrt(max(0, 1 - rest / column.var(ddof=1)))
        total += images @ (column - column.mean()) * shrink / len(column)
    return total.std()


def test_the_crossed_interval_is_that_of_a_bootstrap_that_counts_each_component_once(
    pool,
):
    random = np.random.default_rng(7)
    a, b = study(random, pool, 12)
    interval = new_images(a, b)
    error = bootstrap_error(a, b, random, crossed=False)
    assert interval.half_width / stats.t.ppf(0.975, 30) == pytest.approx(
        error, rel=0.08
    )
    assert bootstrap_error(a, b, random, crossed=True) > 1.15 * error


def test_the_rest_is_the_residual_of_a_two_way_layout():
    correct = np.random.default_rng(8).random((5, 300)) < 0.9
    answers = 100 * correct.astype(float)
    residuals = answers - answers.mean(0) - answers.mean(1)[:, None] + answers.mean()
    expected = (residuals**2).sum() / (4 * 299) / 5
    assert Images.of(correct).rest == pytest.approx(expected)


def test_a_prediction_interval_holds_one_further_run():
    random = np.random.default_rng(6)
    own = random.normal(99.3, 0.07, 10)
    alone = Sample(own)
    expected = stats.t.interval(
        0.95, 9, own.mean(), own.std(ddof=1) * math.sqrt(1 + 1 / 10)
    )
    assert (alone.prediction.low, alone.prediction.high) == pytest.approx(expected)
    assert math.isnan(Sample(own[:1]).prediction.low)
    covered = 0
    for _ in range(400):
        groups = list(random.normal(99.3, 0.07, (6, 5)))
        prediction = Sample(groups[0], variance.prior(groups, 0.01)).prediction
        covered += prediction.low <= random.normal(99.3, 0.07) <= prediction.high
    assert covered / 400 == pytest.approx(0.95, abs=0.03)


def test_best_epochs_have_a_prior_of_their_own(invent):
    trials = [replace(GN, seed=seed) for seed in (1, 2, 3)]
    curves = [[0.99, *[0.98 + 0.001 * seed] * 24] for seed in (1, 2, 3)]
    results = gathered(
        invent(trial, range(60 + trial.seed), test_acc=curve)
        for trial, curve in zip(trials, curves, strict=True)
    )
    best = variance.best_accuracies(results)
    assert best.sample(GN.config).values.tolist() == [99.0] * 3
    assert best.priors["grid"].variance == pytest.approx(0.01**2 / 12)
    assert variance.accuracies(results).priors["grid"].variance > 0.01**2 / 12
