"""Plotly figures: lines, bands, dots and their style."""

from dataclasses import replace

import pytest

from explorer.charts import interactive, palette
from explorer.study import comparison
from explorer.study.robustness import Curve, Point
from explorer.study.statistics import Interval
from tests.gathered import gathered
from train.study import Trial


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


def test_batch_norm_with_re_estimated_averages_has_its_hue_and_dots():
    points = (Point(0.5, 90.0, Interval(89.0, 91.0)),)
    lines = [Curve("BN", 3, points), Curve("BN", 2, points, is_re_estimated=True)]
    figure = interactive.robustness(lines, "Norm", "noise", "deviation")
    _, trained, _, adapted = figure.data
    assert adapted.name == "BN, re-estimated (n = 2)"
    assert trained.line.color == adapted.line.color == palette.HUES["BN"]
    assert (trained.line.dash, adapted.line.dash) == ("solid", "dot")


def test_two_configurations_have_a_dot_per_seed_and_a_bar_at_the_mean(invent):
    trials = [Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN")]
    loaded = gathered(
        invent(replace(trial, seed=seed), range(60 + seed))
        for trial in trials
        for seed in (1, 2, 3)
    )
    compared = comparison.compare(loaded, *(trial.config for trial in trials))
    figure = interactive.strips([compared.a, compared.b])
    dots, bar, *_ = figure.data
    assert list(dots.x) == pytest.approx([99.39, 99.38, 99.37])
    assert list(bar.x) == pytest.approx([99.38] * 2)
    assert (dots.name, dots.marker.color) == ("GN, batch 16", palette.HUES["GN"])
    assert list(figure.layout.yaxis.ticktext) == ["A (n = 3)", "B (n = 3)"]
