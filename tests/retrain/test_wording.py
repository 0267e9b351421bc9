"""Sentences about a visitor's runs beside the committed runs."""

import math
from dataclasses import replace

import pytest

from explorer.retrain import wording
from explorer.retrain.reference_runs import Comparison, Prediction, Repeated
from explorer.study.looks import Verdict
from explorer.study.statistics import Interval
from train.study import Trial

TRIAL = Trial("GN", 0.0, 0.0, 64, epochs=1)


@pytest.fixture
def one(invent) -> Comparison:
    """A run that reads 97.80 % where a new seed would read 98.00 ± 0.30 %."""
    prediction = Prediction(97.8, 98.0, 0.3, 4)
    return Comparison([invent(TRIAL, [0])], TRIAL, 1, False, (), prediction)


def test_one_run_is_inside_or_outside(one):
    sentences = wording.verdict(one)
    assert sentences.startswith("Nothing is shown: 97.80 % after epoch 1")
    assert "98.00 ± 0.30 with 95 % probability" in sentences
    outside = replace(one, result=replace(one.result, value=97.6))
    assert wording.verdict(outside).startswith("Outside the range of their seeds")


@pytest.fixture
def several(one) -> Comparison:
    """Four runs that read 0.21 points more than ten committed ones, on average, in an interval from 0.05 to 0.37."""
    verdict = Verdict(
        estimate=0.21,
        interval=Interval(0.05, 0.37),
        p=0.0031,
        decisive=4,
        seeds=(4, 10),
        means=(98.21, 98.0),
        is_unusual=False,
        has_collapsed=False,
        can_be_equivalent=False,
    )
    return replace(one, result=verdict)


def sentences_with(several, **changes) -> str:
    return wording.verdict(replace(several, result=replace(several.result, **changes)))


def test_a_difference_has_its_size_direction_and_p(several):
    sentences = wording.verdict(several)
    assert sentences.startswith(
        "Different, yours reads 0.21 points better (p = 0.0031): "
        "after epoch 1 your 4 runs read 98.21 % (GN, batch 64, 1 epoch), the 10 committed ones 98.00 % (GN, batch 64, 1 epoch). "
        "Yours minus theirs lies between +0.05 and +0.37 points. "
    )
    assert "e-value is below 20" in sentences
    worse = {"estimate": -0.21, "interval": Interval(-0.37, -0.05), "p": 1e-6}
    assert sentences_with(several, **worse).startswith(
        "Different, yours reads 0.21 points worse (p < 0.0001)"
    )
    wide = sentences_with(several, interval=Interval(-0.01, 0.43))
    assert wide.startswith("Different, as your first 4 runs showed (p = 0.0031)")


def test_undecided_runs_need_more_seeds_or_more_committed_runs(several):
    undecided = {"p": 0.5, "interval": Interval(-0.1, 0.52)}
    sentences = sentences_with(several, **undecided)
    assert sentences.startswith("Undecided: after epoch 1 your 4 runs")
    assert "for that 10 committed runs are too few" in sentences
    sentences = sentences_with(several, **undecided, can_be_equivalent=True)
    assert "+0.52 points. Add seeds." in sentences
    unlimited = {"p": 0.5, "interval": Interval(-math.inf, math.inf)}
    assert "no limits to the difference" in sentences_with(several, **unlimited)


def test_equivalence_names_the_margin(several):
    equal = sentences_with(several, p=0.9, interval=Interval(-0.02, 0.04))
    assert equal.startswith("Equivalent within 0.05 points: ")


def test_no_verdict_says_why(several):
    assert "Yours lie further apart" in sentences_with(several, is_unusual=True)
    sentences = sentences_with(several, has_collapsed=True)
    assert sentences.startswith("No verdict: after epoch 1 your 4 runs")
    assert "Committed ones collapsed below 90 %" in sentences


def test_a_repeated_run_is_named_last(one, invent):
    again = Repeated(invent(TRIAL, [0]), invent(TRIAL, [0]), True)
    sentences = wording.verdict(replace(one, is_same=True, repeated=(again,)))
    assert sentences.endswith(
        "any difference comes from chance or from another engine. "
        "Seed 1 is also committed: it is the same run again, number for number."
    )


def test_the_reason_is_given_where_nothing_can_be_compared(one):
    assert "is not compared" in wording.verdict(None)
    assert "no two committed" in wording.verdict(replace(one, other=None))
    assert "No run of yours is new" in wording.verdict(replace(one, result=None))
