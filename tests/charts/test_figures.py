"""Printed figures of comparisons: their marks, labels and values outside the axis."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.charts import figures
from explorer.charts.print_style import drawn
from explorer.study import claims, published_table
from explorer.study.observations import Plan
from explorer.study.parts import Part
from explorer.study.statistics import (
    DIFFERENT,
    EQUIVALENT,
    UNDECIDED,
    Difference,
    Interval,
)
from tests.gathered import gathered
from train.study import ROWS, as_run


@pytest.fixture(scope="module")
def lines(invent):
    """Rows 1 and 2, the second collapsed."""
    missed = {ROWS[0].trial: 60, ROWS[1].trial: 9000, as_run(ROWS[1].trial): 70}
    runs = [
        invent(replace(trial, seed=seed), range(number + seed))
        for trial, number in missed.items()
        for seed in (1, 2, 3)
    ]
    return published_table.published(gathered(runs))[:2]


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_a_collapsed_row_is_annotated(lines):
    (axes,) = figures.rows(lines).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "1  GN, batch 128",
        "2  GN, L1 0.0994554, batch 123",
    ]
    assert texts(axes) == ["\u25c0 as labelled 9.98 %"]
    low, high = axes.get_xlim()
    assert 98.5 < low < 99.3 and high < 100


def test_every_seed_is_a_mark_but_those_outside(lines):
    (axes,) = figures.strips(lines).axes
    assert texts(axes) == ["\u25c0 3 as labelled below 98.5 %"]
    first = [
        collection
        for collection in axes.collections
        if len(collection.get_offsets()) == 3
    ]
    assert len(first) == 3  # row 1 as labelled and as run, row 2 as run


def test_marks_are_those_of_the_outcomes():
    near = Interval(0.1, 0.3)
    lines = [
        figures.Estimate(outcome, 0.2, near, outcome)
        for outcome in (DIFFERENT, EQUIVALENT, UNDECIDED)
    ]
    figure = figures.forest(lines, "points", 0.05)
    (legend,) = figure.legends
    shown = [text.get_text() for text in legend.get_texts()]
    assert shown == [DIFFERENT, EQUIVALENT, UNDECIDED]
    without = figures.forest(lines, "points")
    assert len(without.legends[0].get_texts()) == 2


def test_parts_have_a_panel_per_unit_and_a_word_each():
    gap = Difference(0.1, 0.001, 18, (10, 10))
    made = tuple(
        Part(Plan("accuracy", "GN", "BN", "acc", unit, 1, [], margin), gap, 2)
        for unit, margin in (("points", 0.05), ("epochs", 1.0))
    )
    made = (made[0], replace(made[1], gap=replace(gap, margin=1.0)))
    claim = claims.Claim(1, "", "", (claims.Arm("grid", (), 0, made),))
    panels = figures.parts(claim).axes
    assert [axes.get_xlabel() for axes in panels] == [
        "difference, points; the observation says right of 0",
        "difference, epochs; the observation says right of 0",
    ]
    assert [axes.texts[-1].get_text() for axes in panels] == ["shown", "shown, small"]


def test_norms_have_a_panel_per_regulariser():
    means = pd.DataFrame(
        {
            "panel": kind,
            "norm": norm,
            "x": size,
            "mean": 99.0,
            "half_width": 0.1,
        }
        for kind in ("no penalty", "L1")
        for norm in ("BN", "GN")
        for size in (16, 32)
    )
    figure = figures.by_norm(means, "batch size")
    assert [axes.get_title() for axes in figure.axes] == ["no penalty", "L1"]


def test_ranks_are_an_image_of_their_shares():
    figure = figures.ranks(["a", "b"], np.array([[0.75, 0.25], [0.25, 0.75]]))
    assert drawn(figure)[-1] == ["image", 4, 2.0]
    assert texts(figure.axes[0]) == ["75", "25", "25", "75"]
