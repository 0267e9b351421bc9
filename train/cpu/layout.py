"""Memory layout of the kernels: constants of the network, and named tuples of their arrays."""

from typing import NamedTuple

import numpy as np

from train.cpu import winograd
from train.cpu.cache import kernel
from train.data import MEAN, STD
from train.model import CHANNELS, POOLED

BLOCKS = len(CHANNELS) - 1
LAST = BLOCKS - 1
SIZES = (28, 28, 14, 14, 7, 7)  # side of a block's convolution in pixels
POOLS = tuple(int(block in POOLED) for block in range(BLOCKS))  # 1 with a max pool
PIXEL_VALUES = ((np.arange(256) / 255 - MEAN) / STD).astype(np.float32)


class Parameters(NamedTuple):
    """Weights, or their gradients, as views of one vector in the order of `Network.parameters()`."""

    vector: np.ndarray  # (7288,) float32
    convs: tuple  # per block (O, I, 3, 3)
    gains: tuple  # per block (O,): the norm's weight
    biases: tuple  # per block (O,): the norm's bias
    head: np.ndarray  # (10, 16)


class Coefficients(NamedTuple):
    """Coefficients of the norms by tile, block, channel and lane: arrays (T, 6, 16, 16) float32."""

    mean: np.ndarray
    rstd: np.ndarray  # 1 / sqrt(var + eps)
    scale: np.ndarray
    shift: np.ndarray
    slope: np.ndarray
    offset: np.ndarray


class Workspace(NamedTuple):
    """Memory of T tiles. The tuples have an array per block, with a first axis of T but in `delta`."""

    inputs: tuple  # (T, I, S + 2, S + 2, 16), padded; the last is the output of the last block, (T, 16, 3, 3, 16)
    rectified: tuple  # (T, O, S, S, 16): after convolution and ReLU
    masks: tuple  # (T, O, S, S) uint16: bit i is set if lane i passes dropout and is the maximum of its pool
    slopes: tuple  # (T, O, S', S', 16): gradient of the block's output; S' is S, or S / 2 rounded up with a pool
    delta: tuple  # (O, S + 2, S + 2, 16), padded: gradient of the convolution's output
    winograd: winograd.Workspace
    coefficients: Coefficients
    logits: np.ndarray  # (10, 16): of one tile
    features: np.ndarray  # (16, 16): of one tile, channels by lanes
    noise: np.ndarray  # (T + 1, 16) uint32: state of the tiles' random generators, and of a spare one for evaluation
    running_mean: np.ndarray  # (6, 16) float64, of BN
    running_var: np.ndarray


class Norm(NamedTuple):
    """Formula of a trial's norm, as `train.norms` has it."""

    over_batch: bool
    groups: tuple  # per block the number of groups, of a norm of the image
    centred: bool
    scaled: bool


class Settings(NamedTuple):
    """Hyperparameters of training."""

    batch_size: int
    norm: Norm
    drop: np.uint32  # 65536 times the probability of dropout
    lr: np.float32
    momentum: np.float32
    l1: np.float32
    l2: np.float32


class Batch(NamedTuple):
    """Images (N, 28, 28) uint8 and labels (N,) int64 of a split, `order` (B,) of the batch in it, `data.rotation_steps` (B, 4)."""

    images: np.ndarray
    labels: np.ndarray
    order: np.ndarray
    steps: np.ndarray
    pixel_values: np.ndarray = PIXEL_VALUES  # (256,): normalised grey levels


class Dropout(NamedTuple):
    """Dropout of a tile: elements with probability drop / 65536, and the lanes without an image."""

    drop: np.uint32
    lanes: np.uint16  # mask of the lanes with an image


class Affine(NamedTuple):
    """Gain and bias of a block's norm, and their gradients: arrays (O,)."""

    gain: np.ndarray
    bias: np.ndarray
    gain_gradient: np.ndarray
    bias_gradient: np.ndarray


class Head(NamedTuple):
    """Linear layer (10, 16) and its gradient, with the logits and features of one tile."""

    weights: np.ndarray
    gradient: np.ndarray
    logits: np.ndarray  # (10, 16)
    features: np.ndarray  # (16, 16)


class Block(NamedTuple):
    """One block of one tile, as views of the workspace."""

    index: int
    pool: int  # 1 with a max pool, else 0
    first: int  # position of its first channel in the coefficients
    x: np.ndarray  # (I, S + 2, S + 2, 16), padded
    rectified: np.ndarray  # (C, S, S, 16)
    masks: np.ndarray  # (C, S, S)
    out: np.ndarray  # (C, S', S', 16); has a border of zeros but in the last block
    slope: np.ndarray  # (C, S', S', 16): gradient of `out`


@kernel
def first_position(tile, b):
    """Position of the first channel of block `b` of a tile in the coefficients."""
    return (tile * BLOCKS + b) * 16


@kernel
def block_of(work, b, tile):
    """Views of block `b` of a tile."""
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
