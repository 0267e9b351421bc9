"""Segmentation of a picture file into digits: paper, ruled lines, specks and shapes at the frame are taken away, and what is left is framed as MNIST's."""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from explorer.digits.decoding import Decoded, decode
from explorer.digits.grouping import Shape, groups_of, in_reading_order
from explorer.digits.paper import BLANK, SMALL, border, drawing, ink, level, smooth
from explorer.digits.preprocess import FIELD, SketchError, to_mnist
from explorer.digits.rules import without_rules

INK = 0.4  # share of the ink's level, above which a pixel belongs to a shape
BRIDGE = 0.2  # share above which ink joins near shapes into one digit
FAINT = 0.1  # share below which a pixel is paper
SPECK = 0.02  # share of the largest shape's area; smaller shapes are no ink
DUST = 0.03  # share of the picture's longer side; where no shape off the frame is longer, fainter ink is looked for
FAINTEST = 0.15  # share of the strongest ink
ALONG = 0.5  # share of a side of the frame; a shape that covers more of it is an edge of the paper
SHEET = 0.1  # least share of the picture of a sheet of paper on something darker or brighter
INSET = 0.12  # share of a sheet's box on each side that may be skewed edges
FULL = 0.97  # least share of the rim of what is left that is sheet
MOST = 50  # digits
SHAPES = 300  # the largest; a picture with more is a texture or a text
EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True)
class Box:
    """Box of a digit in pixels of the file held upright."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)  # arrays do not compare to one truth
class Digit:
    """Digit in a picture: alone on its paper, (h, w) uint8 with paper 0; framed as MNIST's from that, (28, 28); and its box."""

    alone: np.ndarray
    image: np.ndarray
    box: Box


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Digits of a picture in reading order, at least one; the picture without all that is no ink, (h, w) uint8 with paper 0; the size of its file."""

    digits: tuple[Digit, ...]
    cleaned: np.ndarray
    warnings: tuple[str, ...]
    width: int
    height: int

    @property
    def count(self) -> int:
        return len(self.digits)

    @property
    def largest(self) -> Digit:
        return max(self.digits, key=lambda digit: digit.box.width * digit.box.height)


def read(uri: str) -> Segmentation:
    """Segmentation of a PNG or JPEG in a base64 data URI. Raises `SketchError`."""
    return segment(decode(uri))


def segment(picture: Decoded) -> Segmentation:
    """Segmentation of a decoded picture. Raises `SketchError`, also where there is no digit."""
    cleared, labels, shapes = _shapes(without_rules(ink(picture.pixels)))
    sheet = _sheet(labels, shapes)
    if sheet:
        with suppress(SketchError):  # nothing is on it
            return _on_sheet(picture, *sheet)
    groups = in_reading_order(
        groups_of(shapes)[:MOST] if max(labels.shape) >= FIELD else [shapes]
    )
    kept = [shape for group in groups for shape in group]
    drawn = drawing(picture.pixels)
    # A drawing of one digit, beyond which no ink lies, is framed as the pad's strokes are.
    if drawn is not None and len(groups) == 1 and _spans(kept) == _spans_of(labels):
        cleaned = drawn
    else:
        cleaned = _cleaned(cleared, labels, kept)
    scale = max(picture.width, picture.height) / max(cleaned.shape)
    digits = tuple(_digit(cleaned, labels, group, groups, scale) for group in groups)
    return Segmentation(
        digits, cleaned, _warnings(len(digits)), picture.width, picture.height
    )


def _sheet(labels: np.ndarray, shapes: list[Shape]) -> tuple[slice, slice] | None:
    """Rows and columns inside of the largest shape where it is a sheet of paper, which fills its box; else None."""
    largest = shapes[0]
    (top, bottom), (left, right) = largest.span(0), largest.span(1)
    height, width = bottom - top, right - left
    is_wide = 0.5 < height / width < 2
    if height * width < SHEET * labels.size or not is_wide or max(labels.shape) < FIELD:
        return None
    down, across = round(INSET * height), round(INSET * width)
    inside = slice(top + down, bottom - down), slice(left + across, right - across)
    own = labels[inside] == largest.label
    return inside if border(own).mean() > FULL and not own.all() else None


def _on_sheet(picture: Decoded, rows: slice, columns: slice) -> Segmentation:
    """Segmentation of what is on a sheet within a picture, with boxes in the whole picture. Raises `SketchError`."""
    scale = max(picture.width, picture.height) / max(picture.pixels.shape[:2])
    pixels = picture.pixels[rows, columns]
    height, width = (round(scale * length) for length in pixels.shape[:2])
    part = segment(replace(picture, pixels=pixels, width=width, height=height))
    down, across = round(scale * rows.start), round(scale * columns.start)
    digits = tuple(
        replace(
            digit,
            box=replace(
                digit.box, left=digit.box.left + across, top=digit.box.top + down
            ),
        )
        for digit in part.digits
    )
    return replace(part, digits=digits, width=picture.width, height=picture.height)


def _warnings(count: int) -> tuple[str, ...]:
    if count == 1:
        return ()
    return (f"The picture shows {count} digits; the answer is for the largest.",)


def _shapes(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[Shape]]:
    """Ink whose level is 1, the labels of its shapes, and the shapes that are ink.

    Where only dust and edges of the paper are as strong as that, fainter ink is looked for beside them.
    """
    first = now = (ink, *_strong_shapes(ink))
    for _ in range(3):
        ink, labels, shapes = now
        if not all(_is_foreign(shape, labels) for shape in shapes):
            return now
        rest = np.where(_around(labels > 0, ink), 0, ink)
        strongest = level(smooth(rest))
        if strongest < FAINTEST:
            break
        ink = rest / strongest
        now = (ink, *_strong_shapes(ink))
    return first


def _around(shapes: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """Shapes with all ink around them, down to their softest edges."""
    soft, _ = ndimage.label((smooth(ink) > FAINT) | shapes, EIGHT)
    return ndimage.binary_dilation(np.isin(soft, np.unique(soft[shapes])), EIGHT, 2)


def _strong_shapes(ink: np.ndarray) -> tuple[np.ndarray, list[Shape]]:
    """Labels (h, w) of the shapes above `INK`, and those that are neither specks nor edges of the paper. Raises `SketchError`."""
    labels, count = ndimage.label(ink > INK, EIGHT)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    boxes = ndimage.find_objects(labels)
    bodies, _ = ndimage.label(ink > BRIDGE, EIGHT)
    body_of = np.zeros(count + 1, int)
    body_of[labels] = bodies
    largest = np.argsort(-areas[1:])[:SHAPES]
    shapes = [
        Shape(
            int(index) + 1,
            int(body_of[index + 1]),
            int(areas[index + 1]),
            *((part.start, part.stop) for part in boxes[index]),
        )
        for index in largest
    ]
    if not shapes:
        raise SketchError(BLANK)
    if max(ink.shape) < FIELD:
        return labels, shapes
    free = [shape for shape in shapes if not shape.at_frame(ink.shape)]
    if free:
        shapes = [
            shape
            for shape in shapes
            if not shape.at_frame(ink.shape)
            or (shape.area >= free[0].area and not _is_edge(shape, labels))
            or (_is_dust(free[0], labels) and not _is_dust(shape, labels))
        ]
    return labels, [shape for shape in shapes if shape.area > SPECK * shapes[0].area]


def _is_foreign(shape: Shape, labels: np.ndarray) -> bool:
    return _is_dust(shape, labels) or _is_edge(shape, labels)


def _is_dust(shape: Shape, labels: np.ndarray) -> bool:
    return shape.extent <= DUST * max(labels.shape)


def _is_edge(shape: Shape, labels: np.ndarray) -> bool:
    """True for a shape along most of one side of the frame."""
    sides = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return max((side == shape.label).mean() for side in sides) > ALONG


def _cleaned(ink: np.ndarray, labels: np.ndarray, shapes: list[Shape]) -> np.ndarray:
    """Ink of these shapes and their soft edges only, uint8."""
    kept = np.isin(labels, [shape.label for shape in shapes])
    if max(ink.shape) <= SMALL:  # soft everywhere
        others = ndimage.binary_dilation((labels > 0) & ~kept, EIGHT)
        share = np.where(others & ~kept, 0, ink) / ink[kept].max()
        return np.rint(255 * share.clip(0, 1)).astype(np.uint8)
    near = ndimage.binary_dilation(kept, EIGHT, 2)
    share = np.where(near, ink, 0) / level(ink[kept])
    share = (share - FAINT) / (1 - FAINT)
    return np.rint(255 * share.clip(0, 1)).astype(np.uint8)


def _digit(
    cleaned: np.ndarray,
    labels: np.ndarray,
    group: list[Shape],
    groups: list[list[Shape]],
    scale: float,
) -> Digit:
    """Digit of a group of shapes among the groups of a picture, whose file has `scale` pixels per pixel."""
    others = [shape.label for other in groups if other is not group for shape in other]
    alone = cleaned
    if others:
        apart = ndimage.binary_dilation(np.isin(labels, others), EIGHT, 2)
        own = np.isin(labels, [shape.label for shape in group])
        alone = np.where(apart & ~own, 0, cleaned)
    return Digit(alone, to_mnist(alone), _box(group, scale))


def _spans(shapes: list[Shape]) -> list[tuple[int, int]]:
    """First row and column of shapes, and the ones after the last."""
    return [
        (
            min(shape.span(axis)[0] for shape in shapes),
            max(shape.span(axis)[1] for shape in shapes),
        )
        for axis in (0, 1)
    ]


def _spans_of(labels: np.ndarray) -> list[tuple[int, int]]:
    """`_spans` of everything that has a label."""
    inked = [np.flatnonzero((labels > 0).any(1 - axis)) for axis in (0, 1)]
    return [(int(at[0]), int(at[-1]) + 1) for at in inked]


def _box(group: list[Shape], scale: float) -> Box:
    (top, bottom), (left, right) = (
        (first * scale, last * scale) for first, last in _spans(group)
    )
    return Box(round(left), round(top), round(right - left), round(bottom - top))
