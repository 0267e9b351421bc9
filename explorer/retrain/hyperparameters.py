"""What may be trained while a visitor watches: the settings that are offered, their bounds, and the trial that they make."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from train.errors import UserError
from train.norms import BY_KEY
from train.study import BOUNDS, TRAIN_IMAGES, Trial


class SettingsError(UserError):
    """Something that may not be trained here; the message is a sentence for the visitor."""


@dataclass(frozen=True)
class Setting:
    """A hyperparameter that a visitor may choose: a field of `Trial`, its bounds, and what is set at first."""

    name: str
    words: str
    first: float | str
    low: float = 0
    high: float = 0
    choices: tuple = ()

    def read(self, value):
        """The value as `Trial` wants it. Raises `SettingsError`."""
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
    """A setting with the bounds of its field, or with narrower ones."""
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
    _setting("batch_size", "Batch size", 16, 8, 512),
    _setting("lr", "Learning rate", Trial.lr, 1e-6, 10),
    _setting("dropout", "Dropout", Trial.dropout, high=0.9),
    _setting("epochs", "Epochs", 1, high=Trial.epochs),
    _setting("train_images", "Training digits", TRAIN_IMAGES, low=100),
    _setting("seed", "Seed", 11),  # one that is not committed
)
NAMES = tuple(each.name for each in SETTINGS)


def trial_of(settings: dict) -> Trial:
    """The trial that a page or a program asks for. Raises `SettingsError`."""
    if not isinstance(settings, dict):
        raise SettingsError("Settings are expected by their names.")
    values: dict[str, Any] = {
        each.name: each.read(settings.get(each.name, each.first)) for each in SETTINGS
    }
    # The others have none: so one trial has one name.
    if not BY_KEY[values["norm"]].grouped:
        values["groups"] = Trial.groups
    return Trial(**values)


def fresh(first: Trial, taken: set[int], number: int) -> Iterator[Trial]:
    """So many trials of a configuration, from the seed asked for on, with seeds that are not taken; after the last seed comes 0."""
    seeds = (seed % 2**32 for seed in count(first.seed))
    free = (seed for seed in seeds if seed not in taken)
    return (replace(first, seed=next(free)) for _ in range(number))
