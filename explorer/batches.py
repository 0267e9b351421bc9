"""`python -m explorer.batches`: measures batch norm with its batches' own statistics, and keeps that in data/batches.csv.

Kept, because it takes a minute and the last digit may differ between processors; what is there is not measured again.
"""

import os
from pathlib import Path

import pandas as pd
import torch

from explorer import inside, kept, results
from train.checkpoint import Checkpoint
from train.data import ROOT
from train.study import GRID

FILE = ROOT / "batches.csv"
TRIALS = [trial for trial in GRID if trial.norm == "BN" and trial.regulariser == "none"]


def networks(found: results.Results) -> list[Checkpoint]:
    """Those of the grid with batch norm and no penalty."""
    configs = {trial.config for trial in TRIALS}
    return [each for each in found.finished if each.trial.config in configs]


def read(found: results.Results, file: Path = FILE) -> pd.DataFrame:
    """A row per measured network, by name: the accuracy in percent in batches of each size ("1" to "128"), and `usual`."""
    return kept.read(file, networks(found))


def main(found: results.Results, file: Path = FILE):
    """Measures those that are not in `file`, and adds them."""
    torch.set_num_threads(1)
    split = results.test_split()

    def values(each: Checkpoint) -> dict[str, float]:
        accuracies = inside.accuracy_by_batch(each, split)
        sizes = {str(size): value for size, value in accuracies.items()}
        return sizes | {"usual": inside.usual_accuracy(each, split)}

    kept.measure(file, networks(found), values, os.cpu_count() or 1)


if __name__ == "__main__":
    main(results.load())
