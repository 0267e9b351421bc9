"""Trust's handlers: what they show, and what is hidden where nothing can be said."""

import pytest

from explorer.tabs import trust


@pytest.mark.parametrize("corruption", ["noise", "rain"])
def test_what_was_not_measured_is_said_and_its_figures_are_hidden(corruption, shown):
    words, column, figure, table = trust.show_harder(shown, "Norm", corruption)
    assert words == trust.robust(shown, corruption)["error"]
    assert (column.visible, figure, table) == (False, None, None)


def test_calibration_is_hidden_where_there_are_too_few_seeds(shown):
    words, column, figure, table = trust.show(shown, "Norm", 50.0)
    assert words.startswith("The grid has too few seeds yet")
    assert (column.visible, figure, table) == (False, None, None)
