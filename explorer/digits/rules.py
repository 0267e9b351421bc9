"""Removal of ruled lines from ink: long straight lines, thin against the picture, that cross it at any small angle."""

import numpy as np
from scipy import ndimage

LEAST = 64  # pixels; no lines are looked for in a picture with a shorter side
INK = 0.2  # ink above which a pixel may belong to a line
THICKEST = 0.035  # share of the shorter side
STEEPEST = 0.16  # tangent of the largest angle to the frame
COVERED = 0.5  # share of the picture's width in which a line is seen free of other ink
REACHED = (
    0.12  # share of the width, next to either side, in which a line is seen as well
)
SHORTEST = 0.3  # share of the width; a shorter line in a corner is left
REMAINING = (
    0.05  # least share of the ink that is no line; with less, the lines are the digit
)


def without_rules(ink: np.ndarray) -> np.ndarray:
    """Ink (h, w), 0 to about 1, without ruled lines along or across it; strokes that cross them stay.

    Lines are the peaks of a Hough transform (Duda and Hart 1972) of the middles of thin runs of ink. Along a line, ink is opened by
    a segment across it that is longer than the line is thick, so only what is as thin as the line is lost.
    """
    if min(ink.shape) < LEAST:
        return ink
    cleared = _without_level(_without_level(ink).T).T
    strong = (ink > INK).sum()
    return cleared if (cleared > INK).sum() > REMAINING * strong else ink


def _without_level(ink: np.ndarray) -> np.ndarray:
    """Ink without the lines that run roughly along its rows."""
    middles, columns, lengths = _runs(ink)
    thin = lengths <= max(3, THICKEST * min(ink.shape))
    middles, columns, lengths = middles[thin], columns[thin], lengths[thin]
    lines = _lines(middles, columns, ink.shape)
    if not lines:
        return ink
    cleared = ink.copy()
    for offset, slope in lines:
        near = np.abs(middles - offset - slope * columns) < 2
        thick = float(np.quantile(lengths[near], 0.8))
        _clear(cleared, ink, offset, slope, int(np.ceil(thick)))
    return cleared


def _clear(
    cleared: np.ndarray, ink: np.ndarray, offset: float, slope: float, thick: int
):
    """Opens the ink along a line, in `cleared`, by a segment across it of half as much again as the line is `thick`."""
    height, width = ink.shape
    reach = thick // 2 + 2
    opening = thick + 1 + max(1, thick // 2)
    margin = reach + opening
    columns = np.arange(width)
    rows = np.rint(offset + slope * columns).astype(int)
    band = rows + np.arange(-margin, margin + 1)[:, None]
    inside = (band >= 0) & (band < height)
    values = np.where(inside, ink[band.clip(0, height - 1), columns], 0)
    opened = ndimage.grey_opening(values, (opening, 1))
    some = slice(margin - reach, margin + reach + 1)
    rows, kept = band[some], inside[some]
    across = np.broadcast_to(columns, rows.shape)
    target = (rows[kept], across[kept])
    cleared[target] = np.minimum(cleared[target], opened[some][kept])


def _runs(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middles, columns and lengths of the vertical runs of ink."""
    mask = np.pad(ink > INK, ((1, 1), (0, 0))).T.astype(np.int8)
    steps = np.diff(mask, axis=1)
    columns, starts = np.nonzero(steps == 1)
    _, stops = np.nonzero(steps == -1)  # in the same order, column by column
    return (starts + stops - 1) / 2, columns, stops - starts


def _lines(
    middles: np.ndarray, columns: np.ndarray, shape: tuple[int, ...]
) -> list[tuple[float, float]]:
    """Offsets at the first column and slopes of the lines through these middles that cross the picture."""
    height, width = shape
    if len(middles) < COVERED * width:
        return []
    slopes = np.linspace(-STEEPEST, STEEPEST, 2 * round(STEEPEST * width / 2) + 1)
    slope = float(max(slopes, key=lambda some: _sharpness(middles - some * columns)))
    offsets = middles - slope * columns
    bins = np.rint(offsets).astype(int)
    low = bins.min() - 1
    seen = np.convolve(np.bincount(bins - low), np.ones(3), "same")
    lines = []
    for offset in np.argsort(-seen) + low:
        if seen[offset - low] < COVERED * SHORTEST * width:
            break
        rows = offset + slope * np.arange(width)
        inside = np.flatnonzero((rows >= 0) & (rows <= height - 1))
        near = np.abs(bins - offset) <= 1
        if (
            _crosses(columns[near], inside, width)
            and min((abs(offset - other) for other, _ in lines), default=9) > 2
        ):
            lines.append((float(np.median(offsets[near])), slope))
    return lines


def _crosses(columns: np.ndarray, inside: np.ndarray, width: int) -> bool:
    """True where a line that is seen in `columns` reaches from one end to the other of the columns in which it lies in the picture."""
    if len(inside) < SHORTEST * width:
        return False
    end = REACHED * len(inside)
    return (
        len(np.unique(columns)) >= COVERED * len(inside)
        and columns.min() < inside[0] + end
        and columns.max() > inside[-1] - end
    )


def _sharpness(offsets: np.ndarray) -> float:
    """Sum of squares of the histogram of offsets, by pixel: largest where lines are seen along their direction."""
    counts = np.bincount(np.rint(offsets - offsets.min()).astype(int))
    return float((counts.astype(float) ** 2).sum())
