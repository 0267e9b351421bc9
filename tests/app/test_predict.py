"""The pad and `/predict` through the routes of the served app."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from explorer.network import ablation
from explorer.network.predictions import SIDE
from tests.app.asking import ask


def ask_pad(explorer, question):
    return ask(explorer, "pad", question)


def drawing(*lines) -> str:
    """A drawing as the pad sends it: grey bytes, white on black, as base64."""
    pixels = bytearray(SIDE * SIDE)
    for row, start, stop in lines:
        for thick in range(6):
            pixels[(row + thick) * SIDE + start : (row + thick) * SIDE + stop] = (
                b"\xff" * (stop - start)
            )
    return base64.b64encode(bytes(pixels)).decode()


def test_the_pad_is_answered_with_the_pixels_and_every_networks_vote(explorer):
    answer = ask_pad(explorer, {"pixels": drawing((20, 20, 90), (50, 30, 80))})
    assert len(base64.b64decode(answer["seen"])) == 784
    assert answer["voters"] == [0, 1, 2]
    np.testing.assert_allclose(probs_of(answer).sum(1), 1, atol=1e-5)
    assert answer["others"] == []


def probs_of(answer: dict) -> np.ndarray:
    """Probabilities (E, 10) in an answer to the pad."""
    return np.frombuffer(base64.b64decode(answer["probs"]), "<f4").reshape(-1, 10)


def test_the_pad_and_programs_get_the_same_probabilities(explorer, client, mnist):
    picture = Image.fromarray(mnist.test.images[3].numpy()).resize((SIDE, SIDE))
    pixels = base64.b64encode(picture.tobytes()).decode()
    file = io.BytesIO()
    picture.save(file, "PNG")
    written = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    asked = probs_of(ask_pad(explorer, {"pixels": pixels}))
    answer = client.predict(written, "all", api_name="/predict")
    np.testing.assert_allclose([*answer["trials"].values()], asked, atol=1e-6)
    np.testing.assert_allclose(answer["means"], asked.mean(0), atol=1e-6)
    voting = ask_pad(explorer, {"pixels": pixels, "first": True})
    assert "others" not in voting and len(voting["voters"]) == 3  # of one seed each


def test_a_test_image_comes_with_what_is_known_of_it(explorer, mnist):
    answer = ask_pad(explorer, {"view": "sample", "image": 947})
    assert (
        base64.b64decode(answer["pixels"]) == mnist.test.images[947].numpy().tobytes()
    )
    assert answer["words"].startswith("Test image 947, labelled 8. A known label error")
    assert answer["contrast"] is None
    first, second = (
        ask_pad(explorer, {"view": "sample", "divided": turn}) for turn in (0, 1)
    )
    assert first["index"] != second["index"] and 0 < first["contrast"] <= 1
    for question in ({"divided": "x"}, {"pixels": drawing()}, {}):
        answer = ask_pad(explorer, {"view": "sample"} | question)
        assert set(answer) == {"error"}


def test_a_test_digit_is_seen_as_it_is(explorer, mnist):
    answer = ask_pad(explorer, {"digit": 7, "turn": 0})
    assert base64.b64decode(answer["seen"]) == mnist.test.images[0].numpy().tobytes()


@pytest.mark.parametrize(
    "question",
    [
        {"pixels": drawing()},
        {"pixels": "!" * len(drawing())},
        {"pixels": "short"},
        {"pixels": 5},
        {"digit": 11, "turn": 0},
        {"digit": 1},
        {},
        [],
        "text",
        None,
        {"digit": True, "turn": None},
    ],
)
def test_a_question_that_cannot_be_answered_gets_one_sentence(explorer, question):
    answer = ask_pad(explorer, question)
    assert set(answer) == {"error"}
    assert answer["error"].endswith(".")


def picture(mnist, index: int) -> str:
    file = io.BytesIO()
    Image.fromarray(255 - mnist.test.images[index].numpy()).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


SUMMARY = {
    "consensus",
    "means",
    "norms",
    "dissent",
    "networks",
    "framing",
    "warnings",
}


def test_predict_sums_up_what_all_voters_read(client, mnist, trained):
    answer = client.predict(picture(mnist, 0), api_name="/predict")
    assert set(answer) == SUMMARY
    assert len(json.dumps(answer)) < 8000
    complete = client.predict(picture(mnist, 0), "all", api_name="/predict")
    assert {key: complete[key] for key in SUMMARY} == answer
    assert set(complete) - SUMMARY == {"trials"}
    assert set(complete["trials"]) == {network.trial.name for network in trained}
    probs = np.array([*complete["trials"].values()])
    np.testing.assert_allclose(probs.sum(1), 1, atol=1e-4)
    np.testing.assert_allclose(answer["means"], probs.mean(0), atol=1e-5)
    for network in trained:  # one of each norm
        row = complete["trials"][network.trial.name]
        assert answer["norms"][network.trial.norm] == row
    digit = answer["consensus"]["digit"]
    share = (probs.argmax(1) == digit).mean()
    assert answer["consensus"]["share"] == pytest.approx(share)
    assert answer["networks"] == 3
    top, left, height, width = answer["framing"]["crop"]
    assert max(answer["framing"]["size"]) == 20
    rows, columns = (
        np.flatnonzero(mnist.test.images[0].numpy().max(1 - axis) > 127)
        for axis in (0, 1)
    )
    assert top <= rows[0] and rows[-1] < top + height
    assert left <= columns[0] and columns[-1] < left + width


def test_predict_warns_of_a_picture_that_is_no_digit(client):
    square = np.full((100, 100), 255, np.uint8)
    square[30:70, 30:70] = 0
    file = io.BytesIO()
    Image.fromarray(square).save(file, "PNG")
    written = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    (warning,) = client.predict(written, api_name="/predict")["warnings"]
    assert "does not look like a digit" in warning


def test_predict_answers_a_list_with_a_list(client, mnist):
    pictures = [picture(mnist, 0), "no picture", picture(mnist, 1)]
    answers = client.predict(pictures, api_name="/predict")
    assert [set(answer) for answer in answers] == [SUMMARY, {"error"}, SUMMARY]
    assert answers[2] == client.predict(pictures[2], api_name="/predict")
    (answer,) = client.predict([pictures[0]] * 21, api_name="/predict")
    assert "At most 20" in answer["error"]
    assert client.predict([], api_name="/predict") == []
    answer = client.predict(pictures[0], "more", api_name="/predict")
    assert "summary, all" in answer["error"]


@pytest.mark.parametrize("image", ["", "data:image/png;base64,AAAA", "x" * 200_001])
def test_predict_answers_a_bad_picture_with_a_sentence(client, image):
    answer = client.predict(image, api_name="/predict")
    assert set(answer) == {"error"}


def test_the_laboratory_is_answered_and_bad_settings_are_refused(explorer):
    question = {"image": 3, "view": "laboratory", "lab": None}
    laboratory = ask_pad(explorer, question)
    assert len(laboratory["stages"]) == 5
    assert laboratory["networks"] == 3 and set(laboratory["changes"]) == set(
        ablation.STEPS
    )
    assert not laboratory["unlike"] and len(laboratory["measures"]) == 5
    turned = {"image": 3, "lab": {"off": ["normalise"], "sliders": {"rotate": 40}}}
    usual, answer = ask_pad(explorer, {"image": 3}), ask_pad(explorer, turned)
    assert usual["seen"] != answer["seen"]
    for lab in ("x", {"off": ["x"], "sliders": {}}, {"off": []}):
        assert "damaged" in ask_pad(explorer, {"image": 3, "lab": lab})["error"]
