"""Files for the votes on a visitor's device: networks as float16 in the format of device.c, and the reference of badge and noise."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from explorer.digits import corruptions, typicality
from explorer.runs.ensemble import EPS
from explorer.runs.results import Results
from explorer.web import assets
from explorer.web.device import MODULE
from train.checkpoint import Checkpoint
from train.data import CLASSES, MEAN, STD
from train.model import CHANNELS, POOLED
from train.norms import BY_KEY
from train.study import PUBLISHED

FORMAT = b"DEV1"
BLOCKS = len(CHANNELS) - 1
MAX_BLOCKS = 8  # of the header in device.c
HEADER = struct.Struct(f"<4sIffBBB{MAX_BLOCKS + 1}B")


def weights(checkpoints: Sequence[Checkpoint]) -> bytes:
    """File of networks: a header, and a record for each.

    A record has the norm (1 for a norm over the batch), its groups, the exponent of each tensor, and the tensors as float16 divided by
    2 ** exponent: convolutions (in, 3, 3, out), weight and bias of each norm, head (classes, channels). A norm over the batch
    has its averages in weight and bias.
    """
    pooled = sum(1 << block for block in POOLED)
    channels = (*CHANNELS, *[0] * (MAX_BLOCKS + 1 - len(CHANNELS)))
    shape = (BLOCKS, CLASSES, pooled, *channels)
    header = HEADER.pack(FORMAT, len(checkpoints), MEAN, STD, *shape)
    tensors = _tensors(checkpoints)
    exponents = np.stack([_exponents(tensor) for tensor in tensors], 1)
    scales = np.exp2(-exponents.astype(np.float32))
    numbers = np.concatenate(
        [tensor * scales[:, [index]] for index, tensor in enumerate(tensors)], 1
    ).astype("<f2")
    padding = bytes(-(2 + len(tensors)) % 4)
    return header + b"".join(
        bytes([BY_KEY[network.trial.norm].over_batch, _groups(network)])
        + exponent.tobytes()
        + padding
        + row.tobytes()
        for network, exponent, row in zip(checkpoints, exponents, numbers, strict=True)
    )


def _groups(network: Checkpoint) -> int:
    trial = network.trial
    return BY_KEY[trial.norm].groups(CHANNELS[1], trial.groups)


def _tensors(checkpoints: Sequence[Checkpoint]) -> list[np.ndarray]:
    """Tensors of a record, each with the networks' rows (E, numbers), float32."""

    def stacked(name: str) -> Tensor:
        return torch.stack([network.state[name] for network in checkpoints])

    convolutions = [
        stacked(f"blocks.{block}.conv.weight").permute(0, 2, 3, 4, 1)
        for block in range(BLOCKS)
    ]
    norms = [
        torch.stack(rows)
        for block in range(BLOCKS)
        for rows in zip(
            *(_affine(network, f"blocks.{block}.norm") for network in checkpoints),
            strict=True,
        )
    ]
    parts = [*convolutions, *norms, stacked("head.weight")]
    return [part.flatten(1).numpy() for part in parts]


def _affine(network: Checkpoint, name: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of a norm; of a norm over the batch the scale and shift that its averages give."""
    weight, bias = (network.state[f"{name}.{key}"] for key in ("weight", "bias"))
    if not BY_KEY[network.trial.norm].over_batch:
        return weight, bias
    mean, var = (network.state[f"{name}.running_{key}"] for key in ("mean", "var"))
    scale = weight / torch.sqrt(var + EPS)
    return scale, bias - mean * scale


def _exponents(tensor: np.ndarray) -> np.ndarray:
    """Exponents (E,), int8, that bring the largest number of each row to 0.5 to 1: penalties leave weights below float16's range."""
    _, exponents = np.frexp(np.abs(tensor).max(1))
    return exponents.clip(-100, 100).astype(np.int8)


@cache
def reference() -> bytes:
    """Safetensors file of the laboratory's noise of deviation 1, and of the badge: mean digit, components, usual ranges and quantiles."""
    training = typicality.reference()
    return safetensors.torch.save(
        {
            "noise": corruptions.normals(),
            "mean": training.mean,
            "components": training.components.half(),
            "usual": torch.from_numpy(typicality.usual(training.quantiles)),
            "quantiles": torch.from_numpy(training.quantiles),
        }
    )


@dataclass(frozen=True)
class Step:
    """Voters whose weights are one file: their indices, and whether they vote while the pen moves, one seed of every configuration."""

    networks: tuple[int, ...]
    first: bool


def steps(voters: Sequence[Checkpoint]) -> list[Step]:
    """Steps in which a device loads the voters: one seed of the published rows, of the other configurations, then seed by seed.

    Without published rows the first step has as many configurations as there are rows.
    """
    seeds: dict[str, list[int]] = {}
    for index, network in enumerate(voters):
        seeds.setdefault(network.trial.config, []).append(index)
    rows = [trial.config for trial in PUBLISHED if trial.config in seeds]
    rows = rows or list(seeds)[: len(PUBLISHED)]
    others = [config for config in seeds if config not in rows]
    turns = max(map(len, seeds.values()), default=0)
    groups = [
        [seeds[config][0] for config in rows],
        [seeds[config][0] for config in others],
        *(
            [some[turn] for some in seeds.values() if turn < len(some)]
            for turn in range(1, turns)
        ),
    ]
    return [
        Step(tuple(sorted(group)), place < 2)
        for place, group in enumerate(groups)
        if group
    ]


def files(results: Results) -> dict:
    """Addresses of the files for the voters, as device_messages.js types them; they are kept by their hash."""
    voters = results.voters
    return {
        "module": assets.keep(MODULE.read_bytes()),
        "reference": assets.keep(reference()),
        "steps": [file(voters, step) for step in steps(voters)],
    }


def file(voters: Sequence[Checkpoint], step: Step) -> dict:
    content = weights([voters[index] for index in step.networks])
    return {
        "address": assets.keep(content),
        "bytes": len(content),
        "networks": list(step.networks),
        "first": step.first,
    }


def address(network: Checkpoint) -> str:
    """Address of the file of one network that does not vote, kept by its hash."""
    return assets.keep(weights([network]))
