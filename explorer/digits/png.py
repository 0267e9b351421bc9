"""Arrays as pictures for a page: grey levels, PNG, data URI."""

import base64
import io

import numpy as np
from PIL import Image


def grey(values: np.ndarray, scale: float) -> np.ndarray:
    """uint8: 0 is mid-grey, `scale` and above white, -`scale` and below black."""
    levels = np.clip(127.5 + 127.5 * values / (scale or 1.0), 0, 255)
    return np.rint(levels).astype(np.uint8)


def png(image: np.ndarray) -> bytes:
    """A picture (H, W) uint8 as a PNG."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def uri(file: bytes) -> str:
    """A PNG as a data URI."""
    return "data:image/png;base64," + base64.b64encode(file).decode()
