"""Random arrays of 16 lanes for the kernels' tests, and their comparison with PyTorch in float64."""

import numpy as np
import torch

from train.cpu import engine


def normal(shape: tuple[int, ...], seed: int) -> np.ndarray:
    array = engine._zeros(shape)
    array[...] = np.random.default_rng(seed).standard_normal(shape)
    return array


def padded(channels: int, size: int, seed: int) -> np.ndarray:
    array = engine._zeros((channels, size + 2, size + 2, 16))
    array[:, 1:-1, 1:-1] = normal((channels, size, size, 16), seed)
    return array


def images(array: np.ndarray) -> torch.Tensor:
    """(C, H, W, 16) as (16, C, H, W) in float64."""
    return torch.from_numpy(array).double().permute(3, 0, 1, 2)


def close(actual, expected) -> bool:
    return float((actual - expected).abs().max() / expected.abs().max()) < 5e-6
