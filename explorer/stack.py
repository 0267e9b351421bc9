"""Many trained networks as one: a single forward pass answers for all of them."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from train.checkpoint import Checkpoint
from train.data import normalise
from train.model import CHANNELS, POOLED

AT_ONCE = 128  # images times networks: more leave the cache, three times slower
EPS = 1e-5  # of every norm, PyTorch's default


class Stack:
    """E networks without dropout: channel e * C + c of a stacked layer is channel c of network e.

    Convolutions are grouped by network. Networks that share a norm stand side by side, as
    a family, and the norm of a family runs over its slice of the channels.
    """

    def __init__(self, checkpoints: list[Checkpoint]):
        families: dict[tuple[str, int], list[int]] = {}
        for index, checkpoint in enumerate(checkpoints):
            key = (checkpoint.trial.norm, checkpoint.trial.groups)
            families.setdefault(key, []).append(index)
        order = [index for members in families.values() for index in members]
        self.count = len(order)
        self._place = torch.tensor(order).argsort()  # of each checkpoint in the stack
        self._sizes = [len(members) for members in families.values()]
        states = [checkpoint.state for checkpoint in checkpoints]
        self._convs, self._norms = [], []
        for block in range(len(CHANNELS) - 1 if order else 0):
            self._convs.append(_stacked(states, order, f"blocks.{block}.conv.weight"))
            self._norms.append(
                [
                    _norm(states, members, f"blocks.{block}.norm", *family)
                    for family, members in families.items()
                ]
            )
        self._head = _stacked(states, order, "head.weight") if order else None

    @torch.inference_mode()
    def probs(self, images: Tensor) -> Tensor:
        """Images (B, 28, 28) of grey levels -> probabilities (E, B, 10), in the checkpoints' order."""
        if not self.count:
            return torch.empty(0, len(images), 10)
        parts = images.split(max(1, AT_ONCE // self.count))
        return torch.cat([self._probs(some) for some in parts], 1)

    def _probs(self, images: Tensor) -> Tensor:
        x = normalise(images)
        for block, (weight, norms) in enumerate(zip(self._convs, self._norms)):
            x = F.conv2d(x, weight, padding=1, groups=self.count if block else 1)
            slices = x.relu_().split(
                [size * CHANNELS[block + 1] for size in self._sizes], 1
            )
            x = torch.cat([norm(part) for norm, part in zip(norms, slices)], 1)
            if block in POOLED:
                x = F.max_pool2d(x, 2)
        logits = F.conv2d(x.mean((2, 3), keepdim=True), self._head, groups=self.count)
        return (
            logits.view(len(images), self.count, 10)
            .softmax(2)
            .transpose(0, 1)[self._place]
        )


def _stacked(states: list[dict[str, Tensor]], members: list[int], name: str) -> Tensor:
    return torch.cat([states[index][name] for index in members])


def _norm(
    states: list[dict[str, Tensor]],
    members: list[int],
    name: str,
    norm: str,
    groups: int,
) -> Callable[[Tensor], Tensor]:
    weight, bias = (
        _stacked(states, members, f"{name}.{key}") for key in ("weight", "bias")
    )
    if norm == "BN":
        mean, var = (
            _stacked(states, members, f"{name}.running_{key}")
            for key in ("mean", "var")
        )
        return partial(
            F.batch_norm,
            running_mean=mean,
            running_var=var,
            weight=weight,
            bias=bias,
            eps=EPS,
        )
    groups = groups if norm == "GN" else 1
    return partial(
        F.group_norm,
        num_groups=len(members) * groups,
        weight=weight,
        bias=bias,
        eps=EPS,
    )
