"""Ink of a picture: its colours as one grey, judged against the paper around each pixel."""

import numpy as np
from PIL import Image
from scipy import ndimage

from explorer.digits.preprocess import SketchError

BLANK = "The picture is blank: nothing on it stands out from its paper."
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
PALE = 0.35  # cosine between luminance and the ink's colour, below which the ink is told from the paper by its colour
CONTRAST = 12  # grey levels of 255: least difference between ink and paper
VISIBLE = 8  # least opacity of 255
NOTE = 40  # grey levels; opaque pixels that differ by more are a note, not ink
SMALL = 64  # pixels: longer side of thumbnails, and of the pictures whose paper is not judged locally
UNEVEN = 0.035  # mean distance of calm pixels from paper and ink, as a share of the ink, above which paper is judged locally
BEYOND_PAPER = 0.01  # least share of pixels far from the paper on the other side, above which it is judged locally
BEYOND_INK = 0.003  # least share of pixels far beyond the ink: ink on a shadow that was taken for ink
DARK = 24  # grey levels added to the paper's, so that noise on black is no ink
GROWTH = 1.6  # between two sizes of the window
HARDLY_MORE = 1.2  # growth of the strokes' area, above which the window was not wider than all of them
FREE = 0.6  # widest stroke as a share of the window, above which the window may lie in a stroke


def ink(pixels: np.ndarray) -> np.ndarray:
    """Ink (h, w) float32 of pixels (h, w, channels), 0 to 255: 0 is paper, about 1 the ink. Raises `SketchError`.

    Where paper and ink are two levels everywhere, the paper is the median of the border and the ink lies on the side of the
    strong excursions from it. Else each pixel is compared with the paper around it, `_local`.
    """
    grey = to_grey(without_alpha(pixels))
    thumbnail = shrunk(grey, SMALL)
    flat = _flat(thumbnail)
    if max(grey.shape) <= SMALL or _is_even(flat):
        excursion = _flat(grey)
        contrast = level(smooth(excursion))
    else:
        excursion, paper = _local(grey, _is_bright(thumbnail))
        contrast = level(smooth(excursion)) * (float(np.median(paper)) + DARK)
    if contrast < CONTRAST:
        raise SketchError(BLANK)
    return excursion / level(smooth(excursion))


def drawing(pixels: np.ndarray) -> np.ndarray | None:
    """Ink (h, w) uint8 of an opaque grey picture, most of which, and of whose border, is exactly black or exactly white; None of others."""
    opaque = pixels.shape[2] in (1, 3) or (pixels[..., -1] == 255).all()
    grey = pixels[..., 0]
    colours = pixels[..., : 1 if pixels.shape[2] < 3 else 3]
    paper = float(np.median(border(grey)))
    if not opaque or paper not in (0, 255) or (colours != grey[..., None]).any():
        return None
    if min((part == paper).mean() for part in (grey, border(grey))) < 0.5:
        return None
    return np.rint(np.abs(grey - paper)).astype(np.uint8)


def without_alpha(pixels: np.ndarray) -> np.ndarray:
    """Grey or colours (h, w, 1 or 3) of pixels with 1 to 4 channels.

    Opaque pixels of several greys are a note, beside which its paper goes on. Others are ink, as dark as they are opaque.
    """
    if pixels.shape[2] in (1, 3):
        return pixels
    colours, alpha = pixels[..., :-1], pixels[..., -1:]
    if alpha.max() < VISIBLE:
        raise SketchError(BLANK)
    alpha = alpha / alpha.max()
    solid = alpha[..., 0] > 0.9
    if solid.all():
        return colours
    inner = ndimage.binary_erosion(solid, iterations=2)
    greys = colours.mean(2)[inner]
    if len(greys) and np.ptp(np.quantile(greys, [0.003, 0.997])) > NOTE:
        rim = inner & ~ndimage.binary_erosion(inner, iterations=3)
        return colours * alpha + np.median(colours[rim], 0) * (1 - alpha)
    return 255 * (1 - alpha)


def to_grey(pixels: np.ndarray) -> np.ndarray:
    """Grey (h, w) of grey or colours (h, w, 1 or 3): the luminance, or, where ink and paper differ mostly in colour, that difference."""
    if pixels.shape[2] == 1:
        return pixels[..., 0]
    away = (pixels - np.median(border(pixels), 0)).reshape(-1, 3)
    weighted = away * np.square(away).sum(1, keepdims=True)
    direction = np.linalg.eigh(weighted.T @ away)[1][:, -1].astype(np.float32)
    if abs(direction @ LUMINANCE) > PALE:
        return pixels @ LUMINANCE
    along = pixels @ direction
    return along - along.min()


def border(pixels: np.ndarray) -> np.ndarray:
    """Pixels at the four sides, (2 h + 2 w, ...)."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def level(excursion: np.ndarray) -> float:
    """Level of the ink: 90 % of the pixels with more than half of the strongest excursion have less."""
    strong = excursion[excursion > excursion.max() / 2]
    return float(np.quantile(strong, 0.9)) if len(strong) else 0.0


def shrunk(grey: np.ndarray, side: int) -> np.ndarray:
    """Grey picture with a longer side of at most `side` pixels, each a mean."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    image = Image.fromarray(grey.astype(np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def smooth(grey: np.ndarray) -> np.ndarray:
    """Picture without the finest noise; a small one as it is."""
    return ndimage.gaussian_filter(grey, 1) if max(grey.shape) > SMALL else grey


def _flat(grey: np.ndarray) -> np.ndarray:
    """Difference of each pixel from the median of the border, positive on the side of the strong differences."""
    away = grey - np.median(border(grey))
    return away if (away**3).sum() > 0 else -away


def _is_even(excursion: np.ndarray) -> bool:
    """True where a thumbnail's calm pixels, which no edge crosses, are all paper or all ink, and hardly any lies beyond either."""
    share = excursion / max(level(excursion), 1e-6)
    is_calm = ndimage.maximum_filter(share, 3) - ndimage.minimum_filter(share, 3) < 0.3
    off = np.minimum(np.abs(share), np.abs(share - 1)).clip(0, 1)
    return bool(
        (off * is_calm).mean() < UNEVEN
        and (share < -0.25).mean() < BEYOND_PAPER
        and (share > 1.25).mean() < BEYOND_INK
    )


def _is_bright(thumbnail: np.ndarray) -> bool:
    """True for bright ink: strong differences from the median of half the picture around each pixel are brighter ones."""
    around = ndimage.median_filter(thumbnail, max(thumbnail.shape) // 2, mode="nearest")
    ratio = np.log((thumbnail + 16) / (around + 16))
    return bool((ratio**3).sum() > 0)


def _local(grey: np.ndarray, is_bright: bool) -> tuple[np.ndarray, np.ndarray]:
    """Ink as a share of the paper around it, and that paper's grey, both (h, w).

    The paper is the morphological closing of dark ink, or the opening of bright ink (the top-hat transform; Serra 1982), which
    keeps the edges of shadows. Its window is wider than the strokes: with a larger one they would hardly grow.
    """
    calm, longest = smooth(grey), max(grey.shape)

    def against(window: float) -> tuple[np.ndarray, np.ndarray]:
        operation = ndimage.grey_opening if is_bright else ndimage.grey_closing
        paper = operation(calm, size=(int(window) | 1,) * 2, mode="nearest")
        away = grey - paper if is_bright else paper - grey
        return away.clip(0) / (paper + DARK), paper

    window = max(5.0, longest / 24)
    narrow, wide = against(window), against(GROWTH * window)
    while window < longest / 4:
        strokes = _strokes(narrow[0])
        width = 2 * ndimage.distance_transform_cdt(np.pad(strokes, 1)).max()
        if (
            width < FREE * window
            and _strokes(wide[0]).sum() < HARDLY_MORE * strokes.sum()
        ):
            break
        window *= GROWTH
        narrow, wide = wide, against(GROWTH * window)
    return wide


def _strokes(excursion: np.ndarray) -> np.ndarray:
    """Mask (h, w) of the strong excursions in shapes that lie free of the frame, or of all where none does."""
    smoothed = smooth(excursion)
    strong = smoothed > 0.4 * level(smoothed)
    shapes, _ = ndimage.label(strong)
    free = strong & ~np.isin(shapes, border(shapes))
    return free if free.any() else strong
