"""Settings of visitors, their bounds, and further seeds."""

import math
from dataclasses import replace

import pytest

from explorer.retrain import hyperparameters
from explorer.retrain.hyperparameters import SettingsError
from train.study import ROWS, Trial


def test_any_trial_of_the_published_table_may_be_trained():
    for row in ROWS:
        settings = {
            key: value
            for key, value in row.trial.to_dict().items()
            if key in {setting.name for setting in hyperparameters.SETTINGS}
        }
        assert hyperparameters.trial_of(settings) == row.trial


def test_the_offered_recipes_may_be_trained_and_the_labelled_row_is_the_published_one():
    trials = [
        hyperparameters.trial_of(recipe.settings)
        for recipe in hyperparameters.EXPERIMENTS
    ]
    assert len({*trials}) == len(trials)
    _, _, labelled, _ = trials
    assert replace(labelled, epochs=Trial.epochs, seed=Trial.seed) == ROWS[1].trial


def test_the_defaults_are_an_epoch_of_all_digits():
    trial = hyperparameters.trial_of({})
    assert (trial.epochs, trial.train_images) == (1, 60_000)
    plain = Trial(trial.norm, 0.0, 0.0, trial.batch_size, epochs=1, seed=trial.seed)
    assert trial == plain


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"norm": "WN"}, "Norm must be one of BN, GN, LN"),
        ({"groups": 3}, "Groups must be one of 1, 2, 4, 8"),
        ({"groups": True}, "Groups must be one of"),
        ({"epochs": 26}, "Epochs must be a whole number from 1 to 25"),
        ({"epochs": 1.5}, "Epochs must be a whole number"),
        ({"epochs": "2"}, "Epochs must be a whole number"),
        ({"epochs": True}, "Epochs must be a whole number"),
        ({"batch_size": 1}, "Batch size must be a whole number from 2 to 512"),
        ({"lr": 0}, "Learning rate must be a number from 1e-06 to 10"),
        ({"lr": math.nan}, "Learning rate must be a number"),
        ({"lr": math.inf}, "Learning rate must be a number"),
        ({"dropout": 1}, "Dropout must be a number from 0 to 0.9"),
        ({"l1": None}, "L1 must be a number"),
        ({"l2": [1]}, "L2 must be a number"),
        ({"train_images": 60_001}, "Training digits must be a whole number"),
        ({"seed": -1}, "Seed must be a whole number"),
        ({"seed": 10**400}, "Seed must be a whole number"),
        ([], "by their names"),
    ],
)
def test_settings_out_of_bounds_are_refused_with_a_sentence(settings, sentence):
    with pytest.raises(SettingsError, match=sentence):
        hyperparameters.trial_of(settings)


def test_groups_are_used_by_group_norm_only():
    assert hyperparameters.trial_of({"norm": "LN", "groups": 8}).groups == Trial.groups
    assert hyperparameters.trial_of({"norm": "GN", "groups": 8}).groups == 8


def test_further_seeds_are_free_ones():
    last = hyperparameters.trial_of({"seed": 2**32 - 1})
    trials = list(hyperparameters.fresh(last, {2**32 - 1, 1}, 3))
    assert [trial.seed for trial in trials] == [0, 2, 3]
    assert {trial.config for trial in trials} == {last.config}
