"""Handlers of Curves: histories, and the curves of the ticked choices."""

import json
from math import inf

import pytest

from explorer.runs.metrics import Quickest
from explorer.study import epochs
from explorer.tabs import curves
from tests.tabs.conftest import BN, GN, LN
from train.study import Trial


def test_history_has_a_row_per_epoch_and_names_an_unknown_trial(shown):
    first = shown.checkpoints[0]
    assert curves.history(shown, first.trial.name) == {"history": first.history}
    answer = curves.history(shown, "BN")
    assert answer["error"] == "There is no trial named 'BN'; /trials lists them."


@pytest.mark.parametrize(
    ("norms", "count", "configs"), [(["GN", "LN"], 6, 2), ([], 0, 0)]
)
def test_curves_are_of_the_ticked_choices(shown, norms, count, configs):
    chosen = (["grid"], norms, ["none"], [16], [Trial.lr])
    looks = ("Loss", "test", "linear", "singly", "all", curves.FIRST, False)
    text, column, drawn, *_ = curves.draw(shown, *looks, *chosen, None)
    assert text.startswith(f"{count} of 11 networks shown.")
    assert ("tick more" in text) == (not configs)
    assert column.visible == bool(configs)
    assert len(curves.per_epoch(shown, *chosen)) == Trial.epochs * configs
    gaps = curves.differences(shown, *looks, *chosen)
    assert len(gaps) == Trial.epochs * max(0, configs - 1)
    assert len(json.loads(drawn)) == (3 if configs else 0)


def test_a_baseline_and_the_epochs_are_chosen(shown):
    chosen = (["grid"], ["BN", "GN", "LN"], ["none"], [16], [Trial.lr])
    start = epochs.fall(shown.history)
    for epoch, preset in ((1, "all"), (start, "after the rate falls")):
        looks = ("Error", "test", "logarithmic", "mean with interval", preset)
        values = (*looks, GN.config, False, *chosen, None)
        charts = json.loads(curves.draw(shown, *values)[2])
        learning, gaps, rate = charts
        keys = [line["key"] for line in gaps["lines"]]
        assert sorted(keys) == sorted([BN.config, LN.config])
        assert "less that of GN" in gaps["title"]
        for chart in (learning, gaps, rate):
            assert {min(line["xs"]) for line in chart["lines"]} == {epoch}


@pytest.mark.parametrize(
    ("best", "sentence"),
    [
        (None, ""),
        (
            Quickest(("a",), 4.5, (1, 1)),
            "So far a is the first to reach 99.3 %: in epoch 4.5, the median of 1 seed.",
        ),
        (
            Quickest(("a", "b"), 9.0, (3, 10)),
            "So far a and b are the first to reach 99.3 %: in epoch 9, the median of 3 to 10 seeds.",
        ),
        (
            Quickest(("a", "b", "c"), 9.0, (2, 2)),
            "So far 3 configurations are the first to reach 99.3 %: in epoch 9, the median of 2 seeds.",
        ),
        (
            Quickest(("a",), inf, (2, 2)),
            "No configuration reaches 99.3 % with more than half of its seeds.",
        ),
    ],
)
def test_the_quickest_are_named_or_counted(best, sentence):
    assert curves.quickest(best) == sentence
