"""Accuracies of batch norm with the statistics of the batch, cached in data/batches.csv by `python -m explorer.batches`.

They are cached because they take a minute and their last digit may differ between processors.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import torch

from explorer.network import activations
from explorer.runs import measurement_cache
from explorer.runs.results import Results, test_split
from explorer.study.marginals import Level
from explorer.study.statistics import StatisticsError
from train.checkpoint import Checkpoint
from train.cores import cores
from train.data import ROOT
from train.norms import BY_KEY
from train.study import GRID, STUDIES

FILE = ROOT / "batches.csv"
COLUMNS = [*map(str, activations.BATCHES), "usual"]
# Trials of the report's table of batch statistics.
TRIALS = [
    trial
    for trial in GRID
    if BY_KEY[trial.norm].over_batch and trial.regulariser == "none"
]


def networks(results: Results) -> list[Checkpoint]:
    """Finished networks with batch norm."""
    return [
        network for network in results.finished if BY_KEY[network.trial.norm].over_batch
    ]


def read(results: Results, file: Path = FILE) -> pd.DataFrame:
    """Cached accuracies in percent, a row per network: columns "1" to "128" by batch size, and `usual`; index `name`."""
    return measurement_cache.read(file, networks(results))


@dataclass(frozen=True)
class Accuracies:
    """Accuracies in percent of a network, by batch size of `BATCHES`, and with the running averages (`usual`)."""

    accuracies: list[float]
    usual: float


@lru_cache(maxsize=16)
def _measured(checkpoint: Checkpoint) -> list[float]:
    split = test_split(checkpoint.trial.data)
    return list(activations.accuracy_by_batch(checkpoint, split).values())


def of_network(
    checkpoint: Checkpoint, is_ours: bool = True, file: Path = FILE
) -> Accuracies:
    """Accuracies of a network, from the cache or measured now; one that is not ours may have the name and the answers of one that is."""
    cached = measurement_cache.read(file, [checkpoint] if is_ours else [])
    if len(cached):
        accuracies = cached[COLUMNS[:-1]].iloc[0].tolist()
    else:
        accuracies = _measured(checkpoint)
    usual = activations.usual_accuracy(checkpoint, test_split(checkpoint.trial.data))
    return Accuracies(accuracies, usual)


@dataclass(frozen=True)
class NormAccuracies:
    """Mean `Accuracies` of a norm's networks, and the half-widths of their 95 % intervals over seeds, `usual` last."""

    norm: str
    networks: int
    means: Accuracies
    halves: list[float]


def by_norm(results: Results, cached: pd.DataFrame) -> list[NormAccuracies]:
    """Accuracies of the grid's networks without a penalty by norm, with equal weights of the configurations.

    `cached` has the rows of `read`. A norm that lacks seeds or measurements is left out.
    """
    rows = (_of_norm(results, cached, norm) for norm in STUDIES["grid"].norms)
    return [row for row in rows if row]


def _of_norm(
    results: Results, cached: pd.DataFrame, norm: str
) -> NormAccuracies | None:
    """Accuracies of a norm; None where seeds or measurements are missing."""
    configs = {trial.config for trial in GRID if trial.regulariser == "none"}
    runs = [
        network
        for network in results.finished
        if network.trial.norm == norm and network.trial.config in configs
    ]
    values = cached if BY_KEY[norm].over_batch else _constant(runs)
    names = {network.trial.name for network in runs}
    if not names or not names <= set(values.index):
        return None
    try:
        means = [
            Level(norm, runs).mean(
                lambda network, column=values[name]: column[network.trial.name]
            )
            for name in COLUMNS
        ]
    except StatisticsError:
        return None
    *accuracies, usual = [mean.estimate for mean in means]
    halves = [mean.interval.half_width for mean in means]
    return NormAccuracies(norm, len(runs), Accuracies(accuracies, usual), halves)


def _constant(runs: list[Checkpoint]) -> pd.DataFrame:
    """Rows as of `read`, for networks whose norm does not depend on the batch."""
    split = test_split()
    usual = {
        network.trial.name: activations.usual_accuracy(network, split)
        for network in runs
    }
    return pd.DataFrame(dict.fromkeys(COLUMNS, pd.Series(usual, dtype=float)))


def main(results: Results, file: Path = FILE):
    """Measures the networks that are missing in `file`, and adds their rows."""
    torch.set_num_threads(1)
    split = test_split()

    def values(checkpoint: Checkpoint) -> dict[str, float]:
        accuracies = activations.accuracy_by_batch(checkpoint, split)
        sizes = {str(size): value for size, value in accuracies.items()}
        return sizes | {"usual": activations.usual_accuracy(checkpoint, split)}

    measurement_cache.measure(file, networks(results), values, cores())
