"""Typicality of a digit: its ink, stroke width, offset, PCA reconstruction error and loose ink against the 60,000 training digits'.

`python -m explorer.likeness` measures the training digits once and writes their components and quantiles to
data/likeness.safetensors.
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
COMPONENTS = 40  # principal components of the training digits
TAIL = 0.002  # share of the training digits beyond either end of the usual range
LOOSE_TAIL = 0.005  # of the loose ink: two digits side by side have as much as few training digits with a broken stroke
FAINT = 31  # grey level: brighter pixels that touch belong to one piece
QUANTILES = np.linspace(0, 1, 1001)
UPSAMPLING = 4  # fine pixels per pixel, when strokes are measured
CENTRE = 14.0  # approximate row and column of the centre of mass of MNIST's digits
AT_ONCE = 2000  # images


@dataclass(frozen=True)
class Measure:
    """Measure of a digit, and the sentence parts for an unusually small or large value."""

    name: str
    unit: str
    less: str | None  # None where no small value is unusual
    more: str
    tail: float = TAIL
    tolerance: float = 0.0  # values up to it are never unusually large


MEASURES = (
    Measure("ink", "% of the field", "it has less ink than", "it has more ink than"),
    Measure(
        "stroke",
        "pixels wide",
        "its strokes are thinner than those of",
        "its strokes are wider than those of",
    ),
    Measure(
        "offset",
        "pixels",
        None,
        "it lies further from the middle than",
        tolerance=0.708,  # half a pixel to both sides, as centring by whole pixels leaves a symmetric digit
    ),
    Measure(
        "reconstruction error",
        "grey levels",
        None,
        "its shape is stranger than that of",
    ),
    Measure(
        "loose ink",
        "% of the ink",
        None,
        "it lies in separate pieces, unlike",
        LOOSE_TAIL,
    ),
)


@dataclass(frozen=True)
class Reference:
    """Statistics of the training digits: mean (784,), principal components (40, 784), quantiles (5, 1001); and the badge's rates."""

    mean: Tensor
    components: Tensor
    quantiles: np.ndarray
    false_alarms: float  # share of MNIST's test digits that the badge flags
    caught: dict[str, float]  # flagged shares at every corruption's last strength


def measure(images: Tensor, mean: Tensor, components: Tensor) -> np.ndarray:
    """Values (N, 5) of `MEASURES` for uint8 images (N, 28, 28).

    Stroke: in a stripe of width w the mean distance to the paper is w / 4, so the stroke width is four times the mean of
    the distance transform over the ink. Offset: distance of the centre of mass from that of MNIST's digits.
    Reconstruction error: root mean square of the centred image less its projection on the principal components of the training
    digits (Jolliffe 2002). Loose ink: share of the ink outside its largest piece, of pixels that touch at a side or a corner.
    """
    grey = images.numpy().astype(np.float32)
    total = np.maximum(grey.sum((1, 2)), 1)
    positions = np.arange(28)
    offsets = [
        (grey.sum(3 - axis) * positions).sum(1) / total - CENTRE
        for axis in (1, 2)  # by row, by column
    ]
    centred = images.flatten(1).float() - mean
    residuals = centred - centred @ components.T @ components
    return np.stack(
        [
            100 * grey.mean((1, 2)) / 255,
            _strokes(grey),
            np.hypot(*offsets),
            residuals.square().mean(1).sqrt().numpy(),
            _loose(grey),
        ],
        1,
    )


def _strokes(grey: np.ndarray) -> np.ndarray:
    """Mean width of the strokes (N,) in pixels; 0 where there is no ink."""
    fine = ndimage.zoom(
        grey, (1, UPSAMPLING, UPSAMPLING), order=1, mode="nearest", grid_mode=True
    )
    inked = np.pad(fine > 127, ((0, 0), (1, 1), (1, 1)))
    widths = []
    for ink in inked:
        distances = ndimage.distance_transform_edt(ink)[ink]
        # Distances count between the centres of pixels, which is half a fine pixel too much.
        widths.append(
            4 * (distances.mean() - 0.5) / UPSAMPLING if len(distances) else 0.0
        )
    return np.array(widths)


def _loose(grey: np.ndarray) -> np.ndarray:
    """Share of the ink (N,) in percent outside its largest piece; 0 where there is no ink."""
    touching = np.ones((3, 3))
    shares = []
    for image in grey:
        pieces, count = ndimage.label(image > FAINT, touching)
        inks = ndimage.sum_labels(image, pieces, range(1, count + 1))
        shares.append(100 * (1 - max(inks) / sum(inks)) if count else 0.0)
    return np.array(shares)


@cache
def reference() -> Reference:
    """Reference in the file that `main` wrote."""
    with safe_open(FILE, "pt") as file:
        names = ("mean", "shapes", "quantiles")
        mean, components, quantiles = map(file.get_tensor, names)
        header = file.metadata()
    return Reference(
        mean,
        components,
        quantiles.numpy(),
        float(header["false_alarms"]),
        json.loads(header["caught"]),
    )


@dataclass(frozen=True)
class Measured:
    """Measured value of one digit, the percentage of training digits below it, and the sentence part if it is unusual."""

    measure: Measure
    value: float
    below: float
    unusual: str | None  # `less` or `more` of the measure


def judge(image: np.ndarray) -> list[Measured]:
    """Measured values of a digit (28, 28), in the order of `MEASURES`."""
    training = reference()
    images = torch.from_numpy(image)[None]
    values = measure(images, training.mean, training.components)[0]
    return [
        Measured(
            one,
            float(value),
            _below(value, quantiles),
            _unusual(one, value, quantiles),
        )
        for one, value, quantiles in zip(
            MEASURES, values, training.quantiles, strict=True
        )
    ]


def _below(value: float, quantiles: np.ndarray) -> float:
    """Percentage of the training digits below a value; 0 at the smallest, which many digits may share."""
    share = np.interp(value, quantiles, QUANTILES) if value > quantiles[0] else 0
    return 100 * float(share)


def _usual_range(measure: Measure, quantiles: np.ndarray) -> tuple[float, float]:
    """Lowest and highest usual value of a measure."""
    low, high = np.interp([measure.tail, 1 - measure.tail], QUANTILES, quantiles)
    return low, max(high, measure.tolerance)


def usual(reference: Reference) -> np.ndarray:
    """Lowest and highest usual value (5, 2), float32, of every measure; minus infinity where no small value is unusual."""
    ranges = np.array(
        [
            _usual_range(one, known)
            for one, known in zip(MEASURES, reference.quantiles, strict=True)
        ],
        np.float32,
    )
    ranges[[one.less is None for one in MEASURES], 0] = -np.inf
    return ranges


def _unusual(measure: Measure, value: float, quantiles: np.ndarray) -> str | None:
    low, high = _usual_range(measure, quantiles)
    return measure.more if value > high else measure.less if value < low else None


def unlike(values: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Flags (N,), bool, of the digits that the badge calls unlike MNIST, from their `measure`."""
    flags = np.zeros(len(values), bool)
    for one, column, known in zip(MEASURES, values.T, quantiles, strict=True):
        low, high = _usual_range(one, known)
        flags |= (column > high) | ((column < low) & (one.less is not None))
    return flags


def main(file: Path = FILE):
    """Measures the training digits and the badge's rates on the test digits, and writes `file`."""
    digits, test = load_split(train=True).images, load_split(train=False).images
    flat = digits.flatten(1).float()
    mean = flat.mean(0)
    _, vectors = torch.linalg.eigh((flat - mean).T @ (flat - mean))
    components = vectors[:, -COMPONENTS:].T.contiguous()

    def measured(images: Tensor) -> np.ndarray:
        parts = images.split(AT_ONCE)
        return np.concatenate([measure(part, mean, components) for part in parts])

    quantiles = np.quantile(measured(digits), QUANTILES, axis=0).T
    quantiles = quantiles.astype(np.float32)
    sample = test[::5]
    caught = {
        corruption.name: float(
            unlike(
                measured(corruption.apply(sample, corruption.strengths[-1])), quantiles
            ).mean()
        )
        for corruption in CORRUPTIONS
    }
    header = {
        "false_alarms": str(float(unlike(measured(test), quantiles).mean())),
        "caught": json.dumps(caught),
    }
    tensors = {
        "mean": mean,
        "shapes": components,
        "quantiles": torch.from_numpy(quantiles).contiguous(),
    }
    safetensors.torch.save_file(tensors, file, header)
