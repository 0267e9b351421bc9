"""Handlers of Draw: further networks, and refused requests."""

import base64

from explorer.retrain.session import SESSIONS
from explorer.runs import device_files
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


def test_the_device_gets_further_networks_by_address_and_own_ones_as_files(
    shown, new_secret
):
    visit, further = new_secret(), draw.chosen(shown, [GN.name])[0]
    name = SESSIONS.add(visit, further)
    question = {"view": "weights", "visit": visit, "further": [GN.name]}
    mine, other = draw.ask(shown, question)["networks"]
    content = device_files.weights([further])
    assert mine["key"] == name and base64.b64decode(mine["file"]) == content
    assert other["key"] == other["name"] == GN.name
    assert assets.KEPT[other["address"].removeprefix("files/")]() == content
    answer = draw.ask(shown, {"view": "weights", "further": [GN.name] * 9})
    assert answer == {"error": "At most 8 further networks can be asked."}
