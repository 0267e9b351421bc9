"""Norms: an entry for every layer that maps x (B, C, H, W) to (x - mean) / sqrt(mean square + 1e-5) * weight + bias.

Weight and bias are (C,). The mean square is that of x - mean. Norms differ in the axes of these two statistics, and in which of them they take.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Norm:
    """A norm: its layer, the statistics that it takes and their axes, and its name and color on the pages.

    Statistics are taken over (H, W) and the channels of a group. With `over_batch` they are taken over B, too, with
    one channel per group, and at test time the layer uses their running averages.
    """

    key: str  # of `Trial.norm`
    name: str
    hue: str  # in charts: a name in `explorer/charts/palette.py`
    over_batch: bool
    groups: Callable[[int, int], int]  # number of groups, from C and `Trial.groups`
    grouped: bool  # True if `Trial.groups` matters
    takes: str  # clause on what it normalises together; {} are the channels of a group in blocks 1 to 3 and 4 to 6
    centred: bool = True  # subtracts the mean
    scaled: bool = True  # divides by the root of the mean square
    has_kernels: bool = True  # on the CPU; the reference trains a norm without

    def __post_init__(self):
        if self.over_batch and not (self.centred and self.scaled):
            raise ValueError(
                f"{self.key}: a norm over the batch must take mean and variance"
            )

    @property
    def label(self) -> str:
        """Short name in descriptions: the key, but in full where "none" could be a penalty."""
        return self.key if self.centred or self.scaled else self.name

    @property
    def of_image(self) -> bool:
        """True if the norm takes statistics of the image at hand."""
        return not self.over_batch and (self.centred or self.scaled)


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
            takes="every channel by its averages over training, so that another image in the batch changes nothing here",
        ),
        Norm(  # Wu & He 2018, arXiv 1803.08494
            "GN",
            "group norm",
            "vermillion",
            over_batch=False,
            groups=lambda channels, groups: groups,
            grouped=True,
            takes="every {} channels of blocks 1 to 3 together, every {} of blocks 4 to 6, by this image alone",
        ),
        Norm(  # Ba, Kiros & Hinton 2016, arXiv 1607.06450; the affine still per channel
            "LN",
            "layer norm",
            "green",
            over_batch=False,
            groups=lambda channels, groups: 1,
            grouped=False,
            takes="all channels of a block together, by this image alone",
        ),
        Norm(  # the affine alone, so that the network has the parameters of the others
            "none",
            "no norm",
            "brown",
            over_batch=False,
            groups=lambda channels, groups: channels,
            grouped=False,
            takes="no statistics: only its weight and bias change a channel",
            centred=False,
            scaled=False,
        ),
        Norm(  # Zhang & Sennrich 2019, arXiv 1910.07467; over the axes of LN
            "RMS",
            "RMS norm",
            "violet",
            over_batch=False,
            groups=lambda channels, groups: 1,
            grouped=False,
            takes="all channels of a block together, by this image alone, without subtracting their mean",
            centred=False,
        ),
    )
}
