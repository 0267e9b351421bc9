"""Hyperparameters that a visitor may choose, their bounds and defaults, and the trial made of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from train.errors import UserError
from train.norms import BY_KEY
from train.study import BOUNDS, ROWS, TRAIN_IMAGES, Trial


class SettingsError(UserError):
    """Settings that may not be trained; the message is a sentence for the visitor."""


@dataclass(frozen=True)
class Setting:
    """A hyperparameter that a visitor may choose: its name in `Trial`, label, default and bounds. The page gets its fields as JSON."""

    name: str
    words: str
    first: float | str
    low: float = 0
    high: float = 0
    choices: tuple = ()

    def read(self, value):
        """The value in the type of the `Trial` field. Raises `SettingsError`."""
        if self.choices:
            if value not in self.choices or isinstance(value, bool):
                allowed = ", ".join(map(str, self.choices))
                raise SettingsError(f"{self.words} must be one of {allowed}.")
            return type(self.choices[0])(value)
        kind = type(self.first)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        inside = number and self.low <= value <= self.high
        if not inside or (kind is int and value % 1):
            raise SettingsError(
                f"{self.words} must be a {'whole ' if kind is int else ''}number "
                f"from {self.low:,} to {self.high:,}."
            )
        return kind(value)


def _setting(
    name: str,
    words: str,
    first: float | str,
    low: float | None = None,
    high: float | None = None,
) -> Setting:
    """A setting with the bounds of its `Trial` field, or with narrower ones."""
    bounds = BOUNDS[name]
    low = bounds.low if low is None else low
    high = bounds.high if high is None else high
    assert bounds.choices or (bounds.allow(low) and bounds.allow(high)), name
    return Setting(name, words, first, low, high, bounds.choices)


SETTINGS = (
    _setting("norm", "Norm", "GN"),
    _setting("groups", "Groups", Trial.groups),
    _setting("l1", "L1", 0.0, high=1),
    _setting("l2", "L2", 0.0, high=1),
    _setting("batch_size", "Batch size", 16, 2, 512),
    _setting("lr", "Learning rate", Trial.lr, 1e-6, 10),
    _setting("dropout", "Dropout", Trial.dropout, high=0.9),
    _setting("epochs", "Epochs", 1, high=Trial.epochs),
    _setting("train_images", "Training digits", TRAIN_IMAGES, low=100),
    _setting("seed", "Seed", 11),  # no committed network has it
)
NAMES = tuple(setting.name for setting in SETTINGS)
LABELLED = ROWS[1]  # of the published table; its L1 is too strong to learn with


@dataclass(frozen=True)
class Experiment:
    """A recipe that the page offers: its name, and the settings in which it differs from the defaults."""

    words: str
    settings: dict[str, float | str]


EXPERIMENTS = (
    # The page opens on the first: a curve within seconds.
    Experiment("A curve in seconds", {"epochs": 5, "train_images": 10_000}),
    Experiment("BN at batch 8", {"norm": "BN", "batch_size": 8}),
    Experiment(
        f"Row {LABELLED.number} as labelled",
        {"l1": LABELLED.trial.l1, "batch_size": LABELLED.trial.batch_size},
    ),
    Experiment("No penalty, all digits", {}),
)


def trial_of(settings: dict) -> Trial:
    """The trial of settings by their names; those that are missing have their defaults. Raises `SettingsError`."""
    if not isinstance(settings, dict):
        raise SettingsError("Settings are expected by their names.")
    values: dict[str, Any] = {
        setting.name: setting.read(settings.get(setting.name, setting.first))
        for setting in SETTINGS
    }
    # Norms without groups get the default number, so that equal trials have equal names.
    if not BY_KEY[values["norm"]].grouped:
        values["groups"] = Trial.groups
    return Trial(**values)


def fresh(first: Trial, taken: set[int], number: int) -> Iterator[Trial]:
    """`number` trials of a configuration with seeds that are not taken, counted up from that of `first`; 2^32 - 1 is followed by 0."""
    seeds = (seed % 2**32 for seed in count(first.seed))
    free = (seed for seed in seeds if seed not in taken)
    return (replace(first, seed=next(free)) for _ in range(number))
