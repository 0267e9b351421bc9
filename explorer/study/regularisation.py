"""Effect of the regularisers on the weights: the penalty's share of the loss, near-zero weights and norms, per epoch and configuration."""

from functools import cache

import numpy as np
import pandas as pd

from explorer.runs.results import Results
from explorer.study import statistics
from train.checkpoint import Checkpoint
from train.loop import weight_sums
from train.model import Network, layers
from train.study import Trial, as_run

MOVED_BY = 0.01  # relative change of the sum of |w|, the margin of equivalence
ACTED, NOTHING, COLLAPSED, UNKNOWN = (
    "acted",
    "moved nothing",
    "collapsed the network",
    "undecided",
)


def epochs(results: Results) -> pd.DataFrame:
    """One row per finished trial, epoch and layer: number of weights, their norm, share near zero (NaN where not recorded).

    `share` is penalty / (penalty + train loss), of the whole network.
    """
    return pd.DataFrame(
        row for checkpoint in results.finished for row in series(checkpoint)
    )


def series(checkpoint: Checkpoint) -> list[dict]:
    """Rows of `epochs` of one trial, with its learning rate `lr`."""
    trial, weights, rows = checkpoint.trial, _weights(), []
    names = list(layers(checkpoint.state))
    for row in checkpoint.history:
        if None in (row["train_loss"], *row["abs_sums"], *row["square_sums"]):
            break  # the trial diverged
        penalty = _penalty(trial, row)
        for index, layer in enumerate(names):
            rows.append(
                {
                    "config": trial.config,
                    "seed": trial.seed,
                    "epoch": row["epoch"],
                    "lr": row["lr"],
                    "layer": layer,
                    "weights": weights[layer],
                    "norm": row["square_sums"][index] ** 0.5,
                    "near_zero": row["near_zero"][index] / weights[layer]
                    if "near_zero" in row
                    else np.nan,
                    "share": penalty / (penalty + row["train_loss"]),
                }
            )
    return rows


def means(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per configuration and epoch from rows of `epochs`, all layers together: means over the seeds.

    `share`, `near_zero` (over the seeds that recorded it, else NaN) and `norm_of_weights`.
    """
    layers_ = rows.assign(square=rows.norm**2, few=rows.near_zero * rows.weights)
    runs = layers_.groupby(["config", "seed", "epoch"]).agg(
        share=("share", "first"),
        square=("square", "sum"),
        few=("few", "sum"),
        known=("few", "count"),
        weights=("weights", "sum"),
    )
    runs["norm_of_weights"] = runs.square**0.5
    runs["near_zero"] = (runs.few / runs.weights).where(runs.known > 0)
    columns = ["share", "near_zero", "norm_of_weights"]
    return runs.groupby(["config", "epoch"])[columns].mean().reset_index()


def sizes(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per configuration and layer from rows of `epochs`, at the last epoch: `size`, the mean norm over the seeds."""
    last = rows[rows.epoch == rows.groupby("config").epoch.transform("max")]
    means_ = last.groupby(["config", "layer"], sort=False).norm.mean()
    return means_.rename("size").reset_index()


def _penalty(trial: Trial, row: dict) -> float:
    """Penalty l1 sum |w| + l2 / 2 sum w^2, from the sums of a row of the history."""
    return trial.l1 * sum(row["abs_sums"]) + trial.l2 / 2 * sum(row["square_sums"])


@cache
def _weights() -> dict[str, int]:
    """Number of weights by layer, the same for every network."""
    network = Network(Trial("GN", 0.0, 0.0, 1))
    return {
        name: sum(weight.numel() for weight in weights)
        for name, weights in layers(network.state_dict()).items()
    }


def ends(results: Results) -> pd.DataFrame:
    """One row per finished trial, after its last epoch: `share`, `near_zero` (fractions), `size` (sum of |w|), `norm`, `acc` (percent)."""
    weights = sum(_weights().values())
    rows = []
    for checkpoint in results.finished:
        sums = weight_sums(checkpoint.state)
        penalty = _penalty(checkpoint.trial, sums)
        rows.append(
            {
                "config": checkpoint.trial.config,
                "seed": checkpoint.trial.seed,
                "share": penalty / (penalty + checkpoint.history[-1]["train_loss"]),
                "near_zero": sum(sums["near_zero"]) / weights,
                "size": sum(sums["abs_sums"]),
                "norm": sum(sums["square_sums"]) ** 0.5,
                "acc": 100 * checkpoint.summary["last"]["test_acc"],
            }
        )
    columns = ["config", "seed", "share", "near_zero", "size", "norm", "acc"]
    return pd.DataFrame(rows, columns=columns)


def acted(results: Results) -> pd.DataFrame:
    """One row per penalised configuration: means over its seeds, `shrunk`, `flag` and `seeds`.

    `shrunk` is the relative change of the sum of |w| against the same seed without penalty (a paired comparison).
    """
    rows = ends(results)
    trials = {
        checkpoint.trial.config: checkpoint.trial for checkpoint in results.finished
    }
    penalised = [trial for trial in trials.values() if trial.regulariser != "none"]
    sizes = {
        config: group.set_index("seed")["size"]
        for config, group in rows.groupby("config")
    }
    changes, gaps = {}, {}
    for trial in penalised:
        size, size_without = sizes[trial.config], sizes.get(as_run(trial).config)
        if size_without is not None:
            # Paired by seed: runs of one seed start from the same weights and see the same images.
            ratios = (size / size_without).dropna() - 1
            changes[trial.config] = ratios.mean()
            if len(ratios) > 1:
                gaps[trial.config] = statistics.contrast(
                    [(1.0, ratios.to_numpy())], MOVED_BY, resolution=0.0
                )
    outcomes = dict(zip(gaps, statistics.outcomes(list(gaps.values())), strict=True))
    means = rows.groupby("config").mean(numeric_only=True)
    seeds = rows.groupby("config").size()
    records = [
        {
            "config": trial.config,
            **means.loc[trial.config, ["share", "near_zero", "norm", "acc"]],
            "shrunk": changes.get(trial.config, np.nan),
            "flag": _flag(trial, means.acc[trial.config], outcomes.get(trial.config)),
            "seeds": int(seeds[trial.config]),
        }
        for trial in penalised
    ]
    columns = ["config", "share", "near_zero", "norm", "acc", "shrunk", "flag", "seeds"]
    return pd.DataFrame(records, columns=columns)


def _flag(trial: Trial, acc: float, outcome: str | None) -> str:
    """Flag of a penalty, from the mean accuracy in percent and the outcome for the sum of |w|."""
    if acc < trial.data.collapsed_below:
        return COLLAPSED
    known = {statistics.DIFFERENT: ACTED, statistics.EQUIVALENT: NOTHING}
    return known.get(outcome or "", UNKNOWN)
