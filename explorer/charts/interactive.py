"""Plotly figures. The hue is the norm (Okabe and Ito's palette), the dash the regulariser, so that no line is told by color alone."""

from explorer.charts.palette import (
    CLEAR,
    GREY,
    HUES,
    RULES,
    SHADES,
    translucent,
)
from explorer.study import robustness_tables, tables
from explorer.study.calibration import LevelCalibration
from explorer.study.robustness import Curve

DASHES = {"none": "solid", "L1": "dash", "L2": "dot", "L1 + L2": "dashdot"}
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
