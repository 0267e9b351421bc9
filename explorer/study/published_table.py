"""The published table beside ours: published configurations with our runs, and how much of the study is trained."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import variance
from explorer.study.statistics import Interval
from train.study import ROWS, Row, Trial, as_run, is_further_seed


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
        return self.results.correct[self.indices]

    @property
    def new_images(self) -> Interval:
        """95 % interval of the mean for new seeds and new images. Raises `DataError`."""
        samples = variance.accuracies(self.results)
        return samples.mean_on_new_images(self.trial.config)

    @property
    def is_collapsed(self) -> bool:
        """The mean accuracy is below `COLLAPSED_BELOW`."""
        return bool(self.mean < COLLAPSED_BELOW)

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


@dataclass(frozen=True, eq=False)
class PublishedLine(Line):
    """Line of a published row."""

    row: Row


@dataclass(frozen=True)
class Coverage:
    """Numbers of trained networks, configurations and published rows."""

    networks: int
    configurations: int
    rows: int  # published ones, as labelled
    diverged: int  # networks
    silent: tuple[int, ...]  # numbers of networks, of each configuration without a vote
    further: int  # networks with seeds beyond those of their study


def published(results: Results) -> list[PublishedLine]:
    """Lines of the published rows."""
    return [PublishedLine(*_arms(results, row.trial), row) for row in ROWS]


def lines(results: Results) -> list[Line]:
    """Lines of the published rows, then of all further trained configurations."""
    named = {trial.config for row in ROWS for trial in (row.trial, as_run(row.trial))}
    others = {
        checkpoint.trial.config: checkpoint.trial for checkpoint in results.checkpoints
    }
    further = [
        Line(*_arms(results, trial), None)
        for config, trial in others.items()
        if config not in named
    ]
    return [*published(results), *further]


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
        rows=sum(row.trial.config in configs for row in ROWS),
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
