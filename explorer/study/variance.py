"""Variance between the seeds of a configuration, moderated by that of its study, and contrasts of means with it (docs/protocol.md)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from scipy import optimize, special, stats

from explorer.runs.results import Results
from explorer.study import statistics
from explorer.study.statistics import (
    LEVEL,
    MARGIN,
    RESOLUTION,
    Difference,
    Interval,
)
from train.study import STUDIES, Study

BARTLETT_LEVEL = 0.01  # of the test that rejects one variance for all configurations
UNUSUAL = 0.01  # upper tail of the F test for one configuration's variance


@dataclass(frozen=True)
class Prior:
    """Prior of the variances of a study's configurations: scaled inverse chi-square (Smyth 2004, doi 10.2202/1544-6115.1027)."""

    variance: float  # s_0^2
    df: float  # d_0; infinite where the variance is pooled
    pooled_df: int  # sum of the configurations' degrees of freedom


def prior(groups: Iterable[np.ndarray], resolution: float) -> Prior | None:
    """Prior from the groups with two runs or more, one value per seed; None without such a group.

    The pooled variance, unless Bartlett's test rejects equal variances. A group's variance is that of rounding to `resolution` at least.
    """
    groups = [values for values in groups if len(values) > 1]
    if not groups:
        return None
    df = np.array([len(values) - 1 for values in groups])
    variances = np.array([sample_variance(values, resolution) for values in groups])
    pooled = Prior(float(np.average(variances, weights=df)), math.inf, int(df.sum()))
    if _bartlett_p(variances, df) >= BARTLETT_LEVEL:
        return pooled
    logs = np.log(variances) - special.digamma(df / 2) + np.log(df / 2)
    spread = logs.var(ddof=1) - special.polygamma(1, df / 2).mean()
    if spread <= 0:
        return pooled
    half_df = optimize.brentq(
        lambda half: special.polygamma(1, half) - spread, 1e-6, 1e9
    )
    mean = logs.mean() + special.digamma(half_df) - math.log(half_df)
    return Prior(float(np.exp(mean)), 2 * half_df, pooled.pooled_df)


def sample_variance(values: np.ndarray, resolution: float) -> float:
    """Unbiased variance, that of rounding to `resolution` at least (Sheppard 1898), and never 0."""
    return max(float(np.var(values, ddof=1)), resolution**2 / 12 or TINY)


TINY = 1e-24  # variance of values that are equal


def _bartlett_p(variances: np.ndarray, df: np.ndarray) -> float:
    """P value of Bartlett's test (1937) of equal variances; 1 for a single one."""
    if len(df) < 2:
        return 1.0
    total = df.sum()
    pooled = np.average(variances, weights=df)
    statistic = total * math.log(pooled) - (df * np.log(variances)).sum()
    correction = 1 + ((1 / df).sum() - 1 / total) / (3 * (len(df) - 1))
    return float(stats.chi2.sf(statistic / correction, len(df) - 1))


@dataclass(frozen=True, eq=False)
class Sample:
    """Runs of a configuration, one value per seed, with the prior of their variance: None where only their own counts."""

    values: np.ndarray
    prior: Prior | None = None
    resolution: float = RESOLUTION

    @cached_property
    def mean(self) -> float:
        return float(self.values.mean())

    @cached_property
    def own_variance(self) -> float:
        return sample_variance(self.values, self.resolution)

    @property
    def own_df(self) -> int:
        return len(self.values) - 1

    @property
    def variance(self) -> float:
        """Moderated variance s~^2."""
        if not self.prior:
            return self.own_variance
        if math.isinf(self.prior.df):
            return self.prior.variance
        weighted = self.prior.df * self.prior.variance + self.own_df * self.own_variance
        return weighted / self.df

    @property
    def df(self) -> float:
        """Degrees of freedom of `variance`; infinite where it is pooled."""
        return self.own_df + (self.prior.df if self.prior else 0)

    @cached_property
    def is_unusual(self) -> bool:
        """True where its own variance exceeds the upper 1 % limit of what its study's predicts (F test)."""
        if not self.prior or not self.own_df:
            return False
        predicted_df = min(self.prior.df, self.prior.pooled_df)
        limit = stats.f.ppf(1 - UNUSUAL, self.own_df, predicted_df)
        return bool(self.own_variance > limit * self.prior.variance)

    @property
    def interval(self) -> Interval:
        """95 % interval of the mean; NaN for a single seed."""
        if len(self.values) < 2:
            return Interval(math.nan, math.nan)
        return contrast([(1.0, self)]).interval

    @property
    def prediction(self) -> Interval:
        """95 % prediction interval of one further run, mean ± t s sqrt(1 + 1/n); NaN for a single seed."""
        if len(self.values) < 2:
            return Interval(math.nan, math.nan)
        mean = contrast([(1.0, self)])
        half_width = mean.interval.half_width * math.sqrt(len(self.values) + 1)
        return Interval(self.mean - half_width, self.mean + half_width)


def contrast(
    groups: Sequence[tuple[float, Sample]], margin: float | None = MARGIN
) -> Difference:
    """Linear contrast of means with moderated variances: the sum of weight x mean, with weights as in `statistics.contrast`.

    Where a sample is unusual, Welch's variances decide. Raises `StatisticsError` where a group has one run only.
    """
    by_welch = welch(groups, margin)
    groups = [(weight, sample) for weight, sample in groups if weight]
    if any(sample.is_unusual for _, sample in groups):
        return by_welch
    components = [
        (weight**2 * sample.variance / len(sample.values), sample.df, sample.prior)
        for weight, sample in groups
    ]
    error, df = error_of_sum(components)
    return Difference(by_welch.estimate, error, df, by_welch.seeds, margin)


def error_of_sum(
    components: Iterable[tuple[float, float, Prior | None]],
) -> tuple[float, float]:
    """Standard error of a sum and its degrees of freedom, from each term's variance, degrees of freedom and prior.

    Configurations of one study share its prior: together they have no more degrees of freedom than all its runs.
    """
    studies: dict[Prior, list[tuple[float, float]]] = {}
    parts = []
    for variance, df, prior in components:
        if prior:
            studies.setdefault(prior, []).append((variance, df))
        else:
            parts.append((variance, df))
    for prior, terms in studies.items():
        df = min(statistics.satterthwaite(terms), prior.pooled_df)
        parts.append((sum(variance for variance, _ in terms), df))
    error = math.sqrt(sum(variance for variance, _ in parts))
    return error, statistics.satterthwaite(parts)


def welch(
    groups: Sequence[tuple[float, Sample]], margin: float | None = MARGIN
) -> Difference:
    """Contrast of means in which each sample has its own variance. Raises `StatisticsError`."""
    resolutions = {sample.resolution for _, sample in groups}
    return statistics.contrast(
        [(weight, sample.values) for weight, sample in groups],
        margin,
        max(resolutions, default=0.0),
    )


@dataclass(frozen=True, eq=False)
class Images:
    """Answers of the seeds of a configuration on every test image."""

    per_image: np.ndarray  # (N,) percent of the seeds that read it correctly
    rest: float  # variance of an answer beyond seed and image, percent^2; of the mean over the seeds

    @classmethod
    def of(cls, correct: np.ndarray) -> "Images":
        """Images of `correct` (S, N), bool: whether a seed reads an image correctly. Two seeds or more."""
        count, n = correct.shape
        seeds, per_image = correct.mean(1), correct.mean(0)
        squares = (
            correct.sum()
            - n * (seeds**2).sum()
            - count * (per_image**2).sum()
            + count * n * seeds.mean() ** 2
        )
        variance = 100**2 * float(squares) / ((count - 1) * (n - 1))
        return cls(100 * per_image, variance / count)


def new_images_interval(
    gap: Difference, groups: Sequence[tuple[float, Images]]
) -> Interval:
    """95 % interval of a contrast for new seeds and new images; `gap` is the contrast on these images.

    Seeds and images are crossed random effects, y = mean + seed + image + rest; the variance of the contrast is the sum of its
    components (Searle, Casella & McCulloch 1992, chapter 4), with Satterthwaite's (1946) degrees of freedom. A bootstrap over
    seeds and images estimates the same variance, but counts the rest three times (Owen 2007, arXiv 0706.2107).
    """
    half_width = gap.interval.half_width
    error, df = new_images_error(gap, groups)
    # Satterthwaite's degrees of freedom may narrow the interval below that for these images alone.
    half_width = max(half_width, stats.t.ppf(1 - LEVEL / 2, df) * error)
    return Interval(gap.estimate - half_width, gap.estimate + half_width)


def new_images_error(
    gap: Difference, groups: Sequence[tuple[float, Images]]
) -> tuple[float, float]:
    """Standard error of a contrast for new seeds and new images, and its degrees of freedom."""
    per_image = sum(weight * images.per_image for weight, images in groups)
    assert isinstance(per_image, np.ndarray)
    n = len(per_image)
    rest = sum(weight**2 * images.rest for weight, images in groups)
    image_variance = max(float(per_image.var(ddof=1)) - rest, 0.0)
    components = [(gap.error**2, gap.df), (image_variance / n, n - 1)]
    return (
        math.sqrt(sum(variance for variance, _ in components)),
        statistics.satterthwaite(components),
    )


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of all configurations of some results, for one measure; `values` has an array per configuration, one value per seed."""

    results: Results
    values: Mapping[str, np.ndarray]
    resolution: float = RESOLUTION
    _samples: dict = field(default_factory=dict, repr=False)
    _images: dict = field(default_factory=dict, repr=False)

    @cached_property
    def priors(self) -> dict[str, Prior | None]:
        """Prior by study, over its configurations without a collapsed run."""
        return {name: self._prior(study) for name, study in STUDIES.items()}

    def _prior(self, study: Study) -> Prior | None:
        configs = [trial.config for trial in study.trials]
        return prior(
            (
                self.values[config]
                for config in configs
                if config in self.values and config not in self._with_collapsed_run
            ),
            self.resolution,
        )

    @cached_property
    def _with_collapsed_run(self) -> set[str]:
        return {
            trial.config
            for trial, accuracy in self.results.accuracies
            if 100 * accuracy < trial.data.collapsed_below
        }

    def sample(self, config: str, study: str | None = None) -> Sample:
        """Sample of a configuration with the prior of a study, by default of the first that has it; empty where nothing is trained."""
        key = config, study or first_study(config)
        if key not in self._samples:
            pooled = config not in self._with_collapsed_run
            self._samples[key] = Sample(
                self.values.get(config, np.empty(0)),
                self.priors.get(key[1] or "") if pooled else None,
                self.resolution,
            )
        return self._samples[key]

    def groups(
        self, weights: Mapping[str, float], study: str | None = None
    ) -> list[tuple[float, Sample]]:
        """Groups for `contrast`, from weights by configuration; without a study, the first that has them all gives the prior."""
        study = study or shared_study(weights)
        return [
            (weight, self.sample(config, study)) for config, weight in weights.items()
        ]

    def gap(
        self, weights: Mapping[str, float], margin: float | None = MARGIN
    ) -> Difference:
        """`contrast` of configurations, from their weights. Raises `StatisticsError` where one has a single run."""
        return contrast(self.groups(weights), margin)

    def mean_on_new_images(self, config: str) -> Interval:
        """95 % interval of a configuration's mean accuracy for new seeds and new images; NaN for a single seed. Raises `DataError`."""
        if len(self.values.get(config, ())) < 2:
            return Interval(math.nan, math.nan)
        return self.new_images(self.gap({config: 1.0}), {config: 1.0})

    def images(self, config: str) -> Images:
        """Answers of a configuration's seeds on the test images. Raises `DataError`."""
        if config not in self._images:
            correct = self.results.correct_of(config)
            self._images[config] = Images.of(correct)
        return self._images[config]

    def new_images(self, gap: Difference, weights: Mapping[str, float]) -> Interval:
        """95 % interval of a contrast of accuracies for new seeds and new images. Raises `DataError`."""
        return new_images_interval(gap, self._answers(weights))

    def new_images_error(
        self, gap: Difference, weights: Mapping[str, float]
    ) -> tuple[float, float]:
        """Standard error of a contrast for new seeds and new images, and its degrees of freedom. Raises `DataError`."""
        return new_images_error(gap, self._answers(weights))

    def _answers(self, weights: Mapping[str, float]) -> list[tuple[float, Images]]:
        return [
            (weight, self.images(config))
            for config, weight in weights.items()
            if weight
        ]


def first_study(config: str) -> str | None:
    """First study, in the protocol's order, that has a configuration; None for a recipe of no study."""
    return shared_study([config])


def shared_study(configs: Iterable[str]) -> str | None:
    """First study that has all these configurations; None where none has."""
    wanted = set(configs)
    return next((name for name, has in _configs().items() if wanted <= has), None)


@cache
def _configs() -> dict[str, set[str]]:
    """Configurations by study."""
    return {
        name: {trial.config for trial in study.trials}
        for name, study in STUDIES.items()
    }


@cache
def accuracies(results: Results) -> Samples:
    """Samples of the test accuracy after the last epoch, in percent."""
    return Samples(
        results, _values(results, lambda summary: 100 * summary["last"]["test_acc"])
    )


@cache
def best_accuracies(results: Results) -> Samples:
    """Samples of the test accuracy of the best epoch, a selection on the test set, in percent."""
    return Samples(
        results, _values(results, lambda summary: 100 * summary["best"]["test_acc"])
    )


@cache
def losses(results: Results) -> Samples:
    """Samples of the negative log-likelihood of the test images after the last epoch, in nats per image."""
    return Samples(results, _values(results, lambda summary: summary["test_nll"]), 0.0)


def _values(results: Results, measure) -> dict[str, np.ndarray]:
    """Values of a measure of a run's summary, by configuration; without seeds beyond those of its study."""
    return {
        config: np.array(
            [measure(results.finished[index].summary) for index in indices]
        )
        for config, indices in results.configs.items()
    }
