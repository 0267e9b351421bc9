"""Network of the study: six blocks of convolution, ReLU and norm; 7,288 parameters with any norm."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train import normalisation
from train.data import CLASSES
from train.norms import BY_KEY
from train.study import Trial

CHANNELS = (1, 8, 8, 8, 16, 16, 16)  # of the input and after each block
POOLED = (1, 3, 5)  # blocks with a 2 x 2 max pool, counted from 0


class Dropout(nn.Module):
    """Element-wise dropout with a generator of its own, so that masks depend on the trial's seed alone."""

    def __init__(self, p: float):
        super().__init__()
        self.p = p
        # On the input's device; None is torch's global generator.
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        return x * torch.empty_like(x).bernoulli_(keep, generator=self.generator).div_(
            keep
        )


class Block(nn.Module):
    """Conv 3x3 (no bias) -> ReLU -> norm -> dropout, then a max pool in the blocks of `POOLED`."""

    def __init__(self, index: int, trial: Trial):
        super().__init__()
        channels = CHANNELS[index + 1]
        self.conv = nn.Conv2d(CHANNELS[index], channels, 3, padding=1, bias=False)
        self.norm = normalisation.layer(BY_KEY[trial.norm], channels, trial.groups)
        self.dropout = Dropout(trial.dropout)
        self.pooled = index in POOLED
        self.pool_first = index == POOLED[-1]  # before dropout, as published

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(F.relu(self.conv(x)))
        if self.pool_first:
            return self.dropout(F.max_pool2d(x, 2))
        x = self.dropout(x)
        return F.max_pool2d(x, 2) if self.pooled else x


class Network(nn.Module):
    """Images (B, 1, 28, 28) -> log-probabilities (B, 10).

    Sizes on the way: 8x28x28, 8x28x28, pool, 8x14x14, 16x14x14, pool, 16x7x7, 16x7x7, pool, 16x3x3, mean, 10.
    """

    def __init__(self, trial: Trial):
        super().__init__()
        self.blocks = nn.Sequential(
            *(Block(index, trial) for index in range(len(CHANNELS) - 1))
        )
        self.head = nn.Conv2d(CHANNELS[-1], CLASSES, 1, bias=False)

    def parts(self) -> list[Block]:
        """The blocks in order."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(x).mean((2, 3), keepdim=True)
        return F.log_softmax(self.head(x).flatten(1), 1)

    def initialise(self, generator: torch.Generator) -> "Network":
        """Draws the convolutions' weights as PyTorch does by default (He et al. 2015, arXiv 1502.01852, a = sqrt 5)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_uniform_(
                    module.weight, a=math.sqrt(5), generator=generator
                )
        return self

    def drop_with(self, generator: torch.Generator) -> "Network":
        """Draws every dropout mask from `generator`."""
        for module in self.modules():
            if isinstance(module, Dropout):
                module.generator = generator
        return self


def layers(state: dict[str, Tensor]) -> dict[str, list[Tensor]]:
    """Parameters by layer, in order: {"blocks.0.conv": [weight], "blocks.0.norm": [weight, bias], ...}."""
    parameters: dict[str, list[Tensor]] = {}
    for name, values in state.items():
        layer, _, kind = name.rpartition(".")
        if kind in ("weight", "bias"):
            parameters.setdefault(layer, []).append(values)
    return parameters
