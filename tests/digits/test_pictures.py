"""Segmentation of pictures: every kind of fault, several digits, blank pictures, and boxes."""

import io

import numpy as np
import pytest
from PIL import ExifTags, Image
from scipy import ndimage

from benchmarks import photos
from explorer.digits import pictures, preprocess
from explorer.digits.decoding import decode_file
from explorer.digits.preprocess import SketchError
from tests.digits.test_preprocess import drawn


def segment(file: bytes) -> pictures.Segmentation:
    return pictures.segment(decode_file(file))


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Largest correlation of two digits, blurred, and moved by a pixel at most."""
    one, other = (
        ndimage.gaussian_filter(image.astype(float), 1) for image in (one, other)
    )
    return max(
        np.corrcoef(np.roll(one, (down, right), (0, 1)).ravel(), other.ravel())[0, 1]
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    )


@pytest.mark.parametrize("kind", photos.KINDS, ids=lambda kind: kind.name)
def test_a_digit_comes_out_of_every_kind_of_picture_as_it_is_in_mnist(kind, mnist):
    rng = np.random.default_rng(7)
    for index in (3, 18, 61, 92):  # of four shapes
        image = mnist.test.images[index].numpy()
        segmentation = segment(kind.file(image, rng))
        assert segmentation.count == 1
        assert likeness(segmentation.largest.image, image) > 0.85, index


def test_pairs_and_triples_are_said_to_be_several(mnist):
    rng = np.random.default_rng(8)
    images = mnist.test.images.numpy()
    right = 0
    for size in (2, 3) * 8:
        chosen = rng.choice(len(images), size, replace=False)
        segmentation = segment(photos.several([images[i] for i in chosen], rng))
        right += segmentation.count == size
        assert segmentation.count == 1 or f"{segmentation.count} digits" in " ".join(
            segmentation.warnings
        )
    assert right >= 15


def test_single_digits_are_not_said_to_be_several(mnist):
    images = mnist.test.images[:150].numpy()
    counts = [segment(photos.plain(image)).count for image in images]
    assert sum(count > 1 for count in counts) <= 1


@pytest.mark.parametrize("is_dark", [False, True])
def test_drawings_saved_as_files_are_framed_as_the_pad_frames_them(is_dark):
    drawings = list(photos.drawings())
    assert len(drawings) == 42
    for digit, pad in drawings:
        segmentation = segment(photos.saved(255 - pad if is_dark else pad))
        assert segmentation.count == 1, digit
        assert np.array_equal(segmentation.largest.image, preprocess.to_mnist(pad)), (
            digit
        )


@pytest.mark.parametrize(
    "image",
    [
        drawn(ink=255, paper=0),
        drawn(ink=100, paper=60),
        drawn(ink=140, paper=110),
        drawn(ink=40, paper=180),
        drawn(ink=(20, 20, 120), paper=(250, 250, 240), mode="RGB"),
        drawn(ink=(190, 60, 60), paper=(60, 125, 60), mode="RGB"),
        drawn(ink=(0, 0, 0, 255), paper=(0, 0, 0, 0), mode="RGBA"),
        drawn(ink=(255, 255, 255, 255), paper=(255, 255, 255, 0), mode="RGBA"),
        drawn(ink=(0, 0, 0, 255), paper=(255, 255, 255, 255), mode="RGBA"),
        drawn(ink=(0, 255), paper=(0, 0), mode="LA"),
        drawn().convert("P"),
        drawn().convert("1"),
    ],
)
def test_ink_is_told_from_paper_whatever_their_greys_colours_and_opacity(image):
    expected = preprocess.to_mnist(255 - np.asarray(drawn())).astype(int)
    found = segment(photos.saved(np.asarray(image))).largest.image
    assert np.abs(found - expected).mean() < 3


def digits_at(*boxes) -> Image.Image:
    """White picture (800 x 600) with a 4-like figure in each box of left, top, right and bottom."""
    image = np.full((600, 800), 240, np.uint8)
    for box in boxes:
        one = np.asarray(drawn(size=(800, 600), ink=30, paper=240, box=box, width=12))
        image = np.minimum(image, one)
    return Image.fromarray(image)


def test_several_digits_have_boxes_in_reading_order_and_the_largest_is_named():
    boxes = ((60, 60, 110, 160), (300, 40, 400, 190), (80, 350, 150, 470))
    segmentation = segment(photos.saved(np.asarray(digits_at(*boxes[::-1]))))
    assert segmentation.count == 3
    for digit, (left, top, right, bottom) in zip(
        segmentation.digits, boxes, strict=True
    ):
        box = digit.box
        found = (box.left, box.top, box.left + box.width, box.top + box.height)
        assert np.abs(np.subtract(found, (left, top, right, bottom))).max() <= 10
        assert (digit.image == preprocess.to_mnist(digit.alone)).all()
        rows, columns = (np.flatnonzero(digit.alone.any(axis)) for axis in (1, 0))
        scale = 800 / digit.alone.shape[1]
        assert scale * len(rows) <= box.height + 8
        assert scale * len(columns) <= box.width + 8
    assert segmentation.largest is segmentation.digits[1]
    assert segmentation.warnings == (
        "The picture shows 3 digits; the answer is for the largest.",
    )


def test_boxes_are_in_the_pixels_of_the_file_held_upright():
    upright = Image.new("L", (3000, 4000), 230)
    upright.paste(30, (2000, 500, 2200, 1700))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    file = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(file, "JPEG", exif=exif.tobytes())
    box = segment(file.getvalue()).largest.box
    assert np.allclose(
        (box.left, box.top, box.width, box.height), (2000, 500, 200, 1200), atol=16
    )


def shaded() -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 3, (300, 400))
    return np.linspace(120, 230, 400) + noise


@pytest.mark.parametrize(
    "picture",
    [
        np.full((300, 400), 255),
        np.zeros((300, 400)),
        np.full((20, 20), 130),
        np.random.default_rng(0).normal(128, 4, (300, 400)),
        shaded(),
        np.zeros((50, 50, 4)),
        np.full((50, 50, 4), (0, 0, 0, 4)),
    ],
)
def test_a_blank_picture_is_said_to_be_blank(picture):
    with pytest.raises(SketchError, match="blank"):
        segment(photos.saved(picture.clip(0, 255).astype(np.uint8)))


def test_a_shape_at_the_frame_stays_where_no_larger_one_lies_free_of_it():
    image = np.asarray(drawn(size=(200, 260), box=(60, -10, 110, 200)))
    at_frame = segment(photos.saved(image)).largest
    assert at_frame.box.top == 0
    small = np.minimum(image, np.asarray(drawn(box=(185, 220, 193, 240), width=3)))
    assert segment(photos.saved(small)).largest.box == at_frame.box
    large = np.full((400, 400), 255, np.uint8)
    large[:40, 300:306] = 0
    large[60:320, 60:200] = np.asarray(drawn())[:, 40:180]
    segmentation = segment(photos.saved(large))
    assert segmentation.count == 1 and segmentation.largest.box.top > 60
