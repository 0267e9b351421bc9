"""Errors of handlers: a `UserError` gives its own sentence, any other is logged and gives one neutral sentence."""

import inspect
import logging
from typing import get_type_hints

import pytest

from explorer.study.statistics import StatisticsError
from explorer.tabs.answers import NEUTRAL, answering, bound, checking, showing, unquoted
from explorer.web.refusals import SENTENCE
from train.errors import UserError


@answering
def one(question: dict) -> dict:
    """Answers one thing."""
    return {"seed": question["seed"]}


@answering
def many(error: Exception | None) -> dict:
    if error:
        raise error
    return {}


def test_an_answer_is_returned_unchanged():
    assert one({"seed": 3}) == {"seed": 3}
    assert many(None) == {}


def test_a_user_error_gives_its_own_sentence(caplog):
    assert many(StatisticsError("Too few seeds.")) == {"error": "Too few seeds."}
    assert not caplog.records


def test_any_other_error_is_logged_and_gives_one_neutral_sentence(caplog):
    with caplog.at_level(logging.ERROR):
        assert one({}) == {"error": NEUTRAL}
        assert many(IndexError("list index out of range")) == {"error": NEUTRAL}
    kinds = [record.exc_info[0] for record in caplog.records]
    assert kinds == [KeyError, IndexError]


@pytest.mark.parametrize("question", [None, [], "x", 3, 10**400])
def test_a_question_that_is_none_is_refused(question, caplog):
    assert one(question) == {"error": SENTENCE}
    assert not caplog.records


def test_a_validator_refuses_with_a_sentence(caplog):
    def refuse(error: Exception):
        raise error

    check = checking(refuse)
    with pytest.raises(UserError, match="Norm must be"):
        check(UserError("Norm must be one of BN, GN, LN."))
    with pytest.raises(UserError, match=NEUTRAL):
        check(KeyError("seed"))
    assert caplog.records


def test_a_handler_keeps_its_signature_and_docstring():
    assert list(inspect.signature(one).parameters) == ["question"]
    assert one.__doc__ == "Answers one thing."


@answering
def scaled(factor: int, number: int, times: int = 1) -> dict:
    """Multiplies a number."""
    return {"number": factor * number * times}


def test_a_bound_handler_keeps_its_other_parameters():
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
        return "text", "column", "figure", "table"

    assert show(None) == ("text", "column", "figure", "table")
    for error, sentence in ((UserError("Too few."), "Too few."), (KeyError(), NEUTRAL)):
        text, column, *figures = show(error)
        assert (text, column.visible, figures) == (sentence, False, [None, None])
    assert caplog.records


def test_an_error_with_a_visitors_numbers_is_logged_without_its_message(caplog):
    @answering
    @unquoted
    def read(text: str) -> dict:
        if text == "x":
            raise StatisticsError("a sentence")
        return {"number": float(text)}

    assert read("1") == {"number": 1.0}
    assert read("x") == {"error": "a sentence"}
    assert read("secret") == {"error": NEUTRAL}
    assert "ValueError" in caplog.text and "secret" not in caplog.text
