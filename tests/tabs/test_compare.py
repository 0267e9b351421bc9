"""Handlers of Is it real?: a comparison, and the error where two configurations cannot be compared."""

from explorer.tabs import compare
from train.study import Trial

GN, BN, LN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN", "LN"))


def test_two_configurations_are_compared_where_both_have_seeds(shown):
    text, column, figure, numbers = compare.show(shown, GN.config, BN.config)
    assert text.startswith("### Different, GN, batch 16 reads better")
    assert column.visible and figure and len(numbers)
    text, column, figure, numbers = compare.show(shown, GN.config, LN.config)
    assert text == compare.compare(shown, GN.config, LN.config)["error"]
    assert (column.visible, figure, numbers) == (False, None, None)


def test_the_planner_says_how_many_seeds_a_difference_takes(shown):
    assert "seeds" in compare.plan(shown, 0.05)
