"""Handlers of Results: the trials, the best configuration, and links about a row."""

from types import SimpleNamespace

from explorer.runs.results import Results
from explorer.study import published_table, tables
from explorer.tabs import table


def test_trials_are_all_that_were_trained(shown):
    assert table.trials(shown) == shown.records()
    assert len(table.trials(shown)) == len(shown.checkpoints)


def test_the_configuration_that_reads_best_is_named(committed):
    assert table.leader(committed).endswith(".")


def test_a_row_that_is_clicked_is_linked(committed: Results):
    row = tables.published(published_table.lines(committed)).iloc[0].tolist()
    assert "?tab=" in table.chosen(committed, SimpleNamespace(row_value=row))
