"""Ensemble of trained networks as one stacked network, whose forward pass gives the answers of all."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from train import normalisation
from train.checkpoint import Checkpoint
from train.data import normalise
from train.data_sets import Pixels
from train.model import CHANNELS, POOLED
from train.norms import BY_KEY

AT_ONCE = 128  # images times networks; more leave the processor's cache, which is three times slower
TINY = torch.finfo(torch.float32).tiny


class Stack:
    """Stack of E networks without dropout; up to `AT_ONCE` networks with the same norm, groups and constants of the pixels form one part."""

    def __init__(self, checkpoints: list[Checkpoint]):
        families: dict[tuple[str, int, Pixels], list[int]] = {}
        for index, checkpoint in enumerate(checkpoints):
            trial, pixels = checkpoint.trial, checkpoint.setup.pixels
            key = (trial.norm, trial.groups, pixels)
            families.setdefault(key, []).append(index)
        members = [
            (family, some[start : start + AT_ONCE])
            for family, some in families.items()
            for start in range(0, len(some), AT_ONCE)
        ]
        order = [index for _, some in members for index in some]
        self.count = len(order)
        self._positions = torch.tensor(
            order
        ).argsort()  # of the checkpoints in the stack
        self._parts = [
            _Part([checkpoints[index].state for index in some], *family)
            for family, some in members
        ]

    @torch.inference_mode()
    def probs(self, images: Tensor) -> Tensor:
        """Probabilities (E, B, 10), in the checkpoints' order, of images (B, 28, 28) of grey levels."""
        if not self.count:
            return torch.empty(0, len(images), 10)
        probs = [part.probs(images) for part in self._parts]
        return torch.cat(probs)[self._positions]


class _Part:
    """Networks of one norm as one network with grouped convolutions: channel e * C + c of a layer is channel c of network e."""

    def __init__(
        self, states: list[dict[str, Tensor]], norm: str, groups: int, pixels: Pixels
    ):
        self.count, self.pixels = len(states), pixels
        blocks = [f"blocks.{block}" for block in range(len(CHANNELS) - 1)]
        self.convs = [_stacked(states, f"{block}.conv.weight") for block in blocks]
        self.norms = [_norm(states, f"{block}.norm", norm, groups) for block in blocks]
        self.head = _stacked(states, "head.weight")

    def probs(self, images: Tensor) -> Tensor:
        """Probabilities (E, B, 10) of images (B, 28, 28) of grey levels."""
        parts = normalise(images, self.pixels).split(max(1, AT_ONCE // self.count))
        return torch.cat([self._probs(some) for some in parts], 1)

    def _probs(self, x: Tensor) -> Tensor:
        for block, (weight, norm) in enumerate(
            zip(self.convs, self.norms, strict=True)
        ):
            x = F.conv2d(x, weight, padding=1, groups=self.count if block else 1)
            x = norm(x.relu_())
            if block in POOLED:
                x = _pooled(x)
        logits = F.conv2d(x.mean((2, 3), keepdim=True), self.head, groups=self.count)
        return logits.view(len(x), self.count, 10).softmax(2).transpose(0, 1)


def _pooled(x: Tensor) -> Tensor:
    """Equal of `F.max_pool2d(x, 2)`, seven times as fast for one image."""
    high, wide = (length // 2 * 2 for length in x.shape[2:])
    rows = torch.maximum(x[:, :, 0:high:2], x[:, :, 1:high:2])
    return torch.maximum(rows[..., 0:wide:2], rows[..., 1:wide:2])


def _stacked(states: list[dict[str, Tensor]], name: str) -> Tensor:
    stacked = torch.cat([state[name] for state in states])
    # Penalties leave subnormal numbers, with which a processor takes many times as long.
    return torch.where(stacked.abs() < TINY, 0, stacked)


def _norm(
    states: list[dict[str, Tensor]], name: str, norm: str, groups: int
) -> Callable[[Tensor], Tensor]:
    weight, bias = (_stacked(states, f"{name}.{key}") for key in ("weight", "bias"))
    if BY_KEY[norm].over_batch:
        mean, var = (
            _stacked(states, f"{name}.running_{key}") for key in ("mean", "var")
        )
        return partial(
            F.batch_norm,
            running_mean=mean,
            running_var=var,
            weight=weight,
            bias=bias,
            eps=normalisation.EPS,
        )
    groups = BY_KEY[norm].groups(len(weight) // len(states), groups)
    return partial(
        normalisation.apply,
        BY_KEY[norm],
        groups=len(states) * groups,
        weight=weight,
        bias=bias,
    )
