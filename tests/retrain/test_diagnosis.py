"""Diagnoses of trainings that learned nothing or diverged."""

import math

import pytest

from explorer.retrain import diagnosis
from train.study import Trial

TRIAL = Trial("GN", 0.0, 0.0, 64)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"l1": 0.09}, "L1 0.09 pulls every weight towards 0"),
        ({"l2": 0.9}, "L2 0.9 shrinks"),
        ({"lr": 9.0}, "learning rate 9"),
        ({}, "too few steps"),
    ],
)
def test_a_network_that_guesses_is_explained_by_its_largest_setting(changes, sentence):
    assert sentence in diagnosis.explain(Trial(**TRIAL.to_dict() | changes))


@pytest.mark.parametrize(
    ("train", "test", "is_guess"),
    [(2.3, 2.3, True), (2.3, 1.0, False), (None, 2.3, False)],
)
def test_a_network_guesses_where_both_losses_are_those_of_equal_odds(
    train, test, is_guess
):
    assert math.log(10) > diagnosis.GUESSING
    row = {"train_loss": train, "test_loss": test}
    assert diagnosis.guesses(row) == is_guess


def test_only_a_training_that_diverged_says_so(invent):
    network = invent(TRIAL, [0])
    assert diagnosis.diverged(network) == ""
    network.summary["diverged"] = 3
    assert "in epoch 3 the loss stopped being a number" in diagnosis.diverged(network)
