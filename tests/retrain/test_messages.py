"""Messages on a training to the page and to programs, from its `Progress`."""

from dataclasses import replace

import pytest

from explorer.retrain import messages, reference_runs, wording
from explorer.retrain.session import EMPTY, SESSIONS
from explorer.retrain.training import Progress
from tests.gathered import gathered
from train.study import Trial
from train.validation import ROW_KEYS, SUM_KEYS

TRIAL = Trial("GN", 0.0, 0.0, 16, epochs=1, seed=11)
PROGRESS = Progress(TRIAL, "training", 10, 40, 3.0, losses=((0.1, 2.0), (0.25, 1.5)))


@pytest.fixture
def committed(invent):
    return gathered(
        invent(Trial("GN", 0.0, 0.0, 16, seed=seed), range(60 + seed))
        for seed in (1, 2, 3)
    )


def test_a_program_gets_the_last_loss_and_the_rows():
    assert messages.to_program(PROGRESS) == {
        "progress": {
            "phase": "training",
            "done": 10,
            "total": 40,
            "seconds_left": 3.0,
            "train_loss": 1.5,
        },
        "rows": [],
    }
    assert messages.to_program(Progress(TRIAL))["progress"]["train_loss"] is None
    assert messages.NOT_BEGUN.keys() == messages.to_program(PROGRESS).keys()


def test_a_program_gets_the_result_without_the_sums_of_its_layers(invent):
    network = invent(TRIAL, [0, 1])
    result = messages.to_program(replace(PROGRESS, result=network))["result"]
    assert result["test_acc"] == network.summary["last"]["test_acc"]
    (row,) = result["history"]
    assert row == {key: network.history[0][key] for key in row}
    assert row.keys() == ROW_KEYS - SUM_KEYS


def test_a_page_gets_its_settings_and_the_committed_runs_beside(committed):
    message = messages.to_page(committed, PROGRESS)
    assert message["settings"]["batch_size"] == 16
    assert message["losses"] == [(0.1, 2.0), (0.25, 1.5)]
    beside = message["beside"]
    assert beside["name"] == "GN, batch 16, committed, 3 seeds"
    assert beside["epochs"] == [1]
    assert beside["accuracy"] == pytest.approx([100 - 0.62])
    assert [*beside["low"], *beside["high"]] == pytest.approx([99.37, 99.39])
    assert messages.to_page(gathered([]), PROGRESS)["beside"] is None


def test_a_message_adds_no_network_to_the_session(committed, invent, new_secret):
    secret = new_secret()
    ended = replace(PROGRESS, phase="done", result=invent(TRIAL, [0]))
    assert "name" not in messages.to_page(committed, ended)
    assert SESSIONS.networks(secret) is EMPTY
    name = SESSIONS.add(secret, ended.result, True)
    message = messages.end(committed, name, [ended.result])
    compared = reference_runs.compare(committed, [ended.result])
    assert message["verdict"] == wording.verdict(compared)
    assert message["name"] == name
    record = messages.own(SESSIONS.networks(secret), name)
    assert record["words"] == "yours 1: GN, batch 16, 1 epoch, seed 11"
    assert record["trained"]
