"""Simulated coverage of the intervals of docs/protocol.md."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.polynomial import Polynomial
from scipy import special

from benchmarks import chain
from benchmarks.chain import DEVIATION, Errors
from benchmarks.false_words import LEVEL_WEIGHTS, SHAPE, WEIGHTS
from explorer.retrain import reference_runs
from explorer.study import families, statistics, variance
from explorer.study.statistics import LEVEL, RESOLUTION, ROUNDED, Difference
from explorer.study.variance import Images, Sample

NORMS = math.comb(
    SHAPE[0], 2
)  # pairs of norms: the first contrasts of the primary family
IMAGES = 10_000
# What a rounded accuracy varies by (Sheppard 1898).
ROUNDED_DEVIATION = math.hypot(DEVIATION, ROUNDED)


@dataclass(frozen=True)
class Coverage:
    """Share of simulated intervals that contain the truth, with the simulation's standard error."""

    name: str
    share: float
    error: float
    reason: str  # of a share above 95 % by design

    @classmethod
    def of(cls, name: str, covered: np.ndarray, reason: str = "") -> "Coverage":
        """Coverage from (studies,) or (studies, intervals), whose standard error is that over studies."""
        by_study = covered.reshape(len(covered), -1).mean(1)
        error = by_study.std() / math.sqrt(len(by_study))
        return cls(name, float(by_study.mean()), float(error), reason)


def accuracies(
    random: np.random.Generator, studies: int, configs: int, runs: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Rounded accuracies (D, G, runs) in percent, and their true means (D, G)."""
    truth = random.uniform(98.9, 99.3, (studies, configs))
    values = random.normal(truth[..., None], DEVIATION, (studies, configs, runs))
    return values.round(2), truth


def of_means(seed: int, studies: int = 10_000) -> Iterator[Coverage]:
    """Intervals for these test images, of configurations of `published` and of contrasts over the grid."""
    random = np.random.default_rng(seed)
    values, truth = accuracies(random, studies, 13)
    offsets, errors = _contrasts(values, truth, np.eye(13))
    yield Coverage.of("mean of a configuration, `published`", _covered(offsets, errors))
    offsets, errors = _contrasts(values, truth, chain.pairs(13))
    yield Coverage.of("difference of a pair, `published`", _covered(offsets, errors))
    values, truth = accuracies(random, studies, 48)
    offsets, errors = _contrasts(values, truth, np.concatenate(LEVEL_WEIGHTS))
    yield Coverage.of("mean of a level over the grid", _covered(offsets, errors))
    offsets, errors = _contrasts(values, truth, WEIGHTS)
    yield Coverage.of("primary contrasts", _covered(offsets, errors))
    half_widths = (
        range_quantile(errors.df[:, :NORMS]) * errors.error[:, :NORMS] / math.sqrt(2)
    )
    yield from _tukey(
        "these images", offsets[:, :NORMS], half_widths, truth @ WEIGHTS[:NORMS].T
    )


def _contrasts(
    values: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, Errors]:
    """Offsets (D, C) of estimates from the truth, and their errors."""
    runs = np.full(values.shape[1], values.shape[2])
    drawn = chain.chain(values.var(2, ddof=1), runs, RESOLUTION)
    return (values.mean(2) - truth) @ weights.T, chain.contrast([(drawn, weights)])


def _covered(offsets: np.ndarray, errors: Errors) -> np.ndarray:
    return np.abs(offsets) < errors.critical(LEVEL)


def _tukey(
    images: str, offsets: np.ndarray, half_widths: np.ndarray, truth: np.ndarray
) -> Iterator[Coverage]:
    """Simultaneous intervals of all pairs of norms, and the bound on their differences; arrays (D, pairs)."""
    name = f"pairs of three norms together, {images} (Tukey)"
    yield Coverage.of(name, (np.abs(offsets) < half_widths).all(1))
    bound = (np.abs(truth + offsets) + half_widths).max(1)
    name = f"bound on the differences of three norms, {images}"
    reason = "wide by design: the largest limit of intervals that hold together"
    yield Coverage.of(name, bound > np.abs(truth).max(1), reason)


@cache
def _quantiles() -> Polynomial:
    """Quantile of the studentised range of three means, by 1 / degrees of freedom."""
    inverse = 1 / np.array([5, 10, 20, 100, 1000])
    exact = [families._range_quantile(SHAPE[0], 1 / one) for one in inverse]
    return Polynomial.fit(inverse, exact, len(inverse) - 1)


def range_quantile(df: np.ndarray) -> np.ndarray:
    """Quantiles of `families.tukey`, interpolated: scipy takes a tenth of a second for one."""
    return _quantiles()(1 / df)


def of_runs(seed: int, draws: int = 10_000) -> Iterator[Coverage]:
    """Intervals from the runs of one or two configurations: deviation, prediction, superiority."""
    random = np.random.default_rng(seed)
    for runs in (10, 5):
        values, _ = accuracies(random, draws, 1, runs + 1)
        intervals = [statistics.deviation_interval(one[0, :runs]) for one in values]
        covered = np.array(
            [one.low < ROUNDED_DEVIATION < one.high for one in intervals]
        )
        yield Coverage.of(f"deviation between seeds, {runs} runs", covered)
        inside = [
            reference_runs._predicted(one[0, -1], one[0, :runs]).is_inside
            for one in values
        ]
        yield Coverage.of(
            f"prediction of one further run, from {runs}", np.array(inside)
        )
    for gap, own in product((0.0, 1.0, 2.0), (10, 5)):
        a = random.normal(99 + gap * DEVIATION, DEVIATION, (draws, own)).round(2)
        b = random.normal(99, DEVIATION, (draws, 10)).round(2)
        theta = special.ndtr(gap * DEVIATION / (math.sqrt(2) * ROUNDED_DEVIATION))
        intervals = [
            statistics.superiority(*pair)[1] for pair in zip(a, b, strict=True)
        ]
        name = f"superiority (Newcombe), {own} against 10 runs, true probability {theta:.2f}"
        yield Coverage.of(
            name, np.array([one.low < theta < one.high for one in intervals])
        )


def pool(random: np.random.Generator) -> np.ndarray:
    """Error probabilities of 100,000 images, of which 3 % are hard to different degrees, as in MNIST's test set."""
    hard = random.random(100_000) < 0.03
    return np.where(hard, random.beta(0.3, 1.2, 100_000), 0.0002)


def answers(
    random: np.random.Generator, pool: np.ndarray, configs: int, seeds: int
) -> Iterator[np.ndarray]:
    """Answers (seeds, IMAGES) of configurations with equal expectations, image effects specific to each, and a deviation between seeds."""
    shared = random.choice(pool, IMAGES)
    for _ in range(configs):
        own = (shared * np.exp(0.35 * random.standard_normal(IMAGES))).astype(
            np.float32
        )
        shift = np.exp(0.03 * random.standard_normal((seeds, 1))).astype(np.float32)
        yield random.random((seeds, IMAGES), np.float32) > np.minimum(own * shift, 1)


@dataclass(frozen=True)
class OnNewImages:
    """Contrast of a simulated study, and what it is judged by on new images."""

    gap: Difference  # on these images
    half_width: float
    error: float
    df: float


def image_weights(configs: int) -> np.ndarray:
    """Weights (6, configs): a mean, a pair, half minus half, and the pairs of three thirds."""
    halves = np.repeat([1, -1], configs // 2) * 2 / configs
    thirds = np.repeat(np.eye(3), configs // 3, axis=1) * 3 / configs
    pairs = [a - b for a, b in combinations(thirds, 2)]
    return np.array([np.eye(configs)[0], chain.pairs(configs)[0], halves, *pairs])


def on_new_images(
    random: np.random.Generator, pool: np.ndarray, configs: int, seeds: int
) -> list[OnNewImages]:
    """Contrasts of one simulated study of all its configurations' answers."""
    arms = list(answers(random, pool, configs, seeds))
    values = [100 * arm.mean(1) for arm in arms]
    prior = variance.prior(values, RESOLUTION)
    samples = [Sample(one, prior) for one in values]
    images = [Images.of(arm) for arm in arms]
    contrasts = []
    for weights in image_weights(configs):
        gap = variance.contrast(list(zip(weights, samples, strict=True)))
        parts = [
            (weight, one) for weight, one in zip(weights, images, strict=True) if weight
        ]
        interval = variance.new_images_interval(gap, parts)
        error, df = variance.new_images_error(gap, parts)
        contrasts.append(OnNewImages(gap, interval.half_width, error, df))
    return contrasts


def of_new_images(
    seed: int, studies: int = 2000, configs: int = 24, seeds: int = 10
) -> Iterator[Coverage]:
    """Intervals for new seeds and images; the true mean is that over all studies."""
    random = np.random.default_rng(seed)
    population = pool(random)
    drawn = [on_new_images(random, population, configs, seeds) for _ in range(studies)]

    def array(value: Callable[[OnNewImages], float]) -> np.ndarray:
        return np.array([[value(one) for one in study] for study in drawn])

    estimates = array(lambda one: one.gap.estimate)
    truth = np.array([estimates[:, 0].mean(), *[0.0] * (estimates.shape[1] - 1)])
    covered = np.abs(estimates - truth) < array(lambda one: one.half_width)
    names = (
        "mean of a configuration",
        "difference of a pair",
        f"contrast of {configs} configurations",
    )
    for index, name in enumerate(names):
        yield Coverage.of(f"{name}, new images", covered[:, index])
    these = range_quantile(array(lambda one: one.gap.df)) * array(
        lambda one: one.gap.error
    )
    new = range_quantile(array(lambda one: one.df)) * array(lambda one: one.error)
    half_widths = np.maximum(these, new)[:, -NORMS:] / math.sqrt(
        2
    )  # as in `families.tukey`
    yield from _tukey(
        "new images", estimates[:, -NORMS:], half_widths, np.zeros((1, NORMS))
    )
