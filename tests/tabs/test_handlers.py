"""Handlers of the tabs, called as functions: what they answer, and what they show where nothing can be said."""

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.runs.results import Results
from explorer.tabs import compare, curves, draw, findings, inside, mistakes, trust
from train.study import Trial

GN, BN, LN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN", "LN"))


@pytest.fixture(scope="module")
def shown(invent) -> Results:
    """Five seeds of two configurations, and one of a third."""
    some = [
        invent(replace(trial, seed=seed), range(missed + seed))
        for seed in range(1, 6)
        for trial, missed in ((GN, 60), (BN, 80))
    ]
    return Results(Path(), [*some, invent(LN, range(70))], [])


def test_history_has_a_row_per_epoch_and_names_what_is_missing(shown):
    found = shown.checkpoints[0]
    assert curves.history(shown, found.trial.name) == found.history
    (answer,) = curves.history(shown, "BN")
    assert answer["error"] == "There is no trial named 'BN'; /trials lists them."


@pytest.mark.parametrize(
    ("norms", "count", "configs"), [(["GN", "LN"], 6, 2), ([], 0, 0)]
)
def test_curves_are_of_what_is_ticked(shown, norms, count, configs):
    chosen = (["grid"], norms, ["none"], [16], [Trial.lr])
    words, column, *_ = curves.draw(
        shown, "Loss", "linear", "singly", False, *chosen, None
    )
    assert words.startswith(f"{count} of 11 trials shown.")
    assert ("tick more" in words) == (not configs)
    assert column.visible == bool(configs)
    assert len(curves.epochs(shown, *chosen)) == Trial.epochs * configs


def test_two_configurations_are_compared_where_both_have_seeds(shown):
    words, column, figure, numbers = compare.show(shown, GN.config, BN.config)
    assert words.startswith("### Different, GN, batch 16 reads better")
    assert column.visible and figure and len(numbers)
    words, column, figure, numbers = compare.show(shown, GN.config, LN.config)
    assert words == compare.compare(shown, GN.config, LN.config)["error"]
    assert (column.visible, figure, numbers) == (False, None, None)


@pytest.mark.parametrize("corruption", ["noise", "rain"])
def test_what_was_not_measured_is_said_and_its_figures_are_hidden(corruption, shown):
    words, column, figure, table = trust.show_harder(shown, "Norm", corruption)
    assert words == trust.robust(shown, corruption)["error"]
    assert (column.visible, figure, table) == (False, None, None)


def test_calibration_is_hidden_where_there_are_too_few_seeds(shown):
    words, column, figure, table = trust.show(shown, "Norm", 50.0)
    assert words.startswith("The grid has too few seeds yet")
    assert (column.visible, figure, table) == (False, None, None)


def test_the_observations_are_judged_once(shown, monkeypatch):
    records = findings.observations(shown)
    monkeypatch.setattr(findings.claims, "judge", None)
    assert findings.observations(shown) == records
    assert len(records) == 4


def test_predict_asks_further_networks_and_not_too_many(shown):
    (error,) = draw.predict(shown, "no picture").values()
    assert error.endswith(".")
    name = GN.name
    assert draw.chosen(shown, [name])[0].trial == GN
    answer = draw.ask(shown, {"digit": 7, "turn": 0, "further": [name] * 9})
    assert answer == {"error": "At most 8 further networks can be asked."}


@pytest.mark.parametrize(
    "question", [None, {}, {"view": "one"}, {"trials": []}, {"trials": ["x"] * 3}]
)
@pytest.mark.parametrize("tab", [mistakes, inside])
def test_a_view_that_is_not_there_is_refused(tab, question, shown):
    expected = {"error": "The page asked for a view that is not there."}
    assert tab.ask(shown, question) == expected
