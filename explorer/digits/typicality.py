"""How like MNIST's digits a digit is: its ink, strokes, place and shape against those of the 60,000 training digits.

`python -m explorer.likeness` measures those once and keeps what is needed of them in data/likeness.safetensors.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import safe_open
from scipy import ndimage
from torch import Tensor

from explorer.digits.corruptions import CORRUPTIONS
from train.data import ROOT, load_split

FILE = ROOT / "likeness.safetensors"
SHAPES = 40  # principal components of the training digits
TAIL = 0.002  # of the training digits lie beyond each end of what counts as usual
QUANTILES = np.linspace(0, 1, 1001)
FINE = 4  # steps a pixel in which strokes are measured
CENTRE = 14.0  # row and column of the centre of mass of MNIST's digits, about
SOME = 2000  # images at once


@dataclass(frozen=True)
class Measure:
    """Something that is measured of a digit, and what is said where it is not usual."""

    name: str
    unit: str
    less: str | None  # None where less is never unusual
    more: str


MEASURES = (
    Measure("ink", "% of the field", "it has less ink than", "it has more ink than"),
    Measure(
        "stroke",
        "pixels wide",
        "its strokes are thinner than those of",
        "its strokes are wider than those of",
    ),
    Measure("offset", "pixels", None, "it lies further from the middle than"),
    Measure("strangeness", "grey levels", None, "its shape is stranger than that of"),
)


@dataclass(frozen=True)
class Reference:
    """What is known of the training digits: their mean (784,), shapes (40, 784), quantiles (4, 1001), and how the badge does."""

    mean: Tensor
    shapes: Tensor
    quantiles: np.ndarray
    false_alarms: float  # share of MNIST's test digits that the badge calls unlike
    caught: dict[str, float]  # of those made harder, by corruption at its last strength


def measure(images: Tensor, mean: Tensor, shapes: Tensor) -> np.ndarray:
    """(N, 4) of `MEASURES` for uint8 images (N, 28, 28).

    Stroke: in a stripe of width w the mean distance to the paper is w / 4, so it is four times the mean of the distance
    transform over the ink. Offset: of the centre of mass from where MNIST has it. Strangeness: the root mean square of
    what is left of the image without the main shapes of the training digits (principal components; Jolliffe 2002).
    """
    grey = images.numpy().astype(np.float32)
    total = np.maximum(grey.sum((1, 2)), 1)
    place = np.arange(28)
    away = [
        (grey.sum(3 - axis) * place).sum(1) / total - CENTRE
        for axis in (1, 2)  # by row, by column
    ]
    centred = images.flatten(1).float() - mean
    left = centred - centred @ shapes.T @ shapes
    return np.stack(
        [
            100 * grey.mean((1, 2)) / 255,
            _strokes(grey),
            np.hypot(*away),
            left.square().mean(1).sqrt().numpy(),
        ],
        1,
    )


def _strokes(grey: np.ndarray) -> np.ndarray:
    """The mean width of the strokes in pixels; 0 where there is no ink."""
    fine = ndimage.zoom(grey, (1, FINE, FINE), order=1, mode="nearest", grid_mode=True)
    inked = np.pad(fine > 127, ((0, 0), (1, 1), (1, 1)))
    widths = []
    for each in inked:
        distances = ndimage.distance_transform_edt(each)[each]
        # Distances count from pixel to pixel: half a fine pixel too much.
        widths.append(4 * (distances.mean() - 0.5) / FINE if len(distances) else 0.0)
    return np.array(widths)


@cache
def reference() -> Reference:
    """Reads what `main` kept."""
    with safe_open(FILE, "pt") as file:
        mean, shapes, quantiles = map(file.get_tensor, ("mean", "shapes", "quantiles"))
        header = file.metadata()
    return Reference(
        mean,
        shapes,
        quantiles.numpy(),
        float(header["false_alarms"]),
        json.loads(header["caught"]),
    )


@dataclass(frozen=True)
class Measured:
    """A measure of one digit, how many percent of the training digits lie below it, and what is said where it is not usual."""

    measure: Measure
    value: float
    below: float
    unusual: str | None  # `less` or `more` of the measure


def judge(image: np.ndarray) -> list[Measured]:
    """A digit (28, 28) against MNIST's, by each of `MEASURES`."""
    known = reference()
    values = measure(torch.from_numpy(image)[None], known.mean, known.shapes)[0]
    return [
        Measured(
            each,
            float(value),
            100 * float(np.interp(value, quantiles, QUANTILES)),
            _unusual(each, value, quantiles),
        )
        for each, value, quantiles in zip(
            MEASURES, values, known.quantiles, strict=True
        )
    ]


def _ends(quantiles: np.ndarray) -> np.ndarray:
    return np.interp([TAIL, 1 - TAIL], QUANTILES, quantiles)


def _unusual(each: Measure, value: float, quantiles: np.ndarray) -> str | None:
    low, high = _ends(quantiles)
    return each.more if value > high else each.less if value < low else None


def unlike(values: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """bool (N,): which digits the badge calls unlike, from their `measure`."""
    found = np.zeros(len(values), bool)
    for each, column, known in zip(MEASURES, values.T, quantiles, strict=True):
        low, high = _ends(known)
        found |= (column > high) | ((column < low) & (each.less is not None))
    return found


def main(file: Path = FILE):
    """Measures the training digits, and how the badge does on the test digits, and writes `file`."""
    digits, test = load_split(train=True).images, load_split(train=False).images
    flat = digits.flatten(1).float()
    mean = flat.mean(0)
    _, vectors = torch.linalg.eigh((flat - mean).T @ (flat - mean))
    shapes = vectors[:, -SHAPES:].T.contiguous()

    def measured(images: Tensor) -> np.ndarray:
        parts = images.split(SOME)
        return np.concatenate([measure(some, mean, shapes) for some in parts])

    quantiles = np.quantile(measured(digits), QUANTILES, axis=0).T
    quantiles = quantiles.astype(np.float32)
    few = test[::5]
    caught = {
        each.name: float(
            unlike(measured(each.apply(few, each.strengths[-1])), quantiles).mean()
        )
        for each in CORRUPTIONS
    }
    header = {
        "false_alarms": str(float(unlike(measured(test), quantiles).mean())),
        "caught": json.dumps(caught),
    }
    tensors = {
        "mean": mean,
        "shapes": shapes,
        "quantiles": torch.from_numpy(quantiles).contiguous(),
    }
    safetensors.torch.save_file(tensors, file, header)
