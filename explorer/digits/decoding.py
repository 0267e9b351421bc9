"""Pixels of a PNG or JPEG file: upright, shrunk to the size that the search for digits works on, 0 to 255 whatever the file's depth."""

import base64
import binascii
import io
import struct
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image

from explorer.digits.preprocess import MAX_SIDE, SketchError

MAX_URI = 200_000  # characters of a data URI
MIN_SIDE = 8  # pixels of the longer side
WORKING_SIDE = 512  # pixels of the longer side after shrinking
DEPTHS = (8, 10, 12, 14, 16)  # bits that files with 16 bits a pixel use
KINDS = ("PNG", "JPEG")
SIXTEEN = b"\x10"  # byte 24 of a PNG, its bits a value
DAMAGED = "The picture is damaged or is neither PNG nor JPEG."


@dataclass(frozen=True)
class Decoded:
    """Decoded picture held upright: pixels (h, w, channels) float32, 0 to 255, and the width and height of its file.

    The channels are grey, grey and alpha, RGB, or RGB and alpha.
    """

    pixels: np.ndarray
    width: int
    height: int


def decode(uri: str) -> Decoded:
    """Picture in a base64 data URI. Raises `SketchError`."""
    if not isinstance(uri, str) or not uri.startswith(
        ("data:image/png;base64,", "data:image/jpeg;base64,")
    ):
        raise SketchError(
            "Expected a PNG or JPEG as a data URI: data:image/png;base64,..."
        )
    if len(uri) > MAX_URI:
        raise SketchError(
            f"The picture takes {len(uri)} characters; at most {MAX_URI} are read."
        )
    try:
        data = base64.b64decode(uri.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise SketchError(DAMAGED) from error
    return decode_file(data)


def decode_file(data: bytes) -> Decoded:
    """Picture in a PNG or JPEG file. Raises `SketchError`."""
    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as image:
            check_sides(*image.size)
            if getattr(image, "is_animated", False):
                raise SketchError(
                    "The picture is animated: send one with a single frame."
                )
            pixels, (width, height) = _upright(image, data)
    except Image.DecompressionBombError as error:
        raise SketchError(
            f"The picture is too large: a side may have {MAX_SIDE} pixels."
        ) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise SketchError(DAMAGED) from error
    return Decoded(pixels, width, height)


def check_sides(width: int, height: int):
    """Raises `SketchError` for a picture that is too large or too small."""
    if max(width, height) > MAX_SIDE or max(width, height) < MIN_SIDE:
        raise SketchError(
            f"The picture is {width} x {height} pixels; the longer side must have {MIN_SIDE} to {MAX_SIDE}."
        )


def _upright(image: Image.Image, data: bytes) -> tuple[np.ndarray, tuple[int, int]]:
    """Pixels of an opened file, shrunk and turned as its EXIF orientation says, and its size turned likewise."""
    width, height = image.size
    # A JPEG is then decoded at a half, a quarter or an eighth of its size.
    image.draft(None, (WORKING_SIDE, WORKING_SIDE))
    is_deep = image.format == "PNG" and data[24:25] == SIXTEEN
    pixels = _pixels(image)
    if is_deep:
        pixels = _spread(pixels, 16 if image.mode == "I;16" else 8)
    orientation = _orientation(image)
    pixels = TURNS.get(orientation, lambda upright: upright)(pixels)
    size = (height, width) if orientation in ON_THEIR_SIDE else (width, height)
    return np.ascontiguousarray(pixels), size


# Turns from what a camera stored to what its viewer shows, by EXIF's orientation.
TURNS = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels),
}
ON_THEIR_SIDE = (5, 6, 7, 8)


def _orientation(image: Image.Image) -> int:
    """EXIF orientation; 1, upright, where there is none or the EXIF data are damaged."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, struct.error):
        return 1


def _shrunk(image: Image.Image) -> Image.Image:
    """Image with a longer side of at most `WORKING_SIDE`; transparent pixels lend the others no colour."""
    scale = WORKING_SIDE / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _pixels(image: Image.Image) -> np.ndarray:
    """Pixels (h, w, channels) of an opened file, shrunk; 0 to 65535 of grey with 16 bits, else 0 to 255."""
    if image.mode == "I;16":
        grey = Image.fromarray(np.asarray(image, np.float32))
        return np.array(_shrunk(grey))[..., None]
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return np.array(_shrunk(image.convert(mode)), np.float32)


def _spread(pixels: np.ndarray, bits: int) -> np.ndarray:
    """Pixels of a file with 16 bits a value, 0 to 255 by the number of bits in use; of colours Pillow gives the upper 8 `bits`."""
    colours = pixels[..., :3]
    top = colours.max()
    used = next(
        depth
        for depth in (*(deep - 16 + bits for deep in DEPTHS), bits)
        if depth > 0 and top < 2**depth
    )
    colours *= 255 / (2**used - 1)
    return pixels
