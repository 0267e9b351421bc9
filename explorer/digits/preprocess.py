"""MNIST's preprocessing of a picture of a digit: crop, fit into 20 x 20, centre in 28 x 28."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from train.errors import UserError

BOX, FIELD = 20, 28  # pixels: the digit is fitted into the box and centred in the field
SOLID = 0.5  # share of the strongest ink, above which a pixel is ink
FAINT = 0.05  # share of the strongest ink, below which a pixel is paper
FULL = 0.7  # share of the picture; a picture with more ink is refused
CONTRAST = 16  # least difference between ink and paper, in grey levels of 255


class SketchError(UserError):
    """Picture that cannot be read as a digit; the message is one sentence for the visitor."""


REFUSALS = {  # sentences on pictures without a digit, by the reason that the device gives
    "blank": "The picture is blank: draw a digit.",
    "full": "The picture is nearly all ink: there is no digit to find in it.",
    "thin": "Nothing is left of the picture: its strokes are too thin.",
}


@dataclass(frozen=True)
class Steps:
    """Switches of the preprocessing steps; a step that is off is replaced by a naive resize of the picture."""

    box: bool = True  # crop to the ink and fit into 20 x 20; else fit the whole picture into 28 x 28
    smooth: bool = True  # anti-aliased downscaling; else nearest neighbour
    centre: bool = True  # by the centre of mass; else by the middle of the crop


ALL = Steps()


@dataclass(frozen=True)
class Placement:
    """Placement of a picture in a digit, in whole pixels, rows before columns."""

    crop: tuple[int, int, int, int]  # top, left, height and width in the picture
    size: tuple[int, int]  # height and width that the crop is resized to
    corner: tuple[int, int]  # in the digit, of the resized crop without empty edges


@dataclass(frozen=True)
class Stages:
    """Intermediate images of the preprocessing: ink (H, W) and its crop, from 0 to 1; the resized crop and the digit, uint8."""

    ink: np.ndarray
    cropped: np.ndarray
    fitted: np.ndarray  # 20 x 20 at most, with `box`; else 28 x 28 at most
    digit: np.ndarray  # (28, 28)
    placement: Placement


def to_mnist(picture: np.ndarray) -> np.ndarray:
    """Digit (28, 28) uint8 in a picture (H, W) of grey levels, 0 (paper) to 255 (ink), preprocessed as MNIST.

    As LeCun, Bottou, Bengio and Haffner describe MNIST (1998, section III.A): the ink is cropped, fitted into 20 x 20 with
    its aspect ratio kept and with anti-aliasing, and its centre of mass is moved to the 15th pixel of 28 x 28. Raises
    `SketchError`.
    """
    return stages(picture).digit


def stages(picture: np.ndarray, steps: Steps = ALL) -> Stages:
    """Intermediate images of `to_mnist`, with only some of its steps if `steps` says so. Raises `SketchError`."""
    ink = _ink(picture)
    if (ink > SOLID).mean() > FULL:
        raise SketchError(REFUSALS["full"])
    rows, columns = _box(ink) if steps.box else map(slice, (0, 0), ink.shape)
    cropped = ink[rows, columns]
    fitted = _fit(cropped, BOX if steps.box else FIELD, steps.smooth)
    digit, corner = _centre(fitted, steps.centre)
    placement = Placement(
        (rows.start, columns.start, *cropped.shape), fitted.shape, corner
    )
    return Stages(ink, cropped, fitted, digit, placement)


def _ink(picture: np.ndarray) -> np.ndarray:
    """Ink (H, W) float32, from 0 (paper) to 1 (the strongest ink). Raises `SketchError` for a blank picture."""
    assert picture.ndim == 2, picture.shape
    ink = picture.astype(np.float32)
    strongest = ink.max()
    if strongest < CONTRAST:
        raise SketchError(REFUSALS["blank"])
    return ink / strongest


def _box(ink: np.ndarray) -> list[slice]:
    """Rows and columns of the solid ink, with a margin of one pixel where that is an anti-aliased edge.

    Faint pixels further out are noise, for example of JPEG compression.
    """
    box = [slice(None), slice(None)]
    for axis in (0, 1):
        line = ink[tuple(box)].max(1 - axis)
        solid = np.flatnonzero(line > SOLID)
        start, stop = int(solid[0]), int(solid[-1]) + 1
        if start and line[start - 1] > FAINT:
            start -= 1
        if stop < len(line) and line[stop] > FAINT:
            stop += 1
        box[axis] = slice(start, stop)
    return box


def _fit(ink: np.ndarray, side: int, smooth: bool) -> np.ndarray:
    """Ink resized to a longer side of `side` pixels and scaled to a maximum of 255, uint8.

    Bilinear if `smooth` (Pillow widens the filter when it shrinks, which anti-aliases), else nearest neighbour. Raises
    `SketchError` where no ink is left.
    """
    height, width = ink.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    resampling = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
    fitted = np.asarray(
        Image.fromarray(ink.astype(np.float32)).resize(size, resampling)
    )
    strongest = fitted.max()
    if not strongest:  # nearest-neighbour sampling missed every stroke
        raise SketchError(REFUSALS["thin"])
    return np.rint(fitted / strongest * 255).astype(np.uint8)


def _centre(digit: np.ndarray, centre: bool) -> tuple[np.ndarray, tuple[int, int]]:
    """Field (28, 28) with the digit in its middle, or with its centre of mass on the 15th pixel, as in MNIST; and the digit's corner in it.

    A digit whose ink would leave the field is moved only as far as it fits.
    """
    field = np.zeros((FIELD, FIELD), np.uint8)
    inked = [np.flatnonzero(digit.any(1 - axis)) for axis in (0, 1)]
    corner = [
        (FIELD - length) // 2 + inside[0]
        for length, inside in zip(digit.shape, inked, strict=True)
    ]
    digit = digit[np.ix_(*(range(inside[0], inside[-1] + 1) for inside in inked))]
    if centre:
        for axis, length in enumerate(digit.shape):
            mass = digit.sum(1 - axis, dtype=np.int64)
            middle = (mass * (np.arange(length) + 0.5)).sum() / mass.sum()
            start = round((FIELD + 1) / 2 - middle)
            corner[axis] = int(np.clip(start, 0, FIELD - length))
    top, left = map(int, corner)
    field[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return field, (top, left)
