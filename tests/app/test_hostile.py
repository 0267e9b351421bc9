"""Values of wrong kinds at every endpoint, page and event, and files that are none: a sentence, never a traceback."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from benchmarks import photos
from benchmarks.hostile import (
    NEUTRAL,
    VALUES,
    Hostile,
    checkpoint_files,
    drawn,
    picture_files,
)
from explorer.digits.decoding import decode
from explorer.digits.preprocess import SketchError
from explorer.runs import results
from explorer.tabs import retrain
from explorer.web import refusals
from train import checkpoint
from train.errors import UserError


@pytest.fixture(scope="module")
def hostile(folder):
    hostile = Hostile(app.build(results.load(folder)), app.SETTINGS)
    with hostile.client:
        yield hostile


def test_whatever_a_page_asks_the_answer_is_a_sentence(hostile):
    @drawn(200)
    @given(hostile.requests())
    def check(request):
        assert hostile.send(request) == ""

    check()
    assert hostile.counts[200] > 50 and hostile.counts[400] > 50


def test_whatever_an_endpoint_is_called_with_it_answers(hostile):
    @drawn(100)
    @given(hostile.calls())
    def check(call):
        assert hostile.call(*call) == ""

    check()


@pytest.mark.parametrize("percent", [-5, 999, 10**400, "x", [1], {}, None])
def test_a_number_out_of_the_range_of_a_slider_gets_a_sentence(hostile, percent):
    (event,) = (
        one for one in hostile.events if one.name == "show" and len(one.inputs) == 2
    )
    body = {"data": ["Norm", percent], "fn_index": event._id, "session_hash": "s"}
    answer = hostile.post("run/predict", body)
    assert answer.status_code == 400
    assert answer.json()["error"] in (refusals.SENTENCE, refusals.OUTSIDE)


def test_a_table_without_a_choice_gets_a_sentence(hostile):
    events = [one for one in hostile.events if one.name in ("rows", "show", "<lambda>")]
    for event in events:
        body = {"data": [None] * len(event.inputs), "fn_index": event._id, "session_hash": "s"}  # fmt: skip
        answer = hostile.post("run/predict", body)
        assert answer.status_code == 200 or answer.json()["error"].endswith(".")
        assert NEUTRAL not in answer.text
    assert events


def test_the_log_names_the_place_of_a_refusal_and_no_value(hostile, caplog):
    hostile.post("run/predict", {"data": {"secret": "value"}, "fn_index": "secret"})
    (line,) = [line for line in caplog.messages if line.startswith("refused")]
    assert "/run/predict': " in line and ".py, line " in line
    assert "secret" not in line


CALL = SimpleNamespace(url=SimpleNamespace(path="/gradio_api/call/retrain"))


def test_settings_of_a_training_are_checked_before_it_is_queued(hostile):
    @drawn(100)
    @given(st.lists(VALUES, min_size=11, max_size=11))
    def check(values):
        with pytest.raises(UserError, match=r"\.$"):
            retrain.check(CALL, *values)

    check()


def test_a_file_that_is_no_checkpoint_is_refused_with_a_sentence(trained):
    content = checkpoint.to_bytes(trained[0])

    @drawn(150)
    @given(checkpoint_files(content))
    def check(file):
        try:
            loaded = checkpoint.from_bytes(file, "mine")
        except checkpoint.CheckpointError:
            return
        # What passes is a value that its field may have, and can be written again.
        again = checkpoint.from_bytes(checkpoint.to_bytes(loaded), "again")
        assert again.trial == loaded.trial

    check()


def test_a_picture_file_that_is_none_is_refused_with_a_sentence(mnist):
    image = mnist.test.images[0].numpy()
    content = photos.saved(np.repeat(image, 3, 0).repeat(3, 1))

    @drawn(150)
    @given(picture_files(content))
    def check(uri):
        try:
            decode(uri)
        except SketchError as error:
            assert str(error).endswith(".")

    check()
