"""Specification of learning curves: lines of the rows, and their style."""

import json
from dataclasses import asdict

import pandas as pd
import pytest

from explorer.charts import curves, palette
from explorer.charts.curves import Axis
from explorer.runs import published_curves, results

NONE = published_curves.read()[:0]


@pytest.fixture(scope="module")
def history(folder):
    return results.load(folder).history


@pytest.mark.parametrize(("split", "metric"), [("train", "acc"), ("test", "loss")])
def test_a_line_per_configuration_and_one_per_published_run(history, split, metric):
    axis = Axis(split, metric)
    chart = curves.learning(history, published_curves.read(), NONE, axis)
    assert len(chart.lines) == 3 + 3
    rows = history[history.config == history.config.iloc[0]]
    scale = 100 if metric == "acc" else 1
    values = (rows[f"{split}_{metric}"] * scale).tolist()
    assert chart.lines[0].ys == pytest.approx(values)
    assert chart.lines[0].xs == [1, 2]


def test_a_line_is_the_mean_over_the_seeds_and_says_how_many(history):
    twice = history.copy()
    twice["name"] = twice["name"] + "b"
    twice["test_acc"] = twice["test_acc"] / 2
    both = pd.concat([history, twice])
    line = curves.learning(both, NONE, NONE, Axis("test", "acc")).lines[0]
    rows = history[history.config == history.config.iloc[0]]
    assert line.ys == pytest.approx((rows.test_acc * 75).tolist())
    assert "n = 2" in line.name
    spread = rows.test_acc * 50 / 2**0.5  # of x and x / 2, with one degree of freedom
    high, low = (rows.test_acc * 75 + spread, rows.test_acc * 75 - spread)
    assert line.highs == pytest.approx(high.tolist())
    assert line.lows == pytest.approx(low.tolist())


def test_every_seed_is_a_line_and_a_logarithmic_accuracy_is_an_error(history):
    other = history.assign(name=history["name"] + "b", seed=2)
    both = pd.concat([history, other])
    axis = Axis("test", "acc", log=True)
    chart = curves.learning(both, NONE, NONE, axis, singly=True)
    assert len(chart.lines) == 2 * history.config.nunique()
    assert len({line.key for line in chart.lines}) == history.config.nunique()
    assert [line.note for line in chart.lines[:2]] == ["seed 1", "seed 2"]
    rows = history[history.config == history.config.iloc[0]]
    errors = (100 - 100 * rows.test_acc).tolist()
    assert chart.lines[0].ys == pytest.approx(errors)
    assert chart.log and chart.title == "Test error"


def test_a_band_on_a_logarithmic_axis_stays_above_0(history):
    rows = history[history.config == history.config.iloc[0]]
    far = rows.assign(name="b", test_loss=1000 * rows.test_loss)
    axis = Axis("test", "loss", log=True)
    (line,) = curves.learning(pd.concat([rows, far]), NONE, NONE, axis).lines
    assert min(line.lows) > 0


def test_norm_is_a_hue_and_regulariser_a_dash(history):
    lines = curves.learning(history, NONE, NONE, Axis("test", "acc")).lines
    assert {line.hue for line in lines} == set(palette.HUES.values())
    assert len({line.dash for line in lines}) == 3


def test_nothing_to_show_is_a_chart_without_lines(history):
    assert not curves.learning(history[:0], NONE, NONE, Axis("test", "acc")).lines
    assert not curves.learning_rate(history[:0]).lines


def test_learning_rates_have_an_entry_of_the_legend_where_there_are_several(history):
    (line,) = curves.learning_rate(history).lines
    assert not line.key and line.is_step
    rates = history.groupby("epoch").lr.first().tolist()
    assert line.ys == pytest.approx(rates)
    double = history.assign(rate=2 * history.rate, lr=2 * history.lr)
    lines = curves.learning_rate(pd.concat([history, double])).lines
    assert len({line.key for line in lines}) == 2 and all(line.key for line in lines)
    assert lines[0].width < lines[1].width


def test_a_missing_value_is_null_in_json(history):
    own = history[["epoch", "norm", "test_acc"]].assign(name="yours 1")
    own.loc[own.index[0], "test_acc"] = float("nan")
    chart = curves.learning(history[:0], NONE, own, Axis("test", "acc"))
    assert chart.lines[0].ys[0] is None and chart.lines[0].key == "yours 1"
    assert "null" in json.dumps(asdict(chart), allow_nan=False)
