"""Convolutions of E networks at once by several routes, of which the fastest depends on the GPU.

A route convolves x (B, E * I, H, W) with weights w (E, O, I, 3, 3) to (B, E * O, H, W).
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def grouped(x: Tensor, w: Tensor) -> Tensor:
    return F.conv2d(x, w.flatten(0, 1), padding=1, groups=len(w))


def channels_last(x: Tensor, w: Tensor) -> Tensor:
    return grouped(x.contiguous(memory_format=torch.channels_last), w)


def dense(x: Tensor, w: Tensor) -> Tensor:
    """One ungrouped convolution with block-diagonal weights: E times the multiplications, by the best optimised kernels."""
    networks, outputs, inputs = w.shape[:3]
    diagonal = torch.eye(networks, device=w.device).view(networks, 1, networks, 1, 1, 1)
    blocks = (w.unsqueeze(2) * diagonal).view(
        networks * outputs, networks * inputs, 3, 3
    )
    return F.conv2d(x, blocks, padding=1)


def unfolded(x: Tensor, w: Tensor) -> Tensor:
    """Batched matrix product of weights and unfolded patches (im2col)."""
    patches = F.unfold(x, 3, padding=1).unflatten(1, (len(w), -1))
    return torch.matmul(w.flatten(2), patches).view(len(x), -1, *x.shape[2:])


ROUTES = {
    "grouped": grouped,
    "channels-last": channels_last,
    "dense": dense,
    "unfolded": unfolded,
}
