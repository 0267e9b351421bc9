"""Activations of a network: maps of every block before and after its norm, and the statistics that the norm uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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
    """Maps (C, H, W) float32 of a block for one image: input of its norm, after the ReLU, and output."""

    before: np.ndarray
    after: np.ndarray


@torch.inference_mode()
def blocks(checkpoint: Checkpoint, image: np.ndarray) -> list[Maps]:
    """Maps of the six blocks for a uint8 image (28, 28), in evaluation mode, before pooling."""
    network, maps = checkpoint.network().eval(), []
    for block in network.parts():
        block.norm.register_forward_hook(
            lambda _, inputs, output: maps.append(
                Maps(inputs[0][0].numpy().copy(), output[0].numpy().copy())
            )
        )
    network(normalise(torch.from_numpy(image)[None], checkpoint.setup.pixels))
    return maps


BATCH = 128  # first test images, as many as a training batch has


@lru_cache(64)  # a page asks for the same networks again with each digit
@torch.inference_mode()
def batch_moments(checkpoint: Checkpoint) -> list[tuple[np.ndarray, np.ndarray]]:
    """Mean and biased variance (C,) over (B, H, W) of every block's norm input, as batch norm takes them in training.

    The inputs are those of the first `BATCH` test images, in evaluation mode. Raises `DataError`.
    """
    network, moments = checkpoint.network().eval(), []
    for block in network.parts():
        block.norm.register_forward_hook(
            lambda _, inputs, output: moments.append(
                [
                    moment.numpy()
                    for moment in torch.var_mean(inputs[0], (0, 2, 3), correction=0)
                ]
            )
        )
    images = test_split(checkpoint.trial.data).images[:BATCH]
    network(normalise(images, checkpoint.setup.pixels))
    return [(mean, var) for var, mean in moments]


def group_of(trial: Trial, channels: int) -> np.ndarray:
    """Group numbers (channels,) of the channels whose statistics are taken together; with a norm over the batch every channel is a group."""
    groups = BY_KEY[trial.norm].groups(channels, trial.groups)
    return np.repeat(np.arange(groups), channels // groups)


def xray(checkpoint: Checkpoint, maps: Sequence[Maps]) -> pd.DataFrame:
    """Table with a row per block and channel: moments of the channel over (H, W), and the statistics that the norm uses.

    `mean` and `var` (input of the norm), `mean_after` and `var_after` (output, affine included) are the channel's in this
    image. `taken_mean` is what the norm subtracts, `taken_var` what it divides by the root of: the running averages over
    training of a norm over the batch, else statistics of this image over the channel's group and (H, W) (Wu & He 2018, arXiv
    1803.08494, figure 2). A norm that is not centred subtracts 0 and takes the mean square, one that is not scaled divides by 1.
    `batch_mean` and `batch_var` are those of `batch_moments`. Variances divide by n.
    """
    rows, batch = [], batch_moments(checkpoint)
    for block, block_maps in enumerate(maps):
        taken = _taken(checkpoint, block, block_maps.before)
        for channel, (norm_mean, norm_var) in enumerate(taken):
            rows.append(
                {
                    "block": block + 1,
                    "channel": channel + 1,
                    "mean": float(block_maps.before[channel].mean()),
                    "var": float(block_maps.before[channel].var()),
                    "taken_mean": norm_mean,
                    "taken_var": norm_var,
                    "batch_mean": float(batch[block][0][channel]),
                    "batch_var": float(batch[block][1][channel]),
                    "mean_after": float(block_maps.after[channel].mean()),
                    "var_after": float(block_maps.after[channel].var()),
                }
            )
    return pd.DataFrame(rows)


def _taken(
    checkpoint: Checkpoint, block: int, before: np.ndarray
) -> list[tuple[float, float]]:
    """Mean and variance that a norm uses for every channel of its input (C, H, W): 0 and 1 where it takes none."""
    norm = BY_KEY[checkpoint.trial.norm]
    if norm.over_batch:
        name = f"blocks.{block}.norm.running"
        mean, var = (checkpoint.state[f"{name}_{key}"] for key in ("mean", "var"))
        return list(zip(mean.tolist(), var.tolist(), strict=True))
    groups = group_of(checkpoint.trial, len(before))
    taken = []
    for number in groups:
        group = before[groups == number]
        mean = float(group.mean()) if norm.centred else 0.0
        var = float(np.square(group - mean).mean()) if norm.scaled else 1.0
        taken.append((mean, var))
    return taken


DRAWN = (8, 6)  # channels of a block and images of a batch in the diagram of a norm


@dataclass(frozen=True)
class Extent:
    """Numbers of channels and images of `DRAWN` over which a norm takes its statistics; 0 without any."""

    channels: int
    images: int


def extent(norm: Norm) -> Extent:
    """Extent of a norm's statistics, with the groups of the recipe."""
    channels, images = DRAWN
    if not (norm.over_batch or norm.of_image):
        return Extent(0, 0)
    return Extent(
        channels // norm.groups(channels, Trial.groups),
        images if norm.over_batch else 1,
    )


BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
SAMPLED = 512  # first test images, a multiple of every batch size


@torch.inference_mode()
def by_batch(checkpoint: Checkpoint, images: Tensor, batch_size: int) -> Tensor:
    """Logits (N, 10) of uint8 images (N, 28, 28), where batch norm uses the statistics of the batch, as in training.

    Without dropout. N must be a multiple of `batch_size`; batches are consecutive images. With the other norms, which do
    not depend on the batch, these are the usual logits.
    """
    network = checkpoint.network()
    logits = []
    for some in images.split(max(batch_size, AT_ONCE)):
        x = normalise(some, checkpoint.setup.pixels)
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
    """Batch norm of x (N, C, H, W) by the statistics of every batch over (B, H, W), with the affine."""
    batches = x.unflatten(0, (-1, batch_size))
    var, mean = torch.var_mean(batches, (1, 3, 4), correction=0, keepdim=True)
    batches = (batches - mean) / (var + norm.eps).sqrt()
    return batches.flatten(0, 1) * norm.weight[:, None, None] + norm.bias[:, None, None]


def accuracy_by_batch(checkpoint: Checkpoint, split: Split) -> dict[int, float]:
    """Accuracies in percent on the first `SAMPLED` images with the statistics of the batch, by batch size of `BATCHES`."""
    images, labels = split.images[:SAMPLED], split.labels[:SAMPLED]
    sizes = BATCHES if BY_KEY[checkpoint.trial.norm].over_batch else BATCHES[-1:]
    correct = {
        size: (by_batch(checkpoint, images, size).argmax(1) == labels)
        .double()
        .mean()
        .item()
        for size in sizes
    }
    return {size: 100 * correct.get(size, correct[BATCHES[-1]]) for size in BATCHES}


def usual_accuracy(checkpoint: Checkpoint, split: Split) -> float:
    """Accuracy in percent on the same images with the running averages over training, from the test predictions."""
    predicted = torch.tensor(list(map(int, checkpoint.test_digits[:SAMPLED])))
    return 100 * (predicted == split.labels[:SAMPLED]).double().mean().item()


def sprite(maps: np.ndarray, scale: float) -> bytes:
    """PNG of maps (C, H, W) side by side on one scale, see `png.grey`."""
    return png(np.concatenate(list(grey(maps, scale)), 1))


def scale(maps: Sequence[Sequence[Maps]], block: int, when: str) -> float:
    """Largest magnitude of a block's maps "before" or "after" its norm, over all networks shown."""
    return float(max(np.abs(getattr(blocks[block], when)).max() for blocks in maps))


def side_by_side(titles: Sequence[str], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenated `xray` tables of all networks shown, rounded to 4 decimals; `network` is the title."""
    joined = pd.concat(
        [
            table.assign(network=title)
            for title, table in zip(titles, tables, strict=True)
        ]
    )
    return joined[["network", *joined.columns.drop("network")]].round(4)


def shift(table: pd.DataFrame) -> float:
    """Root mean square, over all channels of an `xray` table, of a channel's mean in this image less the mean that the norm subtracts."""
    return float(np.sqrt(((table["mean"] - table.taken_mean) ** 2).mean()))
