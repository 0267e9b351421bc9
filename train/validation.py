"""Checks of a checkpoint's tensors and header, which raise `ValueError`, or `TypeError` for a value of a wrong type."""

import math
import re
from functools import cache

from torch import Tensor

from train.data import TEST_IMAGES
from train.model import Network, layers
from train.study import Trial

BINS = 15  # of the reliability diagram
LARGEST = 1e80  # of a number; a sum of squares of float32 weights is smaller
MOST_BATCHES = 10_000 * 60_000  # of the longest trial
ROW_KEYS = {
    "epoch",
    "lr",
    "train_loss",
    "train_acc",
    "test_loss",
    "test_acc",
    "seconds",
    "abs_sums",
    "square_sums",
}
ADDED_KEYS = {"near_zero"}  # missing in the rows of older checkpoints
SUM_KEYS = {"abs_sums", "square_sums", *ADDED_KEYS}  # a number for every layer
STOPPED = "stopped"  # key of the summary of a trial that ended early: batches trained
SUMMARY_KEYS = {
    "last",
    "best",
    "clean_train_acc",
    "clean_train_loss",
    "test_nll",
    "reliability",
    "calibration_error",
    "diverged",
}


def check_tensors(trial: Trial, state: dict[str, Tensor]):
    expected = _expected(trial.norm)
    same_keys("tensors", state, expected)
    for name, tensor in state.items():
        if (tensor.shape, tensor.dtype) != (expected[name].shape, expected[name].dtype):
            raise ValueError(
                f"tensor {name} is {tensor.dtype} {tuple(tensor.shape)}, "
                f"expected {expected[name].dtype} {tuple(expected[name].shape)}"
            )
        if not tensor.isfinite().all():
            raise ValueError(f"tensor {name} has values that are not finite")
        if name.endswith("running_var") and (tensor < 0).any():
            raise ValueError(f"tensor {name} has variances below 0")


def check_digits(test_digits: str):
    if not re.fullmatch(f"[0-9]{{{TEST_IMAGES}}}", test_digits):
        raise ValueError(
            f"test_digits: expected {TEST_IMAGES} digits, got {len(test_digits)} characters"
        )


def check_summary(summary: dict):
    same_keys("summary", summary, SUMMARY_KEYS, {STOPPED})
    same_keys("summary, last", summary["last"], {"epoch", "test_acc", "test_loss"})
    if summary["best"] is not None:
        same_keys("summary, best", summary["best"], {"epoch", "test_acc"})
    bins = summary["reliability"]
    same_keys("summary, reliability", bins, {"count", "confidence", "correct"})
    names = ("test_nll", "calibration_error", "clean_train_acc", "clean_train_loss")
    tables = ({name: summary[name] for name in names}, summary["last"])
    if not (
        all(map(_ranged, (*tables, summary["best"] or {})))
        and all(len(counts) == BINS and _amounts(counts) for counts in bins.values())
        and max(map(max, bins.values())) <= TEST_IMAGES
        and all(
            type(summary[name]) is int and 0 < summary[name] <= MOST_BATCHES
            for name in ("diverged", STOPPED)
            if summary.get(name) is not None
        )
    ):
        raise ValueError("summary: a value is not a finite number of its kind")


def check_history(trial: Trial, history: list[dict], summary: dict):
    """Checks the rows against trial and summary; the summary has passed `check_summary`."""
    batches = math.ceil(trial.train_images / trial.batch_size)
    stopped = math.ceil(summary.get(STOPPED, 0) / batches)
    if [row["epoch"] for row in history] != list(range(1, len(history) + 1)):
        raise ValueError("history: its epochs are not 1, 2, 3, ...")
    # Of a network midway, the summary is of the epoch that its history ends with.
    whole = min(trial.epochs, max(1, summary["last"]["epoch"]))
    if len(history) != (summary["diverged"] or stopped or whole):
        raise ValueError(f"history: {len(history)} rows for {trial.epochs} epochs")
    count = len(layers(_expected(trial.norm)))
    for row in history:
        _check_row(row, count, row["epoch"] == summary["diverged"])
    if (
        not summary["diverged"]
        and summary["last"]["test_acc"] != history[-1]["test_acc"]
    ):
        raise ValueError("summary: its last accuracy is not that of the last epoch")


def _check_row(row: dict, count: int, diverged: bool):
    """Checks one row: `count` is the number of layers; where training diverged numbers may be None."""
    where = f"history, epoch {row['epoch']}"
    same_keys(where, row, ROW_KEYS, ADDED_KEYS)
    sums = SUM_KEYS & row.keys()
    if any(len(row[key]) != count for key in sums):
        raise ValueError(f"{where}: expected one weight sum for each layer")
    singles = {key: value for key, value in row.items() if key not in sums}
    amounts = [value for key in sums for value in row[key]]
    if diverged:
        singles = {key: value for key, value in singles.items() if value is not None}
        amounts = [value for value in amounts if value is not None]
    if not _ranged(singles) or not _amounts(amounts):
        raise ValueError(f"{where}: a value is not a finite number of its kind")


def _ranged(values: dict) -> bool:
    """True if all values are finite, not negative and not beyond `LARGEST`, accuracies at most 1, and epochs integers."""
    return _amounts(list(values.values())) and all(
        value <= 1 if name.endswith("acc") else name != "epoch" or type(value) is int
        for name, value in values.items()
    )


def _amounts(values: list) -> bool:
    return all(_bounded(value) and value >= 0 for value in values)


@cache
def _expected(norm: str) -> dict[str, Tensor]:
    """State dict of an untrained network with this norm, for its names, shapes and types."""
    return Network(Trial(norm, 0.0, 0.0, 1)).state_dict()


def same_keys(what: str, values, expected, optional=()):
    if not isinstance(values, dict):
        raise TypeError(
            f"{what}: expected a table of keys, got {type(values).__name__}"
        )
    missing, unknown = (
        sorted(set(expected) - set(values)),
        sorted(set(values) - set(expected) - set(optional)),
    )
    if missing or unknown:
        raise ValueError(
            f"{what}: missing {', '.join(missing) or 'nothing'}; unknown {', '.join(unknown) or 'nothing'}"
        )


def _bounded(value) -> bool:
    """True for a number of JSON that is not too large; a sweep asks this a thousand times for each network that exists."""
    if isinstance(value, float):
        return value <= LARGEST  # False for NaN
    # Larger whole numbers are none that JSON's readers agree on.
    return type(value) is int and value <= 2**53
