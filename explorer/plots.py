"""Tables -> figures. Norm is a hue (Okabe and Ito's palette), regulariser a dash, never colour alone."""

import pandas as pd

HUES = {"BN": "#0072B2", "GN": "#D55E00", "LN": "#009E73"}
DASHES = {"none": "solid", "L1": "dash", "L2": "dot", "L1 + L2": "dashdot"}
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
    return figure.update_layout(
        title={"text": f"{split.capitalize()} {metric.replace('acc', 'accuracy')}"},
        height=430,
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
        uirevision=metric,
        showlegend=True,
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0},
        xaxis={"title": "epoch", "gridcolor": GRID, "zeroline": False},
        yaxis={"title": LABELS[metric], "gridcolor": GRID, "zeroline": False},
    )


def _legend(first: pd.Series, seeds: int) -> str:
    penalty = "" if first.regulariser == "none" else f", {first.regulariser}"
    return f"{first.norm} at {first.batch_size}{penalty} (n = {seeds})"


def _symbol(batch_size: int) -> str:
    return {16: "circle", 32: "square", 64: "diamond"}.get(batch_size, "triangle-up")
