"""Handlers of Draw: further networks, and refused requests."""

from explorer.tabs import draw
from train.study import Trial

GN = Trial("GN", 0.0, 0.0, 16)


def test_predict_asks_further_networks_and_not_too_many(shown):
    (error,) = draw.predict(shown, "no picture").values()
    assert error.endswith(".")
    name = GN.name
    assert draw.chosen(shown, [name])[0].trial == GN
    answer = draw.ask(shown, {"digit": 7, "turn": 0, "further": [name] * 9})
    assert answer == {"error": "At most 8 further networks can be asked."}
