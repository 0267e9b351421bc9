"""checkpoints/ -> tidy tables and one stacked network; read once."""

import json
import logging
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from explorer.stack import Stack
from train import checkpoint
from train.checkpoint import Checkpoint, CheckpointError
from train.data import ROOT, Split, load_split
from train.study import NORMS, Trial

FACTORS = ("norm", "regulariser", "batch_size")
REGULARISERS = ("none", "L1", "L2", "L1 + L2")
CURVES = ["epoch", "lr", "train_loss", "train_acc", "test_loss", "test_acc", "seconds"]

log = logging.getLogger(__name__)


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
    def voters(self) -> list[Checkpoint]:
        """The finished trials that answer for a digit: those that do not read the same in every image."""
        return [found for found in self.finished if len(set(found.test_digits)) > 1]

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
        """One row per trial and epoch: name, configuration and what `loop.train` yields."""
        keys = [key for key in SETTINGS if key != "epochs"]
        rows = [
            {**{key: trial[key] for key in keys}, **{key: row[key] for key in CURVES}}
            for trial, found in zip(self.trials.to_dict("records"), self.checkpoints)
            for row in found.history
        ]
        return pd.DataFrame(rows, columns=keys + CURVES)

    @cached_property
    def answers(self) -> np.ndarray:
        """uint8 (E, 10000): the digit that each of the finished trials reads in each test image."""
        text = "".join(found.test_digits for found in self.finished)
        digits = np.frombuffer(text.encode(), np.uint8) - ord("0")
        return digits.reshape(len(self.finished), checkpoint.TEST_IMAGES)

    @cached_property
    def correct(self) -> np.ndarray:
        """bool (E, 10000): whether that is the image's label. Raises `DataError`."""
        return self.answers == test_split().labels.numpy().astype(np.uint8)

    @cached_property
    def configs(self) -> dict[str, list[int]]:
        """Of each configuration the places of its seeds among the finished, by seed."""
        found: dict[str, list[int]] = {}
        for place, voter in enumerate(self.finished):
            found.setdefault(voter.trial.config, []).append(place)
        return {
            config: sorted(places, key=lambda place: self.finished[place].trial.seed)
            for config, places in found.items()
        }

    @property
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

    def choose(
        self, norms: list, regularisers: list, batch_sizes: list
    ) -> pd.DataFrame:
        """The part of `history` whose trials have these settings."""
        rows = self.history
        return rows[
            rows.norm.isin(norms)
            & rows.regulariser.isin(regularisers)
            & rows.batch_size.isin(batch_sizes)
        ]

    def records(self) -> list[dict]:
        """`trials` for JSON: a dictionary per trial, None where there is no value."""
        return json.loads(self.trials.to_json(orient="records"))


def load(folder: str | Path = checkpoint.FOLDER) -> Results:
    """Reads every checkpoint in `folder`; what cannot be read is named in `problems`."""
    folder = Path(folder)
    found: dict[str, Checkpoint] = {}
    problems = []
    for path in sorted(folder.glob(f"*{checkpoint.SUFFIX}")):
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
    return Results(folder, sorted(found.values(), key=_order), problems)


@cache
def test_split() -> Split:
    """The 10,000 test digits, read once. Raises `DataError`."""
    return load_split(train=False)


def published_curves() -> pd.DataFrame:
    """The three runs that were published, in the columns of `Results.history`.

    The notebook printed the train loss as a sum of batch means divided by 60,000.
    """
    printed = pd.read_csv(ROOT / "published_curves.csv")
    return pd.DataFrame(
        {
            "name": "published "
            + printed.norm
            + " at "
            + printed.batch_size.astype(str),
            "norm": printed.norm,
            "batch_size": printed.batch_size,
            "epoch": printed.epoch,
            "train_loss": printed.train_loss_as_printed * printed.batch_size,
            "train_acc": printed.train_correct_of_60000 / 60_000,
            "test_loss": printed.test_loss,
            "test_acc": printed.test_correct_of_10000 / 10_000,
        }
    )


def describe(trial: Trial) -> str:
    """The configuration in words: "GN, L1 0.0001, batch 64"."""
    parts = [trial.norm]
    parts += [f"L1 {trial.l1:g}"] if trial.l1 else []
    parts += [f"L2 {trial.l2:g}"] if trial.l2 else []
    return ", ".join(parts + [f"batch {trial.batch_size}"])


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
TRIAL_COLUMNS = [
    *SETTINGS,
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
        **{key: getattr(trial, key) for key in SETTINGS},
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
        NORMS.index(trial.norm),
        REGULARISERS.index(trial.regulariser),
        trial.batch_size,
        trial.name,
    )
