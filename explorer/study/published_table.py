"""The published table beside ours: its configurations with our runs of them, and how much of the study is trained."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import statistics
from explorer.study.statistics import Interval
from train.study import ROWS, Row, Trial, as_run, is_further_seed


@dataclass(frozen=True, eq=False)
class Runs:
    """Our runs of a configuration, none where it is not trained; accuracies in percent, one per seed."""

    trial: Trial
    results: Results = field(repr=False)

    @cached_property
    def places(self) -> list[int]:
        """Places among the finished."""
        return self.results.configs.get(self.trial.config, [])

    @cached_property
    def trials(self) -> list[Trial]:
        return [self.results.finished[place].trial for place in self.places]

    @cached_property
    def last(self) -> np.ndarray:
        return self._accuracies("last")

    @cached_property
    def best(self) -> np.ndarray:
        """Of the best epoch, a selection on the test set."""
        return self._accuracies("best")

    @property
    def mean(self) -> float:
        """NaN where nothing is trained."""
        return float(self.last.mean()) if len(self.last) else np.nan

    @property
    def interval(self) -> Interval:
        """Of the mean, over seeds."""
        return statistics.mean_interval(self.last)

    @property
    def correct(self) -> np.ndarray:
        """bool (seeds, 10000): which test images they read. Raises `DataError`."""
        return self.results.correct[self.places]

    @property
    def new_images(self) -> Interval:
        """Of the mean, for new seeds and new images. Raises `DataError`."""
        return statistics.crossed_interval(self.correct)

    @property
    def is_collapsed(self) -> bool:
        """Whether a penalty destroyed the networks."""
        return bool(self.mean < COLLAPSED_BELOW)

    def _accuracies(self, epoch: str) -> np.ndarray:
        found = [self.results.finished[place].summary[epoch] for place in self.places]
        return 100 * np.array([each["test_acc"] for each in found], float)


@dataclass(frozen=True, eq=False)
class Line:
    """A configuration as labelled and as run, and its published row where there is one."""

    labelled: Runs
    run: Runs
    row: Row | None

    @property
    def trial(self) -> Trial:
        return self.labelled.trial


@dataclass(frozen=True, eq=False)
class PublishedLine(Line):
    """The line of a published row."""

    row: Row


@dataclass(frozen=True)
class Coverage:
    """How much of the study some results hold."""

    networks: int
    configurations: int
    rows: int  # published ones, as labelled
    diverged: int  # networks
    silent: tuple[int, ...]  # networks of each configuration without a vote
    further: int  # networks with seeds beyond those of their study


def published(results: Results) -> list[PublishedLine]:
    """A line per published row."""
    return [PublishedLine(*_arms(results, row.trial), row) for row in ROWS]


def lines(results: Results) -> list[Line]:
    """A line per published row, then one per further configuration that was trained."""
    named = {trial.config for row in ROWS for trial in (row.trial, as_run(row.trial))}
    others = {found.trial.config: found.trial for found in results.checkpoints}
    further = [
        Line(*_arms(results, trial), None)
        for config, trial in others.items()
        if config not in named
    ]
    return [*published(results), *further]


def _arms(results: Results, trial: Trial) -> tuple[Runs, Runs]:
    return Runs(trial, results), Runs(as_run(trial), results)


def coverage(results: Results) -> Coverage:
    configs = set(results.trials.config)
    voting = {found.trial.config for found in results.voters}
    return Coverage(
        networks=len(results.checkpoints),
        configurations=len(configs),
        rows=sum(row.trial.config in configs for row in ROWS),
        diverged=len(results.checkpoints) - len(results.finished),
        silent=tuple(
            len(places)
            for config, places in results.core.configs.items()
            if config not in voting
        ),
        further=sum(is_further_seed(found.trial) for found in results.finished),
    )
