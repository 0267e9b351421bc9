import json
import math
from dataclasses import fields, replace

import pytest
import torch

from train.study import AS_RUN, GRID, ROWS, STUDIES, Trial, rows_of, with_seeds

TRIAL = Trial("GN", 1e-4, 4e-4, 64)


def test_the_studies_have_14_12_and_48_trials():
    assert {name: len(trials) for name, trials in STUDIES.items() if name != "all"} == {
        "published": 14,
        "as-run": 12,
        "grid": 48,
    }
    assert all(trial.l1 == trial.l2 == 0 for trial in AS_RUN)
    assert len({(t.norm, t.regulariser, t.batch_size) for t in GRID}) == 3 * 4 * 4


def test_every_trial_has_a_name_of_its_own_that_is_a_file_name():
    trials = with_seeds(STUDIES["all"], 3)
    names = [trial.name for trial in trials]
    assert len(set(names)) == len(trials) == 3 * len(STUDIES["all"])
    assert not any(set(name) & set('/\\:*?"<>| ') for name in names)


def test_a_name_tells_every_hyperparameter_that_differs_from_the_recipe():
    changed = {"groups": 2, "dropout": 0.1, "rotation": 0.0, "lr": 0.1, "momentum": 0.5}
    changed |= {"lr_decay": 0.5, "lr_decay_after": 6, "lr_decay_every": 1, "epochs": 12}
    changed |= {
        "train_images": 100,
        "seed": 2,
        "l1": 1e-5,
        "l2": 1e-5,
        "batch_size": 65,
        "norm": "BN",
    }
    assert set(changed) == {field.name for field in fields(Trial)}
    names = {replace(TRIAL, **{key: value}).name for key, value in changed.items()}
    assert len(names | {TRIAL.name}) == len(changed) + 1
    assert TRIAL.name == "GN_l1=0.0001_l2=0.0004_batch=64_seed=1"


def test_a_trial_survives_json():
    for trial in STUDIES["all"]:
        assert Trial.from_dict(json.loads(json.dumps(trial.to_dict()))) == trial


def test_a_missing_or_unknown_field_is_named():
    values = TRIAL.to_dict()
    with pytest.raises(ValueError, match="seed"):
        Trial.from_dict({key: value for key, value in values.items() if key != "seed"})
    with pytest.raises(ValueError, match="nesterov"):
        Trial.from_dict({**values, "nesterov": True})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("norm", "XN"),
        ("batch_size", 0),
        ("batch_size", 60_001),
        ("batch_size", 16.0),
        ("l1", -1e-9),
        ("l2", math.nan),
        ("l1", math.inf),
        ("lr", 0.0),
        ("dropout", 1.0),
        ("epochs", 0),
        ("groups", 3),
        ("seed", -1),
        ("seed", True),
        ("train_images", 0),
    ],
)
def test_a_value_that_cannot_be_trained_is_refused_by_name(field, value):
    with pytest.raises((ValueError, TypeError), match=field):
        replace(TRIAL, **{field: value})


def test_the_learning_rate_is_steplr_stepped_after_the_epochs_beyond_12():
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=TRIAL.lr)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 2, 0.09)
    for epoch in range(1, 26):
        assert TRIAL.lr_at(epoch) == pytest.approx(
            optimiser.param_groups[0]["lr"], rel=1e-12
        )
        optimiser.step()
        if epoch > 12:
            schedule.step()


def test_rows_are_found_as_labelled_and_as_run_whatever_the_seed():
    assert rows_of(ROWS[6].trial) == [7]
    assert rows_of(replace(ROWS[6].trial, seed=9)) == [7]
    assert rows_of(Trial("LN", 0.0, 0.0, 128)) == [7, 8]
    assert rows_of(replace(ROWS[0].trial, epochs=1)) == []
