"""The laboratory: steps left out and sliders moved, and what that changes in real networks."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.digits import preprocess
from explorer.digits.preprocess import SketchError
from explorer.network import ablation, predictions
from explorer.network.ablation import SLIDERS, STEPS, Settings
from train.data import normalise


@pytest.fixture(scope="module")
def drawing():
    """A 7 of two strokes, in a corner of the pad."""
    picture = np.zeros((112, 112), np.uint8)
    picture[10:16, 10:50] = 255
    for row in range(10, 60):
        picture[row, 48 - (row - 10) // 3 : 54 - (row - 10) // 3] = 255
    return picture


@pytest.fixture(scope="module")
def found(committed):
    return committed


def test_with_the_usual_settings_it_is_the_digit_that_networks_always_get(
    drawing, mnist
):
    usual = Settings.of(None)
    digit = ablation.digit(drawing, False, usual)
    assert np.array_equal(digit, preprocess.to_mnist(drawing, 0))
    assert ablation.given(digit, usual) is digit
    image = mnist.test.images[0].numpy()
    assert np.array_equal(ablation.digit(image, True, usual), image)


def test_not_normalised_the_network_gets_the_ink_from_0_to_1(drawing):
    settings = Settings.of({"off": ["normalise"], "sliders": {}})
    digit = ablation.digit(drawing, False, settings)
    given = normalise(torch.from_numpy(ablation.given(digit, settings))[None])
    np.testing.assert_allclose(given[0, 0].numpy(), digit / 255, atol=1e-6)


def test_each_slider_changes_the_digit_and_stays_in_its_range(drawing):
    usual = ablation.digit(drawing, False, Settings())
    for each in SLIDERS:
        made = Settings.of({"off": [], "sliders": {each.name: each.low}})
        if each.low != each.neutral:
            assert not np.array_equal(ablation.digit(drawing, False, made), usual)
        far = Settings.of({"off": [], "sliders": {each.name: 1e9}})
        assert far.sliders[each.name] == each.high
        moved = ablation.digit(drawing, False, far)
        assert moved.shape == (28, 28) and moved.dtype == np.uint8


def test_a_step_that_is_left_out_is_counted_network_by_network(drawing, found):
    changes = ablation.changes(found, drawing, False)
    assert list(changes) == list(STEPS)
    usual = predictions.predict(found, preprocess.to_mnist(drawing, 0)).argmax(1)
    for step, changed in changes.items():
        settings = Settings.of({"off": [step], "sliders": {}})
        image = ablation.digit(drawing, False, settings)
        read = predictions.predict(found, ablation.given(image, settings)).argmax(1)
        assert changed == (read != usual).sum()
    assert max(changes.values()) > 0


def test_where_nothing_is_left_of_a_picture_it_says_so(found):
    faint = np.zeros((112, 112), np.uint8)
    faint[5, 5:100] = 255  # one pixel high, between those that are taken
    changes = ablation.changes(found, faint, False)
    assert changes["smooth"] is not None  # its box is all ink
    with pytest.raises(SketchError):
        ablation.digit(
            faint, False, Settings.of({"off": ["box", "smooth"], "sliders": {}})
        )


def test_the_pictures_show_each_stage(drawing):
    usual = ablation.pictures(drawing, False, Settings())
    names = [words for words, _ in usual]
    assert names[0] == "as drawn"
    assert names[2].split(" x ")[1] == "20 pixels"
    assert names[3] == "28 x 28 pixels"
    assert [picture.shape[0] == picture.shape[1] for _, picture in usual] == [True] * 5
    assert usual[0][1].shape == (112, 112) and usual[2][1].shape == (20, 20)
    assert np.array_equal(usual[3][1], preprocess.to_mnist(drawing, 0))
    assert names[4] == "-0.42 to 2.82"
    raw = ablation.pictures(drawing, False, replace(Settings(), normalise=False))
    assert raw[4][0] == "0.00 to 1.00"


@pytest.mark.parametrize(
    "asked",
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
def test_damaged_settings_are_refused_with_one_sentence(asked):
    with pytest.raises(SketchError, match="damaged"):
        Settings.of(asked)
