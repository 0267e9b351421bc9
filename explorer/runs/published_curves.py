"""Curves of the three published runs, read from data/published_curves.csv."""

import pandas as pd

from train.data import ROOT


def read() -> pd.DataFrame:
    """Published runs in the columns of `Results.history`.

    The notebook printed the train loss as a sum of batch means divided by 60,000.
    """
    printed = pd.read_csv(ROOT / "published_curves.csv")
    return pd.DataFrame(
        {
            "name": "published "
            + printed.norm
            + " at "
            + printed.batch_size.astype(str),
            "norm": printed.norm,
            "batch_size": printed.batch_size,
            "epoch": printed.epoch,
            "train_loss": printed.train_loss_as_printed * printed.batch_size,
            "train_acc": printed.train_correct_of_60000 / 60_000,
            "test_loss": printed.test_loss,
            "test_acc": printed.test_correct_of_10000 / 10_000,
        }
    )
