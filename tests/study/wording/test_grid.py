"""Sentences about the grid: effects, calibration, robustness."""

from explorer.study import wording
from explorer.study.calibration import Bin, LevelCalibration, Selective
from explorer.study.effects import Effects, Term
from explorer.study.robustness import LevelPair
from explorer.study.statistics import (
    DIFFERENT,
    EQUIVALENT,
    UNDECIDED,
    Difference,
    Interval,
)

NEAR = Interval(0.0, 1.0)


def test_terms_that_matter_are_named():
    terms = [
        Term((name,), 9.0, (1, 100), p, 0.1) for name, p in (("l1", 0.01), ("l2", 0.2))
    ]
    sentence = wording.grid.effects(Effects(tuple(terms), (), 99.4, 480))
    assert sentence == "480 runs, mean 99.400 %. Terms with p < 0.05 (Holm): L1."
    assert wording.grid.effects(Effects((), (), 99.4, 480)).endswith("none.")


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
    assert "1 real, 1 within 0.5 points, 1 too close to call" in sentence
    assert "under noise GN networks read 4.0 ± " in sentence
