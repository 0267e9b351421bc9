"""The published table beside ours: every trained configuration with its runs and its published row, and how much of the study is trained."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from explorer.runs.results import Results
from explorer.study import variance
from explorer.study.comparison import judge_pair
from explorer.study.statistics import Interval
from train.data_sets import MNIST
from train.study import ROWS, Row, Trial, as_run, is_further_seed, studies_of


@dataclass(frozen=True, eq=False)
class Runs:
    """Our runs of a configuration, possibly none; accuracies in percent, one per seed."""

    trial: Trial
    results: Results = field(repr=False)

    @cached_property
    def indices(self) -> list[int]:
        """Indices into `results.finished`."""
        return self.results.configs.get(self.trial.config, [])

    @cached_property
    def trials(self) -> list[Trial]:
        return [self.results.finished[index].trial for index in self.indices]

    @cached_property
    def last(self) -> np.ndarray:
        return self._accuracies("last")

    @cached_property
    def best(self) -> np.ndarray:
        """Accuracies of the best epoch, which is selected on the test set."""
        return self._accuracies("best")

    @property
    def mean(self) -> float:
        """Mean of `last`; NaN where nothing is trained."""
        return float(self.last.mean()) if len(self.last) else np.nan

    @property
    def interval(self) -> Interval:
        """95 % interval of the mean over seeds, on these test images."""
        return variance.accuracies(self.results).sample(self.trial.config).interval

    @property
    def correct(self) -> np.ndarray:
        """bool (seeds, 10000): whether a run reads a test image correctly. Raises `DataError`."""
        return self.results.correct_of(self.trial.config)

    @property
    def new_images(self) -> Interval:
        """95 % interval of the mean for new seeds and new images. Raises `DataError`."""
        samples = variance.accuracies(self.results)
        return samples.mean_on_new_images(self.trial.config)

    @cached_property
    def diverged(self) -> int:
        """Number of runs that diverged, which stand in no mean."""
        return sum(
            network.summary["diverged"] is not None
            for network in self.results.checkpoints
            if network.trial.config == self.trial.config
        )

    @property
    def one_more_best(self) -> Interval:
        """95 % prediction interval of the best epoch of one further run; NaN below two runs."""
        samples = variance.best_accuracies(self.results)
        return samples.sample(self.trial.config).prediction

    def predicts(self, accuracy: float) -> bool | None:
        """Whether `one_more_best` contains an accuracy in percent; None below two runs, and where the runs collapsed."""
        if len(self.best) < 2 or self.is_collapsed:
            return None
        return self.one_more_best.low <= accuracy <= self.one_more_best.high

    @property
    def is_collapsed(self) -> bool:
        """The mean accuracy is below the data set's `collapsed_below`."""
        return bool(self.mean < self.trial.data.collapsed_below)

    def _accuracies(self, epoch: str) -> np.ndarray:
        summaries = [
            self.results.finished[index].summary[epoch] for index in self.indices
        ]
        return 100 * np.array([summary["test_acc"] for summary in summaries], float)


@dataclass(frozen=True, eq=False)
class Line:
    """Line of the table: a configuration as labelled and as run, and its published row if it has one."""

    labelled: Runs
    run: Runs
    row: Row | None

    @property
    def trial(self) -> Trial:
        return self.labelled.trial

    @property
    def studies(self) -> tuple[str, ...]:
        """Names of the studies that have the configuration."""
        return studies_of(replace(self.trial, seed=Trial.seed))

    @property
    def published(self) -> float | None:
        """Published accuracy in percent, of the best epoch of one run."""
        return _percent(self.row) if self.row else None

    @property
    def is_on_axis(self) -> bool:
        """The configuration has a mean, and has not collapsed."""
        return len(self.labelled.last) > 0 and not self.labelled.is_collapsed


@dataclass(frozen=True, eq=False)
class PublishedLine(Line):
    """Line of a published row."""

    row: Row

    @property
    def published(self) -> float:
        return _percent(self.row)


def _percent(row: Row) -> float:
    return round(100 * row.accuracy, 2)


@dataclass(frozen=True, eq=False)
class Best:
    """Line with the best mean, and the decisions on its pairs with the others of two seeds or more that did not collapse."""

    line: Line
    outcomes: tuple[str, ...]  # with the next best first
    configurations: int  # lines with a mean


@dataclass(frozen=True)
class Coverage:
    """Numbers of trained networks, configurations and published rows."""

    networks: int
    configurations: int
    rows: int | None  # published ones, as labelled
    diverged: int  # networks
    silent: tuple[int, ...]  # numbers of networks, of each configuration without a vote
    further: int  # networks with seeds beyond those of their study


def published(results: Results) -> list[PublishedLine]:
    """Lines of the published rows, which are of MNIST."""
    rows = ROWS if results.data_set is MNIST else ()
    return [PublishedLine(*_arms(results, row.trial), row) for row in rows]


def lines(results: Results) -> list[Line]:
    """Lines of the published rows and of all trained configurations: the best mean first, collapsed and untrained ones last."""
    trained = {
        checkpoint.trial.config: checkpoint.trial for checkpoint in results.checkpoints
    }
    published_lines = published(results)
    known = {line.trial.config for line in published_lines}
    further = [
        Line(*_arms(results, trial), None)
        for config, trial in trained.items()
        if config not in known
    ]
    return sorted([*published_lines, *further], key=_position)


def _position(line: Line) -> tuple:
    """Sort key: configurations that are on the axis by their mean, then collapsed ones, then those without one."""
    mean = line.labelled.mean
    return not line.is_on_axis, math.isnan(mean), 0 if math.isnan(mean) else -mean


def best(results: Results, ranked: Sequence[Line]) -> Best | None:
    """Best of some `lines`, in their order; None without a pair."""
    compared = [
        line for line in ranked if line.is_on_axis and len(line.labelled.last) > 1
    ]
    if len(compared) < 2:
        return None
    first, *others = [line.trial.config for line in compared]
    return Best(
        compared[0],
        tuple(judge_pair(results, first, other).outcome for other in others),
        sum(len(line.labelled.last) > 0 for line in ranked),
    )


def _arms(results: Results, trial: Trial) -> tuple[Runs, Runs]:
    """Runs of a configuration as labelled and as run."""
    return Runs(trial, results), Runs(as_run(trial), results)


def coverage(results: Results) -> Coverage:
    """Coverage of the study by these results."""
    configs = set(results.trials.config)
    voting = {checkpoint.trial.config for checkpoint in results.voters}
    return Coverage(
        networks=len(results.checkpoints),
        configurations=len(configs),
        rows=sum(row.trial.config in configs for row in ROWS)
        if results.data_set is MNIST
        else None,
        diverged=len(results.checkpoints) - len(results.finished),
        silent=tuple(
            len(indices)
            for config, indices in results.core.configs.items()
            if config not in voting
        ),
        further=sum(
            is_further_seed(checkpoint.trial) for checkpoint in results.finished
        ),
    )
