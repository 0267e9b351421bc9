"""Families of planned contrasts of mean test accuracies, judged together by docs/protocol.md."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd
from scipy import stats

from explorer.runs.results import Results
from explorer.study import statistics, variance
from explorer.study.statistics import LEVEL, MARGIN, Difference, Interval, Judgement
from explorer.study.variance import Samples
from train.data import ROOT


@dataclass(frozen=True, eq=False)
class Contrast:
    """Planned contrast of means, first minus second: weights by configuration, which sum to 1 and to -1."""

    first: str
    second: str
    weights: Mapping[str, float]
    setting: str = ""  # of both sides: "batch 16"

    @property
    def label(self) -> str:
        at = f", {self.setting}" if self.setting else ""
        return f"{self.first} minus {self.second}{at}"


@dataclass(frozen=True, eq=False)
class Judged:
    """Contrast judged in its family; accuracies in points."""

    contrast: Contrast
    judgement: Judgement
    new_images: (
        Interval | None
    )  # 95 %, for new seeds and new images; None of other measures than accuracy
    welch: str  # outcome with own variances, in the same family: a sensitivity check

    @property
    def gap(self) -> Difference:
        return self.judgement.gap

    @property
    def outcome(self) -> str:
        return self.judgement.outcome


@dataclass(frozen=True, eq=False)
class Family:
    """Contrasts judged together, and the number of those that lack runs."""

    judged: tuple[Judged, ...]
    lacking: int = 0

    def find(self, first: str, second: str, setting: str = "") -> Judged | None:
        """Contrast of these names; None where it is not in the family."""
        names = first, second, setting
        return next(
            (
                one
                for one in self.judged
                if (one.contrast.first, one.contrast.second, one.contrast.setting)
                == names
            ),
            None,
        )


def judge(
    samples: Samples,
    contrasts: Sequence[Contrast],
    study: str | None = None,
    margin: float | None = MARGIN,
) -> Family:
    """Family of contrasts; those that are not `comparable` are left out. Without a margin nothing is equivalent. Raises `DataError`.

    The variances are those of `study`, or of the first study that has all configurations of a contrast.
    """
    known = comparable(samples, contrasts)
    groups = [samples.groups(contrast.weights, study) for contrast in known]
    judgements = statistics.judge([variance.contrast(one, margin) for one in groups])
    by_welch = statistics.outcomes([variance.welch(one, margin) for one in groups])
    return Family(
        tuple(
            Judged(
                contrast,
                judgement,
                samples.new_images(judgement.gap, contrast.weights)
                if samples is variance.accuracies(samples.results)
                else None,
                outcome,
            )
            for contrast, judgement, outcome in zip(
                known, judgements, by_welch, strict=True
            )
        ),
        len(contrasts) - len(known),
    )


def comparable(samples: Samples, contrasts: Iterable[Contrast]) -> list[Contrast]:
    """Contrasts of configurations with two runs or more that did not collapse."""
    collapsed = samples.results.collapsed
    return [
        contrast
        for contrast in contrasts
        if contrast.weights
        and all(len(samples.values.get(config, ())) > 1 for config in contrast.weights)
        and collapsed.isdisjoint(contrast.weights)
    ]


@dataclass(frozen=True)
class Bound:
    """Simultaneous 95 % bounds on the differences of several means, in points (Tukey-Kramer)."""

    these: float  # largest absolute limit of the intervals on these test images
    new: float  # the same for new seeds and new images


def tukey(samples: Samples, family: Sequence[Judged], means: int) -> Bound:
    """Bound on all pairwise contrasts of a number of means."""

    def limit(estimate: float, error: float, df: float) -> float:
        return abs(estimate) + _range_quantile(means, df) / 2**0.5 * error

    these, new = [], []
    for one in family:
        gap = one.gap
        these.append(limit(gap.estimate, gap.error, gap.df))
        on_new = samples.new_images_error(gap, one.contrast.weights)
        new.append(max(these[-1], limit(gap.estimate, *on_new)))
    return Bound(max(these), max(new))


@cache
def _range_quantile(means: int, df: float) -> float:
    """95 % quantile of the studentised range."""
    return float(stats.studentized_range.ppf(1 - LEVEL, means, df))


@cache
def before_winograd() -> frozenset[str]:
    """Names of the runs committed before the Winograd kernels, which do not reproduce bit for bit under them (data/README.md)."""
    return frozenset(pd.read_csv(ROOT / "before_winograd.csv").trial)


def without(results: Results, names: Iterable[str]) -> Samples:
    """Samples of accuracies without some runs, for a sensitivity check."""
    names = set(names)
    values = {
        config: samples
        for config, indices in results.configs.items()
        if len(
            samples := variance.accuracies(results).values[config][
                [results.finished[index].trial.name not in names for index in indices]
            ]
        )
    }
    return Samples(results, values)


def outcomes_by_margin(
    samples: Samples,
    contrasts: Sequence[Contrast],
    margins: Sequence[float],
    study: str | None = None,
) -> dict[float, Counter[str]]:
    """Numbers of contrasts by outcome, for margins of equivalence in points."""
    groups = [
        samples.groups(contrast.weights, study)
        for contrast in comparable(samples, contrasts)
    ]
    return {
        margin: Counter(
            statistics.outcomes([variance.contrast(one, margin) for one in groups])
        )
        for margin in margins
    }
