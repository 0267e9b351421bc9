"""Requests of the page: a network that ended joins its visit, and what is no request is refused."""

from dataclasses import replace

import pytest

from explorer.retrain import messages, requests
from explorer.retrain.training import Run
from tests.gathered import gathered
from train.errors import UserError
from train.study import Trial

TRIAL = Trial("GN", 0.0, 0.0, 16, epochs=1, seed=11)


def test_a_network_joins_its_visit_once_it_has_ended(invent, new_visit):
    secret, runs = new_visit(), []
    running = Run(TRIAL, "training", 1, 2)
    assert "name" not in requests.tell_page(gathered([]), secret, runs, running)
    assert runs == messages.own(secret) == []
    ended = replace(running, phase="done", result=invent(TRIAL, [0]))
    message = requests.tell_page(gathered([]), secret, runs, ended)
    assert runs == messages.seeds_of(secret, TRIAL) == [ended.result]
    assert message["own"] == messages.own(secret)
    assert message["words"] == "GN, batch 16, 1 epoch, seed 11"


@pytest.mark.parametrize("question", [None, {}, {"view": "stop"}, {"view": "file"}])
def test_what_is_no_question_is_refused(question):
    with pytest.raises(UserError, match="not there"):
        requests.answer(gathered([]), question)


def test_a_file_that_is_too_large_or_damaged_is_refused_by_its_name():
    large = "A" * (requests.LARGEST * 4 // 3 + 4)
    for content, words in ((large, "larger than 150,000 bytes"), ("?", "damaged")):
        with pytest.raises(UserError, match=f"mine.safetensors: .*{words}"):
            requests.loaded("mine.safetensors", content)
