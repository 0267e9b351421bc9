"""Handlers of Inside: maps and weights of networks, and unknown views."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.network import activations, predictions
from explorer.tabs import inside


@pytest.mark.parametrize(
    "question", [{}, {"view": "one"}, {"trials": []}, {"trials": ["x"] * 4}]
)
def test_an_unknown_view_is_refused(question, shown):
    expected = {"error": "The page asked for a view that is not there."}
    assert inside.ask(shown, question) == expected


def test_maps_come_with_their_moments_and_a_table(shown):
    names = [network.trial.name for network in shown.finished[:2]]
    answer = inside.ask(shown, {"trials": names, "image": 3})
    assert [len(side["blocks"]) for side in answer["sides"]] == [6, 6]
    headers, first = answer["table"]["headers"], answer["table"]["data"][0]
    row = dict(zip(headers, first, strict=True))
    block = answer["sides"][0]["blocks"][0]
    assert row["network"] == answer["sides"][0]["name"]
    assert block["maps"][0] == {
        "before": f"mean {row['mean']:.2f}, deviation {row['var'] ** 0.5:.2f}",
        "after": f"mean {row['mean after']:.2f}, deviation {row['var after'] ** 0.5:.2f}",
    }
    assert block["size"] == 28
    maps = [
        activations.blocks(each, predictions.image(3)) for each in shown.finished[:2]
    ]
    for side, network in zip(answer["sides"], shown.finished, strict=False):
        alone = predictions.probs(
            predictions.stacked((network,)), predictions.image(3)
        )[0]
        assert side["probs"] == pytest.approx(alone.tolist(), abs=1e-6)
        assert side["reads"].startswith(f"reads {alone.argmax()}, ")
        for when in ("before", "after"):
            largest = max(np.abs(getattr(one[0], when)).max() for one in maps)
            assert side["blocks"][0]["scale"][when] == pytest.approx(float(largest))


def test_weights_come_with_their_spread_and_growth(shown):
    names = [network.trial.name for network in shown.finished[:2]]
    answer = inside.ask(shown, {"trials": names, "view": "weights"})
    assert answer["words"] == [
        "GN, batch 16 has no penalty.",
        "BN, batch 16 has no penalty.",
    ]
    assert set(answer["layers"][0]["networks"][0]) == {"counts", "near_zero", "norm"}
    growth = {"name", "hue", "epochs", "share", "rate", "norms"}
    assert set(answer["networks"][0]) == growth


def test_a_network_is_shown_as_it_was_after_an_epoch(shown):
    whole = shown.finished[0]
    other = shown.finished[1]
    last = {"epoch": 2, **{key: whole.history[1][key] for key in ("test_acc", "test_loss")}}  # fmt: skip
    state = {**whole.state, "head.weight": -whole.state["head.weight"]}
    midway = replace(whole, state=state, history=whole.history[:2], summary=whole.summary | {"last": last})  # fmt: skip
    results = replace(shown, midway={whole.trial.name: {2: midway}})
    assert results.epochs == {whole.trial.name: [2, whole.trial.epochs]}
    names = [whole.trial.name, other.trial.name]
    question = {"trials": names, "image": 3}
    now, then = (
        inside.ask(results, question | {"epoch": epoch})["sides"] for epoch in (None, 2)
    )
    assert then[0]["name"] == f"{now[0]['name']}, after epoch 2"
    alone = predictions.probs(predictions.stacked((midway,)), predictions.image(3))[0]
    assert then[0]["probs"] == pytest.approx(alone.tolist(), abs=1e-6)
    assert then[0]["probs"] != now[0]["probs"]
    assert then[1]["name"] == now[1]["name"]  # of which no epoch was kept
    assert then[1]["probs"] == pytest.approx(now[1]["probs"], abs=1e-6)
    assert "error" in inside.ask(results, question | {"epoch": "2"})
