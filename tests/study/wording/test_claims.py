"""Sentences about the published observations."""

from urllib.parse import parse_qs

import pytest

from explorer.study import claims, wording
from explorer.study.claims import Arm, Claim, Comparison
from explorer.study.statistics import DIFFERENT, Difference
from train.study import Trial

PAIR = (Trial("GN", 0.0, 0.0, 16), Trial("BN", 0.0, 0.0, 16))


def claim(number: int, sign: int, measure: str = "acc") -> Claim:
    """Claim that holds on the grid with `sign` 1, and is reversed with -1."""
    gap = Difference(0.1, 0.01, 18, (10, 10))
    arms = [
        Arm(study, (Comparison("a against b", "points", way, gap, gap.p, DIFFERENT),))
        for study, way in (("published", sign), ("as-run", 1), ("grid", sign))
    ]
    return Claim(number, "It is so.", "A test", tuple(arms), PAIR, measure)


def test_verdicts_are_summed_up():
    judged = [claim(1, 1), claim(2, -1), claim(3, -1), claim(4, 1)]
    sentence = wording.claims.summary(judged)
    assert sentence == "So far, on the grid: 1 and 4 hold, 2 and 3 are reversed."
    assert "that L1 and L2 cost accuracy" in wording.claims.finding(judged)


def test_a_verdict_that_changes_is_named():
    assert (
        wording.claims.changed([claim(1, 1)]) == "No verdict changes between the two."
    )
    assert wording.claims.changed([claim(2, -1)]) == (
        "The verdict changes on observation 2 (holds as run, reversed as labelled)."
    )


def test_an_arm_without_comparisons_says_why():
    assert "No penalty was applied" in wording.claims.arm(Arm("as-run", ()))
    lacking = wording.claims.arm(Arm("grid", (), 3))
    assert (
        lacking == "Too few seeds yet: `python train/all.py --study grid` trains them."
    )


@pytest.mark.parametrize(
    ("measure", "tab", "figure"),
    [
        ("acc", "compare", None),
        ("reach_99.3", "curves", ["Accuracy"]),
        ("loss_test", "curves", ["Loss"]),
    ],
)
def test_a_link_shows_the_pair_where_its_measure_is_seen(measure, tab, figure):
    query = parse_qs(wording.claims.link(claim(1, 1, measure)))
    assert query["tab"] == [tab]
    assert query.get("figure") == figure


def test_the_expected_position_is_above_or_below():
    (comparison,) = claim(1, -1).grid.comparisons
    assert wording.claims.expected(comparison) == "below"
    assert claim(1, -1).verdict == claims.REVERSED
