"""Arrays as pictures: grey levels, and PNG through a data URI."""

import base64
import io

import numpy as np
from PIL import Image

from explorer.digits.png import grey, png, uri


def test_grey_levels_are_symmetric_around_zero():
    values = np.array([-4.0, -2.0, 0.0, 1.0, 2.0, 4.0])
    assert grey(values, 2.0).tolist() == [0, 0, 128, 191, 255, 255]
    assert grey(np.zeros(2), 0.0).tolist() == [128, 128]


def test_a_data_uri_decodes_to_the_picture():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    head, content = uri(png(pixels)).split(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert np.array_equal(np.asarray(picture), pixels)
