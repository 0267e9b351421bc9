"""Sentences about single contrasts: of two levels of a factor, and of their simple effects."""

import pytest

from explorer.study import wording
from explorer.study.families import Contrast, Judged
from explorer.study.statistics import Difference, Judgement

DIFFERS, EQUAL, OPEN = (0.01, 1.0), (1.0, 0.01), (1.0, 1.0)  # both p values


def judged(sides: str, gap: float, p: tuple[float, float], setting: str = "") -> Judged:
    first, second = sides.split(" / ")
    difference = Difference(gap, 0.01, 100, (40, 40))
    return Judged(
        Contrast(first, second, {}, setting), Judgement(difference, *p, 15, 0.05), None, ""
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sides", "gap", "p", "sentence"),
    [
        ("no penalty / L1", 0.061, DIFFERS, "No penalty reads 0.06 points better than L1."),
        ("batch 16 / batch 32", -0.04, DIFFERS, "Batch 32 reads 0.04 points better than batch 16."),
        ("BN / LN", -0.02, EQUAL, "BN and LN differ by less than 0.05 points."),
        ("BN / LN", -0.02, OPEN, "BN and LN are too close to call."),
    ],
)  # fmt: skip
def test_a_contrast_is_read_with_the_better_side_first(sides, gap, p, sentence):
    assert wording.families.pair(judged(sides, gap, p)) == sentence


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        ((16, 32), "By batch size: a difference is shown at batch 16 and 32 only."),
        ((16, 32, 64), "By batch size: a difference is shown at batch 16, 32 and 64."),
        ((), "By batch size: no single difference is shown."),
    ],
)
def test_simple_effects_name_the_levels_at_which_a_difference_is_shown(shown, sentence):
    simple = [
        judged("no penalty / L1", 0.1, DIFFERS if size in shown else OPEN, f"batch {size}")
        for size in (16, 32, 64)
    ]  # fmt: skip
    assert wording.families.depends("batch size", simple) == sentence
