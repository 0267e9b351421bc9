"""Handlers of Inside: maps and weights of networks, and unknown views."""

import pytest

from explorer.tabs import inside


@pytest.mark.parametrize(
    "question", [None, {}, {"view": "one"}, {"trials": []}, {"trials": ["x"] * 3}]
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
        "before": f"{row['mean']:.2f}\n± {row['var'] ** 0.5:.2f}",
        "after": f"{row['mean after']:.2f}\n± {row['var after'] ** 0.5:.2f}",
    }


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
