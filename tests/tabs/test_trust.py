"""Handlers of Robustness: an error is shown as text, and its figures are hidden."""

import json

import pytest

from explorer.runs.results import load
from explorer.study import robustness, tables
from explorer.tabs import trust, voting


@pytest.mark.parametrize("corruption", ["noise", "rain"])
def test_without_measurements_an_error_is_shown_and_the_figures_are_hidden(
    corruption, shown
):
    text, column, figure, table = trust.show_harder(shown, "Norm", corruption, "GN")
    assert text == trust.robust(shown, corruption)["error"]
    assert (column.visible, figure, table) == (False, None, None)


def test_calibration_is_hidden_where_there_are_too_few_seeds(shown):
    text, column, figure, table = trust.show(shown, "Norm", 50.0)
    assert text.startswith("The grid has too few seeds yet")
    assert (column.visible, figure, table) == (False, None, None)


def test_votes_are_shown_with_the_numbers_of_their_endpoint(shown):
    text, column, chart = voting.show(shown)
    votes = voting.voting(shown)["votes"]
    assert text.startswith("5 networks of one configuration that vote gain")
    assert column.visible and json.loads(chart) == votes
    assert [vote["voters"] for vote in votes] == [1, 2, 3, 4, 5]
    assert voting.counts(shown).equals(tables.votes(voting.voted(shown)))


def test_where_too_few_seeds_vote_the_chart_is_hidden(folder):
    few = load(folder)
    text, column, chart = voting.show(few)
    assert text == voting.voting(few)["error"]
    assert (column.visible, chart) == (False, None)


def test_it_opens_on_a_corruption_under_which_norms_differ(committed):
    pairs = robustness.compared(committed.core, trust.measured(committed), "norm")
    under = [pair for pair in pairs if pair.corruption == trust.OPENS_ON]
    assert any(pair.exceeds_margin for pair in under)
