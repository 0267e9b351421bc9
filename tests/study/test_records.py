"""JSON records of results."""

from dataclasses import replace

from explorer.study import menus, records
from tests.gathered import gathered
from train.study import ROWS, Trial

TRIAL = Trial("GN", 0.0, 4e-4, 16)


def test_the_finished_trials_are_offered_but_for_those_left_out(invent):
    runs = [invent(replace(TRIAL, seed=seed), range(50)) for seed in (1, 2)]
    diverged = invent(replace(TRIAL, seed=3), range(50))
    diverged.summary["diverged"] = 2
    results = gathered([*runs, diverged])
    assert menus.choices(results, without=runs[:1]) == [
        {
            "name": runs[1].trial.name,
            "family": "GN, L2",
            "words": "GN, L2 0.0004, batch 16, seed 2",
            "accuracy": "99.50%",
        }
    ]
    assert len(menus.choices(results)) == 2


def test_configurations_have_their_settings_and_what_else_differs():
    trials = [TRIAL, Trial("BN", 1e-4, 4e-4, 32, lr=0.1, epochs=1)]
    assert records.configurations(trials) == [
        {
            "name": TRIAL.config,
            "row": None,
            "norm": "GN",
            "penalty": "L2 0.0004",
            "batch": 16,
            "rate": "0.04104",
        },
        {
            "name": trials[1].config,
            "row": None,
            "norm": "BN",
            "penalty": "L1 0.0001, L2 0.0004",
            "batch": 32,
            "rate": "0.1, 1 epoch",
        },
    ]


def test_a_configuration_names_the_published_row_that_is_labelled_so():
    found = records.configurations([row.trial for row in ROWS])
    assert [one["row"] for one in found] == [row.number for row in ROWS]


def test_seeds_beyond_those_of_the_studies_are_one_record(invent):
    seeds = [*range(1, 14), 20]
    runs = [invent(replace(TRIAL, seed=seed), range(50)) for seed in seeds]
    *listed, last = menus.choices(gathered(runs))
    assert [one["name"] for one in listed] == [run.trial.name for run in runs[:10]]
    assert last == {
        "config": TRIAL.config,
        "family": "GN, L2",
        "words": "GN, L2 0.0004, batch 16",
        "seeds": [[11, 13], [20, 20]],
    }
    (*_, left) = menus.choices(gathered(runs), without=runs[:11])
    assert left["seeds"] == [[12, 13], [20, 20]]
