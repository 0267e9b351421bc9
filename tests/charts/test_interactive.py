"""Plotly figures: lines, bands, dots and their style."""

from dataclasses import replace

import pytest

from explorer.charts import interactive, palette
from explorer.charts.interactive import Axis
from explorer.runs import published_curves, results
from explorer.study import comparison
from explorer.study.robustness import Curve, Point
from explorer.study.statistics import Interval
from tests.gathered import gathered
from train.study import Trial


@pytest.fixture(scope="module")
def history(folder):
    return results.load(folder).history


@pytest.mark.parametrize(("split", "metric"), [("train", "acc"), ("test", "loss")])
def test_a_line_per_configuration_and_one_per_published_run(history, split, metric):
    figure = interactive.curves(history, published_curves.read(), Axis(split, metric))
    assert len(figure.data) == 3 + 3
    rows = history[history.config == history.config.iloc[0]]
    scale = 100 if metric == "acc" else 1
    assert list(figure.data[0].y) == pytest.approx(
        (rows[f"{split}_{metric}"] * scale).tolist()
    )
    assert list(figure.data[0].x) == [1, 2]


def test_a_line_is_the_mean_over_the_seeds_and_says_how_many(history):
    twice = history.copy()
    twice["name"] = twice["name"] + "b"
    twice["test_acc"] = twice["test_acc"] / 2
    both = interactive.pd.concat([history, twice])
    figure = interactive.curves(both, published_curves.read()[:0], Axis("test", "acc"))
    rows = history[history.config == history.config.iloc[0]]
    band, line = figure.data[:2]
    assert list(line.y) == pytest.approx((rows.test_acc * 75).tolist())
    assert "n = 2" in line.name
    spread = rows.test_acc * 50 / 2**0.5  # of x and x / 2, with one degree of freedom
    assert list(band.y[: len(rows)]) == pytest.approx(
        (rows.test_acc * 75 + spread).tolist()
    )


def test_every_seed_is_a_line_and_a_logarithmic_accuracy_is_an_error(history):
    other = history.assign(name=history["name"] + "b", seed=2)
    both = interactive.pd.concat([history, other])
    none = published_curves.read()[:0]
    figure = interactive.curves(both, none, Axis("test", "acc", log=True), singly=True)
    assert len(figure.data) == 2 * history.config.nunique()
    rows = history[history.config == history.config.iloc[0]]
    assert list(figure.data[0].y) == pytest.approx((100 - 100 * rows.test_acc).tolist())
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.title.text == "Test error"


def test_norm_is_a_hue_and_regulariser_a_dash(history):
    figure = interactive.curves(
        history, published_curves.read()[:0], Axis("test", "acc")
    )
    assert {line.line.color for line in figure.data if line.line.color} == set(
        palette.HUES.values()
    )
    assert len({line.line.dash for line in figure.data}) == 3


def test_nothing_to_show_is_an_empty_figure(history):
    assert not interactive.curves(
        history[:0], published_curves.read()[:0], Axis("test", "acc")
    ).data


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
