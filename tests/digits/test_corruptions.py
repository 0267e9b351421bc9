"""Corruptions of digits, against their definitions and SciPy."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy import ndimage

from explorer.digits import corruptions
from explorer.digits.corruptions import CORRUPTIONS


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.test.images[:12]


def test_every_corruption_has_five_strengths_and_a_neutral_one_that_changes_nothing(
    images,
):
    assert len(CORRUPTIONS) == 6
    for corruption in CORRUPTIONS:
        assert len(set(corruption.strengths) - {corruption.neutral}) == 5
        changed = [
            (corruption.apply(images, strength).int() - images.int())
            .abs()
            .float()
            .mean()
            for strength in corruption.strengths
        ]
        assert min(changed) > 0.5
        if corruption.name != "blur":  # a Gaussian needs a width
            same = corruption.apply(images, corruption.neutral)
            assert same.dtype == torch.uint8
            assert (same.int() - images.int()).abs().max() <= 1


def test_a_shift_moves_whole_pixels_and_loses_what_leaves(images):
    moved = corruptions.shift(images, 3, -2)
    assert torch.equal(moved[:, :-2, 3:], images[:, 2:, :-3])
    assert not moved[:, -2:].any() and not moved[:, :, :3].any()


def test_a_rotation_is_counter_clockwise_and_keeps_the_centre():
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    image[0, 12:16, 20:24] = 255  # right of the centre: above it after a quarter turn
    turned = corruptions.rotate(image, 90)
    assert turned[0, 4:8, 12:16].float().mean() > 200


def test_images_are_shifted_to_the_four_sides_in_turn(images):
    shift = next(one for one in CORRUPTIONS if one.name == "shift")
    same = images[:1].expand(4, 28, 28)
    moved = shift.apply(same, 2)
    directions = [(2, 0), (0, 2), (-2, 0), (0, -2)]
    for image, direction in zip(moved, directions, strict=True):
        assert torch.equal(image, corruptions.shift(images[:1], *direction)[0])


def test_noise_has_its_deviation_and_is_the_same_at_every_call():
    grey = torch.full((40, 28, 28), 128, dtype=torch.uint8)
    before = torch.get_rng_state()
    noisy = corruptions.noise(grey, 0.1)
    assert noisy.float().std().item() == pytest.approx(25.5, rel=0.02)
    assert torch.equal(noisy, corruptions.noise(grey, 0.1))
    assert torch.equal(
        before, torch.get_rng_state()
    )  # the global generator is left as it was


def test_blur_is_that_of_scipy(images):
    blurred = corruptions.blur(images, 1.5).numpy()[0].astype(float)
    expected = ndimage.gaussian_filter(
        images[0].numpy().astype(float), 1.5, mode="mirror", truncate=10 / 3
    )
    assert np.abs(blurred - expected).max() < 1.5


def test_contrast_moves_every_pixel_towards_the_mean(images):
    faint = corruptions.contrast(images, 0.4).double()
    means = images.double().mean((1, 2), keepdim=True)
    assert (faint - (0.4 * images + 0.6 * means)).abs().max() <= 1


def test_thickness_widens_or_narrows_strokes_by_its_pixels():
    bar = torch.zeros(1, 28, 28, dtype=torch.uint8)
    bar[0, 4:24, 11:17] = 255  # 6 pixels wide
    for pixels in (-2, -1, 0, 1, 2, 3):
        row = corruptions.thicken(bar, pixels)[0, 14].double() / 255
        assert row.sum().item() == pytest.approx(6 + pixels, abs=0.6)


def test_noise_is_the_same_in_concurrent_calls(images):
    alone = corruptions.noise(images, 0.5)
    with ThreadPoolExecutor(4) as pool:
        noisy = pool.map(lambda _: corruptions.noise(images, 0.5), range(200))
        assert all(torch.equal(result, alone) for result in noisy)
