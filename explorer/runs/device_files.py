"""Files for the votes on a visitor's device: networks as float16 in the format of device.c, and the reference of badge and noise."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from explorer.digits import corruptions, typicality
from explorer.runs.results import Results
from explorer.web import assets
from explorer.web.device import MODULE
from train.checkpoint import Checkpoint
from train.data import CLASSES
from train.data_sets import MNIST_PIXELS
from train.model import CHANNELS, POOLED
from train.normalisation import EPS
from train.norms import BY_KEY
from train.study import PUBLISHED, Trial

FORMAT = b"DEV2"
BLOCKS = len(CHANNELS) - 1
MAX_BLOCKS = 8  # of the header in device.c
HEADER = struct.Struct(f"<4sIffBBB{MAX_BLOCKS + 1}B")


def weights(checkpoints: Sequence[Checkpoint]) -> bytes:
    """File of networks: a header, and a record for each.

    A record has the norm's statistics of an image (1: centred, 2: scaled, 3: both), its groups in each block, the exponent of each tensor, and
    the tensors as float16 divided by 2 ** exponent: convolutions (in, 3, 3, out), weight and bias of each norm, head (classes,
    channels). A norm over the batch takes no statistics of an image: its averages are in weight and bias.
    """
    pooled = sum(1 << block for block in POOLED)
    channels = (*CHANNELS, *[0] * (MAX_BLOCKS + 1 - len(CHANNELS)))
    shape = (BLOCKS, CLASSES, pooled, *channels)
    pixels = checkpoints[0].setup.pixels if checkpoints else MNIST_PIXELS
    header = HEADER.pack(FORMAT, len(checkpoints), *pixels, *shape)
    tensors = _tensors(checkpoints)
    rows = torch.cat([_rounded(tensor) for tensor in tensors], 1).numpy().astype("<f2")
    exponents = torch.cat([_scaled(tensor)[1] for tensor in tensors], 1)
    padding = bytes(-(1 + BLOCKS + len(tensors)) % 4)
    records = [
        bytes([_statistics(network.trial), *_groups(network.trial)])
        + exponent.numpy().tobytes()
        + padding
        + row.tobytes()
        for network, exponent, row in zip(checkpoints, exponents, rows, strict=True)
    ]
    return header + b"".join(records)


def as_on_device(networks: Sequence[Checkpoint]) -> list[Checkpoint]:
    """The networks with the weights that `weights` keeps of them, for PyTorch: what they read is what a visitor's device reads."""
    if not networks:
        return []
    tensors = [_kept(tensor) for tensor in _tensors(networks)]
    layers, head = tensors[:BLOCKS], tensors[-1]
    norms = tensors[BLOCKS:-1]  # weight and bias of each block
    changed = []
    for index, network in enumerate(networks):
        state = dict(network.state) | {"head.weight": head[index]}
        for block in range(BLOCKS):
            name = f"blocks.{block}.norm"
            state[f"blocks.{block}.conv.weight"] = layers[block][index].permute(
                3, 0, 1, 2
            )
            state[f"{name}.weight"] = norms[2 * block][index]
            state[f"{name}.bias"] = norms[2 * block + 1][index]
            if BY_KEY[network.trial.norm].over_batch:  # its averages are in these
                state[f"{name}.running_mean"] = torch.zeros_like(
                    norms[2 * block][index]
                )
                state[f"{name}.running_var"] = torch.full_like(
                    norms[2 * block][index], 1 - EPS
                )
        contiguous = {key: tensor.contiguous() for key, tensor in state.items()}
        changed.append(replace(network, state=contiguous))
    return changed


def _kept(tensor: Tensor) -> Tensor:
    """Tensor (E, ...) as its record keeps it."""
    _, exponents = _scaled(tensor)
    return torch.ldexp(_rounded(tensor).float(), exponents).view_as(tensor)


def _statistics(trial: Trial) -> int:
    """Bits of the record: statistics of an image that a norm takes."""
    norm = BY_KEY[trial.norm]
    return norm.of_image * (norm.centred + 2 * norm.scaled)


def _groups(trial: Trial) -> list[int]:
    """Groups of channels in each block."""
    norm = BY_KEY[trial.norm]
    return [norm.groups(channels, trial.groups) for channels in CHANNELS[1:]]


def _tensors(checkpoints: Sequence[Checkpoint]) -> list[Tensor]:
    """Tensors (E, ...) of the records; the norms' weights are float16 numbers."""

    states = [network.state for network in checkpoints]  # files are read once

    def stacked(name: str) -> Tensor:
        return torch.stack([state[name] for state in states])

    layers = [stacked(f"blocks.{block}.conv.weight") for block in range(BLOCKS)]
    layers.append(stacked("head.weight"))
    norms = []
    for block in range(BLOCKS):
        pairs = [
            _affine(network.trial, state, f"blocks.{block}.norm")
            for network, state in zip(checkpoints, states, strict=True)
        ]
        weight, bias = (torch.stack(part) for part in zip(*pairs, strict=True))
        ratio = _ratio(weight, bias)
        norms += [weight / ratio, bias / ratio]
        layers[block + 1] *= ratio[:, None, :, None, None]
    convolutions = [layer.permute(0, 2, 3, 4, 1) for layer in layers[:-1]]
    return [*convolutions, *norms, layers[-1]]


def _affine(trial: Trial, state: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of a norm; of a norm over the batch the scale and shift that its averages give."""
    weight, bias = (state[f"{name}.{key}"] for key in ("weight", "bias"))
    if not BY_KEY[trial.norm].over_batch:
        return weight, bias
    mean, var = (state[f"{name}.running_{key}"] for key in ("mean", "var"))
    scale = weight / torch.sqrt(var + EPS)
    return scale, bias - mean * scale


def _ratio(weight: Tensor, bias: Tensor) -> Tensor:
    """Factors (E, C), near 1, by which the norm's output is divided and the next layer's weights are multiplied.

    The next layer is linear in every channel, so that any factor above 0 leaves the network as it is. Among those that make the weight a float16
    number, these are the ones with the least rounding of the bias: rounded freely, the norms would cost the probabilities more than all
    other weights do.
    """
    exact = _scaled(weight)[0][..., None]
    near = (exact.half().view(torch.int16) + NEAR).view(torch.float16).float()
    usable = near.abs() > 2.0**-12  # below, float16 has fewer digits
    ratios = (exact / near).where(usable, 1.0)
    biases = _scaled(bias)[0][..., None] / ratios
    errors = (biases.half() - biases).abs().where(usable, torch.inf)
    return ratios.gather(-1, errors.argmin(-1, keepdim=True))[..., 0]


NEAR = torch.arange(-32, 33, dtype=torch.int16)  # to the neighbours of a float16 number


def _scaled(tensor: Tensor) -> tuple[Tensor, Tensor]:
    """Tensor (E, numbers) with the largest number of each row from 0.5 to 1, and the exponents (E, 1), int8.

    Penalties leave weights below float16's range.
    """
    flat = tensor.flatten(1)
    _, exponents = flat.abs().amax(1, keepdim=True).frexp()
    exponents = exponents.clamp(-100, 100)
    return torch.ldexp(flat, -exponents), exponents.to(torch.int8)


def _rounded(tensor: Tensor) -> Tensor:
    """Scaled tensor (E, numbers) as float16; what rounding adds to a weight of a 3 x 3 kernel is taken off the next smaller one.

    Neighbouring pixels are alike, so that a kernel's sum matters more than its single weights: this halves the largest error.
    """
    scaled, _ = _scaled(tensor)
    if tensor.shape[2:4] != (3, 3):
        return scaled.half()
    kernels = scaled.view(*tensor.shape[:2], 9, -1)
    order = kernels.abs().argsort(2, descending=True)
    exact, rest = kernels.gather(2, order), 0.0
    rounded = torch.empty_like(exact, dtype=torch.float16)
    for place in range(9):
        wanted = exact[:, :, place] + rest
        rounded[:, :, place] = wanted.half()
        rest = wanted - rounded[:, :, place]
    return torch.empty_like(rounded).scatter_(2, order, rounded).flatten(1)


@cache
def reference() -> bytes:
    """Safetensors file of the laboratory's noise of deviation 1, and of the badge: mean digit, components, usual ranges and quantiles."""
    training = typicality.reference()
    return safetensors.torch.save(
        {
            "noise": corruptions.normals(),
            "mean": training.mean,
            "components": training.components.half(),
            "usual": torch.from_numpy(typicality.usual(training)),
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
    """Addresses of the files for the voters, as device_messages.js types them."""
    voters = results.voters
    module, numbers = MODULE.read_bytes(), reference()
    return {
        "module": assets.keep([module], lambda: module),
        "reference": assets.keep([numbers], lambda: numbers),
        "steps": [
            {
                "address": address([voters[index] for index in step.networks]),
                "networks": list(step.networks),
                "first": step.first,
            }
            for step in steps(voters)
        ],
    }


def first_files(results: Results) -> list[str]:
    """Addresses of the files that a device needs for its first votes."""
    known = files(results)
    first = [step["address"] for step in known["steps"][:1]]
    return [known["module"], known["reference"], *first]


def address(networks: Sequence[Checkpoint]) -> str:
    """Address of the file of these networks, which is made when it is first asked for."""
    sources = [Path(__file__).read_bytes(), *map(_content, networks)]
    return assets.keep(sources, partial(weights, networks))


def _content(network: Checkpoint) -> bytes:
    """Key of the record of a network: all that it depends on."""
    return network.fingerprint.encode()
