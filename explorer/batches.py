"""`python -m explorer.batches`: measures batch norm with its batches' own statistics, and keeps that in data/batches.csv.

Kept, because it takes a minute and the last digit may differ between processors; what is there is not measured again.
"""

from pathlib import Path

import pandas as pd
import torch
from rich.progress import track

from explorer import inside, results
from train.data import ROOT
from train.study import GRID

FILE = ROOT / "batches.csv"
TRIALS = [trial for trial in GRID if trial.norm == "BN" and trial.regulariser == "none"]


def read(file: Path = FILE) -> pd.DataFrame:
    """A row per trial: its `config` and `name`, the accuracy in percent in batches of each size ("1" to "128"), and `usual`."""
    return pd.read_csv(file)


def main(found: results.Results, file: Path = FILE):
    """Measures the trials of the grid with batch norm and no penalty that are not in `file`, and adds them."""
    torch.set_num_threads(1)
    kept = read(file) if file.exists() else pd.DataFrame({"name": []})
    configs = {trial.config for trial in TRIALS}
    missing = [
        each
        for each in found.finished
        if each.trial.config in configs and each.trial.name not in set(kept.name)
    ]
    split = results.test_split()
    rows = [
        {"config": each.trial.config, "name": each.trial.name}
        | {
            str(size): value
            for size, value in inside.accuracy_by_batch(each, split).items()
        }
        | {"usual": inside.usual_accuracy(each, split)}
        for each in track(missing, f"{len(missing)} networks")
    ]
    if rows:
        whole = pd.concat([kept, pd.DataFrame(rows)]).sort_values("name")
        whole[["config", *whole.columns.drop("config")]].to_csv(
            file, index=False, lineterminator="\n", float_format="%.4f"
        )


if __name__ == "__main__":
    main(results.load())
