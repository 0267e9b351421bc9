"""`python -m explorer.batches`: measures batch norm with its batches' own statistics, and keeps that in data/batches.csv.

Kept, because it takes a minute and the last digit may differ between processors; what is there is not measured again.
"""

import os
from pathlib import Path

import pandas as pd
import torch

from explorer.network import activations
from explorer.runs import measurement_cache, results
from explorer.study.marginals import Level
from explorer.study.statistics import StatisticsError
from train.checkpoint import Checkpoint
from train.data import ROOT
from train.norms import BY_KEY
from train.study import GRID, STUDIES

FILE = ROOT / "batches.csv"
COLUMNS = [*map(str, activations.BATCHES), "usual"]
# Those that the report speaks of.
TRIALS = [
    trial
    for trial in GRID
    if BY_KEY[trial.norm].over_batch and trial.regulariser == "none"
]


def networks(found: results.Results) -> list[Checkpoint]:
    """Those with batch norm."""
    return [each for each in found.finished if BY_KEY[each.trial.norm].over_batch]


def read(found: results.Results, file: Path = FILE) -> pd.DataFrame:
    """A row per measured network, by name: the accuracy in percent in batches of each size ("1" to "128"), and `usual`."""
    return measurement_cache.read(file, networks(found))


def of_network(found: Checkpoint, file: Path = FILE) -> dict:
    """`accuracies` in batches of each size and as tested, `usual`, in percent: kept ones where there are, else measured now."""
    kept_rows = measurement_cache.read(file, [found])
    if len(kept_rows):
        accuracies = kept_rows[COLUMNS[:-1]].iloc[0].tolist()
    else:
        split = results.test_split()
        accuracies = list(activations.accuracy_by_batch(found, split).values())
    usual = activations.usual_accuracy(found, results.test_split())
    return {"accuracies": accuracies, "usual": usual}


def families(found: results.Results, kept_rows: pd.DataFrame) -> dict[str, dict]:
    """By norm, of the grid's networks without a penalty: means of `of_network`, `halves` of their 95 % intervals over seeds, `runs`.

    Every configuration has the same weight. A norm that lacks seeds or measurements is left out.
    """
    split, made = results.test_split(), {}
    configs = {trial.config for trial in GRID if trial.regulariser == "none"}
    for norm in STUDIES["grid"].norms:
        runs = [
            each
            for each in found.finished
            if each.trial.norm == norm and each.trial.config in configs
        ]
        if BY_KEY[norm].over_batch:
            values = kept_rows
        else:  # which know no batch
            usual = {
                each.trial.name: activations.usual_accuracy(each, split)
                for each in runs
            }
            values = pd.DataFrame(dict.fromkeys(COLUMNS, pd.Series(usual, dtype=float)))
        names = {each.trial.name for each in runs}
        if not names or not names <= set(values.index):
            continue
        try:
            means = [
                Level(norm, runs).mean(
                    lambda each, of=values[name]: of[each.trial.name]
                )
                for name in COLUMNS
            ]
        except StatisticsError:
            continue
        *accuracies, usual = [mean.estimate for mean in means]
        made[norm] = {
            "accuracies": accuracies,
            "usual": usual,
            "halves": [mean.interval.half for mean in means],
            "runs": len(runs),
        }
    return made


def main(found: results.Results, file: Path = FILE):
    """Measures those that are not in `file`, and adds them."""
    torch.set_num_threads(1)
    split = results.test_split()

    def values(each: Checkpoint) -> dict[str, float]:
        accuracies = activations.accuracy_by_batch(each, split)
        sizes = {str(size): value for size, value in accuracies.items()}
        return sizes | {"usual": activations.usual_accuracy(each, split)}

    measurement_cache.measure(file, networks(found), values, os.cpu_count() or 1)
