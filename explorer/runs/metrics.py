"""Metrics of runs by the protocol: a tidy table with a row per trial that did not diverge, and summaries of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from explorer.runs.descriptions import SETTINGS, averaged, describe_averaged
from explorer.runs.results import KEPT, Results
from train.checkpoint import Checkpoint
from train.study import Trial

THRESHOLDS = (0.990, 0.993)
NOISY_EPOCHS = slice(4, 14)  # 5 to 14: learning, but before the learning rate falls


def table(results: Results, keys: Iterable[str] | None = None) -> pd.DataFrame:
    """Table with a row per finished trial, or per one of some keys of `Results.averaged`; accuracies in percent, `gap` in percentage points.

    Columns beside the settings: `config` (key of the runs that are averaged, see `results.averaged`) and `words` (its
    description); `acc` and `best` (test accuracy of the last and of the best epoch); `gap` (accuracy on unrotated training
    images without dropout, less test accuracy); `loss_test` and `loss_train` (of the last epoch); `noise_test` and
    `noise_train` (log of the standard deviation of the loss's change between epochs); `reach_99.0` and `reach_99.3` (first
    epoch with that test accuracy, the number of epochs plus one where there is none).
    """
    if keys is None:
        return pd.DataFrame(map(_row, results.finished), columns=COLUMNS)
    rows = [row for key in keys for row in _rows(results, key)]
    return pd.DataFrame(rows, columns=COLUMNS)


REACH = {threshold: f"reach_{threshold:.1%}".rstrip("%") for threshold in THRESHOLDS}
COLUMNS = [
    *SETTINGS,
    "words",
    "acc",
    "best",
    "gap",
    "loss_test",
    "loss_train",
    "noise_test",
    "noise_train",
    *REACH.values(),
]


@lru_cache(maxsize=KEPT)
def _rows(results: Results, key: str) -> list[dict]:
    networks = results.averaged[key]
    return [_row(one) for one in networks if not one.summary["diverged"]]


def _row(checkpoint: Checkpoint) -> dict:
    trial, summary, history = checkpoint.trial, checkpoint.summary, checkpoint.history
    losses = {
        split: np.array([row[f"{split}_loss"] for row in history])
        for split in ("test", "train")
    }
    row = {key: getattr(trial, key) for key in SETTINGS} | {
        "config": averaged(trial),
        "words": describe_averaged(trial),
        "acc": 100 * summary["last"]["test_acc"],
        "best": 100 * summary["best"]["test_acc"],
        "gap": 100 * (summary["clean_train_acc"] - summary["last"]["test_acc"]),
    }
    for split, values in losses.items():
        row[f"loss_{split}"] = values[-1]
        row[f"noise_{split}"] = _noise(values[NOISY_EPOCHS])
    for threshold, column in REACH.items():
        reached = [line["epoch"] for line in history if line["test_acc"] >= threshold]
        row[column] = min(reached, default=len(history) + 1)
    return row


def _noise(losses: np.ndarray) -> float:
    """Log of the standard deviation of the change between epochs; NaN without one."""
    changes = np.diff(losses)
    if len(changes) < 2 or not changes.std():
        return float("nan")
    return float(np.log(changes.std(ddof=1)))


def of(rows: pd.DataFrame, trials: Iterable[Trial], measure: str) -> np.ndarray:
    """Values of a column of `table`, of all seeds of these configurations."""
    configs = {trial.config for trial in trials}
    return rows.loc[rows.config.isin(configs), measure].dropna().to_numpy(float)


def per_epoch(history: pd.DataFrame) -> pd.DataFrame:
    """Means, standard deviations and number of seeds, per configuration and epoch, of rows of `Results.history`.

    Accuracies are fractions, losses in nats, as in the checkpoints; the deviation of a single seed is missing.
    """
    columns = ["train_loss", "train_acc", "test_loss", "test_acc"]
    groups = history.groupby(["config", "epoch"], sort=False)
    curves = groups[columns].agg(["mean", "std"])
    curves.columns = ["_".join(column) for column in curves.columns]
    curves.insert(0, "lr", groups.lr.first())
    curves.insert(1, "seeds", groups.size())
    return curves.reset_index()


def progress(rows: pd.DataFrame, configs: Iterable[str]) -> pd.DataFrame:
    """Visitors' table with a line per configuration: last and best accuracy, and epochs to every threshold.

    `rows` are those of `table`. Accuracies are means over the seeds; the epochs are medians, together with the number of
    seeds that never reached the threshold.
    """
    lines = []
    for _, some in rows[rows.config.isin(set(configs))].groupby("config", sort=False):
        line = {
            "configuration": some.words.iloc[0],
            "seeds": len(some),
            "last epoch, %": round(some.acc.mean(), 3),
            "best epoch (a selection), %": round(some.best.mean(), 3),
        }
        for threshold, column in REACH.items():
            line[f"epochs to {100 * threshold:.1f} %"] = _epochs(some, column)
        lines.append(line)
    return pd.DataFrame(lines)


def _reached(rows: pd.DataFrame, column: str) -> pd.Series:
    """Epochs in which runs reached a threshold; infinite for a run that never did."""
    return rows[column].astype(float).where(rows[column] <= rows.epochs, np.inf)


def _epochs(rows: pd.DataFrame, column: str) -> str:
    """Median epoch in which the runs of a configuration reached a threshold, and how many never did, as text."""
    epochs = _reached(rows, column)
    never, middle = int(np.isinf(epochs).sum()), epochs.median()
    if never == len(epochs):
        return "never"
    if np.isinf(middle):
        return f"{never} of {len(epochs)} never"
    return f"{middle:g} ({never} never)" if never else f"{middle:g}"


@dataclass(frozen=True)
class Quickest:
    """Configurations that reach the highest threshold first: descriptions, median epoch, least and largest number of seeds.

    The epoch is infinite where no configuration reaches the threshold with more than half of its seeds.
    """

    descriptions: tuple[str, ...]
    epoch: float
    seeds: tuple[int, int]


def quickest(rows: pd.DataFrame, configs: Iterable[str]) -> Quickest | None:
    """Quickest of these configurations, by the rows of `table`; None without configurations."""
    some = rows[rows.config.isin(set(configs))]
    if some.empty:
        return None
    column = REACH[THRESHOLDS[-1]]
    medians = _reached(some, column).groupby(some.config, sort=False).median()
    best = some[some.config.isin(medians.index[medians == medians.min()])]
    seeds = best.groupby("config").size()
    return Quickest(
        tuple(best.groupby("config", sort=False).words.first()),
        float(medians.min()),
        (int(seeds.min()), int(seeds.max())),
    )
