"""checkpoints/ -> tidy tables and one stacked network; read once."""

import json
import logging
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from explorer.runs.ensemble import Stack
from train import checkpoint
from train.checkpoint import Checkpoint, CheckpointError
from train.data import Split, load_split
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

COLLAPSED_BELOW = 90.0  # percent: a configuration with a lower mean learned nothing that a vote or a mean could use
FACTORS = ("norm", "regulariser", "batch_size")
REGULARISERS = ("none", "L1", "L2", "L1 + L2")
CURVES = ["epoch", "lr", "train_loss", "train_acc", "test_loss", "test_acc", "seconds"]

log = logging.getLogger(__name__)


class Selection(NamedTuple):
    """Trials that belong to one of these studies (`NO_STUDY` for the others) and have these settings."""

    studies: list[str]
    norms: list[str]
    regularisers: list[str]
    batch_sizes: list[int]
    rates: list[float]


@dataclass(frozen=True, eq=False)  # one is like no other, so that it can be a key
class Results:
    """What the explorer knows: the finished trials, and why any file was left out."""

    folder: Path
    checkpoints: list[Checkpoint]  # by norm, regulariser, batch size and seed
    problems: list[str]  # a sentence for each file that was skipped

    @cached_property
    def finished(self) -> list[Checkpoint]:
        """The trials that did not diverge: those that means and tests are about."""
        return [found for found in self.checkpoints if not found.summary["diverged"]]

    @cached_property
    def core(self) -> "Results":
        """The runs of the studies in `CORE`: tables, statistics, hard images and votes are about them.

        A folder that has none of them, only somebody's own runs, stands for itself.
        """
        core = self.of(*CORE)
        return core if core.checkpoints else self

    def of(self, *studies: str) -> "Results":
        """The runs of these studies; itself where there are no others."""
        some = [
            found
            for found in self.checkpoints
            if not set(studies).isdisjoint(studies_of(found.trial))
        ]
        return (
            self
            if len(some) == len(self.checkpoints)
            else replace(self, checkpoints=some)
        )

    @cached_property
    def studies(self) -> list[Study]:
        """The studies that these runs belong to."""
        trials = [found.trial for found in self.checkpoints]
        return [
            study for study in STUDIES.values() if not study.runs.isdisjoint(trials)
        ]

    @cached_property
    def norms(self) -> tuple[str, ...]:
        """The norms of `studies`, or where there are none of the runs, in the order of `train.norms`."""
        studied = {norm for study in self.studies for norm in study.norms}
        norms = studied or {found.trial.norm for found in self.checkpoints}
        return tuple(key for key in BY_KEY if key in norms)

    @cached_property
    def scope(self) -> str:
        """The studies that these runs belong to, for a sentence: "published, as-run and grid", or "no study"."""
        names = [study.name for study in self.studies]
        if not names:
            return "no study"
        return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)

    @cached_property
    def collapsed(self) -> set[str]:
        """The configurations whose mean accuracy is below `COLLAPSED_BELOW`."""
        return {
            config
            for config, places in self.configs.items()
            if 100 * np.mean([self.accuracies[place][1] for place in places])
            < COLLAPSED_BELOW
        }

    @cached_property
    def voters(self) -> list[Checkpoint]:
        """The finished trials of `core` that answer for a digit: seeds 1 to `VOTING_SEEDS` of configurations that did not collapse.

        Of runs that belong to no study, all that do not read the same in every image.
        """
        core = self.core
        return [
            found
            for found in core.finished
            if (
                found.trial.seed <= VOTING_SEEDS
                and found.trial.config not in core.collapsed
                if studies_of(found.trial)
                else len(set(found.test_digits)) > 1
            )
        ]

    @cached_property
    def stack(self) -> Stack:
        """The voters as one network, in their order."""
        return Stack(self.voters)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row per trial; accuracies are fractions of the 10,000 test images."""
        return pd.DataFrame(map(_trial_row, self.checkpoints), columns=TRIAL_COLUMNS)

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row per trial and epoch: its settings and what `loop.train` yields.

        `config` is what is averaged (see `averaged`), `words` describes it, `rate` is the learning rate before it decays.
        """
        keys = [*SETTINGS, "study", "words", "rate"]
        rows = [
            {**settings, **{key: row[key] for key in CURVES}}
            for found in self.checkpoints
            for settings in [
                {
                    **_settings(found.trial),
                    "config": averaged(found.trial),
                    "words": words_averaged(found.trial),
                    "rate": found.trial.lr,
                }
            ]
            for row in found.history
        ]
        return pd.DataFrame(rows, columns=keys + CURVES)

    @cached_property
    def answers(self) -> np.ndarray:
        """uint8 (E, 10000): the digit that each of the finished trials reads in each test image."""
        text = "".join(found.test_digits for found in self.finished)
        digits = np.frombuffer(text.encode(), np.uint8) - ord("0")
        return digits.reshape(len(self.finished), TEST_IMAGES)

    @cached_property
    def correct(self) -> np.ndarray:
        """bool (E, 10000): whether that is the image's label. Raises `DataError`."""
        return self.answers == test_split().labels.numpy().astype(np.uint8)

    @cached_property
    def configs(self) -> dict[str, list[int]]:
        """Of each configuration the places of its seeds among the finished, by seed; without seeds beyond its study's."""
        found: dict[str, list[int]] = {}
        for place, each in enumerate(self.finished):
            if not is_further_seed(each.trial):
                found.setdefault(each.trial.config, []).append(place)
        return {
            config: sorted(places, key=lambda place: self.finished[place].trial.seed)
            for config, places in found.items()
        }

    @cached_property
    def accuracies(self) -> list[tuple[Trial, float]]:
        """The finished trials with their last test accuracy, a fraction."""
        return [
            (found.trial, found.summary["last"]["test_acc"]) for found in self.finished
        ]

    @cached_property
    def comparable(self) -> list[Trial]:
        """A trial of each configuration that has two seeds or more, in their order."""
        return [
            self.finished[places[0]].trial
            for places in self.configs.values()
            if len(places) > 1
        ]

    @cached_property
    def place(self) -> dict[str, int]:
        """The place of each finished trial among the finished, by its name."""
        return {found.trial.name: place for place, found in enumerate(self.finished)}

    def find(self, name: str) -> Checkpoint | None:
        """The checkpoint of the trial of that name."""
        matches = (found for found in self.checkpoints if found.trial.name == name)
        return next(matches, None)

    def choose(self, some: Selection) -> pd.DataFrame:
        """The part of `history` that is selected."""
        rows = self.history
        belongs = rows.study.map(
            lambda names: not set(some.studies).isdisjoint(names.split(JOINT))
        )
        return rows[
            belongs
            & rows.norm.isin(some.norms)
            & rows.regulariser.isin(some.regularisers)
            & rows.batch_size.isin(some.batch_sizes)
            & rows.rate.isin(some.rates)
        ]

    def records(self) -> list[dict]:
        """`trials` for JSON: a dictionary per trial, None where there is no value."""
        return json.loads(self.trials.to_json(orient="records"))


def load(folder: str | Path = checkpoint.FOLDER) -> Results:
    """Reads every checkpoint in `folder`; what cannot be read is named in `problems`."""
    folder = Path(folder)
    found: dict[str, Checkpoint] = {}
    problems, pointers = [], []
    for path in sorted(folder.glob(f"*{checkpoint.SUFFIX}")):
        if _is_pointer(path):
            pointers.append(path.name)
            continue
        try:
            loaded = checkpoint.load(path)
            if loaded.name != loaded.trial.name:
                raise CheckpointError(f"{path.name}: a trial that was stopped midway")
            if loaded.name in found:
                raise CheckpointError(f"{path.name}: a second copy of {loaded.name}")
            found[loaded.name] = loaded
        except CheckpointError as error:
            log.warning("skipped %s", error)
            problems.append(str(error))
    if pointers:
        first = ", ".join(pointers[:3])
        problems.append(
            f"{len(pointers)} files that are pointers of Git LFS, not networks ({first}{' and so on' if pointers[3:] else ''}): "
            "`git lfs pull` gets what they point to"
        )
        log.warning("skipped %s", problems[-1])
    return Results(folder, sorted(found.values(), key=_order), problems)


def _is_pointer(path: Path) -> bool:
    """Whether a file is what a clone without Git LFS has in the place of a large one."""
    try:
        with path.open("rb") as file:
            return file.read(len(POINTER)) == POINTER
    except OSError:  # what cannot be read is for `checkpoint.load` to name
        return False


POINTER = b"version https://git-lfs.github.com/spec/"


@cache
def test_split() -> Split:
    """The 10,000 test digits, read once. Raises `DataError`."""
    return load_split(train=False)


def describe(trial: Trial) -> str:
    """The configuration in words, with whatever differs from the recipe: "GN, L1 0.0001, batch 64, lr 0.1"."""
    parts = [trial.norm]
    parts += [f"L1 {trial.l1:g}"] if trial.l1 else []
    parts += [f"L2 {trial.l2:g}"] if trial.l2 else []
    parts.append(f"batch {trial.batch_size}")
    return ", ".join(parts + differences(trial))


def differences(trial: Trial) -> list[str]:
    """The settings of a trial that are not the recipe's, in words: ["lr 0.1", "1 epoch"]."""
    return [
        words.format(value).replace("1 epochs", "1 epoch")
        if name == "epochs" and value == 1
        else words.format(value)
        for name, words in RECIPE.items()
        if (value := getattr(trial, name)) != getattr(Trial, name)
    ]


RECIPE = {  # the fields of `Trial` that every study but one shares
    "groups": "{} groups",
    "dropout": "dropout {:g}",
    "rotation": "rotation {:g}",
    "lr": "lr {:g}",
    "momentum": "momentum {:g}",
    "lr_decay": "decay {:g}",
    "lr_decay_after": "decay after epoch {}",
    "lr_decay_every": "decay every {} epochs",
    "train_images": "{:,} images",
    "epochs": "{} epochs",
}
NO_STUDY = "none"
JOINT = ", "  # between the studies that share a run


def averaged(trial: Trial) -> str:
    """Key of the runs that are averaged with a trial: its configuration; seeds beyond those of its study stand apart."""
    return f"{trial.config}_further" if is_further_seed(trial) else trial.config


def words_averaged(trial: Trial) -> str:
    """`averaged` in words."""
    return describe(trial) + (", further seeds" if is_further_seed(trial) else "")


SETTINGS = [
    "name",
    "config",
    "norm",
    "l1",
    "l2",
    "regulariser",
    "batch_size",
    "seed",
    "epochs",
]


def _settings(trial: Trial) -> dict:
    """The settings of a trial and `study`, the names of those that it belongs to."""
    return {
        **{key: getattr(trial, key) for key in SETTINGS},
        "study": JOINT.join(studies_of(trial)) or NO_STUDY,
    }


TRIAL_COLUMNS = [
    *SETTINGS,
    "lr",
    "study",
    "last_acc",
    "best_acc",
    "best_epoch",
    "clean_train_acc",
    "calibration_error",
    "diverged",
    "engine",
]


def _trial_row(found: Checkpoint) -> dict:
    trial, summary = found.trial, found.summary
    best = summary["best"] or {"test_acc": None, "epoch": None}
    return {
        **_settings(trial),
        "lr": trial.lr,
        "last_acc": summary["last"]["test_acc"],
        "best_acc": best["test_acc"],
        "best_epoch": best["epoch"],
        "clean_train_acc": summary["clean_train_acc"],
        "calibration_error": summary["calibration_error"],
        "diverged": summary["diverged"],
        "engine": found.engine,
    }


def _order(found: Checkpoint) -> tuple:
    trial = found.trial
    return (
        list(BY_KEY).index(trial.norm),
        REGULARISERS.index(trial.regulariser),
        trial.batch_size,
        trial.config,
        trial.seed,
    )
