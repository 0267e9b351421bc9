"""Ablation of the preprocessing: steps left out and sliders moved, with real networks."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.digits import preprocess
from explorer.digits.preprocess import SketchError
from explorer.network import ablation, predictions
from explorer.network.ablation import SLIDERS, STEPS, Settings
from train.data import normalise
from train.data_sets import MNIST_PIXELS


@pytest.fixture(scope="module")
def drawing():
    """A 7 of two strokes, in a corner of the pad."""
    picture = np.zeros((112, 112), np.uint8)
    picture[10:16, 10:50] = 255
    for row in range(10, 60):
        picture[row, 48 - (row - 10) // 3 : 54 - (row - 10) // 3] = 255
    return picture


def test_the_usual_settings_give_the_usual_preprocessing(drawing, mnist):
    usual = Settings.of(None)
    digit = ablation.digit(drawing, False, usual)
    assert np.array_equal(digit, preprocess.to_mnist(drawing))
    assert ablation.network_input(digit, usual) is digit
    image = mnist.test.images[0].numpy()
    assert np.array_equal(ablation.digit(image, True, usual), image)


def test_without_normalisation_the_network_gets_the_ink_from_0_to_1(drawing):
    settings = Settings.of({"off": ["normalise"], "sliders": {}})
    digit = ablation.digit(drawing, False, settings)
    x = normalise(
        torch.from_numpy(ablation.network_input(digit, settings))[None], MNIST_PIXELS
    )
    np.testing.assert_allclose(x[0, 0].numpy(), digit / 255, atol=1e-6)


def test_every_slider_changes_the_digit_and_stays_in_its_range(drawing):
    usual = ablation.digit(drawing, False, Settings())
    for slider in SLIDERS:
        low = Settings.of({"off": [], "sliders": {slider.name: slider.low}})
        if slider.low != slider.neutral:
            assert not np.array_equal(ablation.digit(drawing, False, low), usual)
        far = Settings.of({"off": [], "sliders": {slider.name: 1e9}})
        assert far.sliders[slider.name] == slider.high
        moved = ablation.digit(drawing, False, far)
        assert moved.shape == (28, 28) and moved.dtype == np.uint8


def test_changed_answers_are_counted_for_every_step(drawing, committed):
    changes = ablation.changes(committed, drawing, False)
    assert list(changes) == list(STEPS)
    usual = predictions.predict(committed, preprocess.to_mnist(drawing)).argmax(1)
    for step, changed in changes.items():
        settings = Settings.of({"off": [step], "sliders": {}})
        image = ablation.digit(drawing, False, settings)
        read = predictions.predict(
            committed, ablation.network_input(image, settings)
        ).argmax(1)
        assert changed == (read != usual).sum()
    assert max(changes.values()) > 0


def test_a_picture_without_remaining_ink_has_no_count(committed):
    faint = np.zeros((112, 112), np.uint8)
    faint[5, 5:100] = 255  # one pixel high, missed by nearest-neighbour sampling
    changes = ablation.changes(committed, faint, False)
    assert changes["smooth"] is not None  # its box is all ink
    with pytest.raises(SketchError):
        ablation.digit(
            faint, False, Settings.of({"off": ["box", "smooth"], "sliders": {}})
        )


def test_the_pictures_show_every_stage(drawing):
    usual = ablation.pictures(drawing, False, Settings())
    captions = [caption for caption, _ in usual]
    assert captions[0] == "as drawn"
    assert captions[2].split(" x ")[1] == "20 pixels"
    assert captions[3] == "28 x 28 pixels"
    assert [picture.shape[0] == picture.shape[1] for _, picture in usual] == [True] * 5
    assert usual[0][1].shape == (112, 112) and usual[2][1].shape == (20, 20)
    assert np.array_equal(usual[3][1], preprocess.to_mnist(drawing))
    assert captions[4] == "-0.42 to 2.82"
    raw = ablation.pictures(drawing, False, replace(Settings(), normalise=False))
    assert raw[4][0] == "0.00 to 1.00"


@pytest.mark.parametrize(
    "request_",
    [
        {},
        [],
        {"off": ["soap"], "sliders": {}},
        {"off": "box", "sliders": {}},
        {"off": [[]], "sliders": {}},
        {"off": [], "sliders": {"rotate": "10"}},
        {"off": [], "sliders": {"rotate": True}},
        {"off": [], "sliders": {"rotate": float("nan")}},
    ],
)
def test_damaged_settings_are_refused_with_one_sentence(request_):
    with pytest.raises(SketchError, match="damaged"):
        Settings.of(request_)
