"""Handlers of Draw: further networks, and refused requests."""

import base64
from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmarks import photos
from explorer.digits import pictures
from explorer.digits.png import uri
from explorer.retrain.session import SESSIONS
from explorer.runs import device_files
from explorer.study import menus
from explorer.tabs import draw
from explorer.web import assets
from train.study import Trial

GN = Trial("GN", 0.0, 0.0, 16)


def test_predict_asks_further_networks_and_not_too_many(shown):
    (error,) = draw.predict(shown, "no picture").values()
    assert error.endswith(".")
    name = GN.name
    assert draw.chosen(shown, [name])[0].trial == GN
    answer = draw.ask(shown, {"digit": 7, "turn": 0, "further": [name] * 9})
    assert answer == {"error": "At most 8 further networks can be asked."}


def test_the_device_gets_further_networks_by_address(shown):
    further = draw.chosen(shown, [GN.name])[0]
    question = {"view": "weights", "further": [GN.name]}
    (other,) = draw.ask(shown, question)["networks"]
    assert other["key"] == other["name"] == GN.name
    content = device_files.weights([further])
    assert assets.KEPT[other["address"].removeprefix("files/")]() == content
    answer = draw.ask(shown, {"view": "weights", "further": [GN.name] * 9})
    assert answer == {"error": "At most 8 further networks can be asked."}


def test_a_page_is_told_which_of_its_networks_it_has_to_hand_back(shown, new_secret):
    visit = new_secret()
    question = {"digit": 7, "turn": 0, "visit": visit, "own": ["own-1"]}
    assert draw.ask(shown, question)["lost"] == ["own-1"]
    SESSIONS.put_back(visit, "own-1", draw.chosen(shown, [GN.name])[0], True)
    (own,) = draw.ask(shown, question)["others"]
    assert own["words"] == "yours 1: GN, batch 16, seed 1"


def test_a_picture_is_answered_with_its_digits_framed_as_predict_frames_them(
    shown, mnist
):
    files = [mnist.test.images[index].numpy() for index in (0, 3)]
    rng = np.random.default_rng(0)
    written = uri(photos.several(files, rng))
    answer = draw.ask(shown, {"view": "picture", "file": written})
    found = pictures.read(written)
    assert answer["size"] == [found.width, found.height]
    assert found.digits[answer["largest"]] is found.largest
    assert len(answer["digits"]) == 2 and "2 digits" in answer["words"]
    for one, digit in zip(answer["digits"], found.digits, strict=True):
        assert base64.b64decode(one["image"]) == digit.image.tobytes()
        assert one["box"] == asdict(digit.box)
    framed = answer["digits"][answer["largest"]]["image"]
    asked = draw.ask(shown, {"pixels": framed})
    assert asked["seen"] == framed
    programs = draw.predict(shown, written)
    probs = np.frombuffer(base64.b64decode(asked["probs"]), "<f4").reshape(-1, 10)
    np.testing.assert_allclose(programs["means"], probs.mean(0), atol=1e-6)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"view": "picture"}, "PNG or JPEG"),
        ({"view": "picture", "file": 3}, "PNG or JPEG"),
        ({"pixels": base64.b64encode(bytes(784)).decode()}, "blank"),
        ({"pixels": base64.b64encode(bytes(785)).decode()}, "damaged"),
        ({"pixels": "!" * 1048}, "damaged"),
        ({"view": "laboratory", "pixels": ""}, "damaged"),
    ],
)
def test_a_picture_or_a_framed_digit_that_cannot_be_read_gets_a_sentence(
    shown, question, words
):
    (error,) = draw.ask(shown, question).values()
    assert words in error


def test_a_network_reads_the_drawing_as_it_was_while_it_learned(shown):
    whole = shown.finished[0]
    last = {"epoch": 2, **{key: whole.history[1][key] for key in ("test_acc", "test_loss")}}  # fmt: skip
    state = {**whole.state, "head.weight": -whole.state["head.weight"]}
    midway = replace(whole, state=state, history=whole.history[:2], summary=whole.summary | {"last": last})  # fmt: skip
    results = replace(shown, midway={whole.trial.name: {2: midway}})
    (offered,) = menus.learned(results)
    name = f"{whole.trial.name}_epoch=2"
    assert offered["steps"] == [[2, name], [whole.trial.epochs, whole.trial.name]]
    asked = {"digit": 7, "turn": 0, "further": [name, whole.trial.name]}
    then, now = draw.ask(results, asked)["others"]
    assert then["words"] == f"{now['words']}, after epoch 2"
    assert (then["digit"], then["percent"]) != (now["digit"], now["percent"])
    weights = draw.ask(results, asked | {"view": "weights"})["networks"]
    assert [one["name"] for one in weights] == asked["further"]
    assert weights[0]["address"] != weights[1]["address"]
    assert "error" in draw.ask(shown, asked)  # where it was not kept
