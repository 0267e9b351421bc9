"""Handlers of Claims: the observations, judged once, their cards and table, the factors, and the further studies."""

from explorer.study import wording
from explorer.study.grid_families import grid
from explorer.tabs import findings
from tests.gathered import gathered


def test_the_observations_are_judged_once(shown, monkeypatch):
    records = findings.observations(shown)["claims"]
    monkeypatch.setattr(findings.claims, "judge", None)
    assert findings.observations(shown)["claims"] == records
    assert len(records) == 4


def test_the_cards_of_all_arms_are_answered_at_once_and_the_parts_as_a_table(shown):
    cards = findings.ask(shown, {})["observations"]
    assert [list(card["arms"]) for card in cards] == [
        ["published", "as-run", "grid"]
    ] * 4
    assert "Too few seeds" in cards[0]["arms"]["grid"]["sentence"]
    table = findings.ask(shown, {"view": "parts"})
    assert table["headers"][:3] == ["observation", "arm", "part"]
    assert len(table["data"]) == sum(
        len(arm["parts"]) for card in cards for arm in card["arms"].values()
    )


def test_factors_that_lack_seeds_say_so(shown):
    nothing = gathered([])
    assert "Too few seeds" in findings.ask(nothing, {"view": "factors"})["error"]
    assert findings.ask(nothing, {"view": "contrasts"})["data"] == []
    assert findings.ask(nothing, {"view": "studies"})["studies"] == []
    (factor,) = findings.ask(shown, {"view": "factors"})["factors"]
    assert [card["title"] for card in factor["cards"]] == ["BN minus GN"]
    assert "too few seeds" in findings.grid_effects(shown)["error"]


def test_the_factors_have_a_card_a_pair_with_its_simple_effects(committed):
    answer = findings.ask(committed, {"view": "factors"})
    factors = {one["key"]: one["cards"] for one in answer["factors"]}
    assert {key: len(cards) for key, cards in factors.items()} == {
        "norm": 3,
        "penalty": 6,
        "batch-size": 6,
    }
    simple = grid(committed).simple
    for factor, cards in factors.items():
        levels = sum(4 for one, _ in simple if one == factor.replace("-", " "))
        assert {len(card["rows"]) for card in cards} == {1 + levels}
    effects = findings.grid_effects(committed)
    assert {"contrasts", "terms", "levels", "mean", "runs"} <= set(effects)
    assert [one["estimate"] for one in effects["contrasts"]] == [
        card["rows"][0]["estimate"] for cards in factors.values() for card in cards
    ]
    table = findings.ask(committed, {"view": "contrasts"})
    assert len(table["data"]) == 15 + sum(len(one.judged) for one in simple.values())


def test_the_further_studies_have_the_sentences_of_the_finding(committed):
    answer = findings.ask(committed, {"view": "studies"})
    beyond = wording.finding.beyond(committed)
    penalties, *studies = answer["studies"]
    assert penalties["sentence"] == wording.finding.statements(committed)[1].text
    assert [study["sentence"] for study in studies] == [one.text for one in beyond]
    linked = {one.view for one in beyond} | {
        one.view for one in wording.finding.statements(committed)
    }
    keys = [study["key"] for study in answer["studies"]]
    keys += [
        one["key"] for one in findings.ask(committed, {"view": "factors"})["factors"]
    ]
    parts = {
        view.partition("part=")[2] for view in linked if view.startswith("tab=findings")
    }
    assert parts <= set(keys)
    small, dose, rates, control = studies
    assert small["charts"][0]["values"] == [2, 4, 8, 16, 32, 64, 128]
    assert [len(one["charts"]) for one in (small, dose, rates, control)] == [1, 0, 2, 0]
    for study in (small, rates):
        for line in (line for chart in study["charts"] for line in chart["lines"]):
            assert line["name"] in answer["hues"]
            for mean, interval in zip(line["means"], line["intervals"], strict=True):
                assert interval["low"] < mean < interval["high"]
