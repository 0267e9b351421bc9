"""Weights of single networks: histograms by layer, and their growth over the epochs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explorer.study import regularisation
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.loop import weight_sums
from train.model import layers

BINS = 41  # of a histogram


@dataclass(frozen=True)
class Spread:
    """Distribution of a layer's weights in one network: histogram (41,), percentage near zero, and L2 norm.

    A weight is near zero if its magnitude is below a thousandth of the layer's largest.
    """

    counts: list[int]
    near_zero: float
    norm: float


@dataclass(frozen=True)
class LayerSpread:
    """Distributions of a layer's weights in all networks, on one axis from -edge to edge; `weights` is their number."""

    layer: str
    weights: int
    edge: float
    networks: list[Spread]


def histograms(networks: Sequence[Checkpoint]) -> list[LayerSpread]:
    """Distributions of the weights of every layer."""
    stacks = [
        {
            name: np.concatenate([part.numpy().ravel() for part in parts])
            for name, parts in layers(checkpoint.state).items()
        }
        for checkpoint in networks
    ]
    sums = [weight_sums(checkpoint.state) for checkpoint in networks]
    rows = []
    for index, name in enumerate(stacks[0]):
        values = [stack[name] for stack in stacks]
        edge = max(float(np.abs(weights).max()) for weights in values) or 1.0
        spreads = [
            Spread(
                np.histogram(weights, BINS, (-edge, edge))[0].tolist(),
                100 * sums_of["near_zero"][index] / len(weights),
                sums_of["square_sums"][index] ** 0.5,
            )
            for weights, sums_of in zip(values, sums, strict=True)
        ]
        rows.append(LayerSpread(layer_label(name), len(values[0]), edge, spreads))
    return rows


def layer_label(layer: str) -> str:
    """Label of a layer: "conv 1" for "blocks.0.conv"."""
    if not layer.startswith("blocks."):
        return layer
    _, block, kind, *_ = layer.split(".")
    return f"{kind} {int(block) + 1}"


@dataclass(frozen=True)
class Growth:
    """Curves over the epochs: the penalty's percentage of the loss, the effective learning rate, and the L2 norms by layer.

    The effective learning rate is lr / |w|^2, with the mean of |w|^2 over the convolutions, to whose scale the norms are
    invariant.
    """

    epochs: list[int]
    share: list[float]
    rate: list[float]
    norms: dict[str, list[float]]


def growth(checkpoint: Checkpoint) -> Growth:
    """Growth of a network's weights. Raises `UserError` for a network without a finished epoch."""
    rows = pd.DataFrame(regularisation.series(checkpoint))
    if rows.empty:
        raise UserError("That network diverged in its first epoch: nothing grew.")
    norms = rows.pivot(index="epoch", columns="layer", values="norm")
    convs = norms[[name for name in norms if name.endswith("conv")]]
    epochs = rows.groupby("epoch")[["lr", "share"]].first()
    return Growth(
        norms.index.tolist(),
        (100 * epochs.share).tolist(),
        (epochs.lr / (convs**2).mean(axis=1)).tolist(),
        {
            layer_label(name): norms[name].tolist()
            for name in rows.layer.drop_duplicates()
        },
    )
