"""Handlers of Trust: an error is shown as text, and its figures are hidden."""

import pytest

from explorer.tabs import trust


@pytest.mark.parametrize("corruption", ["noise", "rain"])
def test_without_measurements_an_error_is_shown_and_the_figures_are_hidden(
    corruption, shown
):
    text, column, figure, table = trust.show_harder(shown, "Norm", corruption)
    assert text == trust.robust(shown, corruption)["error"]
    assert (column.visible, figure, table) == (False, None, None)


def test_calibration_is_hidden_where_there_are_too_few_seeds(shown):
    text, column, figure, table = trust.show(shown, "Norm", 50.0)
    assert text.startswith("The grid has too few seeds yet")
    assert (column.visible, figure, table) == (False, None, None)
