"""Results of the trained networks: checkpoints/ as tidy tables and as one stacked network."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from explorer.runs import listing
from explorer.runs.checkpoint_files import printable
from explorer.runs.descriptions import (
    JOINT,
    SETTINGS,
    TRIAL_COLUMNS,
    averaged,
    describe_averaged,
    settings,
    trial_row,
)
from explorer.runs.ensemble import Stack
from explorer.runs.indexed import Indexed
from train import checkpoint
from train.checkpoint import Checkpoint
from train.data import Split, load_split
from train.data_sets import MNIST, DataSet
from train.norms import BY_KEY
from train.study import (
    CORE,
    STUDIES,
    VOTING_SEEDS,
    Study,
    Trial,
    is_further_seed,
    studies_of,
)
from train.validation import TEST_IMAGES

COLLAPSED_BELOW = (
    MNIST.collapsed_below
)  # of the report and of what a visitor trains, which are about MNIST
FACTORS = ("norm", "regulariser", "batch_size")
REGULARISERS = ("none", "L1", "L2", "L1 + L2")
CURVES = ["epoch", "lr", "train_loss", "train_acc", "test_loss", "test_acc", "seconds"]
COLUMNS = [*SETTINGS, "study", "words", "rate", *CURVES]  # of `Results.curves`
KEPT = 150  # configurations whose curves, and whose right answers, are kept: more than the studies have

log = logging.getLogger(__name__)


class Selection(NamedTuple):
    """Selection of the trials that have these settings and belong to one of these studies (`NO_STUDY`: to none)."""

    studies: list[str]
    norms: list[str]
    regularisers: list[str]
    batch_sizes: list[int]
    rates: list[float]


@dataclass(frozen=True, eq=False)  # compared by identity, so that it can be a key
class Results:
    """Checkpoints of a folder, with the tables derived from them, and the reasons for skipped files."""

    folder: Path
    checkpoints: list[Checkpoint]  # by norm, regulariser, batch size and seed
    problems: list[str]  # a sentence per skipped file
    # By the name of the trial: its network after epochs before the last, which are in no study, vote or table.
    midway: dict[str, dict[int, Checkpoint]] = field(default_factory=dict)
    origin: str = ""  # a sentence on which networks these are, if they are not simply those of the folder

    @cached_property
    def data_set(self) -> DataSet:
        """Data set of the networks; MNIST where there are none."""
        return self.checkpoints[0].trial.data if self.checkpoints else MNIST

    @cached_property
    def finished(self) -> list[Checkpoint]:
        """Checkpoints of the trials that did not diverge, which enter means and tests."""
        return [
            network for network in self.checkpoints if not network.summary["diverged"]
        ]

    def has(self, network: Checkpoint) -> bool:
        """Whether a network is one of these runs, and not one of a visitor's with such a name."""
        return any(network is one for one in self.finished)

    @cached_property
    def core(self) -> "Results":
        """Results of the studies in `CORE`, for tables, statistics, hard images and votes.

        In a folder without runs of these studies, all its runs.
        """
        core = self.of(*CORE)
        return core if core.checkpoints else self

    def of(self, *studies: str) -> "Results":
        """Results of these studies; the same object where there are no other runs."""
        chosen = [
            network
            for network in self.checkpoints
            if not set(studies).isdisjoint(studies_of(network.trial))
        ]
        return (
            self
            if len(chosen) == len(self.checkpoints)
            else replace(self, checkpoints=chosen)
        )

    @cached_property
    def studies(self) -> list[Study]:
        """Studies that these runs belong to."""
        trials = [network.trial for network in self.checkpoints]
        return [
            study for study in STUDIES.values() if not study.runs.isdisjoint(trials)
        ]

    @cached_property
    def norms(self) -> tuple[str, ...]:
        """Norms of `studies`, or of the runs where they belong to no study, in the order of `train.norms`."""
        studied = {norm for study in self.studies for norm in study.norms}
        norms = studied or {network.trial.norm for network in self.checkpoints}
        return tuple(key for key in BY_KEY if key in norms)

    @cached_property
    def scope(self) -> str:
        """Names of the studies for a sentence: "published, as-run and grid", or "no study"."""
        names = [study.name for study in self.studies]
        if not names:
            return "no study"
        return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)

    @cached_property
    def collapsed(self) -> set[str]:
        """Configurations whose mean accuracy is below that of the data set's `collapsed_below`; they neither vote nor enter means."""
        return {
            config
            for config, indices in self.configs.items()
            if 100 * np.mean([self.accuracies[index][1] for index in indices])
            < self.data_set.collapsed_below
        }

    @cached_property
    def voters(self) -> list[Checkpoint]:
        """Checkpoints of `core` that vote on a digit: seeds 1 to `VOTING_SEEDS` of the configurations that did not collapse.

        Runs of no study all vote, except those that predict the same digit for every image.
        """
        core = self.core
        return [
            network
            for network in core.finished
            if (
                network.trial.seed <= VOTING_SEEDS
                and network.trial.config not in core.collapsed
                if studies_of(network.trial)
                else len(set(network.test_digits)) > 1
            )
        ]

    @cached_property
    def stack(self) -> Stack:
        """Stack of the voters, in their order."""
        return Stack(self.voters)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Table with a row per trial; accuracies are fractions of the 10,000 test images."""
        return pd.DataFrame(map(trial_row, self.checkpoints), columns=TRIAL_COLUMNS)

    @cached_property
    def averaged(self) -> dict[str, list[Checkpoint]]:
        """Checkpoints by the key of the runs that are averaged (see `averaged`)."""
        groups: dict[str, list[Checkpoint]] = {}
        for network in self.checkpoints:
            groups.setdefault(averaged(network.trial), []).append(network)
        return groups

    @property
    def history(self) -> pd.DataFrame:
        """`curves` of all trials; not kept."""
        return self.curves(self.averaged)

    def curves(self, keys: Iterable[str]) -> pd.DataFrame:
        """Table with a row per trial and epoch of some keys of `averaged`: the trial's settings and `CURVES` of its history.

        `config` is the key of the runs that are averaged, `words` its description, `rate` the learning rate before its decay.
        """
        parts = [_curves(self, key) for key in keys if key in self.averaged]
        return pd.concat(parts or [pd.DataFrame(columns=COLUMNS)], ignore_index=True)

    @cached_property
    def answers(self) -> np.ndarray:
        """Predicted digits (E, 10000), uint8, of the finished trials for the test images: 10 kB each, for `core` only."""
        return answers_of(self.finished)

    @cached_property
    def correct(self) -> np.ndarray:
        """Correctness (E, 10000), bool, of `answers`. Raises `DataError`."""
        return self.answers == test_split(self.data_set).labels.numpy().astype(np.uint8)

    def correct_of(self, config: str) -> np.ndarray:
        """Correctness (S, 10000), bool, of a configuration's trials in `configs`; without rows where there are none. Raises `DataError`."""
        return _correct(self, config)

    @cached_property
    def configs(self) -> dict[str, list[int]]:
        """Indices into `finished` of every configuration's trials, sorted by seed; without seeds beyond its study's."""
        configs: dict[str, list[int]] = {}
        for index, network in enumerate(self.finished):
            if not is_further_seed(network.trial):
                configs.setdefault(network.trial.config, []).append(index)
        return {
            config: sorted(indices, key=lambda index: self.finished[index].trial.seed)
            for config, indices in configs.items()
        }

    @cached_property
    def accuracies(self) -> list[tuple[Trial, float]]:
        """Finished trials with the test accuracy of their last epoch, a fraction."""
        return [
            (network.trial, network.summary["last"]["test_acc"])
            for network in self.finished
        ]

    @cached_property
    def comparable(self) -> list[Trial]:
        """First trial of every configuration with two seeds or more."""
        return [
            self.finished[indices[0]].trial
            for indices in self.configs.values()
            if len(indices) > 1
        ]

    @cached_property
    def index(self) -> dict[str, int]:
        """Index into `finished` of every finished trial, by name."""
        return {
            network.trial.name: index for index, network in enumerate(self.finished)
        }

    @cached_property
    def _by_name(self) -> dict[str, Checkpoint]:
        return {network.trial.name: network for network in self.checkpoints}

    def find(self, name: str) -> Checkpoint | None:
        """Checkpoint of the trial of that name; None where there is none."""
        return self._by_name.get(name)

    @cached_property
    def epochs(self) -> dict[str, list[int]]:
        """Epochs after which a finished trial's network is there, the last included, by name, of trials with more than that one."""
        return {
            name: [*sorted(networks), self.finished[self.index[name]].epoch]
            for name, networks in self.midway.items()
            if name in self.index
        }

    def learned(self) -> list[dict[int, Checkpoint]]:
        """Networks of the trials of `epochs`, by epoch."""
        return [
            {epoch: self.at(self._by_name[name], epoch) for epoch in epochs}
            for name, epochs in self.epochs.items()
        ]

    def at(self, network: Checkpoint, epoch: int | None) -> Checkpoint:
        """One of these networks after an epoch, if it was kept, else the network itself."""
        kept = self.midway.get(network.trial.name, {})
        if not kept or network is not self.find(network.trial.name):  # a visitor's own
            return network
        return kept.get(epoch, network) if epoch else network

    def choose(self, selection: Selection) -> pd.DataFrame:
        """Rows of `history` in a selection."""
        rows = self.trials
        belongs = rows.study.map(
            lambda names: not set(selection.studies).isdisjoint(names.split(JOINT))
        )
        chosen = rows[
            belongs
            & rows.norm.isin(selection.norms)
            & rows.regulariser.isin(selection.regularisers)
            & rows.batch_size.isin(selection.batch_sizes)
            & rows.lr.isin(selection.rates)
        ]
        names = set(chosen.name)
        keys = [
            key
            for key, some in self.averaged.items()
            if not names.isdisjoint(network.name for network in some)
        ]
        curves = self.curves(keys)
        return curves[curves.name.isin(names)]

    def records(self) -> list[dict]:
        """Rows of `trials` for JSON: a dictionary per trial, None for a missing value."""
        return json.loads(self.trials.to_json(orient="records"))


def load(folder: str | Path = checkpoint.FOLDER) -> Results:
    """Results of the checkpoints in `folder` and its subfolders.

    `problems` says of each file that cannot be read why, or that there is no such folder.
    """
    folder = Path(folder)
    if folder.is_dir():
        return gather(folder, *listing.read(folder))
    absent = f"the folder {printable(str(folder))}, which does not exist"
    return gather(folder, [], [absent])


def gather(
    folder: Path, networks: Iterable[Checkpoint], problems: Iterable[str]
) -> Results:
    """Results of these networks of a folder; problems are logged.

    A second copy of a network is one more problem, and so is a network of another data set than the first one's.
    """
    by_name: dict[str, Checkpoint] = {}
    midway: dict[str, dict[int, Checkpoint]] = {}
    problems = list(problems)
    data_set = None
    for network in networks:
        data_set = data_set or network.trial.data
        if network.trial.data is not data_set:
            problems.append(
                f"{printable(network.name)}: of {network.trial.data_set}; the first network here is of {data_set.name}"
            )
        elif network.name in by_name:
            where = network.path if isinstance(network, Indexed) else network.name
            problems.append(f"{printable(where)}: a second copy of {network.name}")
        elif network.is_midway:
            midway.setdefault(network.trial.name, {})[network.epoch] = network
        else:
            by_name[network.name] = network
    for problem in problems:
        log.warning("skipped %s", problem)
    networks = sorted(by_name.values(), key=_order)
    return Results(folder, networks, problems, midway)


def answers_of(networks: Iterable[Checkpoint]) -> np.ndarray:
    """Predicted digits (E, 10000), uint8, of networks for the test images."""
    text = b"".join(network.test_digits.encode() for network in networks)
    return (np.frombuffer(text, np.uint8) - ord("0")).reshape(-1, TEST_IMAGES)


@lru_cache(maxsize=KEPT)
def _correct(results: Results, config: str) -> np.ndarray:
    chosen = [results.finished[index] for index in results.configs.get(config, [])]
    labels = test_split(results.data_set).labels.numpy().astype(np.uint8)
    return answers_of(chosen) == labels


@lru_cache(maxsize=KEPT)
def _curves(results: Results, key: str) -> pd.DataFrame:
    """Rows of `Results.curves` of a key."""
    rows = [
        {**shared, **{column: row[column] for column in CURVES}}
        for network in results.averaged[key]
        for shared in [
            {
                **settings(network.trial),
                "config": key,
                "words": describe_averaged(network.trial),
                "rate": network.trial.lr,
            }
        ]
        for row in network.history
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@cache
def test_split(data_set: DataSet = MNIST) -> Split:
    """Test images and labels (10,000) of a data set, read once. Raises `DataError`."""
    return load_split(data_set=data_set, train=False)


def _order(network: Checkpoint) -> tuple:
    """Sort key: norm, regulariser, batch size, configuration, seed."""
    trial = network.trial
    return (
        list(BY_KEY).index(trial.norm),
        REGULARISERS.index(trial.regulariser),
        trial.batch_size,
        trial.config,
        trial.seed,
    )
