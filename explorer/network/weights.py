"""Weights of single networks: how they are spread, and how they grew."""

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
    """Weights of a layer of one network: counts (41,), the share near zero in percent, and their norm.

    Near zero are those below a thousandth of the layer's largest.
    """

    counts: list[int]
    near_zero: float
    norm: float


@dataclass(frozen=True)
class LayerSpread:
    """Weights of a layer, their number, on one axis from -edge to edge for all networks."""

    layer: str
    weights: int
    edge: float
    networks: list[Spread]


def histograms(networks: Sequence[Checkpoint]) -> list[LayerSpread]:
    """Spread of the weights of every layer."""
    stacks = [
        {
            name: np.concatenate([part.numpy().ravel() for part in parts])
            for name, parts in layers(found.state).items()
        }
        for found in networks
    ]
    sums = [weight_sums(found.state) for found in networks]
    rows = []
    for place, name in enumerate(stacks[0]):
        values = [stack[name] for stack in stacks]
        edge = max(float(np.abs(each).max()) for each in values) or 1.0
        spreads = [
            Spread(
                np.histogram(each, BINS, (-edge, edge))[0].tolist(),
                100 * some["near_zero"][place] / len(each),
                some["square_sums"][place] ** 0.5,
            )
            for each, some in zip(values, sums, strict=True)
        ]
        rows.append(LayerSpread(words_of(name), len(values[0]), edge, spreads))
    return rows


def words_of(layer: str) -> str:
    """ "blocks.0.conv" -> "conv 1"."""
    if not layer.startswith("blocks."):
        return layer
    _, block, kind, *_ = layer.split(".")
    return f"{kind} {int(block) + 1}"


@dataclass(frozen=True)
class Growth:
    """Per epoch the penalty's share of the loss in percent, the effective learning rate, and the norms by layer.

    The effective learning rate is lr / |w|^2 with the mean over the convolutions, whose scale the norms take away.
    """

    epochs: list[int]
    share: list[float]
    rate: list[float]
    norms: dict[str, list[float]]


def growth(found: Checkpoint) -> Growth:
    """The growth of a network's weights. Raises `UserError` where it has no epoch."""
    rows = pd.DataFrame(regularisation.series(found))
    if rows.empty:
        raise UserError("That network diverged in its first epoch: nothing grew.")
    norms = rows.pivot(index="epoch", columns="layer", values="norm")
    convs = norms[[name for name in norms if name.endswith("conv")]]
    each = rows.groupby("epoch")[["lr", "share"]].first()
    return Growth(
        norms.index.tolist(),
        (100 * each.share).tolist(),
        (each.lr / (convs**2).mean(axis=1)).tolist(),
        {words_of(name): norms[name].tolist() for name in rows.layer.drop_duplicates()},
    )
