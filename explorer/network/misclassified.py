"""The mistakes of single networks and pairs, and what all networks make of a single test image."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import torch

from explorer.digits.png import png
from explorer.network import predictions
from explorer.runs.ensemble import Stack
from explorer.runs.results import FACTORS, Results, test_split
from explorer.study.hard_images import label_errors, non_collapsed
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.study import Trial

COLUMNS = ["index", "label", "read", "sure"]
KEPT = 32  # trials whose mistakes are remembered


@lru_cache(KEPT)
def of_network(found: Checkpoint) -> pd.DataFrame:
    """The test images that a network misses, its surest mistake first: `index`, `label`, `read`, `sure` (percent).

    Raises `DataError`.
    """
    split, answers = test_split(), answers_of(found)
    indices = np.flatnonzero(answers != split.labels.numpy())
    chosen = torch.from_numpy(indices)
    probs = Stack([found]).probs(split.images[chosen])[0].numpy()
    read = answers[indices]
    columns = (indices, split.labels[chosen].numpy(), read, 100 * probs.max(1))
    rows = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    return rows.sort_values("sure", ascending=False, kind="stable")


def of_kind(rows: pd.DataFrame, label: int | None, read: int | None) -> pd.DataFrame:
    """Those of `of_network` with this label and read as this digit; None is any."""
    for column, digit in (("label", label), ("read", read)):
        if digit is not None:
            rows = rows[rows[column] == digit]
    return rows


def find(results: Results, name: str) -> Checkpoint:
    """The finished trial of that name. Raises `UserError`."""
    if not isinstance(name, str) or name not in results.place:
        raise UserError(
            f"There is no finished trial named {name!r}; /trials lists them."
        )
    return results.finished[results.place[name]]


def answers_of(found: Checkpoint) -> np.ndarray:
    """(10000,) int: the digit that a network reads in each test image."""
    return np.frombuffer(found.test_digits.encode(), np.uint8).astype(int) - ord("0")


def confusion(found: Checkpoint) -> np.ndarray:
    """int (10, 10): how many test images of each label, a row, are read as each digit, a column."""
    return _cross(test_split().labels.numpy(), answers_of(found))


@dataclass(frozen=True)
class PairMistakes:
    """The images that only A, only B and both miss, and int (10, 10) what they read, A by row, B by column.

    What is read and how surely is A's, but of those that only B misses B's.
    """

    only_a: pd.DataFrame
    only_b: pd.DataFrame
    both: pd.DataFrame
    matrix: np.ndarray


def against(a: Checkpoint, b: Checkpoint) -> PairMistakes:
    """The mistakes of two networks, as `of_network`."""
    one, other = of_network(a), of_network(b)
    return PairMistakes(
        one[~one["index"].isin(other["index"])],
        other[~other["index"].isin(one["index"])],
        one[one["index"].isin(other["index"])],
        _cross(answers_of(a), answers_of(b)),
    )


def _cross(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.bincount(10 * rows.astype(int) + columns, minlength=100).reshape(10, 10)


@dataclass(frozen=True)
class LevelReadings:
    """Digits that the networks at a level of a factor read in an image: how many read each, the most read first."""

    level: str | int
    networks: dict[int, int]


@dataclass(frozen=True)
class ImageReadings:
    """Test image: its label, how many of the `non_collapsed` networks miss it, their readings by factor, and any reviews of its label."""

    index: int
    label: int
    networks: int
    missing: int
    levels: dict[str, list[LevelReadings]]
    reviews: dict[str, int] | None  # by column of `label_errors`


def readings(results: Results, index: int) -> ImageReadings:
    """The readings of one test image. Raises `UserError` where there is no such image."""
    split, index = test_split(), predictions.checked(index)
    places = non_collapsed(results)
    label, read = int(split.labels[index]), results.answers[places, index].tolist()
    trials = [results.finished[place].trial for place in places]
    reviews = label_errors()
    return ImageReadings(
        index,
        label,
        len(read),
        sum(digit != label for digit in read),
        {factor: _by_level(trials, read, factor) for factor in FACTORS},
        {key: int(value) for key, value in reviews.loc[index].items()}
        if index in reviews.index
        else None,
    )


def _by_level(trials: list[Trial], read: list[int], factor: str) -> list[LevelReadings]:
    counts: dict = {}
    for trial, digit in zip(trials, read, strict=True):
        counts.setdefault(getattr(trial, factor), Counter())[digit] += 1
    return [
        LevelReadings(level, dict(some.most_common()))
        for level, some in sorted(counts.items())
    ]


def sprite(indices: Iterable[int]) -> bytes:
    """A PNG of test images side by side, 28 pixels each, dark on bright; of one blank image for none."""
    chosen = torch.tensor(list(indices), dtype=torch.int64)
    pictures = 255 - test_split().images[chosen].numpy()
    strip = np.concatenate([*pictures] or [np.full((28, 28), 255, np.uint8)], 1)
    return png(strip)
