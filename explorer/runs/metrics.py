"""What the protocol measures of each run: one tidy row per trial that did not diverge, and groups of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explorer.runs.results import SETTINGS, Results, averaged, words_averaged
from train.checkpoint import Checkpoint
from train.study import Trial

THRESHOLDS = (0.990, 0.993)
NOISY_EPOCHS = slice(4, 14)  # 5 to 14: learning, but before the learning rate falls


def table(results: Results) -> pd.DataFrame:
    """One row per finished trial; accuracies and gap in percent and points.

    Beside the settings: `config` and `words` (what is averaged, see `results.averaged`), `acc` and `best` (last and best epoch), `gap` (upright training
    images without dropout, less test), `loss_test` and `loss_train` (of the last epoch), `noise_test` and `noise_train` (log of
    the standard deviation of the loss's change between epochs), and `reach_99.0`, `reach_99.3` (the first epoch that does, one
    more than there were where none does).
    """
    return pd.DataFrame(map(_row, results.finished), columns=COLUMNS)


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


def _row(found: Checkpoint) -> dict:
    trial, summary, history = found.trial, found.summary, found.history
    losses = {
        split: np.array([row[f"{split}_loss"] for row in history])
        for split in ("test", "train")
    }
    row = {key: getattr(trial, key) for key in SETTINGS} | {
        "config": averaged(trial),
        "words": words_averaged(trial),
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
    changes = np.diff(losses)
    if len(changes) < 2 or not changes.std():
        return float("nan")
    return float(np.log(changes.std(ddof=1)))


def of(rows: pd.DataFrame, trials: Iterable[Trial], measure: str) -> np.ndarray:
    """The values of a measure of all seeds of these configurations."""
    configs = {trial.config for trial in trials}
    return rows.loc[rows.config.isin(configs), measure].dropna().to_numpy(float)


def per_epoch(history: pd.DataFrame) -> pd.DataFrame:
    """What the curves of part of `Results.history` show, as numbers: per configuration and epoch means, deviations and seeds.

    Accuracies are fractions, losses in nats, as in the checkpoints; a deviation of one seed is missing.
    """
    columns = ["train_loss", "train_acc", "test_loss", "test_acc"]
    some = history.groupby(["config", "epoch"], sort=False)
    found = some[columns].agg(["mean", "std"])
    found.columns = ["_".join(column) for column in found.columns]
    found.insert(0, "lr", some.lr.first())
    found.insert(1, "seeds", some.size())
    return found.reset_index()


def progress(rows: pd.DataFrame, configs: Iterable[str]) -> pd.DataFrame:
    """For reading, one line per configuration of `table`: last and best accuracy, and epochs to each threshold.

    Means over the seeds; of the epochs the median, with those that never reached it counted.
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
    """The epoch in which each run reached a threshold, infinite where it never did."""
    return rows[column].astype(float).where(rows[column] <= rows.epochs, np.inf)


def _epochs(rows: pd.DataFrame, column: str) -> str:
    """The median of the epochs in which the runs of a configuration reached a threshold, and how many never did."""
    epochs = _reached(rows, column)
    never, middle = int(np.isinf(epochs).sum()), epochs.median()
    if never == len(epochs):
        return "never"
    if np.isinf(middle):
        return f"{never} of {len(epochs)} never"
    return f"{middle:g} ({never} never)" if never else f"{middle:g}"


@dataclass(frozen=True)
class Quickest:
    """Configurations that reach the highest threshold first: their words, the median epoch, and their seeds, fewest and most.

    The epoch is infinite where none of those compared reaches it with half of its seeds.
    """

    words: tuple[str, ...]
    epoch: float
    seeds: tuple[int, int]


def quickest(rows: pd.DataFrame, configs: Iterable[str]) -> Quickest | None:
    """The quickest of these configurations of `table`; None of none."""
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
