"""Errors of handlers: those for people in their own words, any other logged and as one neutral sentence."""

import inspect
import logging
from typing import get_type_hints

import pytest

from explorer.study.statistics import StatisticsError
from explorer.tabs.answers import NEUTRAL, answering, bound, checking, showing
from train.errors import UserError


@answering
def one(question: dict) -> dict:
    """Answers one thing."""
    return {"seed": question["seed"]}


@answering
def many(error: Exception | None) -> list[dict]:
    if error:
        raise error
    return [{}]


def test_an_answer_is_passed_on():
    assert one({"seed": 3}) == {"seed": 3}
    assert many(None) == [{}]


def test_an_error_for_people_is_told_in_its_words(caplog):
    assert many(StatisticsError("Too few seeds.")) == [{"error": "Too few seeds."}]
    assert not caplog.records


def test_any_other_error_is_logged_and_told_in_one_neutral_sentence(caplog):
    with caplog.at_level(logging.ERROR):
        assert one({}) == {"error": NEUTRAL}
        assert many(IndexError("list index out of range")) == [{"error": NEUTRAL}]
    kinds = [record.exc_info[0] for record in caplog.records]
    assert kinds == [KeyError, IndexError]


def test_a_validator_refuses_with_a_sentence(caplog):
    def refuse(error: Exception):
        raise error

    check = checking(refuse)
    with pytest.raises(UserError, match="Norm must be"):
        check(UserError("Norm must be one of BN, GN, LN."))
    with pytest.raises(UserError, match=NEUTRAL):
        check(KeyError("seed"))
    assert caplog.records


def test_a_handler_stays_what_it_was_for_the_endpoints_description():
    assert list(inspect.signature(one).parameters) == ["question"]
    assert one.__doc__ == "Answers one thing."


@answering
def scaled(factor: int, number: int, times: int = 1) -> dict:
    """Multiplies a number."""
    return {"number": factor * number * times}


def test_a_bound_handler_is_described_by_what_is_left_of_it():
    double = bound(scaled, 2)
    assert double(3) == {"number": 6} and double(3, times=2) == {"number": 12}
    assert double(None) == {"error": NEUTRAL}
    assert double.__name__ == "scaled" and double.__doc__ == "Multiplies a number."
    assert str(inspect.signature(double)) == "(number: int, times: int = 1) -> dict"
    assert get_type_hints(double)["times"] is int


def test_a_view_that_fails_shows_its_error_and_hides_its_figures(caplog):
    @showing(figures=2)
    def show(error: Exception | None):
        if error:
            raise error
        return "words", "column", "figure", "table"

    assert show(None) == ("words", "column", "figure", "table")
    for error, said in ((UserError("Too few."), "Too few."), (KeyError(), NEUTRAL)):
        words, column, *figures = show(error)
        assert (words, column.visible, figures) == (said, False, [None, None])
    assert caplog.records
