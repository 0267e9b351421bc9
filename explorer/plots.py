"""Tables -> figures. Norm is a hue (Okabe and Ito's palette), regulariser a dash, never colour alone."""

import numpy as np
import pandas as pd

HUES = {"BN": "#0072B2", "GN": "#D55E00", "LN": "#009E73"}
DASHES = {"none": "solid", "L1": "dash", "L2": "dot", "L1 + L2": "dashdot"}
SIGNS = ("circle", "diamond")
GREY, GRID = "#888888", "rgba(128,128,128,.25)"  # readable on white and on black
LABELS = {"acc": "accuracy, %", "loss": "loss, nats"}


def curves(history: pd.DataFrame, published: pd.DataFrame, split: str, metric: str):
    """A Plotly figure of one figure over the epochs, a line per configuration.

    `history` is `Results.history`, its seeds averaged here; `published` is
    `published_curves()` or part of it; `split` is "train" or "test", `metric` "acc" or
    "loss".
    """
    import plotly.graph_objects as go  # here: only those who look at curves wait for it

    column, scale = f"{split}_{metric}", 100 if metric == "acc" else 1
    figure = go.Figure()
    for config, rows in history.groupby("config", sort=False):
        first = rows.iloc[0]
        mean = rows.groupby("epoch")[column].mean() * scale
        figure.add_scatter(
            x=mean.index,
            y=mean,
            name=_legend(first, rows.name.nunique()),
            line={"color": HUES[first.norm], "dash": DASHES[first.regulariser]},
            mode="lines+markers",
            marker={"size": 4, "symbol": _symbol(first.batch_size)},
        )
    for name, rows in published.groupby("name", sort=False):
        figure.add_scatter(
            x=rows.epoch,
            y=rows[column] * scale,
            name=name,
            line={"color": HUES[rows.norm.iloc[0]], "width": 1},
            mode="lines+markers",
            marker={"size": 7, "symbol": "circle-open"},
        )
    return _neutral(figure).update_layout(
        title={"text": f"{split.capitalize()} {metric.replace('acc', 'accuracy')}"},
        height=430,
        uirevision=metric,
        showlegend=True,
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0},
        xaxis={"title": "epoch"},
        yaxis={"title": LABELS[metric]},
    )


def strips(runs: list[tuple[str, str, np.ndarray]]):
    """A Plotly figure of groups of runs, a dot per seed and a bar at the mean: (words, norm, accuracies in percent)."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for place, (words, norm, values) in enumerate(runs):
        figure.add_scatter(
            x=values,
            y=place + 0.12 * (np.arange(len(values)) % 3 - 1),
            name=words,
            mode="markers",
            marker={
                "color": HUES[norm],
                "size": 9,
                "opacity": 0.75,
                "symbol": SIGNS[place % 2],
            },
            hovertemplate="%{x:.2f} %<extra></extra>",
        )
        figure.add_scatter(
            x=[values.mean()] * 2,
            y=[place - 0.3, place + 0.3],
            mode="lines",
            line={"color": GREY, "width": 3},
            hovertemplate="mean %{x:.3f} %<extra></extra>",
        )
    return _neutral(figure).update_layout(
        height=260,
        showlegend=False,
        xaxis={"title": "accuracy, last epoch, %"},
        yaxis={
            "tickvals": list(range(len(runs))),
            "ticktext": [
                f"{'AB'[place]} (n = {len(run[2])})" for place, run in enumerate(runs)
            ],
            "range": [len(runs) - 0.5, -0.5],
        },
    )


def _neutral(figure):
    """Colours that are readable on white and on black, and a quiet toolbar."""
    axis = {"gridcolor": GRID, "zeroline": False}
    return figure.update_layout(
        margin={"l": 55, "r": 10, "t": 44, "b": 10},
        modebar={
            "bgcolor": "rgba(0,0,0,0)",
            "color": GREY,
            "remove": ["lasso", "select", "zoomin", "zoomout"],
        },
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY},
        hovermode="closest",
        xaxis=axis,
        yaxis=axis,
    )


def _legend(first: pd.Series, seeds: int) -> str:
    penalty = "" if first.regulariser == "none" else f", {first.regulariser}"
    return f"{first.norm} at {first.batch_size}{penalty} (n = {seeds})"


def _symbol(batch_size: int) -> str:
    return {16: "circle", 32: "square", 64: "diamond"}.get(batch_size, "triangle-up")
