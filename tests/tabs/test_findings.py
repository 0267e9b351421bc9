"""Handlers of What holds?: the observations, judged once, and the effects."""

from explorer.tabs import findings


def test_the_observations_are_judged_once(shown, monkeypatch):
    records = findings.observations(shown)
    monkeypatch.setattr(findings.claims, "judge", None)
    assert findings.observations(shown) == records
    assert len(records) == 4


def test_effects_that_cannot_be_fitted_are_hidden_and_the_verdicts_stay(shown):
    answer, observed, text, column, *figures = findings.show(shown)
    assert answer.startswith("So far, on the grid: ") and "### 1. " in observed
    assert text == findings.grid_effects(shown)["error"]
    assert (column.visible, figures) == (False, [None] * 3)
