"""Plotly figures. The hue is the norm (Okabe and Ito's palette), the dash the regulariser, so that no line is told by color alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from explorer.charts.palette import (
    CLEAR,
    GREY,
    HUES,
    RULES,
    SHADES,
    SIGNIFICANT,
    translucent,
)
from explorer.runs.results import describe
from explorer.study import effects, tables
from explorer.study.calibration import LevelCalibration
from explorer.study.comparison import Side
from explorer.study.robustness import Curve
from train.study import GRID, Trial

DASHES = {"none": "solid", "L1": "dash", "L2": "dot", "L1 + L2": "dashdot"}
SIDE_SYMBOLS = ("circle", "diamond")
AXES, LINE = 290, 19  # pixels: the height of the axes, and of a line of the legend
LABELS = {"acc": "accuracy, %", "loss": "loss, nats"}


@dataclass(frozen=True)
class Axis:
    """Vertical axis of learning curves: `metric` "acc" or "loss" of `split` "train" or "test".

    With `log`, the axis is logarithmic and shows error instead of accuracy.
    """

    split: str
    metric: str
    log: bool = False

    @property
    def column(self) -> str:
        return f"{self.split}_{self.metric}"

    @property
    def label(self) -> str:
        return "error, %" if self.log and self.metric == "acc" else LABELS[self.metric]

    def scaled(self, rows: pd.DataFrame) -> pd.Series:
        """Values of `rows` on the axis, in percent or nats."""
        values = rows[self.column]
        if self.metric == "loss":
            return values
        return 100 * (1 - values) if self.log else 100 * values


def curves(
    history: pd.DataFrame,
    published: pd.DataFrame,
    axis: Axis,
    singly: bool = False,
    own: pd.DataFrame | None = None,
):
    """Plotly figure of accuracy or loss over the epochs, a line per configuration with a band of one standard deviation.

    `history` is `Results.history` and `published` is `published_curves.read()`, or rows of them; `own` are a visitor's runs,
    in columns as those of `published`. With `singly` every seed has a line.
    """
    import plotly.graph_objects as go  # here, because the import is slow

    figure = go.Figure()
    for _, rows in history.groupby("config", sort=False):
        (_seeds if singly else _mean_with_band)(figure, rows, axis)
    for runs, width, marker in (
        (published, 1, {"size": 7, "symbol": "cross-thin-open"}),
        (own, 4, {"size": 9, "symbol": "star"}),
    ):
        for name, rows in () if runs is None else runs.groupby("name", sort=False):
            figure.add_scatter(
                x=rows.epoch,
                y=axis.scaled(rows),
                name=name,
                line={"color": HUES[rows.norm.iloc[0]], "width": width},
                mode="lines+markers",
                marker=marker,
            )
    bottom = 60 + LINE * sum(line.showlegend is not False for line in figure.data)
    return _neutral(figure).update_layout(
        title={"text": f"{axis.split.capitalize()} {axis.label.split(',')[0]}"},
        height=AXES + 44 + bottom,
        margin={"b": bottom},
        uirevision=f"{axis.metric} {axis.log}",
        showlegend=True,
        legend={"yanchor": "top", "y": -55 / AXES, "x": 0},
        xaxis={"title": "epoch"},
        yaxis={"title": axis.label, "type": "log" if axis.log else "linear"},
    )


def _style(rows: pd.DataFrame) -> dict:
    """Plotly options of the lines of one configuration."""
    first = rows.iloc[0]
    line = {"color": HUES[first.norm], "dash": DASHES[first.regulariser]}
    return {
        "name": f"{first.words} (n = {rows.name.nunique()})",
        "legendgroup": first.config,
        "line": line | {"width": thickness(first.rate)},
        "mode": "lines+markers",
        "marker": {"size": 5, "symbol": _symbol(first)},
    }


def _seeds(figure, rows: pd.DataFrame, axis: Axis):
    """Adds a line per seed of one configuration; the first stands for all in the legend."""
    style = _style(rows)
    for index, (seed, run) in enumerate(rows.groupby("seed")):
        figure.add_scatter(
            x=run.epoch,
            y=axis.scaled(run),
            showlegend=index == 0,
            hovertemplate=f"seed {seed}: %{{y}}<extra>{style['name']}</extra>",
            **style | {"line": style["line"] | {"width": 1}},
        )


def _mean_with_band(figure, rows: pd.DataFrame, axis: Axis):
    """Adds the mean over the seeds of one configuration, and with two seeds or more a band of one standard deviation."""
    style = _style(rows)
    epochs = axis.scaled(rows).groupby(rows.epoch)
    mean, spread = epochs.mean(), epochs.std()
    if spread.notna().any():
        low, high = mean - spread, mean + spread
        if axis.log:
            edge = pd.concat([low, high])
            low = low.clip(lower=edge[edge > 0].min())
        hue, group = style["line"]["color"], style["legendgroup"]
        _band(figure, mean.index, low, high, hue, group)
    figure.add_scatter(x=mean.index, y=mean, **style)


def thickness(rate: float) -> float:
    """Width of a line in pixels: 2 for the recipe's learning rate, more for larger ones."""
    return round(min(6.0, max(0.7, 2 * math.sqrt(rate / Trial.lr))), 1)


def _band(figure, x, low, high, hue: str, group: str | int):
    """Adds a translucent band from `low` to `high`; the legend entry of its group shows and hides it."""
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=translucent(hue),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        legendgroup=group,
        showlegend=False,
    )


def learning_rate(history: pd.DataFrame):
    """Plotly figure of the learning rate over the epochs on a logarithmic axis, a line per initial learning rate."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for rate, rows in history.groupby("rate"):
        rates = rows.groupby("epoch").lr.first()
        figure.add_scatter(
            x=rates.index,
            y=rates,
            name=f"lr {rate:g}",
            mode="lines",
            line={"color": GREY, "shape": "hvh", "width": thickness(rate)},
        )
    return _neutral(figure).update_layout(
        height=200,
        showlegend=history.rate.nunique() > 1,
        xaxis={"title": "epoch"},
        yaxis={"title": "learning rate", "type": "log", "exponentformat": "power"},
    )


def deviations(levels: Sequence[effects.Level]):
    """Plotly figure of the levels' deviations from the mean of the grid, with 95 % intervals."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[level.deviation for level in levels],
        y=[level.name for level in levels],
        error_x={
            "array": [level.interval.high - level.deviation for level in levels],
            "arrayminus": [level.deviation - level.interval.low for level in levels],
        },
        mode="markers",
        marker={"color": SIGNIFICANT, "size": 8},
        hovertemplate="%{y}: %{x:+.3f} points<extra></extra>",
    )
    return _neutral(figure).update_layout(
        height=90 + 28 * len(levels),
        showlegend=False,
        shapes=[
            {
                "type": "line",
                "x0": 0,
                "x1": 0,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": GREY, "width": 1},
            }
        ],
        xaxis={"title": "points from the grid's mean"},
        yaxis={"autorange": "reversed", "automargin": True},
    )


def reliability(levels: list[LevelCalibration], factor: str):
    """Plotly reliability diagram: accuracy over confidence, a line per level of one factor."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        name="as right as sure",
        mode="lines",
        line={"color": GREY, "width": 1},
        hoverinfo="skip",
    )
    for index, level in enumerate(levels):
        rows = tables.diagrams([level])
        rows = rows[rows.images >= 1]  # per run, on average
        figure.add_scatter(
            x=rows.confidence,
            y=rows.accuracy,
            error_y={
                "array": rows.high - rows.accuracy,
                "arrayminus": rows.accuracy - rows.low,
                "width": 0,
                "thickness": 1,
            },
            **_level(level, index),
            customdata=rows.images,
            hovertemplate="%{x:.1f} % sure, %{y:.1f} % right, %{customdata:.0f} images a network",
        )
    return _accuracy_layout(figure, "Accuracy over confidence", "confidence, %", factor)


def robustness(
    level_curves: list[Curve], factor: str, name: str, unit: str, reverse: bool = False
):
    """Plotly figure of accuracy over the strengths of one corruption, a line with its 95 % band per level.

    With `reverse` the axis is reversed, for corruptions whose smaller strengths are harder.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for index, curve in enumerate(level_curves):
        rows = tables.curves([curve])
        style = _level(curve, index)
        strengths = rows.strength.tolist()
        hue = style["line"]["color"]
        _band(figure, strengths, rows.low.tolist(), rows.high.tolist(), hue, index)
        figure.add_scatter(
            x=strengths,
            y=rows.accuracy,
            legendgroup=index,
            **style,
            customdata=rows[["low", "high"]],
            hovertemplate="%{y:.2f} %, %{customdata[0]:.2f} to %{customdata[1]:.2f}",
        )
    _accuracy_layout(
        figure, f"Accuracy over {name}", f"{name}: {unit}", f"{factor} {name}"
    )
    return figure.update_xaxes(autorange="reversed" if reverse else None)


def _level(level: LevelCalibration | Curve, index: int) -> dict:
    """Plotly options of the line of a level of a factor, with its name in the legend."""
    return {
        "name": f"{level.name} (n = {level.runs})",
        "mode": "lines+markers",
        "line": {
            "color": HUES.get(level.name, SHADES[index]),
            "dash": DASHES.get(level.name, "solid"),
        },
        "marker": {"size": 7, "symbol": list(SYMBOLS.values())[index]},
    }


def _accuracy_layout(figure, title: str, x: str, revision: str):
    """Layout of a figure of accuracies with title and x axis, its legend below."""
    bottom = 60 + LINE * sum(line.showlegend is not False for line in figure.data)
    return _neutral(figure).update_layout(
        title={"text": title},
        height=AXES + 100 + bottom,
        margin={"b": bottom},
        uirevision=revision,
        legend={"yanchor": "top", "y": -55 / (AXES + 56), "x": 0},
        xaxis={"title": x},
        yaxis={"title": "accuracy, %"},
    )


def strips(sides: Sequence[Side]):
    """Plotly strip chart of two configurations: a dot per seed and a bar at the mean."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for index, side in enumerate(sides):
        values = side.accuracies
        figure.add_scatter(
            x=values,
            y=index + 0.12 * (np.arange(len(values)) % 3 - 1),
            name=describe(side.trial),
            mode="markers",
            marker={
                "color": HUES[side.trial.norm],
                "size": 9,
                "opacity": 0.75,
                "symbol": SIDE_SYMBOLS[index % 2],
            },
            hovertemplate="%{x:.2f} %<extra></extra>",
        )
        figure.add_scatter(
            x=[values.mean()] * 2,
            y=[index - 0.3, index + 0.3],
            mode="lines",
            line={"color": GREY, "width": 3},
            hovertemplate="mean %{x:.3f} %<extra></extra>",
        )
    return _neutral(figure).update_layout(
        height=260,
        showlegend=False,
        xaxis={"title": "accuracy, last epoch, %"},
        yaxis={
            "tickvals": list(range(len(sides))),
            "ticktext": [
                f"{'AB'[index]} (n = {len(side.accuracies)})"
                for index, side in enumerate(sides)
            ],
            "range": [len(sides) - 0.5, -0.5],
        },
    )


def _neutral(figure):
    """Layout common to all figures: colors readable on white and on black, and a small toolbar."""
    axis = {"gridcolor": RULES, "zeroline": False}
    return figure.update_layout(
        margin={"l": 55, "r": 10, "t": 44, "b": 10},
        modebar={
            "bgcolor": CLEAR,
            "color": GREY,
            "remove": [
                "lasso",
                "select",
                "zoom",
                "zoomin",
                "zoomout",
                "pan",
                "autoscale",
            ],
        },
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"color": GREY},
        hovermode="closest",
        xaxis=axis,
        yaxis=axis,
    )


SYMBOLS = {16: "circle", 32: "square", 64: "diamond", 128: "triangle-up"}
GRID_PENALTIES = {(trial.l1, trial.l2) for trial in GRID}


def _symbol(row: pd.Series) -> str:
    """Marker of a batch size; open where the penalties are not those of the grid."""
    symbol = SYMBOLS.get(row.batch_size, "triangle-down")
    return symbol if (row.l1, row.l2) in GRID_PENALTIES else f"{symbol}-open"
