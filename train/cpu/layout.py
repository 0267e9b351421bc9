"""Memory of the kernels: constants of the network, and the named tuples of arrays that travel together."""

from typing import NamedTuple

import numpy as np

from train.cpu import winograd
from train.cpu.cache import kernel
from train.data import MEAN, STD
from train.model import CHANNELS, POOLED

BLOCKS = len(CHANNELS) - 1
LAST = BLOCKS - 1
SIZES = (28, 28, 14, 14, 7, 7)  # of a block's convolution
POOLS = tuple(
    int(block in POOLED) for block in range(BLOCKS)
)  # 1 where a block halves its size
PIXEL_VALUES = ((np.arange(256) / 255 - MEAN) / STD).astype(np.float32)


class Parameters(NamedTuple):
    """The weights, or their gradients, as views of one vector in the order of `Network.parameters()`."""

    vector: np.ndarray  # (7288,) float32
    convs: tuple  # per block (O, I, 3, 3)
    gains: tuple  # per block (O,): the norm's weight
    biases: tuple  # per block (O,): the norm's bias
    head: np.ndarray  # (10, 16)


class Coefficients(NamedTuple):
    """Per tile, block and channel one vector: arrays (T, 6, 16, 16), the last axis lanes."""

    mean: np.ndarray
    rstd: np.ndarray  # 1 / sqrt(var + eps)
    scale: np.ndarray
    shift: np.ndarray
    slope: np.ndarray
    offset: np.ndarray


class Workspace(NamedTuple):
    """The memory of T tiles; per block, arrays with a first axis of T, and one tile of `delta`."""

    inputs: tuple  # (T, I, S + 2, S + 2, 16), padded; and last the output of the network's blocks, (T, 16, 3, 3, 16)
    rectified: tuple  # (T, O, S, S, 16): after convolution and ReLU
    masks: tuple  # (T, O, S, S) uint16: bit i says that lane i passes dropout and is its pool's maximum
    slopes: tuple  # (T, O, S', S', 16): the gradient of the block's output; S' is S, or half of it rounded up
    delta: (
        tuple  # (O, S + 2, S + 2, 16), padded: the gradient of the convolution's output
    )
    winograd: (
        winograd.Workspace
    )  # filters, sums and scratch of the convolutions but the first
    coefficients: Coefficients
    logits: np.ndarray  # (10, 16): of one tile
    features: np.ndarray  # (16, 16): of one tile, channels by lanes
    noise: np.ndarray  # (T + 1, 16) uint32: the state of each tile's random generators, and one to spare
    running_mean: np.ndarray  # (6, 16) float64, of BN
    running_var: np.ndarray


class Settings(NamedTuple):
    """How to train."""

    batch_size: int
    groups: int  # of GN; LN has 1, and 0 is BN
    drop: np.uint32  # 65536 times the probability of dropout
    lr: np.float32
    momentum: np.float32
    l1: np.float32
    l2: np.float32


class Batch(NamedTuple):
    """Images (N, 28, 28) uint8 and labels (N,) int64; which of them, and `data.rotation_steps` of each (B, 4)."""

    images: np.ndarray
    labels: np.ndarray
    order: np.ndarray
    steps: np.ndarray
    pixel_values: np.ndarray = PIXEL_VALUES  # (256,): normalised grey levels


class Dropout(NamedTuple):
    """What a tile drops: elements with probability drop / 65536, and all of the lanes that hold no image."""

    drop: np.uint32
    lanes: np.uint16  # a mask


class Affine(NamedTuple):
    """A block's norm: arrays (O,)."""

    gain: np.ndarray
    bias: np.ndarray
    gain_gradient: np.ndarray
    bias_gradient: np.ndarray


class Head(NamedTuple):
    """The linear layer (10, 16), and of one tile what it reads and gives."""

    weights: np.ndarray
    gradient: np.ndarray
    logits: np.ndarray  # (10, 16)
    features: np.ndarray  # (16, 16)


class Block(NamedTuple):
    """One block of one tile, as views of the workspace."""

    index: int
    pool: int  # 1 where it halves its size
    first: int  # position in the coefficients of its first channel
    x: np.ndarray  # (I, S + 2, S + 2, 16), padded
    rectified: np.ndarray  # (C, S, S, 16)
    masks: np.ndarray  # (C, S, S)
    out: np.ndarray  # (C, S', S', 16), but for the last block inside a border of zeros
    slope: np.ndarray  # (C, S', S', 16): the gradient of `out`


@kernel
def first_position(tile, b):
    """Position in the coefficients of the first channel of a tile's block."""
    return (tile * BLOCKS + b) * 16


@kernel
def block_of(work, b, tile):
    """Block `b` of a tile."""
    return Block(
        b,
        POOLS[b],
        first_position(tile, b),
        work.inputs[b][tile],
        work.rectified[b][tile],
        work.masks[b][tile],
        work.inputs[b + 1][tile],
        work.slopes[b][tile],
    )
