"""Requests of the page: a trained network joins its session, and invalid requests are refused."""

from dataclasses import replace

import pytest

from explorer.retrain import messages, requests
from explorer.retrain.jobs import JOBS
from explorer.retrain.session import SESSIONS
from explorer.retrain.training import Progress
from tests.gathered import gathered
from train.errors import UserError
from train.study import Trial

TRIAL = Trial("GN", 0.0, 0.0, 16, epochs=1, seed=11)


def test_a_network_joins_its_session_once_it_is_trained(invent, new_secret):
    secret, runs = new_secret(), []
    running = Progress(TRIAL, "training", 1, 2)
    assert "name" not in requests.page_message(gathered([]), secret, runs, running)
    assert runs == messages.own(secret) == []
    ended = replace(running, phase="done", result=invent(TRIAL, [0]))
    message = requests.page_message(gathered([]), secret, runs, ended)
    assert runs == [ended.result]
    assert [run.trial for run in SESSIONS.runs(secret, TRIAL)] == [TRIAL]
    assert message["own"] == messages.own(secret)
    assert message["words"] == "GN, batch 16, 1 epoch, seed 11"


def test_added_seeds_are_neither_the_visitors_nor_committed(invent, new_secret):
    base = Trial("GN", 0.0, 0.0, 16)
    results = gathered(invent(replace(base, seed=seed), [0]) for seed in (1, 2, 12))
    secret = new_secret()
    SESSIONS.add(secret, invent(replace(base, epochs=1, seed=11), [0]))
    settings = {"epochs": 1, "seed": 1}
    request = {"settings": settings, "visit": secret, "device": "CPU", "more": True}
    job = requests.submit_for_page(results, request, str)
    job_seeds = [trial.seed for trial in job.trials]
    JOBS.stop(job)
    assert job_seeds == [3, 4]


@pytest.mark.parametrize("question", [None, {}, {"view": "stop"}, {"view": "file"}])
def test_an_invalid_question_is_refused(question):
    with pytest.raises(UserError, match="not there"):
        requests.answer(gathered([]), question)


def test_a_file_that_is_too_large_or_damaged_is_refused_by_its_name():
    large = "A" * (requests.MAX_FILE_BYTES * 4 // 3 + 4)
    for content, reason in ((large, "larger than 150,000 bytes"), ("?", "damaged")):
        with pytest.raises(UserError, match=f"mine.safetensors: .*{reason}"):
            requests.loaded("mine.safetensors", content)
