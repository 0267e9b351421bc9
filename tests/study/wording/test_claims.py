"""Sentences about the evidence for the published observations by the earlier rule."""

from explorer.study import claims, wording
from explorer.study.claims import Arm, Claim, Comparison
from explorer.study.statistics import DIFFERENT, Difference


def claim(number: int, sign: int) -> Claim:
    """Claim that holds on the grid with `sign` 1, and is reversed with -1."""
    gap = Difference(0.1, 0.01, 18, (10, 10))
    comparison = Comparison("a against b", "points", sign, gap, gap.p, DIFFERENT)
    return Claim(number, "It is so.", "A test", (Arm("grid", (comparison,)),))


def test_an_arm_without_comparisons_says_why():
    assert "No penalty was applied" in wording.claims.arm(Arm("as-run", ()))
    lacking = wording.claims.arm(Arm("grid", (), 3))
    assert (
        lacking == "Too few seeds yet: `python train/all.py --study grid` trains them."
    )


def test_the_expected_position_is_above_or_below():
    (comparison,) = claim(1, -1).grid.comparisons
    assert wording.claims.expected(comparison) == "below"
    assert claim(1, -1).verdict == claims.REVERSED
