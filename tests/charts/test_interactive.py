"""Plotly figures: lines and bands."""

from explorer.charts import interactive
from explorer.study.robustness import Curve, Point
from explorer.study.statistics import Interval


def test_a_corruption_that_fades_is_drawn_with_its_hard_end_on_the_right():
    points = tuple(Point(at, 90.0, Interval(89.0, 91.0)) for at in (0.5, 1))
    lines = [Curve("BN", 3, points)]
    for reverse, expected in ((True, "reversed"), (False, None)):
        figure = interactive.robustness(lines, "Norm", "contrast", "left", reverse)
        assert figure.layout.xaxis.autorange == expected
        band, line = figure.data
        assert list(band.x) == [0.5, 1, 1, 0.5]
        assert list(band.y) == [91, 91, 89, 89]
        assert list(line.y) == [90, 90] and line.name == "BN (n = 3)"
