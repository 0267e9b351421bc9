"""Handlers of Train: requests that are read and refused, and sentences on errors."""

import json
from types import SimpleNamespace

import gradio as gr
import pytest

from explorer.retrain.jobs import JobError
from explorer.tabs import retrain
from explorer.tabs.answers import NEUTRAL
from tests.app.asking import client_at
from tests.awaiting import awaited
from train.errors import UserError
from train.norms import BY_KEY


@pytest.mark.parametrize("request_", [None, [], {}, {"settings": {}, "visit": 5}])
def test_a_page_that_asks_for_no_training_gets_an_error(request_):
    answer = json.loads(
        retrain.train(None, SimpleNamespace(_data=request_), client_at())
    )
    assert answer["request_id"] is None and "not there" in answer["error"]


def test_the_answer_has_the_id_of_the_refused_request():
    request = {
        "settings": {"epochs": 26},
        "visit": "a" * 32,
        "device": "CPU",
        "last": 0,
    }
    event = SimpleNamespace(_data=request | {"request_id": "7"})
    answer = json.loads(retrain.train(None, event, client_at()))
    error = "Epochs must be a whole number from 1 to 25."
    assert answer == {"request_id": "7", "error": error}


def test_a_program_is_refused_in_its_stream_where_the_queue_is_full(monkeypatch):
    def refuse(owner, settings, device, to_error, address):
        raise JobError(f"{owner} at {address}: {settings['norm']} on {device}")

    messages = []

    async def stream():
        request = client_at("9.9.9.9")
        async for message in retrain.retrain(request, norm="BN"):
            messages.append(message)

    monkeypatch.setattr(retrain.requests, "submit_for_program", refuse)
    error = f"session s at 9.9.9.9: BN on {retrain.FIRST_DEVICE}"
    with pytest.raises(gr.Error, match=error):
        awaited(stream())
    assert messages == [{"error": error}]


def test_settings_out_of_bounds_are_refused_before_they_are_queued():
    usual = ["GN", 4, 0.0, 0.0, 16, 0.04, 0.1, 1, 60_000, 11]
    call, stream = (
        SimpleNamespace(url=SimpleNamespace(path=f"/mnist/gradio_api/{path}"))
        for path in ("call/v2/retrain", "queue/join")
    )
    assert retrain.check(call, *usual, "CPU") == [None] * 11
    with pytest.raises(UserError, match="Device must be one of"):
        retrain.check(call, *usual, "TPU")
    with pytest.raises(UserError, match="Norm must be one of"):
        retrain.check(call, "XX", *usual[1:], "CPU")
    # A stream brings its refusal itself.
    assert retrain.check(stream, "XX", *usual[1:], "CPU") == [None] * 11


def test_the_description_of_the_endpoint_lists_the_norms():
    assert f"        norm: {retrain.choices(BY_KEY)}\n" in retrain.retrain.__doc__


def test_an_error_of_a_training_is_a_sentence_and_one_of_zerogpu_offers_the_cpu():
    quota = gr.Error("No GPU quota is left.", print_exception=False)
    sentence = "No GPU quota is left. Choose CPU to train without a GPU."
    assert retrain.error_message(quota) == sentence
    assert retrain.error_message(UserError("No digits.")) == "No digits."
    assert retrain.error_message(KeyError("seed")) == NEUTRAL
