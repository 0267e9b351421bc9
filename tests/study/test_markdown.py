"""Markdown of data frames."""

import pandas as pd

from explorer.study import markdown


def test_a_table_has_a_line_per_row_and_its_numbers_are_aligned_right():
    rows = pd.DataFrame([{"name": "a", "seeds": 3}, {"name": "b", "seeds": 12}])
    assert markdown.format_table(rows, right_aligned=["seeds"]).splitlines() == [
        "| name | seeds |",
        "| --- | ---: |",
        "| a | 3 |",
        "| b | 12 |",
    ]
