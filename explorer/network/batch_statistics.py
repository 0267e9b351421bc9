"""`python -m explorer.batches`: measures batch norm with its batches' own statistics, and keeps that in data/batches.csv.

Kept, because it takes a minute and the last digit may differ between processors; what is there is not measured again.
"""

import os
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Accuracies:
    """Accuracies in percent of a network in batches of each size of `BATCHES`, and as tested."""

    accuracies: list[float]
    usual: float


def of_network(found: Checkpoint, file: Path = FILE) -> Accuracies:
    """The accuracies of a network: kept ones where there are, else measured now."""
    kept_rows = measurement_cache.read(file, [found])
    if len(kept_rows):
        accuracies = kept_rows[COLUMNS[:-1]].iloc[0].tolist()
    else:
        split = results.test_split()
        accuracies = list(activations.accuracy_by_batch(found, split).values())
    usual = activations.usual_accuracy(found, results.test_split())
    return Accuracies(accuracies, usual)


@dataclass(frozen=True)
class NormAccuracies:
    """Means of the `Accuracies` of a norm's networks, and the halves of their 95 % intervals over seeds, `usual` the last."""

    norm: str
    networks: int
    means: Accuracies
    halves: list[float]


def by_norm(found: results.Results, kept_rows: pd.DataFrame) -> list[NormAccuracies]:
    """The accuracies of the grid's networks without a penalty, every configuration with the same weight.

    A norm that lacks seeds or measurements is left out.
    """
    rows = (_of_norm(found, kept_rows, norm) for norm in STUDIES["grid"].norms)
    return [row for row in rows if row]


def _of_norm(
    found: results.Results, kept_rows: pd.DataFrame, norm: str
) -> NormAccuracies | None:
    configs = {trial.config for trial in GRID if trial.regulariser == "none"}
    runs = [
        each
        for each in found.finished
        if each.trial.norm == norm and each.trial.config in configs
    ]
    values = kept_rows if BY_KEY[norm].over_batch else _unmoved(runs)
    names = {each.trial.name for each in runs}
    if not names or not names <= set(values.index):
        return None
    try:
        means = [
            Level(norm, runs).mean(lambda each, of=values[name]: of[each.trial.name])
            for name in COLUMNS
        ]
    except StatisticsError:
        return None
    *accuracies, usual = [mean.estimate for mean in means]
    halves = [mean.interval.half_width for mean in means]
    return NormAccuracies(norm, len(runs), Accuracies(accuracies, usual), halves)


def _unmoved(runs: list[Checkpoint]) -> pd.DataFrame:
    """As `read`, of networks that know no batch."""
    split = results.test_split()
    usual = {each.trial.name: activations.usual_accuracy(each, split) for each in runs}
    return pd.DataFrame(dict.fromkeys(COLUMNS, pd.Series(usual, dtype=float)))


def main(found: results.Results, file: Path = FILE):
    """Measures those that are not in `file`, and adds them."""
    torch.set_num_threads(1)
    split = results.test_split()

    def values(each: Checkpoint) -> dict[str, float]:
        accuracies = activations.accuracy_by_batch(each, split)
        sizes = {str(size): value for size, value in accuracies.items()}
        return sizes | {"usual": activations.usual_accuracy(each, split)}

    measurement_cache.measure(file, networks(found), values, os.cpu_count() or 1)
