"""Norms: an entry for every layer that normalises x (B, C, H, W) to (x - mean) / sqrt(var + 1e-5) * weight + bias.

Weight and bias are (C,). Norms differ in the axes of mean and variance, and so in what one image's answer depends on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # PyTorch takes seconds to import, and a trial needs none
    from torch import nn


@dataclass(frozen=True)
class Norm:
    """A norm's layer, the axes of its mean and variance, and its name and color for people.

    In training they are taken over (H, W), over the channels of a group, and with `over_batch` over B too; at test time
    that one takes their running averages instead. Such a norm has a group for every channel.
    """

    key: str  # of `Trial.norm`
    name: str
    hue: str  # in charts: of Okabe and Ito's palette
    over_batch: bool
    groups: Callable[[int, int], int]  # so many, of C and `Trial.groups`
    grouped: bool  # whether `Trial.groups` matters
    kernel_groups: Callable[[int], int] | None
    """Groups of the CPU's kernels, of `Trial.groups`; 0 over a batch, None for a norm that they do not have."""
    takes: str  # what it takes together, of the channels of a group in blocks 1 to 3 and in 4 to 6

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
            "#0072B2",
            over_batch=True,
            groups=lambda channels, groups: channels,
            grouped=False,
            kernel_groups=lambda groups: 0,
            takes="every channel by its averages over training, so that another image in the batch changes nothing here",
        ),
        Norm(  # Wu & He 2018, arXiv 1803.08494
            "GN",
            "group norm",
            "#D55E00",
            over_batch=False,
            groups=lambda channels, groups: groups,
            grouped=True,
            kernel_groups=lambda groups: groups,
            takes="every {} channels of blocks 1 to 3 together, every {} of blocks 4 to 6, by this image alone",
        ),
        Norm(  # Ba, Kiros & Hinton 2016, arXiv 1607.06450; the affine still per channel
            "LN",
            "layer norm",
            "#009E73",
            over_batch=False,
            groups=lambda channels, groups: 1,
            grouped=False,
            kernel_groups=lambda groups: 1,
            takes="all channels of a block together, by this image alone",
        ),
    )
}
