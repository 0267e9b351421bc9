"""What happens inside a network: the maps of every block before and after its norm, and what the norm took them by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.digits.png import grey, png
from explorer.runs.ensemble import AT_ONCE
from explorer.runs.results import test_split
from train.checkpoint import Checkpoint
from train.data import Split, normalise
from train.norms import BY_KEY, Norm
from train.study import Trial


@dataclass(frozen=True)
class Maps:
    """The maps of one block for one image, (C, H, W) float32: what its norm gets, after the ReLU, and what it makes of it."""

    before: np.ndarray
    after: np.ndarray


@torch.inference_mode()
def blocks(found: Checkpoint, image: np.ndarray) -> list[Maps]:
    """The maps of the six blocks for a uint8 image (28, 28), in evaluation mode; before any pool."""
    network, maps = found.network().eval(), []
    for block in network.parts():
        block.norm.register_forward_hook(
            lambda _, given, made: maps.append(
                Maps(given[0][0].numpy().copy(), made[0].numpy().copy())
            )
        )
    network(normalise(torch.from_numpy(image)[None]))
    return maps


BATCH = 128  # test images, the first: a batch as in training


@torch.inference_mode()
def batch_moments(found: Checkpoint) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each block the mean and the biased variance (C,) that batch norm would take of a batch, over (B, H, W).

    Those of what the trained network's norms get, in evaluation mode, of the first `BATCH` test images. Raises `DataError`.
    """
    network, moments = found.network().eval(), []
    for block in network.parts():
        block.norm.register_forward_hook(
            lambda _, given, made: moments.append(
                [
                    each.numpy()
                    for each in torch.var_mean(given[0], (0, 2, 3), correction=0)
                ]
            )
        )
    network(normalise(test_split().images[:BATCH]))
    return [(mean, var) for var, mean in moments]


def group_of(trial: Trial, channels: int) -> np.ndarray:
    """(channels,): which group each channel is normalised with; a group of its own with batch norm."""
    groups = BY_KEY[trial.norm].groups(channels, trial.groups)
    return np.repeat(np.arange(groups), channels // groups)


def xray(found: Checkpoint, maps: Sequence[Maps]) -> pd.DataFrame:
    """One row per block and channel, with moments over the channel's (H, W) and those that the norm takes.

    `mean`, `var` before the norm and `mean_after`, `var_after` behind it, affine included, are those of this image.
    `taken_mean` and `taken_var` are what the norm subtracts and divides by the root of: with BN the running averages over
    training, with GN those of this image over the channel's group and (H, W), with LN over all channels (Wu & He 2018,
    arXiv 1803.08494, figure 2). `batch_mean` and `batch_var` are those of `batch_moments`. Variances are biased, over n.
    """
    rows, batch = [], batch_moments(found)
    for block, each in enumerate(maps):
        channels = len(each.before)
        groups = group_of(found.trial, channels)
        for channel in range(channels):
            if BY_KEY[found.trial.norm].over_batch:
                name = f"blocks.{block}.norm.running"
                taken = [
                    float(found.state[f"{name}_{key}"][channel])
                    for key in ("mean", "var")
                ]
            else:
                group = each.before[groups == groups[channel]]
                taken = [float(group.mean()), float(group.var())]
            rows.append(
                {
                    "block": block + 1,
                    "channel": channel + 1,
                    "mean": float(each.before[channel].mean()),
                    "var": float(each.before[channel].var()),
                    "taken_mean": taken[0],
                    "taken_var": taken[1],
                    "batch_mean": float(batch[block][0][channel]),
                    "batch_var": float(batch[block][1][channel]),
                    "mean_after": float(each.after[channel].mean()),
                    "var_after": float(each.after[channel].var()),
                }
            )
    return pd.DataFrame(rows)


DRAWN = (8, 6)  # channels of a block and images of a batch, as a picture of the norms


@dataclass(frozen=True)
class Together:
    """Channels and images of `DRAWN` that a norm takes one mean and one variance of."""

    channels: int
    images: int


def together(norm: Norm) -> Together:
    """Channels and images that a norm takes together, with the groups of the recipe."""
    channels, images = DRAWN
    return Together(
        channels // norm.groups(channels, Trial.groups),
        images if norm.over_batch else 1,
    )


BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
SAMPLED = 512  # test images, the first: whole batches of every size


@torch.inference_mode()
def by_batch(found: Checkpoint, images: Tensor, batch_size: int) -> Tensor:
    """Logits (N, 10) of uint8 images (N, 28, 28) where batch norm takes each batch's own mean and variance, as in training.

    Without dropout. N must be whole batches, which are taken in the images' order. Other norms know no batch: for them it is
    the usual answer.
    """
    network = found.network()
    logits = []
    for some in images.split(max(batch_size, AT_ONCE)):
        x = normalise(some)
        for block in network.parts():
            x = block.conv(x).relu()
            if isinstance(block.norm, torch.nn.BatchNorm2d):
                x = _normalised(x, block.norm, batch_size)
            else:
                x = block.norm(x)
            if block.pooled:
                x = F.max_pool2d(x, 2)
        logits.append(network.head(x.mean((2, 3), keepdim=True)).flatten(1))
    return torch.cat(logits)


def _normalised(x: Tensor, norm: torch.nn.BatchNorm2d, batch_size: int) -> Tensor:
    """x (N, C, H, W) by the mean and variance of each batch over (B, H, W), and the affine."""
    batches = x.unflatten(0, (-1, batch_size))
    var, mean = torch.var_mean(batches, (1, 3, 4), correction=0, keepdim=True)
    batches = (batches - mean) / (var + norm.eps).sqrt()
    return batches.flatten(0, 1) * norm.weight[:, None, None] + norm.bias[:, None, None]


def accuracy_by_batch(found: Checkpoint, split: Split) -> dict[int, float]:
    """The accuracy in percent on the first `SAMPLED` images with the statistics of batches of each size of `BATCHES`."""
    images, labels = split.images[:SAMPLED], split.labels[:SAMPLED]
    sizes = BATCHES if BY_KEY[found.trial.norm].over_batch else BATCHES[-1:]
    correct = {
        size: (by_batch(found, images, size).argmax(1) == labels).double().mean().item()
        for size in sizes
    }
    return {size: 100 * correct.get(size, correct[BATCHES[-1]]) for size in BATCHES}


def usual_accuracy(found: Checkpoint, split: Split) -> float:
    """The accuracy in percent on the same images with the averages over training, from the digits that were read."""
    read = torch.tensor(list(map(int, found.test_digits[:SAMPLED])))
    return 100 * (read == split.labels[:SAMPLED]).double().mean().item()


def sprite(maps: np.ndarray, scale: float) -> bytes:
    """A PNG of maps (C, H, W) side by side on one scale, see `png.grey`."""
    return png(np.concatenate(list(grey(maps, scale)), 1))


def scale(maps: Sequence[Sequence[Maps]], block: int, when: str) -> float:
    """The largest magnitude of a block's maps "before" or "after" its norm, over all networks shown."""
    return float(max(np.abs(getattr(each[block], when)).max() for each in maps))


def side_by_side(titles: Sequence[str], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """`xray` of all networks shown as one table, rounded to read; `network` is a title."""
    whole = pd.concat(
        [
            table.assign(network=title)
            for title, table in zip(titles, tables, strict=True)
        ]
    )
    return whole[["network", *whole.columns.drop("network")]].round(4)


def shift(table: pd.DataFrame) -> float:
    """The distance of the channels of `xray` from the means that they are taken by: root mean square over all channels."""
    return float(np.sqrt(((table["mean"] - table.taken_mean) ** 2).mean()))
