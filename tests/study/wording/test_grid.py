"""Sentences about the grid: calibration, robustness."""

import pytest

from explorer.study import wording
from explorer.study.calibration import Bin, LevelCalibration, Selective
from explorer.study.robustness import BatchNormLoss, LevelPair
from explorer.study.statistics import (
    DIFFERENT,
    EQUIVALENT,
    UNDECIDED,
    Difference,
    Interval,
)

NEAR = Interval(0.0, 1.0)


def level(
    name: str, below: tuple[str, ...], bias: float, bias_p: float
) -> LevelCalibration:
    selective = Selective(0, 100, NEAR, 99, NEAR)
    return LevelCalibration(
        name,
        9,
        Difference(0.5, 0.1, 8, (9, 0)),
        below,
        Difference(bias, 0.1, 8, (9, 0)),
        bias_p,
        (Bin(93.3, 98.0, 99.0, NEAR, 9000),),
        selective,
    )


def test_over_and_underconfidence_are_said_only_where_they_are_shown():
    levels = [
        level("BN", ("GN",), 1.0, 0.001),
        level("GN", (), -1.0, 0.001),
        level("LN", (), -0.2, 0.2),
    ]
    sentence = wording.grid.calibration(levels)
    assert "1 of 3 pairs differ: BN (0.50 ± " in sentence
    assert sentence.endswith(
        "On average over the test images, more often right than they are sure: BN (by 1.00 ± 0.23 points); "
        "surer than they are often right: GN (by 1.00 ± 0.23 points); of LN neither is shown."
    )
    none = wording.grid.calibration([level("BN", (), 1.0, 0.06)])
    assert none.endswith("over the test images, of BN neither is shown.")


def test_the_largest_real_difference_is_named_with_the_better_first():
    gap = Difference(-4.0, 0.5, 8, (9, 9))
    pairs = [
        LevelPair("noise", "BN", "GN", gap, 0.01, DIFFERENT),
        LevelPair("blur", "BN", "GN", Difference(9.0, 9.0, 8, (9, 9)), 0.9, UNDECIDED),
        LevelPair(
            "shift", "BN", "GN", Difference(0.0, 0.1, 8, (9, 9)), 0.9, EQUIVALENT
        ),
    ]
    sentence = wording.grid.robustness(pairs)
    assert (
        "1 of 3 pairs differ, 1 of them by more than 0.5 points; 1 within 0.5 points, 1 too close to call"
        in sentence
    )
    assert "under noise GN networks read 4.0 ± " in sentence


def averages(own: str, other: str, estimate: float) -> str:
    """Sentence on re-estimated averages, with these outcomes and differences."""
    gap = Difference(estimate, 0.1, 1000, (9, 9))
    return wording.grid.averages(
        [
            LevelPair("noise", "BN", "BN, re-estimated", gap, 0.01, own),
            LevelPair("noise", "BN, re-estimated", "GN", gap, 0.01, other),
        ]
    )


def test_what_re_estimated_averages_change_is_said_as_far_as_it_is_shown():
    better = averages(DIFFERENT, DIFFERENT, -3.0)
    assert "its networks gain 3.0 ± 0.2 points" in better
    assert "they then read 3.0 ± 0.2 points fewer than GN." in better
    worse = averages(DIFFERENT, DIFFERENT, 3.0)
    assert "lose 3.0" in worse and "points more than GN" in worse
    same = averages(EQUIVALENT, EQUIVALENT, 0.1)
    assert "change by less than 0.5 points" in same
    assert "are within 0.5 points of GN" in same
    open_ = averages(UNDECIDED, UNDECIDED, 0.4)
    assert "are not shown to change" in open_
    assert "are not shown to differ from GN (+0.4 ± 0.2)" in open_


@pytest.mark.parametrize(
    ("left", "outcome", "words"),
    [
        (3.0, DIFFERENT, "leaves 3.0 ± 0.2."),
        (-3.0, DIFFERENT, "turns this into 3.0 ± 0.2 more."),
        (0.1, EQUIVALENT, "leaves less than 0.5."),
        (0.4, UNDECIDED, "leaves none that is shown."),
    ],
)
def test_the_loss_of_batch_norm_is_beside_what_re_estimating_leaves(
    left, outcome, words
):
    pairs = [
        LevelPair("noise", "GN", b, Difference(gap, 0.1, 1000, (9, 9)), 0.01, result)
        for b, gap, result in (
            ("BN", 40.0, DIFFERENT),
            ("BN, re-estimated", left, outcome),
        )
    ]
    sentence = wording.grid.batch_norm_loss(BatchNormLoss(*pairs))
    assert "reads 40.0 ± 0.2 points fewer digits than group norm" in sentence
    assert sentence.endswith(words)
