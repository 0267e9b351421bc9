"""Draft of the report: paragraphs, tables, figures, and the runs of a configuration."""

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from explorer.report.draft import TOO_FEW_SEEDS, Draft, require, section, span
from tests.gathered import gathered
from train.study import ROWS


@pytest.fixture
def draft(invent):
    """Rows 1 and 2 with two seeds, the second collapsed, and row 3 with one."""
    missed = {0: (60, 62), 1: (9000, 9001), 2: (70,)}
    return Draft(
        gathered(
            invent(replace(ROWS[index].trial, seed=seed), range(number))
            for index, numbers in missed.items()
            for seed, number in enumerate(numbers, 1)
        )
    )


def test_columns_of_numbers_are_aligned_right(draft):
    draft.add_table(
        pd.DataFrame(
            {"row": [1, 2], "mean": ["99.40 ± 0.02 (10)", "-"], "kind": ["**a**", "3"]}
        )
    )
    assert "\n".join(draft.lines).splitlines() == [
        "| row | mean | kind |",
        "| ---: | ---: | --- |",
        "| 1 | 99.40 ± 0.02 (10) | **a** |",
        "| 2 | - | 3 |",
    ]


def test_a_figure_is_linked_where_it_is_added(draft):
    draft.add_figure("a.svg", Figure(), "A figure")
    assert draft.lines == ["![A figure](docs/figures/a.svg)", ""]
    assert list(draft.figures) == ["a.svg"]


def test_non_collapsed_rows_have_two_seeds_that_learned(draft):
    assert [draft.is_comparable(row.trial) for row in ROWS[:3]] == [True, True, False]
    assert draft.non_collapsed() == [ROWS[0]]
    assert draft.values(ROWS[0].trial).tolist() == pytest.approx([99.4, 99.38])
    assert draft.correct(ROWS[2].trial).shape == (1, 10_000)


def test_counts_are_a_number_or_a_span():
    assert (span([10, 10]), span([3, 10])) == ("10", "3 to 10")


def test_a_section_has_its_title_and_ends_where_nothing_is_trained(draft):
    @section("A section")
    def write(draft: Draft):
        draft.add_text(require("Shown."))
        require([])
        draft.add_text("Not shown.")

    write(draft)
    text = "\n".join(draft.lines)
    assert text.index("## A section") < text.index("Shown.") < text.index(TOO_FEW_SEEDS)
    assert "Not shown." not in text
