"""The preprocessing laboratory: a digit with some of the steps left out or made harder, and what that changes."""

import math
from dataclasses import dataclass, field, fields, replace

import numpy as np
import torch

from explorer.digits import corruptions
from explorer.digits.png import grey
from explorer.digits.preprocess import ALL, SketchError, Steps, stages
from explorer.network import predictions
from explorer.runs.results import Results
from train.data import MEAN, STD, normalise

NORMALISE = "normalise"
STEPS = {  # what each is called, in their order
    "box": "cropped to its box",
    "smooth": "anti-aliased",
    "centre": "centred by mass",
    NORMALISE: "normalised",
}


@dataclass(frozen=True)
class Slider:
    """What a visitor may do to a digit: how it is called, from where to where, and what changes nothing."""

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
    """Which steps are made, and where the sliders stand."""

    steps: Steps = ALL
    normalise: bool = True
    sliders: dict[str, float] = field(
        default_factory=lambda: {each.name: each.neutral for each in SLIDERS}
    )

    @classmethod
    def of(cls, asked: dict | None) -> "Settings":
        """From what a page sends: {"off": ["box", ...], "sliders": {"rotate": 10, ...}}. Raises `SketchError`."""
        match asked:
            case None:
                return cls()
            case {"off": list(off), "sliders": dict(moved)} if all(
                each in list(STEPS) for each in off
            ):
                sliders = {each.name: _within(each, moved) for each in SLIDERS}
                made = {each.name: each.name not in off for each in fields(Steps)}
                return cls(Steps(**made), NORMALISE not in off, sliders)
        raise SketchError("The settings of the laboratory arrived damaged.")


def _within(slider: Slider, moved: dict) -> float:
    value = moved.get(slider.name, slider.neutral)
    if isinstance(value, bool) or not (
        isinstance(value, int | float) and math.isfinite(value)
    ):
        raise SketchError("The settings of the laboratory arrived damaged.")
    return min(max(float(value), slider.low), slider.high)


def digit(picture: np.ndarray, made: bool, settings: Settings) -> np.ndarray:
    """The (28, 28) uint8 image that comes of a picture; `made` says that MNIST's makers took the steps. Raises `SketchError`."""
    if not (made and settings.steps == ALL):
        picture = stages(picture, 0, settings.steps).digit
    return harder(picture, settings.sliders)


def seen(question: dict) -> tuple[np.ndarray, int | None]:
    """The digit (28, 28) that comes of a page's question with its settings, and the number of the test image if it is one.

    Raises `UserError`.
    """
    picture, index = predictions.picture(question)
    settings = Settings.of(question.get("lab"))
    return digit(picture, index is not None, settings), index


def harder(image: np.ndarray, sliders: dict[str, float]) -> np.ndarray:
    """What the sliders make of a digit, one after another."""
    moved = {
        each.name: sliders[each.name]
        for each in SLIDERS
        if sliders[each.name] != each.neutral
    }
    made = torch.from_numpy(image)[None]
    if "thicken" in moved:
        made = corruptions.thicken(made, moved["thicken"])
    if "rotate" in moved:
        made = corruptions.rotate(made, moved["rotate"])
    if moved.keys() & {"right", "down"}:
        made = corruptions.shift(made, sliders["right"], sliders["down"])
    if "contrast" in moved:
        made = corruptions.contrast(made, moved["contrast"])
    if "noise" in moved:
        made = corruptions.noise(made, moved["noise"])
    return made[0].numpy()


def given(image: np.ndarray, settings: Settings) -> np.ndarray:
    """The image as `predictions.predict` takes it: where it is not to be normalised, what normalised is its ink from 0 to 1."""
    if settings.normalise:
        return image
    return 255 * (MEAN + STD * (image.astype(np.float32) / 255))


def changes(results: Results, picture: np.ndarray, made: bool) -> dict[str, int | None]:
    """Of each step how many networks answer otherwise where it alone is left out; None where nothing is left of the picture."""
    images, readable = [given(digit(picture, made, Settings()), Settings())], []
    for step in STEPS:
        without = (
            Settings(normalise=False)
            if step == NORMALISE
            else Settings(replace(ALL, **{step: False}))
        )
        try:
            images.append(given(digit(picture, made, without), without))
            readable.append(step)
        except SketchError:
            continue
    batch = torch.from_numpy(np.stack([image.astype(np.float32) for image in images]))
    read = results.stack.probs(batch).argmax(2)
    changed = (read[:, 1:] != read[:, :1]).sum(0).tolist()
    counts = dict(zip(readable, changed, strict=True))
    return {step: counts.get(step) for step in STEPS}


def pictures(
    picture: np.ndarray, made: bool, settings: Settings
) -> list[tuple[str, np.ndarray]]:
    """A digit on its way, before the sliders: what each picture is called, and the picture, square, uint8."""
    way = stages(picture, 0, settings.steps)
    values = normalise(torch.from_numpy(given(way.digit, settings))[None])[0, 0].numpy()
    scale = (1 - MEAN) / STD  # of full ink
    return [
        ("a test digit" if made else "as drawn", _square(_grey(way.ink))),
        (_size(way.cropped), _square(_grey(way.cropped))),
        (_size(way.fitted), _square(way.fitted)),
        (_size(way.digit), way.digit),
        (f"{values.min():.2f} to {values.max():.2f}", grey(values, scale)),
    ]


def _size(image: np.ndarray) -> str:
    return f"{image.shape[1]} x {image.shape[0]} pixels"


def _grey(ink: np.ndarray) -> np.ndarray:
    return np.rint(255 * ink).astype(np.uint8)


def _square(image: np.ndarray) -> np.ndarray:
    """With paper around it."""
    side = max(image.shape)
    before = [(side - length) // 2 for length in image.shape]
    after = [
        side - length - first for length, first in zip(image.shape, before, strict=True)
    ]
    return np.pad(image, list(zip(before, after, strict=True)))
