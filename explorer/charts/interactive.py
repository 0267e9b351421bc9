"""Plotly figures. The hue is the norm (Okabe and Ito's palette), the dash the regulariser, so that no line is told by color alone."""

from collections.abc import Sequence

import numpy as np

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
from explorer.study import effects, robustness_tables, tables
from explorer.study.calibration import LevelCalibration
from explorer.study.comparison import Side
from explorer.study.robustness import Curve

DASHES = {"none": "solid", "L1": "dash", "L2": "dot", "L1 + L2": "dashdot"}
SIDE_SYMBOLS = ("circle", "diamond")
SYMBOLS = ("circle", "square", "diamond", "triangle-up")
AXES, LINE = 290, 19  # pixels: the height of the axes, and of a line of the legend


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
        rows = robustness_tables.curves([curve])
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
    is_curve = isinstance(level, Curve)
    key = level.level if is_curve else level.name
    re_estimated = is_curve and level.is_re_estimated
    return {
        "name": f"{level.name} (n = {level.runs})",
        "mode": "lines+markers",
        "line": {
            "color": HUES.get(key, SHADES[index]),
            "dash": "dot" if re_estimated else DASHES.get(key, "solid"),
        },
        "marker": {"size": 7, "symbol": SYMBOLS[index]},
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
