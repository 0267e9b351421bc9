"""Handlers of What holds?: the observations, judged once, their cards and table, and the effects."""

from explorer.tabs import findings


def test_the_observations_are_judged_once(shown, monkeypatch):
    records = findings.observations(shown)
    monkeypatch.setattr(findings.claims, "judge", None)
    assert findings.observations(shown) == records
    assert len(records) == 4


def test_the_cards_of_all_arms_are_answered_at_once_and_the_parts_as_a_table(shown):
    cards = findings.ask(shown, {})["observations"]
    assert [list(card["arms"]) for card in cards] == [
        ["published", "as-run", "grid"]
    ] * 4
    assert "Too few seeds" in cards[0]["arms"]["grid"]["sentence"]
    table = findings.ask(shown, {"table": True})
    assert table["headers"][:3] == ["observation", "arm", "part"]
    assert len(table["data"]) == sum(
        len(arm["parts"]) for card in cards for arm in card["arms"].values()
    )


def test_effects_that_cannot_be_fitted_are_hidden(shown):
    text, column, *figures = findings.show_effects(shown)
    assert text == findings.grid_effects(shown)["error"]
    assert (column.visible, figures) == (False, [None] * 3)
