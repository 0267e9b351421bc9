"""Charts of the tab Robustness: lines and bands."""

from types import SimpleNamespace

import pandas as pd

from explorer.charts import palette, robustness
from explorer.study.calibration import Bin
from explorer.study.robustness import Curve, Point
from explorer.study.statistics import Interval

POINTS = (Point(0.5, 90.0, Interval(89.0, 91.0)), Point(1, 80.0, Interval(78.0, 82.0)))


def test_a_corruption_that_fades_is_drawn_with_its_hard_end_on_the_right():
    for is_reversed in (True, False):
        lines = [Curve("BN", 3, POINTS)]
        chart = robustness.robustness(lines, "contrast", "left", is_reversed)
        assert chart.is_reversed == is_reversed and chart.x == "contrast: left"
        (line,) = chart.lines
        assert (line.xs, line.ys) == ([0.5, 1], [90, 80])
        assert (line.lows, line.highs) == ([89, 78], [91, 82])
        assert line.name == "BN (n = 3)"


def test_batch_norm_with_re_estimated_averages_has_its_hue_and_dots():
    lines = [Curve("BN", 3, POINTS), Curve("BN", 2, POINTS, is_re_estimated=True)]
    trained, adapted = robustness.robustness(lines, "noise", "deviation").lines
    assert adapted.name == "BN, re-estimated (n = 2)" and adapted.key != trained.key
    assert trained.hue == adapted.hue == palette.HUES["BN"]
    assert trained.dash == "none" != adapted.dash


def test_differences_are_drawn_from_a_line_at_0_in_the_looks_of_their_levels():
    rows = [("BN", 1, -9.0, -10.0, -8.0), ("BN", 0.5, -4.0, -5.0, -3.0)]
    gaps = pd.DataFrame(rows, columns=["level", "strength", "points", "low", "high"])
    levels = [Curve(norm, 3, POINTS) for norm in ("GN", "BN")]
    chart = robustness.less(levels, gaps, "GN", "contrast", "left")
    (line,) = chart.lines
    assert (chart.zero, line.key, line.symbol) == ("GN", "BN", robustness.SYMBOLS[1])
    assert (line.xs, line.ys) == ([0.5, 1], [-4, -9])
    assert (line.lows, line.highs) == ([-5, -10], [-3, -8])


def test_a_reliability_diagram_has_a_diagonal_and_bins_with_an_image_or_more():
    bins = (
        Bin(0.2, 30.0, 50.0, Interval(10.0, 90.0), 0.5),
        Bin(0.9, 95.0, 97.0, Interval(96.0, 98.0), 40.0),
    )
    level = SimpleNamespace(name="L1", runs=4, diagram=bins)
    diagonal, line = robustness.reliability([level]).lines
    assert diagonal.xs == diagonal.ys and not diagonal.key
    assert (line.xs, line.ys, line.lows, line.highs) == ([95], [97], [96], [98])
    assert line.dash == robustness.DASHES["L1"]
