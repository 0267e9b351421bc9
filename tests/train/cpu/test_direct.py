"""The direct convolution of a single channel against PyTorch in float64."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.train.cpu.lanes import close, images, normal, padded
from train.cpu import direct, engine


@pytest.mark.parametrize("size", [28, 7])
def test_the_convolution_is_that_of_pytorch(size):
    w, x = normal((8, 1, 3, 3), 0), padded(1, size, 1)
    out = engine._zeros((8, size, size, 16))
    direct.convolve(x, w, out)
    assert close(images(out), F.conv2d(images(x), torch.from_numpy(w).double()).relu())


@pytest.mark.parametrize("size", [28, 7])
def test_the_gradient_of_the_weights_is_that_of_autograd_and_is_added(size):
    x, z = padded(1, size, 1), padded(8, size, 2)
    start = normal((8, 1, 3, 3), 3)
    gradient = start.copy()
    weights = torch.zeros(8, 1, 3, 3, dtype=torch.float64, requires_grad=True)
    F.conv2d(images(x), weights).backward(images(z)[:, :, 1:-1, 1:-1])
    direct.add_gradient(x, z, gradient)
    assert close(
        torch.from_numpy(gradient).double(), weights.grad + torch.from_numpy(start)
    )


def test_nan_stays_nan():
    w = np.full((8, 1, 3, 3), np.nan, np.float32)
    out = engine._zeros((8, 14, 14, 16))
    direct.convolve(padded(1, 14, 0), w, out)
    assert np.isnan(out).all()
