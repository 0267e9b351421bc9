"""Sentences about a visitor's runs beside the committed runs."""

from dataclasses import replace

import pytest

from explorer.retrain import wording
from explorer.retrain.reference_runs import Comparison, Prediction, Repeated
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


def test_a_repeated_run_is_named_first(one, invent):
    again = Repeated(invent(TRIAL, [0]), invent(TRIAL, [0]), True)
    sentences = wording.verdict(replace(one, is_same=True, repeated=(again,)))
    assert sentences.startswith("Seed 1 is also committed: it is the same run again")
    assert sentences.endswith(
        "any difference comes from chance or from another engine."
    )


def test_the_reason_is_given_where_nothing_can_be_compared(one):
    assert "is not compared" in wording.verdict(None)
    assert "no two committed" in wording.verdict(replace(one, other=None))
    assert "Too few other seeds" in wording.verdict(replace(one, result=None))
