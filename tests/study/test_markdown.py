"""Markdown of data frames."""

import html

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


def test_a_text_is_shown_as_it_is_and_never_as_markup():
    text = "![x](http://a.example/b) <form> $$x$$ a_b *c* é"
    shown = markdown.literal(text)
    assert not set("![]()<>$_*:/.") & set(shown)
    assert html.unescape(shown) == text
