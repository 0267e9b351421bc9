"""Specification of learning curves: lines of the rows, and their style."""

import json
from dataclasses import asdict

import pandas as pd
import pytest

from explorer.charts import curves, palette
from explorer.charts.curves import Axis
from explorer.charts.lines import short_names
from explorer.runs import published_curves, results

NONE = published_curves.read()[:0]


def means(rows: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Means of rows of a history with an interval of 1 to each side, as those of `study.epochs`."""
    values = axis.scaled(rows).groupby([rows.config, rows.epoch], sort=False).mean()
    frame = values.rename("value").reset_index()
    return frame.assign(low=frame.value - 1, high=frame.value + 1)


def learning(rows, axis, published=NONE, own=NONE, **more):
    return curves.learning(rows, means(rows, axis), published, own, axis, **more)


@pytest.fixture(scope="module")
def history(folder):
    return results.load(folder).history


@pytest.mark.parametrize(("split", "metric"), [("train", "acc"), ("test", "loss")])
def test_a_line_per_configuration_and_one_per_published_run(history, split, metric):
    axis = Axis(split, metric)
    chart = learning(history, axis, published_curves.read())
    assert len(chart.lines) == 3 + 3
    rows = history[history.config == history.config.iloc[0]]
    values = rows[f"{split}_{metric}"]
    values = 100 - 100 * values if metric == "acc" else values
    assert chart.lines[0].ys == pytest.approx(values.tolist())
    assert chart.lines[0].xs == [1, 2]
    # One entry of the legend shows or hides the published runs, which are hidden first.
    assert [line.is_hidden for line in chart.lines] == [None] * 3 + [True] * 3
    assert len({line.key for line in chart.lines}) == 3 + 1
    shown = learning(history, axis, published_curves.read(), with_published=True)
    assert not shown.lines[-1].is_hidden and shown.lines[-1].is_hidden is not None


def test_a_line_has_the_intervals_and_says_how_many_seeds(history):
    both = pd.concat([history, history.assign(name=history["name"] + "b")])
    line = learning(both, Axis("test", "acc")).lines[0]
    assert "n = 2" in line.name
    assert line.lows == pytest.approx([y - 1 for y in line.ys])
    assert line.highs == pytest.approx([y + 1 for y in line.ys])


def test_every_seed_is_a_line_without_a_label(history):
    other = history.assign(name=history["name"] + "b", seed=2)
    both = pd.concat([history, other])
    chart = learning(both, Axis("test", "acc", log=True), singly=True)
    assert len(chart.lines) == 2 * history.config.nunique()
    assert len({line.key for line in chart.lines}) == history.config.nunique()
    assert [line.note for line in chart.lines[:2]] == ["seed 1", "seed 2"]
    rows = history[history.config == history.config.iloc[0]]
    errors = (100 - 100 * rows.test_acc).tolist()
    assert chart.lines[0].ys == pytest.approx(errors) and not chart.lines[0].label
    assert chart.log and chart.title == "Test error"


def test_a_band_on_a_logarithmic_axis_stays_above_0(history):
    for log in (True, False):
        axis = Axis("test", "loss", log)
        wide = means(history, axis).assign(low=[-5, 1] * 3)
        for line in curves.learning(history, wide, NONE, NONE, axis).lines:
            assert min(line.lows) == (1 if log else -5)


def test_differences_are_lines_around_a_zero_with_the_name_of_the_baseline(history):
    axis = Axis("test", "acc")
    baseline, *others = history.config.unique()
    rows = means(history, axis)
    words = history.words.iloc[0]
    chart = curves.differences(history, rows[rows.config != baseline], axis, words)
    assert [line.key for line in chart.lines] == others
    assert chart.title == f"Test error less that of {words}"
    assert chart.y == "difference, points" and chart.zero == "BN, L1, L2 0.0004"


def test_a_short_name_has_what_is_not_shared():
    names = ["BN, batch 16", "BN, L1 0.0001, batch 16", "GN, L1 0.0001, batch 16"]
    assert [*short_names(names).values()] == ["BN", "BN, L1", "GN, L1"]
    other = "GN, L1 1e-05, batch 16"
    assert short_names([*names, other])[other] == "GN, L1 1e-05"
    assert short_names(["BN, batch 16"]) == {"BN, batch 16": "BN, batch 16"}
    assert short_names(["BN", "BN, lr 0.1"]) == {"BN": "BN", "BN, lr 0.1": "lr 0.1"}


def test_norm_is_a_hue_and_regulariser_a_dash(history):
    lines = learning(history, Axis("test", "acc")).lines
    assert {line.hue for line in lines} == {
        palette.HUES[norm] for norm in ("BN", "GN", "LN")
    }
    assert len({line.dash for line in lines}) == 3


def test_nothing_to_show_is_a_chart_without_lines(history):
    axis = Axis("test", "acc")
    empty = means(history, axis)[:0]
    assert not curves.learning(history[:0], empty, NONE, NONE, axis).lines
    assert not curves.learning_rate(history[:0]).lines


def test_learning_rates_are_rows_of_a_strip(history):
    chart = curves.learning_rate(history)
    (line,) = chart.lines
    assert chart.is_strip and not line.key
    rates = history.groupby("epoch").lr.first().tolist()
    assert line.ys == pytest.approx(rates)
    double = history.assign(rate=2 * history.rate, lr=2 * history.lr)
    lines = curves.learning_rate(pd.concat([history, double])).lines
    assert [line.ys for line in lines][1] == pytest.approx([2 * y for y in line.ys])
    both = learning(
        pd.concat([history, double.assign(config="b")]), Axis("test", "acc")
    )
    assert both.lines[0].width < both.lines[-1].width


def test_a_missing_value_is_null_in_json(history):
    own = history[["epoch", "norm", "test_acc"]].assign(name="yours 1")
    own.loc[own.index[0], "test_acc"] = float("nan")
    axis = Axis("test", "acc")
    empty = means(history, axis)[:0]
    chart = curves.learning(history[:0], empty, NONE, own, axis)
    assert chart.lines[0].ys[0] is None and chart.lines[0].key == "yours 1"
    assert "null" in json.dumps(asdict(chart), allow_nan=False)
