"""Printed figures that describe networks."""

import numpy as np
import pandas as pd
import pytest

from explorer.charts import palette, portraits
from explorer.digits.corruptions import CORRUPTIONS
from explorer.runs import published_curves, results
from explorer.study.robustness import Curve, Point
from explorer.study.statistics import Interval

COMBINATIONS = [("BN", "none"), ("GN", "L1"), ("LN", "L2")]


def test_learning_has_a_line_per_configuration_and_the_published_runs(folder):
    history = results.load(folder).history
    acc, loss, rate = portraits.learning(history, published_curves.read()).axes
    assert len(acc.lines) == len(loss.lines) == 3 + 3
    rows = history[history.config == history.config.iloc[0]]
    assert list(acc.lines[0].get_ydata()) == pytest.approx([*100 * rows.test_acc])
    assert rate.get_yscale() == "log"


def test_sparsity_has_a_mark_per_norm_and_regulariser():
    rows = [
        {"near_zero": 3.0, "error": 0.6, "norm": norm, "regulariser": kind}
        for norm, kind in COMBINATIONS
    ]
    (axes,) = portraits.sparsity(pd.DataFrame(rows)).axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["BN, no penalty", "GN, L1", "LN, L2"]


def test_a_penalty_acts_in_three_panels():
    rows = [
        {
            "config": norm,
            "norm": norm,
            "regulariser": kind,
            "epoch": epoch,
            "share": 0.5,
            "near_zero": 0.1,
            "norm_of_weights": 7.0,
        }
        for norm, kind in COMBINATIONS
        for epoch in (1, 2)
    ]
    figure = portraits.acting(pd.DataFrame(rows))
    share, zero, size = (list(axes.lines[0].get_ydata()) for axes in figure.axes)
    assert (share, zero, size) == ([50, 50], [10, 10], [7, 7])


def test_layers_are_ordered_with_the_convolutions_before_the_norms():
    rows = [
        {"config": norm, "norm": norm, "regulariser": "L1", "layer": layer, "size": 2.0}
        for norm in ("BN", "GN")
        for layer in ("blocks.0.conv", "blocks.0.norm", "head")
    ]
    (axes,) = portraits.layers(pd.DataFrame(rows)).axes
    assert len(axes.get_xticklabels()) == 3
    assert "norm" in axes.get_xticklabels()[-1].get_text()


def test_a_corruption_that_fades_has_its_hard_end_on_the_right():
    points = tuple(Point(at, 90.0, Interval(89.0, 91.0)) for at in (0.5, 1.0))
    curves = [Curve("BN", 3, points), Curve("BN", 3, points, is_re_estimated=True)]
    panels = [(corruption, curves) for corruption in CORRUPTIONS]
    figure = portraits.robustness(panels)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][-1] == "BN, re-estimated"
    assert [line.get_linestyle() for line in figure.axes[1].lines] == ["-", ":"]
    for axes, corruption in zip(figure.axes, CORRUPTIONS, strict=True):
        assert axes.get_title() == corruption.name
        assert axes.xaxis_inverted() == corruption.fading


def test_a_flagged_digit_has_a_frame():
    pictures = [np.zeros((28, 28), np.uint8)] * 11
    flags = [False] * 10 + [True]
    figure = portraits.digits(pictures, ["a"] * 11, flags)
    shown = [axes for axes in figure.axes if axes.axison]
    assert [axes.spines["top"].get_visible() for axes in shown] == flags
    assert shown[-1].spines["top"].get_edgecolor()[:3] == pytest.approx(
        [int(palette.FLAGGED[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    )
