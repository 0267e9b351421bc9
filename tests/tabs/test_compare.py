"""Handlers of Compare: answers to the page and to programs, and the error where two configurations cannot be compared."""

from explorer.charts.palette import HUES
from explorer.runs.descriptions import describe
from explorer.study import tables
from explorer.study.comparison import compare as compared
from explorer.tabs import compare
from train.study import Trial

GN, BN, LN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN", "LN"))
PAIR = {"a": GN.config, "b": BN.config, "margin": 0.1, "gap": 0.05}


def test_the_page_gets_what_programs_get_with_its_table_and_plan(shown):
    answer = compare.ask(shown, PAIR)
    program = compare.compare(shown, GN.config, BN.config, 0.1)
    assert program.items() <= answer.items()
    assert program["outcome"] == "different" and program["difference"]["margin"] == 0.1
    table = tables.comparison(compared(shown, GN.config, BN.config, 0.1))
    assert answer["table"]["headers"] == [*table.columns]
    assert answer["table"]["data"] == table.to_numpy().tolist()
    assert answer["names"] == [describe(GN), describe(BN)]
    assert answer["hues"] == [HUES["GN"], HUES["BN"]]
    assert "truly differ by 0.05 points" in answer["plan"]
    assert "Name a difference" in compare.ask(shown, PAIR | {"gap": None})["plan"]


def test_what_cannot_be_compared_is_an_error_for_both(shown):
    error = compare.compare(shown, GN.config, LN.config)["error"]
    assert "has one seed only" in error
    assert compare.ask(shown, PAIR | {"b": LN.config}) == {"error": error}
    assert "margin" in compare.ask(shown, PAIR | {"margin": None})["error"]
    assert "not there" in compare.ask(shown, PAIR | {"gap": "wide"})["error"]


def test_the_noise_floor_is_said(shown):
    assert "differ by chance" in compare.ask(shown, {"view": "noise"})["words"]
