"""Winograd's convolutions against PyTorch in float64, for every shape of the network that uses them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from train import cpu, winograd
from train.kernels import BLOCKS, CHANNELS, SIZES

SHAPES = sorted({(CHANNELS[b], CHANNELS[b + 1], SIZES[b]) for b in range(1, BLOCKS)})


def normal(shape: tuple[int, ...], seed: int) -> np.ndarray:
    array = cpu._zeros(shape)
    array[...] = np.random.default_rng(seed).standard_normal(shape)
    return array


def padded(channels: int, size: int, seed: int) -> np.ndarray:
    array = cpu._zeros((channels, size + 2, size + 2, 16))
    array[:, 1:-1, 1:-1] = normal((channels, size, size, 16), seed)
    return array


def images(array: np.ndarray) -> torch.Tensor:
    """(C, H, W, 16) as (16, C, H, W) in float64."""
    return torch.from_numpy(array).double().permute(3, 0, 1, 2)


def close(found, expected) -> bool:
    return float((found - expected).abs().max() / expected.abs().max()) < 5e-6


@pytest.mark.parametrize("inputs, outputs, size", SHAPES)
def test_a_convolution_and_the_gradient_of_its_input_are_torchs(inputs, outputs, size):
    w = normal((outputs, inputs, 3, 3), 0)
    forward = cpu._zeros((outputs, inputs, 6, 3))
    backward = cpu._zeros((inputs, outputs, 6, 3))
    rows = cpu._zeros((4, 16, 6, 16))
    winograd.transform_filters(w, forward, backward)
    weights = torch.from_numpy(w).double()

    x, out = padded(inputs, size, 1), cpu._zeros((outputs, size, size, 16))
    winograd.convolve(x, forward, out, np.float32(0), rows)
    assert close(images(out), F.conv2d(images(x), weights).relu())

    z, out = padded(outputs, size, 2), cpu._zeros((inputs, size, size, 16))
    winograd.convolve(z, backward, out, np.float32(-np.inf), rows)
    inside = images(z)[:, :, 1:-1, 1:-1]
    assert close(images(out), F.conv_transpose2d(inside, weights, padding=1))


@pytest.mark.parametrize("inputs, outputs, size", SHAPES)
def test_the_gradient_of_the_weights_is_autograds(inputs, outputs, size):
    x, z = padded(inputs, size, 1), padded(outputs, size, 2)
    for columns in (1, 2):
        v = cpu._zeros((6, columns, size + 2, inputs, 16))
        e = cpu._zeros((6, columns, size, outputs, 16))
        sums = cpu._zeros((6, outputs, inputs, 3, 16))
        gradient = cpu._zeros((outputs, inputs, 3, 3))
        weights = torch.zeros(outputs, inputs, 3, 3, dtype=torch.float64)
        weights.requires_grad_()
        F.conv2d(images(x), weights).backward(images(z)[:, :, 1:-1, 1:-1])
        for _ in range(2):  # both add to what is there
            winograd.add_gradient(x, z, v, e, sums)
        winograd.finish_gradient(sums, gradient)
        assert close(torch.from_numpy(gradient).double(), 2 * weights.grad)
        assert not sums.any()


def test_nothing_hides_a_nan():
    w = np.full((8, 8, 3, 3), np.nan, np.float32)
    forward, backward = cpu._zeros((8, 8, 6, 3)), cpu._zeros((8, 8, 6, 3))
    winograd.transform_filters(w, forward, backward)
    out = cpu._zeros((8, 14, 14, 16))
    rows = cpu._zeros((4, 16, 6, 16))
    winograd.convolve(padded(8, 14, 0), forward, out, np.float32(0), rows)
    assert np.isnan(out).all()
