"""The verdict on two configurations in words, and how many seeds a difference takes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from explorer.runs.results import Results
from explorer.study import comparison, wording
from explorer.study.comparison import NoiseFloor
from tests.gathered import gathered
from train.study import Trial

GN, BN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN"))


def runs(invent, gn: Sequence[int], bn: Sequence[int]) -> Results:
    """Seeds of two configurations, by how many images they miss."""
    return gathered(
        invent(replace(trial, seed=seed), range(missed))
        for trial, many in ((GN, gn), (BN, bn))
        for seed, missed in enumerate(many, 1)
    )


def verdict(found: Results, a: Trial, b: Trial) -> str:
    return wording.comparison.verdict(comparison.compare(found, a.config, b.config))


def test_the_verdict_says_which_is_better_by_how_much_and_from_how_many(invent):
    words = verdict(
        runs(invent, (60, 62, 58, 61, 59), (70, 75, 72, 68, 74, 73)), BN, GN
    )
    assert words.startswith(
        "Different, GN, batch 16 reads better than BN, batch 16: 99.40 against 99.28, difference 0.12 ± 0.03, "
        "5 and 6 seeds."
    )


@pytest.mark.parametrize(
    ("gap", "deviation", "says"),
    [
        (0, 1, "Equivalent within 0.05 points: 99.40 against 99.40, difference 0.00"),
        (4, 6, "Too close to call: 99.40 against 99.36, difference 0.04 ± 0.06"),
    ],
)
def test_the_other_two_verdicts(invent, gap, deviation, says):
    steps = deviation * np.array([-1, 1, -1, 1, -1, 1, -1, 1, -1, 1])
    found = runs(invent, 60 + steps, 60 + gap + steps)
    seen = comparison.compare(found, GN.config, BN.config)
    words = wording.comparison.verdict(seen)
    assert words.startswith(says)
    assert "10 seeds each" in words
    if more := seen.decision.more_seeds:
        assert f"{more} more seeds each would decide" in words


def test_numbers_that_round_apart_are_given_with_three_digits(invent):
    found = runs(invent, (60, 61, 64), (60, 64, 66))
    words = verdict(found, BN, GN)
    assert "99.367 against 99.383, difference 0.017" in words
    words = verdict(found, GN, BN)
    assert "99.383 against 99.367, difference 0.017" in words


def test_a_plan_has_the_seeds_of_a_difference_above_0():
    floor = NoiseFloor(0.05, 0.04, 12, 120, "grid")
    said = wording.comparison.plan(floor, 0.05)
    assert said.startswith("To see 0.05 points with 80 % power takes 17 seeds")
    assert "(12 configurations of grid, 120 runs)" in said
    assert wording.comparison.plan(floor, 0).endswith("Name a difference above 0.")
    assert "two seeds" in wording.comparison.plan(None, 0.05)
