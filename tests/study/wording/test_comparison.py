"""Sentences about comparisons of two configurations, and about the seeds that a difference takes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from explorer.runs.results import Results
from explorer.study import comparison, wording
from explorer.study.comparison import NoiseFloor
from explorer.study.components import Components
from tests.gathered import gathered
from train.study import Trial

GN, BN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN"))


def runs(invent, gn: Sequence[int], bn: Sequence[int]) -> Results:
    """Seeds of two configurations, by the numbers of images that they miss."""
    return gathered(
        invent(replace(trial, seed=seed), range(missed))
        for trial, many in ((GN, gn), (BN, bn))
        for seed, missed in enumerate(many, 1)
    )


def verdict(results: Results, a: Trial, b: Trial) -> str:
    return wording.comparison.verdict(comparison.compare(results, a.config, b.config))


def test_the_verdict_names_the_better_one_with_difference_and_seeds(invent):
    sentence = verdict(
        runs(invent, (60, 62, 58, 61, 59), (70, 75, 72, 68, 74, 73)), BN, GN
    )
    assert sentence.startswith(
        "Different, GN, batch 16 reads better than BN, batch 16: 99.40 against 99.28, difference 0.12 ± 0.03, "
        "5 and 6 seeds."
    )


@pytest.mark.parametrize(
    ("gap", "deviation", "start"),
    [
        (0, 1, "Equivalent within 0.05 points: 99.40 against 99.40, difference 0.00"),
        (4, 6, "Too close to call: 99.40 against 99.36, difference 0.04 ± 0.06"),
    ],
)
def test_the_other_two_verdicts(invent, gap, deviation, start):
    steps = deviation * np.array([-1, 1, -1, 1, -1, 1, -1, 1, -1, 1])
    results = runs(invent, 60 + steps, 60 + gap + steps)
    result = comparison.compare(results, GN.config, BN.config)
    sentence = wording.comparison.verdict(result)
    assert sentence.startswith(start)
    assert "10 seeds each" in sentence
    if more := result.decision.more_seeds:
        assert f"{more} more seeds each would decide" in sentence


def test_numbers_that_round_apart_are_given_with_three_digits(invent):
    results = runs(invent, (60, 61, 64), (60, 64, 66))
    sentence = verdict(results, BN, GN)
    assert "99.367 against 99.383, difference 0.017" in sentence
    sentence = verdict(results, GN, BN)
    assert "99.383 against 99.367, difference 0.017" in sentence


def test_a_plan_has_the_seeds_of_a_difference_above_0():
    floor = NoiseFloor(Components(0.0025, 108, 0.0016, 400), 0.04, 12, 120, "grid")
    sentence = wording.comparison.plan(floor, 0.05)
    assert sentence.startswith("To see 0.05 points with 80 % power takes 17 seeds")
    assert "(12 configurations of grid, 120 runs)" in sentence
    assert "About 64 % (47 to 85 %) of this variance is the luck" in sentence
    assert "the deviation would be 0.030 points" in sentence
    assert wording.comparison.plan(floor, 0).endswith("Name a difference above 0.")
    assert "two seeds" in wording.comparison.plan(None, 0.05)
