"""Conversion of arrays to pictures for a page: grey levels, PNG, data URI."""

import base64
import io

import numpy as np
from PIL import Image


def grey(values: np.ndarray, scale: float) -> np.ndarray:
    """Grey levels, uint8, of signed values: 0 is mid-grey, `scale` and above white, -`scale` and below black."""
    levels = np.clip(127.5 + 127.5 * values / (scale or 1.0), 0, 255)
    return np.rint(levels).astype(np.uint8)


def png(image: np.ndarray) -> bytes:
    """PNG file of a picture (H, W) uint8."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def uri(file: bytes) -> str:
    """Data URI of a PNG file."""
    return "data:image/png;base64," + base64.b64encode(file).decode()
