"""Requests of the page: a trained network joins its session, and invalid requests are refused."""

from dataclasses import replace

import pytest

from explorer.retrain import requests
from explorer.retrain.jobs import JOBS
from explorer.retrain.session import EMPTY, SESSIONS
from explorer.retrain.training import Progress
from tests.gathered import gathered
from train.errors import UserError
from train.study import Trial

TRIAL = Trial("GN", 0.0, 0.0, 16, epochs=1, seed=11)


def test_a_network_joins_its_session_once_it_is_trained(invent, new_secret):
    secret, runs = new_secret(), []
    running = Progress(TRIAL, "training", 1, 2)
    assert "name" not in requests.page_message(gathered([]), secret, runs, 3, running)
    assert runs == []
    assert SESSIONS.networks(secret) is EMPTY
    ended = replace(running, phase="done", result=invent(TRIAL, [0]))
    message = requests.page_message(gathered([]), secret, runs, 3, ended)
    assert runs == [ended.result]
    assert [run.trial for run in SESSIONS.runs(secret, TRIAL)] == [TRIAL]
    assert message["name"] == "own-4"  # the page has had three
    assert SESSIONS.networks(secret).trained == {"own-4"}
    assert message["words"] == "GN, batch 16, 1 epoch, seed 11"


def test_added_seeds_are_neither_the_visitors_nor_committed(invent, new_secret):
    base = Trial("GN", 0.0, 0.0, 16)
    results = gathered(invent(replace(base, seed=seed), [0]) for seed in (1, 2, 12))
    secret = new_secret()
    SESSIONS.add(secret, invent(replace(base, epochs=1, seed=11), [0]), True)
    settings = {"epochs": 1, "seed": 1}
    request = {
        "settings": settings,
        "visit": secret,
        "device": "CPU",
        "more": True,
        "last": 0,
    }
    job = requests.submit_for_page(results, request, str)
    job_seeds = [trial.seed for trial in job.trials]
    JOBS.stop(job)
    assert job_seeds == [3, 4]


@pytest.mark.parametrize("question", [None, {}, {"view": "stop"}, {"view": "file"}])
def test_an_invalid_question_is_refused(question):
    with pytest.raises(UserError, match="not there"):
        requests.answer(gathered([]), question)
