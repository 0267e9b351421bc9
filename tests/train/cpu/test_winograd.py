"""Winograd's convolutions against PyTorch in float64, for every shape of the network that uses them."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.train.cpu.lanes import close, images, normal, padded
from train.cpu import engine, winograd
from train.cpu.layout import BLOCKS, SIZES
from train.model import CHANNELS

SHAPES = sorted({(CHANNELS[b], CHANNELS[b + 1], SIZES[b]) for b in range(1, BLOCKS)})


@pytest.mark.parametrize("inputs, outputs, size", SHAPES)
def test_a_convolution_and_the_gradient_of_its_input_are_those_of_pytorch(
    inputs, outputs, size
):
    w = normal((outputs, inputs, 3, 3), 0)
    forward = engine._zeros((outputs, inputs, 6, 3))
    backward = engine._zeros((inputs, outputs, 6, 3))
    rows = engine._zeros((4, 16, 6, 16))
    winograd.transform_filters(w, forward, backward)
    weights = torch.from_numpy(w).double()

    x, out = padded(inputs, size, 1), engine._zeros((outputs, size, size, 16))
    winograd.convolve(x, forward, out, np.float32(0), rows)
    assert close(images(out), F.conv2d(images(x), weights).relu())

    z, out = padded(outputs, size, 2), engine._zeros((inputs, size, size, 16))
    winograd.convolve(z, backward, out, np.float32(-np.inf), rows)
    inside = images(z)[:, :, 1:-1, 1:-1]
    assert close(images(out), F.conv_transpose2d(inside, weights, padding=1))


@pytest.mark.parametrize("inputs, outputs, size", SHAPES)
def test_the_gradient_of_the_weights_is_that_of_autograd(inputs, outputs, size):
    x, z = padded(inputs, size, 1), padded(outputs, size, 2)
    for columns in (1, 2):
        v = engine._zeros((6, columns, size + 2, inputs, 16))
        e = engine._zeros((6, columns, size, outputs, 16))
        sums = engine._zeros((6, outputs, inputs, 3, 16))
        gradient = engine._zeros((outputs, inputs, 3, 3))
        weights = torch.zeros(outputs, inputs, 3, 3, dtype=torch.float64)
        weights.requires_grad_()
        F.conv2d(images(x), weights).backward(images(z)[:, :, 1:-1, 1:-1])
        for _ in range(2):  # the sums accumulate
            winograd.add_gradient(x, z, v, e, sums)
        winograd.finish_gradient(sums, gradient)
        assert close(torch.from_numpy(gradient).double(), 2 * weights.grad)
        assert not sums.any()


def test_nan_stays_nan():
    w = np.full((8, 8, 3, 3), np.nan, np.float32)
    forward, backward = engine._zeros((8, 8, 6, 3)), engine._zeros((8, 8, 6, 3))
    winograd.transform_filters(w, forward, backward)
    out = engine._zeros((8, 14, 14, 16))
    rows = engine._zeros((4, 16, 6, 16))
    winograd.convolve(padded(8, 14, 0), forward, out, np.float32(0), rows)
    assert np.isnan(out).all()
