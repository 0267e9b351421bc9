"""Ablation of the preprocessing of a digit: steps left out, corruptions by sliders, and their effect on the predictions."""

import math
from dataclasses import dataclass, field, fields, replace

import numpy as np
import torch

from explorer.digits import corruptions
from explorer.digits.png import grey
from explorer.digits.preprocess import ALL, SketchError, Steps, stages
from explorer.network import predictions
from explorer.runs.results import Results
from train.data import normalise
from train.data_sets import MNIST, MNIST_PIXELS, DataSet

NORMALISE = "normalise"
STEPS = {  # captions, in the order of the steps
    "box": "cropped to its box",
    "smooth": "anti-aliased",
    "centre": "centred by mass",
    NORMALISE: "normalised",
}


@dataclass(frozen=True)
class Slider:
    """Slider of a corruption: name, caption (`words`), range, step, and the neutral value, which changes nothing."""

    name: str
    words: str
    low: float
    high: float
    step: float
    neutral: float = 0.0


SLIDERS = (
    Slider("thicken", "thicker, pixels", -2, 5, 1),
    Slider("rotate", "turn, degrees", -60, 60, 1),
    Slider("right", "right, pixels", -8, 8, 1),
    Slider("down", "down, pixels", -8, 8, 1),
    Slider("contrast", "contrast", 0.05, 1, 0.05, neutral=1.0),
    Slider("noise", "noise", 0, 0.6, 0.02),
)


@dataclass(frozen=True)
class Settings:
    """Settings of the laboratory: preprocessing steps that are on, and values of the sliders."""

    steps: Steps = ALL
    normalise: bool = True
    sliders: dict[str, float] = field(
        default_factory=lambda: {slider.name: slider.neutral for slider in SLIDERS}
    )

    @classmethod
    def of(cls, request: dict | None) -> "Settings":
        """Settings in a page's request, {"off": ["box", ...], "sliders": {"rotate": 10, ...}}, or the usual ones for None. Raises `SketchError`."""
        match request:
            case None:
                return cls()
            case {"off": list(off), "sliders": dict(moved)} if all(
                step in list(STEPS) for step in off
            ):
                sliders = {slider.name: _clipped(slider, moved) for slider in SLIDERS}
                steps = {step.name: step.name not in off for step in fields(Steps)}
                return cls(Steps(**steps), NORMALISE not in off, sliders)
        raise SketchError("The settings of the laboratory arrived damaged.")


def _clipped(slider: Slider, moved: dict) -> float:
    """Value of a slider in a page's request, clipped to its range. Raises `SketchError`."""
    value = moved.get(slider.name, slider.neutral)
    if isinstance(value, bool) or not (
        isinstance(value, int | float) and math.isfinite(value)
    ):
        raise SketchError("The settings of the laboratory arrived damaged.")
    return min(max(float(value), slider.low), slider.high)


def digit(picture: np.ndarray, is_mnist: bool, settings: Settings) -> np.ndarray:
    """Digit (28, 28) uint8 in a picture, preprocessed and corrupted by the settings. Raises `SketchError`.

    `is_mnist` marks an image framed as MNIST's, to which the full preprocessing was already applied.
    """
    if not (is_mnist and settings.steps == ALL):
        picture = stages(picture, settings.steps).digit
    return apply_sliders(picture, settings.sliders)


def digit_of(request: dict, data_set: DataSet = MNIST) -> tuple[np.ndarray, int | None]:
    """Digit (28, 28) that a page's request asks about, by its settings, and the number of the test image or None.

    Raises `UserError`.
    """
    picture, index = predictions.picture(request, data_set)
    settings = Settings.of(request.get("lab"))
    return digit(picture, predictions.is_framed(picture), settings), index


def apply_sliders(image: np.ndarray, sliders: dict[str, float]) -> np.ndarray:
    """Digit (28, 28) uint8 after the corruptions of the sliders, applied in their order."""
    moved = {
        slider.name: sliders[slider.name]
        for slider in SLIDERS
        if sliders[slider.name] != slider.neutral
    }
    images = torch.from_numpy(image)[None]
    if "thicken" in moved:
        images = corruptions.thicken(images, moved["thicken"])
    if "rotate" in moved:
        images = corruptions.rotate(images, moved["rotate"])
    if moved.keys() & {"right", "down"}:
        images = corruptions.shift(images, sliders["right"], sliders["down"])
    if "contrast" in moved:
        images = corruptions.contrast(images, moved["contrast"])
    if "noise" in moved:
        images = corruptions.noise(images, moved["noise"])
    return images[0].numpy()


def network_input(image: np.ndarray, settings: Settings) -> np.ndarray:
    """Image for `predictions.predict`, which normalises it; with that step off, one that its normalisation turns into plain ink, 0 to 1."""
    if settings.normalise:
        return image
    mean, std = MNIST_PIXELS
    return 255 * (mean + std * (image.astype(np.float32) / 255))


def changes(
    results: Results, picture: np.ndarray, is_mnist: bool
) -> dict[str, int | None]:
    """Number of networks whose answer changes without a step, by step; None where no ink is left without it."""
    images, readable = (
        [network_input(digit(picture, is_mnist, Settings()), Settings())],
        [],
    )
    for step in STEPS:
        without = (
            Settings(normalise=False)
            if step == NORMALISE
            else Settings(replace(ALL, **{step: False}))
        )
        try:
            images.append(network_input(digit(picture, is_mnist, without), without))
            readable.append(step)
        except SketchError:
            continue
    batch = torch.from_numpy(np.stack([image.astype(np.float32) for image in images]))
    read = results.stack.probs(batch).argmax(2)
    changed = (read[:, 1:] != read[:, :1]).sum(0).tolist()
    counts = dict(zip(readable, changed, strict=True))
    return {step: counts.get(step) for step in STEPS}


def pictures(
    picture: np.ndarray, is_mnist: bool, settings: Settings
) -> list[tuple[str, np.ndarray]]:
    """Captions and square uint8 pictures of the preprocessing stages of a digit, before the sliders."""
    steps = stages(picture, settings.steps)
    image = torch.from_numpy(network_input(steps.digit, settings))[None]
    values = normalise(image, MNIST_PIXELS)[0, 0].numpy()
    scale = (1 - MNIST_PIXELS.mean) / MNIST_PIXELS.std  # of full ink
    return [
        ("as framed" if is_mnist else "as drawn", _square(_grey(steps.ink))),
        (_size(steps.cropped), _square(_grey(steps.cropped))),
        (_size(steps.fitted), _square(steps.fitted)),
        (_size(steps.digit), steps.digit),
        (f"{values.min():.2f} to {values.max():.2f}", grey(values, scale)),
    ]


def _size(image: np.ndarray) -> str:
    return f"{image.shape[1]} x {image.shape[0]} pixels"


def _grey(ink: np.ndarray) -> np.ndarray:
    return np.rint(255 * ink).astype(np.uint8)


def _square(image: np.ndarray) -> np.ndarray:
    """Image padded with paper to a square."""
    side = max(image.shape)
    before = [(side - length) // 2 for length in image.shape]
    after = [
        side - length - first for length, first in zip(image.shape, before, strict=True)
    ]
    return np.pad(image, list(zip(before, after, strict=True)))
