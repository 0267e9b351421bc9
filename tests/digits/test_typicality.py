"""Typicality of digits: the measures on figures of known size, and the badge on MNIST's own digits."""

import numpy as np
import pytest
import torch

from explorer.digits import typicality
from explorer.digits.corruptions import CORRUPTIONS
from explorer.digits.preprocess import to_mnist


@pytest.fixture(scope="module")
def reference():
    return typicality.reference()


def measured(reference, *images) -> np.ndarray:
    digits = torch.from_numpy(np.stack(images).astype(np.uint8))
    return typicality.measure(digits, reference.mean, reference.components)


def test_ink_stroke_and_offset_are_those_of_a_bar(reference):
    for width in (2, 3, 4, 6):
        bar = np.zeros((28, 28))
        bar[4:25, 10 : 10 + width] = 255
        ink, stroke, offset, _, loose = measured(reference, bar)[0]
        assert ink == pytest.approx(100 * 21 * width / 784)
        assert stroke == pytest.approx(width, rel=0.12)
        assert offset == pytest.approx(abs(10 + (width - 1) / 2 - 14), abs=1e-6)
        assert loose == 0


def test_a_symmetric_digit_is_no_further_from_the_middle_than_whole_pixels_allow():
    bar = np.zeros((112, 112), np.uint8)
    bar[10:100, 52:60] = 255
    (offset,) = [
        one for one in typicality.judge(to_mnist(bar)) if one.measure.name == "offset"
    ]
    assert offset.value == pytest.approx(np.sqrt(0.5), abs=0.02)
    assert not offset.unusual


def test_loose_ink_lies_outside_the_largest_piece(reference):
    pieces = np.zeros((28, 28))
    pieces[4:14, 4:8] = 255
    pieces[14, 8] = 255  # touches at a corner
    pieces[4:7, 12:15] = 100
    pieces[20, 20] = 30  # too faint to be a piece
    loose = measured(reference, pieces)[0, 4]
    assert loose == pytest.approx(100 * 900 / (41 * 255 + 900))


@pytest.mark.parametrize("seed", range(5))
def test_two_digits_side_by_side_are_unlike(mnist, seed):
    digits, chosen = mnist.test, np.random.default_rng(seed)
    pair = [
        digits.images[int(chosen.choice(np.flatnonzero(digits.labels == label)))]
        for label in (1, 3)
    ]
    side_by_side = to_mnist(np.concatenate([pair[0][:, 6:-6], pair[1]], 1))
    assert any(one.unusual for one in typicality.judge(side_by_side))


def test_the_reconstruction_error_is_that_of_the_principal_components(reference, mnist):
    image = mnist.test.images[3].numpy()
    centred = image.ravel() - reference.mean.double().numpy()
    components = reference.components.double().numpy()
    np.testing.assert_allclose(
        components @ components.T, np.eye(len(components)), atol=1e-5
    )
    residual = centred - components.T @ (components @ centred)
    expected = np.sqrt((residual**2).mean())
    assert measured(reference, image)[0, 3] == pytest.approx(expected, rel=1e-4)


def test_an_empty_field_has_no_stroke(reference):
    assert np.isfinite(measured(reference, np.zeros((28, 28)))).all()


def test_the_quantiles_are_those_of_the_training_digits(reference, mnist):
    measured = typicality.measure(
        mnist.train.images[7::61], reference.mean, reference.components
    )
    assert np.quantile(measured[:, 4], 0.9) == reference.quantiles[4, 900] == 0
    for values, quantiles in zip(
        measured.T[:4], reference.quantiles[:4], strict=True
    ):  # most digits have no loose ink
        for share in (0.1, 0.5, 0.9):
            below = (values < np.interp(share, typicality.QUANTILES, quantiles)).mean()
            assert below == pytest.approx(share, abs=0.05)


def test_the_badge_has_its_stated_rate_of_false_alarms(reference, mnist):
    assert reference.false_alarms <= 0.02
    images = mnist.test.images[::4]
    values = typicality.measure(images, reference.mean, reference.components)
    wrong = typicality.unlike(values, reference.quantiles)
    assert wrong.mean() == pytest.approx(reference.false_alarms, abs=0.008)
    for image, flag in zip(images[:100], wrong[:100], strict=True):
        measured = typicality.judge(image.numpy())
        assert any(one.unusual for one in measured) == flag


def test_the_badge_notices_its_stated_shares_of_corrupted_digits(reference, mnist):
    images = mnist.test.images[:400]
    for corruption in CORRUPTIONS:
        harder = corruption.apply(images, corruption.strengths[-1])
        values = typicality.measure(harder, reference.mean, reference.components)
        share = typicality.unlike(values, reference.quantiles).mean()
        assert share == pytest.approx(reference.caught[corruption.name], abs=0.12)


def test_a_thick_digit_has_wide_strokes_and_a_test_digit_is_usual(mnist):
    wide = next(one for one in CORRUPTIONS if one.name == "thickness")
    thick = typicality.judge(wide.apply(mnist.test.images[:1], 5)[0].numpy())
    (stroke,) = [one for one in thick if one.measure.name == "stroke"]
    assert stroke.unusual == stroke.measure.more and stroke.below > 99.8
    usual = typicality.judge(mnist.test.images[0].numpy())
    assert tuple(one.measure for one in usual) == typicality.MEASURES
    assert all(0 < one.below < 100 and not one.unusual for one in usual[:4])
    assert usual[4].value == usual[4].below == 0
