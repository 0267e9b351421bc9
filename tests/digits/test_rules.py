"""Removal of ruled lines."""

import numpy as np
import pytest

from explorer.digits.rules import without_rules


def digit() -> np.ndarray:
    """Ink (300, 400) of a seven-like figure whose bar lies on a line of `ruled`."""
    ink = np.zeros((300, 400))
    ink[88:104, 120:280] = 1
    for row in range(104, 260):
        ink[row, 264 - (row - 104) // 2 : 284 - (row - 104) // 2] = 1
    return ink


def ruled(degrees: float) -> np.ndarray:
    down, across = np.mgrid[:300, :400]
    along = down - np.tan(np.deg2rad(degrees)) * (across - 200)
    return 0.6 * (np.abs((along - 15) % 40 - 20) <= 1.5)


@pytest.mark.parametrize("degrees", [-6, -2.5, 0, 1, 5])
@pytest.mark.parametrize("is_upright", [False, True])
def test_rules_go_and_the_strokes_that_cross_them_stay(degrees, is_upright):
    lines = ruled(degrees)
    turned = (lambda ink: ink.T) if is_upright else (lambda ink: ink)
    cleared = turned(without_rules(turned(np.maximum(digit(), lines))))
    inside = cleared[20:-20]
    assert (inside[digit()[20:-20] == 0] > 0.2).mean() < 0.004
    assert (inside[digit()[20:-20] == 1] > 0.9).mean() > 0.97


def test_ink_without_rules_stays_as_it_is():
    assert np.array_equal(without_rules(digit()), digit())


def test_a_line_that_is_all_there_is_stays():
    one = np.zeros((300, 100))
    one[:, 50:53] = 1
    assert np.array_equal(without_rules(one), one)
    assert without_rules(one[:40, 20:80]).sum() == 120
