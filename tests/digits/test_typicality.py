"""How like MNIST a digit is: the measures on figures of known size, and the badge on MNIST's own digits."""

import numpy as np
import pytest
import torch

from explorer.digits import typicality
from explorer.digits.corruptions import CORRUPTIONS


@pytest.fixture(scope="module")
def known():
    return typicality.reference()


def measured(known, *images) -> np.ndarray:
    digits = torch.from_numpy(np.stack(images).astype(np.uint8))
    return typicality.measure(digits, known.mean, known.shapes)


def test_ink_stroke_and_offset_are_those_of_a_bar(known):
    for width in (2, 3, 4, 6):
        bar = np.zeros((28, 28))
        bar[4:25, 10 : 10 + width] = 255
        ink, stroke, offset, _ = measured(known, bar)[0]
        assert ink == pytest.approx(100 * 21 * width / 784)
        assert stroke == pytest.approx(width, rel=0.12)
        assert offset == pytest.approx(abs(10 + (width - 1) / 2 - 14), abs=1e-6)


def test_strangeness_is_what_the_main_shapes_leave_over(known, mnist):
    image = mnist.test.images[3].numpy()
    left = image.ravel() - known.mean.double().numpy()
    shapes = known.shapes.double().numpy()
    np.testing.assert_allclose(shapes @ shapes.T, np.eye(len(shapes)), atol=1e-5)
    left = left - shapes.T @ (shapes @ left)
    expected = np.sqrt((left**2).mean())
    assert measured(known, image)[0, 3] == pytest.approx(expected, rel=1e-4)


def test_an_empty_field_has_no_stroke(known):
    assert np.isfinite(measured(known, np.zeros((28, 28)))).all()


def test_the_quantiles_are_those_of_the_training_digits(known, mnist):
    some = typicality.measure(mnist.train.images[7::61], known.mean, known.shapes)
    for values, quantiles in zip(some.T, known.quantiles, strict=True):
        for share in (0.1, 0.5, 0.9):
            below = (values < np.interp(share, typicality.QUANTILES, quantiles)).mean()
            assert below == pytest.approx(share, abs=0.05)


def test_the_badge_is_wrong_about_as_few_test_digits_as_it_says(known, mnist):
    assert known.false_alarms <= 0.02
    images = mnist.test.images[::4]
    values = typicality.measure(images, known.mean, known.shapes)
    wrong = typicality.unlike(values, known.quantiles)
    assert wrong.mean() == pytest.approx(known.false_alarms, abs=0.008)
    for image, said in zip(images[:100], wrong[:100], strict=True):
        measured = typicality.judge(image.numpy())
        assert any(each.unusual for each in measured) == said


def test_the_badge_notices_what_it_says_that_it_notices(known, mnist):
    images = mnist.test.images[:400]
    for each in CORRUPTIONS:
        harder = each.apply(images, each.strengths[-1])
        values = typicality.measure(harder, known.mean, known.shapes)
        share = typicality.unlike(values, known.quantiles).mean()
        assert share == pytest.approx(known.caught[each.name], abs=0.12)


def test_a_thick_digit_has_wide_strokes_and_mnists_own_is_usual(mnist):
    wide = next(each for each in CORRUPTIONS if each.name == "thickness")
    thick = typicality.judge(wide.apply(mnist.test.images[:1], 5)[0].numpy())
    (stroke,) = [each for each in thick if each.measure.name == "stroke"]
    assert stroke.unusual == stroke.measure.more and stroke.below > 99.8
    usual = typicality.judge(mnist.test.images[0].numpy())
    assert tuple(each.measure for each in usual) == typicality.MEASURES
    assert all(0 < each.below < 100 and not each.unusual for each in usual)
