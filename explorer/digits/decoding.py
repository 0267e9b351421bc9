"""Pixels of a PNG or JPEG file: upright, shrunk to the size that the search for digits works on, 0 to 255 whatever the file's depth."""

import base64
import binascii
import io
import struct
import threading
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageFile

from explorer.digits.preprocess import SketchError

MAX_URI = 200_000  # characters of a data URI
MAX_SIDE = 4096  # pixels
MIN_SIDE = 8  # pixels of the longer side
WORKING_SIDE = 512  # pixels of the longer side after shrinking
DEPTHS = (8, 10, 12, 14, 16)  # bits that files with 16 bits a pixel use
KINDS = ("PNG", "JPEG")
# Every scan of a progressive JPEG passes all pixels; cameras write a dozen.
MOST_SCANS = 40
SCAN = b"\xff\xda"  # begins a scan
DEEP_PIXELS = 5_000_000  # of 16 bits a value: 26 bytes each while they are read
ONE = threading.Lock()  # decoded at a time: a large picture takes 100 MB
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
            if image.format == "JPEG" and data.count(SCAN) > MOST_SCANS:
                raise SketchError(
                    f"The picture is a JPEG of more than {MOST_SCANS} scans: save it anew."
                )
            with ONE:
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


def _upright(
    image: ImageFile.ImageFile, data: bytes
) -> tuple[np.ndarray, tuple[int, int]]:
    """Pixels of an opened file, shrunk and turned as its EXIF orientation says, and its size turned likewise."""
    width, height = image.size
    # A JPEG is then decoded at a half, a quarter or an eighth of its size.
    image.draft(None, (WORKING_SIDE, WORKING_SIDE))
    is_deep = image.format == "PNG" and data[24:25] == SIXTEEN
    if is_deep and width * height > DEEP_PIXELS:
        raise SketchError(
            f"The picture has 16 bits a value and more than {DEEP_PIXELS:,} pixels: save it smaller."
        )
    pixels = _deep_pixels(image, data) if is_deep else _pixels(image)
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
    """Pixels (h, w, channels) of an opened file with 8 bits a value, shrunk, 0 to 255."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return np.array(_shrunk(image.convert(mode)), np.float32)


def _deep_pixels(image: ImageFile.ImageFile, data: bytes) -> np.ndarray:
    """Pixels (h, w, channels) of an opened PNG with 16 bits a value, shrunk, 0 to 255 by the number of bits in use."""
    values = _deep_values(image, data)
    if values.shape[2] in (1, 3):
        return _spread(np.stack([*map(_shrunk_channel, values.transpose(2, 0, 1))], 2))
    alpha = values[..., -1] / np.float32(2**16 - 1)
    opacity = _shrunk_channel(alpha)
    inked = [
        _shrunk_channel(one * alpha) for one in values[..., :-1].transpose(2, 0, 1)
    ]
    colours = _spread(np.stack(inked, 2) / np.maximum(opacity, 1e-6)[..., None])
    return np.concatenate([colours, 255 * opacity[..., None]], 2)


def _deep_values(image: ImageFile.ImageFile, data: bytes) -> np.ndarray:
    """Values (h, w, channels) uint16 of an opened PNG with 16 bits a value.

    Pillow keeps all bits of grey only. Of colours it gives the upper bytes; read as little-endian, the lower ones.
    """
    if image.mode == "I;16":
        return np.asarray(image)[..., None]
    raw = str(image.tile[0].args)
    if raw == "LA;16B":
        return _read_as("RGBA", data).view(">u2")
    upper, lower = np.asarray(image), _read_as(raw.replace("16B", "16L"), data)
    return 256 * upper.astype(np.uint16) + lower


def _read_as(raw: str, data: bytes) -> np.ndarray:
    """Bytes (h, w, channels) of a PNG, unpacked by another of Pillow's raw modes than the file's."""
    with Image.open(io.BytesIO(data), formats=KINDS) as image:
        image.tile = [tile._replace(args=raw) for tile in image.tile]
        return np.asarray(image)


def _shrunk_channel(values: np.ndarray) -> np.ndarray:
    return np.array(_shrunk(Image.fromarray(values.astype(np.float32))))


def _spread(colours: np.ndarray) -> np.ndarray:
    """Grey or colours of a file with 16 bits a value, 0 to 255 by the number of bits in use."""
    top = colours.max()
    used = next((depth for depth in DEPTHS if top < 2**depth), DEPTHS[-1])
    return colours * np.float32(255 / (2**used - 1))
