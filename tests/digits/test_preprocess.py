"""MNIST's preprocessing of pictures, and the pictures that it refuses."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from explorer.digits import preprocess
from explorer.digits.preprocess import SketchError, Steps


def drawn(
    size=(200, 260), ink=0, paper=255, mode="L", box=(60, 40, 110, 220), width=14
) -> Image.Image:
    """A 4-like figure of three strokes."""
    image = Image.new(mode, size, paper)
    left, top, right, bottom = box
    pen = ImageDraw.Draw(image)
    middle = (top + bottom) // 2
    pen.line([(left, top), (left, middle), (right, middle)], fill=ink, width=width)
    pen.line([(right, top), (right, bottom)], fill=ink, width=width)
    return image


def strokes(**options) -> np.ndarray:
    """The figure of `drawn`, paper 0 and ink 255."""
    return np.asarray(drawn(ink=255, paper=0, **options))


def centre_of_mass(digit: np.ndarray) -> tuple[float, float]:
    rows, columns = np.indices(digit.shape)
    return (rows * digit).sum() / digit.sum(), (columns * digit).sum() / digit.sum()


def test_mnists_own_digits_stay_unchanged(mnist):
    # MNIST's digits are already fitted into 20 x 20 and centred by mass.
    images = mnist.test.images[:300].numpy()
    digits = np.stack([preprocess.to_mnist(image) for image in images])
    same = (digits == images).all((1, 2)).mean()
    assert same > 0.8
    assert np.abs(digits.astype(int) - images).mean() < 0.1


def test_the_networks_read_an_enlarged_test_digit_as_the_digit_itself(mnist, committed):
    networks = committed.stack
    images = mnist.test.images[:60]
    digits = []
    for image in images.numpy():
        large = Image.fromarray(image).resize((280, 280), Image.Resampling.BICUBIC)
        padded = Image.new("L", (500, 400), 0)
        padded.paste(large, (190, 60))
        digits.append(torch.from_numpy(preprocess.to_mnist(np.asarray(padded))))
    expected = networks.probs(images).argmax(2)
    assert (
        networks.probs(torch.stack(digits)).argmax(2) == expected
    ).double().mean() > 0.98


def test_the_digit_is_fitted_into_20_pixels_and_centred_by_mass():
    digit = preprocess.to_mnist(strokes())
    rows, columns = (np.flatnonzero(digit.any(axis)) for axis in (1, 0))
    assert rows[-1] - rows[0] + 1 == 20
    height, width = 180 + 14, 50 + 14
    assert columns[-1] - columns[0] + 1 == pytest.approx(20 * width / height, abs=1.5)
    assert np.abs(np.subtract(centre_of_mass(digit), 14)).max() <= 0.51
    assert digit.max() == 255 and digit.dtype == np.uint8
    assert ((digit > 0) & (digit < 255)).any()  # anti-aliased


def test_every_step_can_be_left_out():
    picture = strokes(size=(200, 200), box=(20, 10, 70, 120))
    complete = preprocess.stages(picture)
    assert np.array_equal(complete.digit, preprocess.to_mnist(picture))
    assert max(complete.fitted.shape) == 20
    unboxed = preprocess.stages(picture, steps=Steps(box=False))
    assert unboxed.cropped.shape == unboxed.ink.shape == (200, 200)
    assert unboxed.fitted.shape == (28, 28)
    assert np.abs(np.subtract(centre_of_mass(unboxed.digit), 14)).max() <= 0.51
    assert unboxed.digit.any(1).sum() < 20  # as small as it was drawn
    rough = preprocess.stages(picture, steps=Steps(smooth=False)).digit
    assert set(np.unique(rough)) == {0, 255}
    off = preprocess.stages(picture, steps=Steps(centre=False)).digit
    rows, columns = (np.flatnonzero(off.any(axis)) for axis in (1, 0))
    assert rows[0] == 4 and abs(columns[0] - (27 - columns[-1])) <= 1
    bare = preprocess.stages(picture, steps=Steps(False, False, False)).digit
    expected = Image.fromarray(picture).resize((28, 28), Image.Resampling.NEAREST)
    assert np.array_equal(bare, np.asarray(expected))


@pytest.mark.parametrize("steps", [Steps(), Steps(box=False), Steps(centre=False)])
def test_the_placement_says_where_the_picture_went(steps):
    picture = strokes(size=(200, 200), box=(20, 10, 70, 120))
    stages = preprocess.stages(picture, steps=steps)
    top, left, height, width = stages.placement.crop
    cropped = stages.ink[top : top + height, left : left + width]
    assert np.array_equal(cropped, stages.cropped)
    assert stages.fitted.shape == stages.placement.size
    rows, columns = (np.flatnonzero(stages.digit.any(axis)) for axis in (1, 0))
    assert (rows[0], columns[0]) == stages.placement.corner


def test_a_stroke_that_nearest_neighbour_sampling_misses_is_an_error():
    picture = np.zeros((112, 112), np.uint8)
    picture[40, 20:90] = 255
    steps = Steps(box=False, smooth=False)
    with pytest.raises(SketchError, match="too thin"):
        preprocess.stages(picture, steps)


def test_size_position_and_pen_do_not_matter():
    first = preprocess.to_mnist(strokes())
    moved = preprocess.to_mnist(strokes(size=(400, 300), box=(260, 80, 310, 260)))
    doubled = strokes(size=(400, 520), box=(120, 80, 220, 440), width=28)
    assert np.abs(first.astype(int) - moved).mean() < 1
    assert np.abs(first.astype(int) - preprocess.to_mnist(doubled)).mean() < 8


def test_a_dot_and_a_line_stay_inside_the_field():
    dot = np.zeros((100, 100), np.uint8)
    dot[3, 90] = 255
    assert preprocess.to_mnist(dot).sum() > 0
    line = np.zeros((100, 100), np.uint8)
    line[:, 50] = 255
    digit = preprocess.to_mnist(line)
    assert (digit.any(1).sum(), digit.any(0).sum()) == (20, 1)


@pytest.mark.parametrize("level", [0, 15])
def test_a_blank_picture_is_refused_with_one_sentence(level):
    picture = np.zeros((50, 50), np.uint8)
    picture[20:30, 20:30] = level
    with pytest.raises(SketchError, match="blank") as error:
        preprocess.to_mnist(picture)
    assert "\n" not in str(error.value)


def test_a_canvas_full_of_ink_is_refused():
    full = np.full((112, 112), 255, np.uint8)
    with pytest.raises(SketchError, match="nearly all ink"):
        preprocess.to_mnist(full)
    full[:5] = 0
    with pytest.raises(SketchError, match="nearly all ink"):
        preprocess.to_mnist(full)
