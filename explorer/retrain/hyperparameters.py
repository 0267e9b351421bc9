"""What may be trained while a visitor watches: the settings that are offered, their bounds, and the trial that they make."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from train.study import NORMS, TRAIN_IMAGES, Trial


class SettingsError(ValueError):
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


SETTINGS = (
    Setting("norm", "Norm", "GN", choices=NORMS),
    Setting("groups", "Groups", Trial.groups, choices=(1, 2, 4, 8)),
    Setting("l1", "L1", 0.0, 0, 1),
    Setting("l2", "L2", 0.0, 0, 1),
    Setting("batch_size", "Batch size", 16, 8, 512),
    Setting("lr", "Learning rate", Trial.lr, 1e-6, 10),
    Setting("dropout", "Dropout", Trial.dropout, 0, 0.9),
    Setting("epochs", "Epochs", 1, 1, Trial.epochs),
    Setting("train_images", "Training digits", TRAIN_IMAGES, 100, TRAIN_IMAGES),
    Setting("seed", "Seed", 11, 0, 2**32 - 1),  # one that is not committed
)


def trial_of(settings: dict) -> Trial:
    """The trial that a page or a program asks for. Raises `SettingsError`."""
    if not isinstance(settings, dict):
        raise SettingsError("Settings are expected by their names.")
    values = {
        each.name: each.read(settings.get(each.name, each.first)) for each in SETTINGS
    }
    if values["norm"] != "GN":  # the others have none: so one trial has one name
        values["groups"] = Trial.groups
    return Trial(**values)


def fresh(first: Trial, taken: set[int], number: int) -> Iterator[Trial]:
    """So many trials of a configuration, from the seed asked for on, with seeds that are not taken; after the last seed comes 0."""
    seeds = (seed % 2**32 for seed in count(first.seed))
    free = (seed for seed in seeds if seed not in taken)
    return (replace(first, seed=next(free)) for _ in range(number))
