"""Misclassified test images of single networks and pairs, and the predictions of all networks for one test image."""

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
from train.data_sets import MNIST, DataSet
from train.errors import UserError
from train.study import Trial

COLUMNS = ["index", "label", "read", "sure"]
CACHED = 32  # networks whose mistakes are cached


@lru_cache(CACHED)
def of_network(checkpoint: Checkpoint) -> pd.DataFrame:
    """Table of a network's misclassified test images, the most confident first.

    Columns: `index`, `label`, `read` (predicted digit), `sure` (its probability in percent). Raises `DataError`.
    """
    split, answers = test_split(checkpoint.trial.data), answers_of(checkpoint)
    indices = np.flatnonzero(answers != split.labels.numpy())
    chosen = torch.from_numpy(indices)
    probs = Stack([checkpoint]).probs(split.images[chosen])[0].numpy()
    read = answers[indices]
    columns = (
        indices,
        split.labels[chosen].numpy(),
        read,
        100 * probs.max(1).astype(float),
    )
    rows = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    return rows.sort_values("sure", ascending=False, kind="stable")


def of_kind(rows: pd.DataFrame, label: int | None, read: int | None) -> pd.DataFrame:
    """Rows of `of_network` with this label and this predicted digit; None is any."""
    for column, digit in (("label", label), ("read", read)):
        if digit is not None:
            rows = rows[rows[column] == digit]
    return rows


def find(results: Results, name: str) -> Checkpoint:
    """Checkpoint of the finished trial of that name. Raises `UserError`."""
    if not isinstance(name, str) or name not in results.index:
        raise UserError(
            f"There is no finished trial named {name!r}; /trials lists them."
        )
    return results.finished[results.index[name]]


def answers_of(checkpoint: Checkpoint) -> np.ndarray:
    """Predicted digits (10000,), int, of a network for the test images."""
    return np.frombuffer(checkpoint.test_digits.encode(), np.uint8).astype(int) - ord(
        "0"
    )


def confusion(checkpoint: Checkpoint) -> np.ndarray:
    """Confusion matrix (10, 10), int: label by row, predicted digit by column."""
    labels = test_split(checkpoint.trial.data).labels.numpy()
    return _cross(labels, answers_of(checkpoint))


@dataclass(frozen=True)
class PairMistakes:
    """Images that only A, only B and both misclassify, and the matrix (10, 10), int, of A's by B's predicted digits.

    Prediction and confidence are A's, and B's for the images that only B misclassifies.
    """

    only_a: pd.DataFrame
    only_b: pd.DataFrame
    both: pd.DataFrame
    matrix: np.ndarray


def against(a: Checkpoint, b: Checkpoint) -> PairMistakes:
    """Mistakes of two networks, as tables of `of_network`."""
    one, other = of_network(a), of_network(b)
    return PairMistakes(
        one[~one["index"].isin(other["index"])],
        other[~other["index"].isin(one["index"])],
        one[one["index"].isin(other["index"])],
        _cross(answers_of(a), answers_of(b)),
    )


def _cross(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Contingency table (10, 10) of two arrays of digits."""
    return np.bincount(10 * rows.astype(int) + columns, minlength=100).reshape(10, 10)


@dataclass(frozen=True)
class LevelReadings:
    """Numbers of networks at a level of a factor by predicted digit, the most frequent digit first."""

    level: str | int
    networks: dict[int, int]


@dataclass(frozen=True)
class ImageReadings:
    """Readings of a test image: label, number of `non_collapsed` networks, those that miss it, by-factor counts, reviews of the label."""

    index: int
    label: int
    networks: int
    missing: int
    levels: dict[str, list[LevelReadings]]
    reviews: dict[str, int] | None  # by column of `label_errors`


def readings(results: Results, index: int) -> ImageReadings:
    """Answers of the non-collapsed networks for one test image. Raises `UserError` where no test image has this index."""
    split, index = test_split(results.data_set), predictions.checked(index)
    indices = non_collapsed(results)
    label, read = int(split.labels[index]), results.answers[indices, index].tolist()
    trials = [results.finished[one].trial for one in indices]
    reviews = label_errors(results.data_set)
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
        LevelReadings(level, dict(digits.most_common()))
        for level, digits in sorted(counts.items())
    ]


def sprite(indices: Iterable[int], data_set: DataSet = MNIST) -> bytes:
    """PNG of test images side by side, 28 pixels wide each, bright on dark as on the pad; a blank image without indices."""
    chosen = torch.tensor(list(indices), dtype=torch.int64)
    pictures = test_split(data_set).images[chosen].numpy()
    strip = np.concatenate([*pictures] or [np.zeros((28, 28), np.uint8)], 1)
    return png(strip)
