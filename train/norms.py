"""Norms: an entry for every layer that normalises x (B, C, H, W) to (x - mean) / sqrt(var + 1e-5) * weight + bias.

Weight and bias are (C,). Norms differ in the axes of mean and variance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing PyTorch takes seconds, and `Trial` does not need it
    from torch import nn


@dataclass(frozen=True)
class Norm:
    """A norm: its layer, the axes of its mean and variance, and its name and color on the pages.

    Mean and variance are taken over (H, W) and the channels of a group. With `over_batch` they are taken over B, too, with
    one channel per group, and at test time the layer uses their running averages.
    """

    key: str  # of `Trial.norm`
    name: str
    hue: str  # in charts: a name in `explorer/charts/palette.py`
    over_batch: bool
    groups: Callable[[int, int], int]  # number of groups, from C and `Trial.groups`
    grouped: bool  # True if `Trial.groups` matters
    kernel_groups: Callable[[int], int] | None
    """Groups in the CPU's kernels, from `Trial.groups`; 0 for a norm over the batch, None for a norm without kernels."""
    takes: str  # clause on what it normalises together; {} are the channels of a group in blocks 1 to 3 and 4 to 6

    def layer(self, channels: int, groups: int) -> "nn.Module":
        from torch import nn

        if self.over_batch:
            return nn.BatchNorm2d(channels)
        return nn.GroupNorm(self.groups(channels, groups), channels)


BY_KEY = {
    norm.key: norm
    for norm in (
        Norm(  # Ioffe & Szegedy 2015, arXiv 1502.03167
            "BN",
            "batch norm",
            "blue",
            over_batch=True,
            groups=lambda channels, groups: channels,
            grouped=False,
            kernel_groups=lambda groups: 0,
            takes="every channel by its averages over training, so that another image in the batch changes nothing here",
        ),
        Norm(  # Wu & He 2018, arXiv 1803.08494
            "GN",
            "group norm",
            "vermillion",
            over_batch=False,
            groups=lambda channels, groups: groups,
            grouped=True,
            kernel_groups=lambda groups: groups,
            takes="every {} channels of blocks 1 to 3 together, every {} of blocks 4 to 6, by this image alone",
        ),
        Norm(  # Ba, Kiros & Hinton 2016, arXiv 1607.06450; the affine still per channel
            "LN",
            "layer norm",
            "green",
            over_batch=False,
            groups=lambda channels, groups: 1,
            grouped=False,
            kernel_groups=lambda groups: 1,
            takes="all channels of a block together, by this image alone",
        ),
    )
}
