"""Requests of the page: a trained network joins its session, and invalid requests are refused."""

from dataclasses import replace

import pytest

from explorer.retrain import messages, requests
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
    assert runs == messages.seeds_of(secret, TRIAL) == [ended.result]
    assert message["own"] == messages.own(secret)
    assert message["words"] == "GN, batch 16, 1 epoch, seed 11"


@pytest.mark.parametrize("question", [None, {}, {"view": "stop"}, {"view": "file"}])
def test_an_invalid_question_is_refused(question):
    with pytest.raises(UserError, match="not there"):
        requests.answer(gathered([]), question)


def test_a_file_that_is_too_large_or_damaged_is_refused_by_its_name():
    large = "A" * (requests.MAX_FILE_BYTES * 4 // 3 + 4)
    for content, reason in ((large, "larger than 150,000 bytes"), ("?", "damaged")):
        with pytest.raises(UserError, match=f"mine.safetensors: .*{reason}"):
            requests.loaded("mine.safetensors", content)
