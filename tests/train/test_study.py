import json
import math
import re
from dataclasses import fields, replace

import pytest
import torch

from train.study import (
    AS_RUN,
    BOUNDS,
    GRID,
    ROWS,
    STUDIES,
    Study,
    Trial,
    is_further_seed,
    rows_of,
    studies_of,
)

TRIAL = Trial("GN", 1e-4, 4e-4, 64)


EVERY_RUN = set().union(*(study.runs for study in STUDIES.values()))


def test_the_studies_have_the_configurations_and_seeds_of_the_protocol():
    sizes = {name: (len(study.trials), study.seeds) for name, study in STUDIES.items()}
    assert sizes == {
        "published": (14, 10),
        "as-run": (12, 10),
        "grid": (48, 10),
        "small-batch": (9, 10),
        "dose": (3, 10),
        "learning-rate": (24, 5),
        "control": (8, 10),
        "replication": (8, 10),
    }
    assert all(
        len(study.runs) == len(study.trials) * study.seeds for study in STUDIES.values()
    )
    assert all(trial.l1 == trial.l2 == 0 for trial in AS_RUN)
    assert len({(t.norm, t.regulariser, t.batch_size) for t in GRID}) == 3 * 4 * 4


def test_every_trial_has_a_name_of_its_own_that_is_a_file_name():
    names = [trial.name for trial in EVERY_RUN]
    assert len(set(names)) == len(EVERY_RUN)
    assert not any(set(name) & set('/\\:*?"<>| ') for name in names)


def test_a_name_has_every_hyperparameter_that_differs_from_the_recipe():
    changed = {"groups": 2, "dropout": 0.1, "rotation": 0.0, "lr": 0.1, "momentum": 0.5}
    changed |= {"lr_decay": 0.5, "lr_decay_after": 6, "lr_decay_every": 1, "epochs": 12}
    changed |= {
        "train_images": 100,
        "seed": 2,
        "l1": 1e-5,
        "l2": 1e-5,
        "batch_size": 65,
        "norm": "BN",
        "data_set": "FashionMNIST",
    }
    assert set(changed) == {field.name for field in fields(Trial)}
    names = {replace(TRIAL, **{key: value}).name for key, value in changed.items()}
    assert len(names | {TRIAL.name}) == len(changed) + 1
    assert replace(TRIAL, data_set="FashionMNIST").name == (
        "GN_l1=0.0001_l2=0.0004_batch=64_data=fashion_seed=1"
    )
    assert TRIAL.name == "GN_l1=0.0001_l2=0.0004_batch=64_seed=1"


def test_a_trial_survives_json():
    for trial in EVERY_RUN:
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


@pytest.mark.parametrize(
    ("field", "allowed", "refused"),
    [
        ("l1", 0.0, math.inf),
        ("dropout", 0.0, 1.0),
        ("momentum", 0.999, 1.0),
        ("lr", 1e-30, 0.0),
        ("lr_decay", 1.0, 0.0),
        ("rotation", 180.0, 180.1),
        ("lr_decay_after", 0, -1),
        ("epochs", 10_000, 10_001),
        ("seed", 2**32 - 1, 2**32),
    ],
)
def test_a_bound_is_allowed_where_it_can_be_trained(field, allowed, refused):
    assert set(BOUNDS) == {field.name for field in fields(Trial)}
    assert getattr(replace(TRIAL, **{field: allowed}), field) == allowed
    message = re.escape(f"{field} must be {BOUNDS[field].text}; got {refused!r}")
    with pytest.raises(ValueError, match=message):
        replace(TRIAL, **{field: refused})


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


def test_rows_of_a_trial_are_those_as_labelled_and_as_run_whatever_the_seed():
    assert rows_of(ROWS[6].trial) == [7]
    assert rows_of(replace(ROWS[6].trial, seed=9)) == [7]
    assert rows_of(Trial("LN", 0.0, 0.0, 128)) == [7, 8]
    assert rows_of(replace(ROWS[0].trial, epochs=1)) == []


def test_learning_rates_of_the_studies_are_multiples_of_the_recipes():
    small = STUDIES["small-batch"].trials
    assert all(t.lr == pytest.approx(Trial.lr * t.batch_size / 16) for t in small)
    assert {t.batch_size for t in small} == {2, 4, 8}
    rates = {t.lr / Trial.lr for t in STUDIES["learning-rate"].trials}
    assert sorted(rates) == pytest.approx([1 / 4, 1 / 2, 2, 4])
    penalties = [t.l1 * 60_000 / t.batch_size for t in STUDIES["dose"].trials]
    assert penalties == pytest.approx([1e-4 * 60_000 / 128] * 3)  # summed over an epoch


def test_a_study_has_the_norms_of_its_trials():
    norms = {name: study.norms for name, study in STUDIES.items()}
    assert norms.pop("control") == ("none", "RMS")
    assert set(norms.values()) == {("BN", "GN", "LN")}
    assert Study("one", (Trial("GN", 0.0, 0.0, 16),), 1).norms == ("GN",)


def test_a_trial_belongs_to_the_studies_that_have_its_seed():
    both = Trial("GN", 0.0, 0.0, 128)
    assert studies_of(both) == ("published", "as-run", "grid")
    eleventh, rate = replace(both, seed=11), replace(both, lr=0.08208, seed=6)
    assert studies_of(eleventh) == studies_of(rate) == ()
    assert is_further_seed(eleventh) and is_further_seed(rate)
    other = replace(both, lr=0.02)
    assert not studies_of(other) and not is_further_seed(other)
