"""Sentences about comparisons of two configurations, and about the seeds that a difference takes."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from explorer.runs.results import Results
from explorer.study import comparison, wording
from explorer.study.comparison import NoiseFloor
from explorer.study.components import Components
from explorer.study.variance import Prior
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


def spread(middle: int, deviation: int) -> np.ndarray:
    return middle + deviation * np.array([-1, 1, -1, 1, -1, 1, -1, 1, -1, 1])


def compared(invent, gn: Sequence[int], bn: Sequence[int], margin: float = 0.05):
    return comparison.compare(runs(invent, gn, bn), GN.config, BN.config, margin)


def test_an_equivalence_names_its_margin(invent):
    result = compared(invent, spread(60, 1), spread(60, 1))
    assert wording.comparison.verdict(result).startswith(
        "Equivalent within 0.05 points: 99.40 against 99.40, difference 0.00"
    )
    wide = compared(invent, spread(60, 1), spread(60, 1), 0.1)
    assert "within 0.1 points" in wording.comparison.verdict(wide)


@pytest.mark.parametrize(("first", "second", "best"), [(60, 64, "A"), (64, 60, "B")])
def test_what_is_too_close_to_call_says_what_would_be_seen(invent, first, second, best):
    result = compared(invent, spread(first, 8), spread(second, 8))
    decision = result.decision
    sentence = wording.comparison.verdict(result)
    start = f"Too close to call: {best} reads 0.04 points more (-0.04 to +0.12); "
    assert sentence.startswith(start)
    assert f"10 seeds each a difference of {decision.detectable:.2f} would" in sentence
    assert sentence.endswith(f", 0.05 would take {decision.seeds_to_see(0.05)}.")
    wide = compared(invent, spread(first, 8), spread(second, 8), 0.5)
    assert "would take" not in wording.comparison.verdict(wide)


def test_notes_say_the_correction_and_the_single_p_value(invent):
    result = compared(invent, spread(60, 8), spread(64, 8))
    p = result.decision.gap.p
    sentence = wording.comparison.notes(result)
    assert sentence.startswith("The verdict is on this pair alone.")
    assert f"p = {p:.2f}: if there were no difference" in sentence
    assert f"come up in {100 * p:.0f} % of such comparisons" in sentence
    pairs = (("a", "b"),) * 1128
    many = replace(result, family=comparison.Family(pairs, "pairs of grid"))
    assert "1,128 pairs of grid that one could have" in wording.comparison.notes(many)
    sure = compared(invent, spread(60, 1), spread(90, 1))
    assert "p < 0.0001: " in wording.comparison.notes(sure)
    assert "in less than 0.01 % of such" in wording.comparison.notes(sure)


def test_notes_say_where_a_variance_is_unusual(invent):
    result = compared(invent, spread(60, 2), spread(64, 8))
    assert "Welch" not in wording.comparison.notes(result)
    prior = Prior(0.0004, math.inf, 100)
    samples = tuple(replace(one, prior=prior) for one in result.decision.samples)
    unusual = replace(result, decision=replace(result.decision, samples=samples))
    assert "The seeds of B vary more than those" in wording.comparison.notes(unusual)


def test_numbers_that_round_apart_are_given_with_three_digits(invent):
    many = (61, 62, 62) * 3, (63, 63, 64) * 3
    sentence = wording.comparison.verdict(compared(invent, *many))
    assert "99.383 against 99.367, difference 0.017" in sentence


def test_a_plan_has_the_seeds_of_a_difference_above_0(invent):
    result = compared(invent, spread(60, 8), spread(64, 8))
    decision = result.decision
    sentence = wording.comparison.plan(result, 0.05)
    assert f"takes {decision.seeds_to_decide(0.05)} seeds of each. With" in sentence
    at_hand = f"a difference of {decision.detectable:.2f} points or more would be seen"
    assert at_hand in sentence
    family = comparison.Family((("a", "b"),) * 78, "pairs of published rows")
    many = replace(result, family=family, decision=replace(decision, family=78))
    sentence = wording.comparison.plan(many, 0.05)
    corrected = decision.seeds_to_decide(0.05, comparisons=78)
    assert f"takes {corrected} seeds of each, corrected for the 78 pairs of" in sentence
    assert f"it would take {decision.seeds_to_decide(0.05)}." in sentence
    for nothing in (0, None, -1, math.nan):
        assert "from 0.005 to 10" in wording.comparison.plan(result, nothing)


def test_the_noise_floor_has_its_runs_and_the_part_of_the_images():
    floor = NoiseFloor(Components(0.0025, 108, 0.0016, 400), 0.04, 12, 120, "grid")
    sentence = wording.comparison.noise(floor)
    assert "(12 configurations of grid, 120 runs)" in sentence
    assert "About 64 % (47 to 85 %) of this variance is the luck" in sentence
    assert "the deviation would be 0.030 points" in sentence
    assert wording.comparison.noise(None) == ""
