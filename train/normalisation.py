"""Norms in PyTorch: the formula of those that are not over the batch, and the layer of the reference network."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.norms import Norm

EPS = 1e-5  # of every norm


def apply(norm: Norm, x: Tensor, groups: int, weight: Tensor, bias: Tensor) -> Tensor:
    """x (B, C, H, W) by a norm that is not over the batch, in `groups` groups of channels; weight and bias (C,)."""
    if norm.centred and norm.scaled:
        return F.group_norm(x, groups, weight, bias, EPS)
    if norm.of_image:
        x = _by_statistics(norm, x.unflatten(1, (groups, -1))).flatten(1, 2)
    return x * weight[:, None, None] + bias[:, None, None]


def _by_statistics(norm: Norm, x: Tensor) -> Tensor:
    """x (B, groups, C / groups, H, W), centred or scaled over the last three axes."""
    if norm.centred:
        return x - x.mean((2, 3, 4), keepdim=True)
    return x * (x.square().mean((2, 3, 4), keepdim=True) + EPS).rsqrt()


class ImageNorm(nn.Module):
    """Layer of a norm that is not over the batch."""

    def __init__(self, norm: Norm, groups: int, channels: int):
        super().__init__()
        self.norm, self.groups = norm, groups
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return apply(self.norm, x, self.groups, self.weight, self.bias)


def layer(norm: Norm, channels: int, groups: int) -> nn.Module:
    """Layer of a norm; `groups` is `Trial.groups`."""
    if norm.over_batch:
        return nn.BatchNorm2d(channels, EPS)
    return ImageNorm(norm, norm.groups(channels, groups), channels)
