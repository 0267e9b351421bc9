"""Specification of learning curves, which the page draws: lines over the epochs, with style and bands."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from explorer.charts.palette import GREY, HUES
from train.study import GRID, Trial

DASHES = {"none": "none", "L1": "6 4", "L2": "2 3", "L1 + L2": "6 3 2 3"}  # as SVG
SYMBOLS = {16: "circle", 32: "square", 64: "diamond", 128: "triangle"}
LABELS = {"acc": "accuracy, %", "loss": "loss, nats"}
GRID_PENALTIES = {(trial.l1, trial.l2) for trial in GRID}
PUBLISHED = {"width": 1, "symbol": "cross"}
OWN = {"width": 4, "symbol": "star"}


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


@dataclass(frozen=True)
class Line:
    """Line of a chart. Lines of one key share an entry of the legend; those with the key "" have none. Missing values are None."""

    key: str
    name: str  # of the legend entry
    note: str  # distinguishes lines of one key; may be empty
    hue: str
    xs: list[float]
    ys: list[float | None]
    dash: str = "none"
    width: float = 2
    symbol: str | None = None
    is_open: bool = False  # the symbol is an outline
    is_step: bool = False  # the value changes halfway between two epochs
    lows: list[float | None] | None = None  # of its band
    highs: list[float | None] | None = None


@dataclass(frozen=True)
class Chart:
    """Lines over the epochs; with `log` on a logarithmic axis."""

    title: str
    y: str
    log: bool
    lines: list[Line]


def learning(
    history: pd.DataFrame,
    published: pd.DataFrame,
    own: pd.DataFrame,
    axis: Axis,
    singly: bool = False,
) -> Chart:
    """Learning curves: a line per configuration with a band of one standard deviation; with `singly` a line per seed.

    `history` is `Results.history` and `published` is `published_curves.read()`, or rows of them; `own` are a visitor's runs,
    in columns as those of `published`.
    """
    lines_of = _seeds if singly else _mean_with_band
    lines = [
        line
        for _, rows in history.groupby("config", sort=False)
        for line in lines_of(rows, axis)
    ]
    for runs, style in ((published, PUBLISHED), (own, OWN)):
        for name, rows in runs.groupby("name", sort=False):
            points = {"xs": rows.epoch.tolist(), "ys": _numbers(axis.scaled(rows))}
            hue = HUES[rows.norm.iloc[0]]
            lines.append(Line(str(name), str(name), "", hue, **points, **style))
    title = f"{axis.split.capitalize()} {axis.label.split(',')[0]}"
    return Chart(title, axis.label, axis.log, lines)


def learning_rate(history: pd.DataFrame) -> Chart:
    """Learning rate over the epochs on a logarithmic axis, a line per initial learning rate."""
    lines, has_key = [], history.rate.nunique() > 1
    for rate, rows in history.groupby("rate"):
        rates = rows.groupby("epoch").lr.first()
        points = {"xs": rates.index.tolist(), "ys": _numbers(rates)}
        style = {"width": thickness(float(rate)), "is_step": True}
        name = f"lr {rate:g}"
        key = name if has_key else ""
        lines.append(Line(key, name, "", GREY, **points, **style))
    return Chart("Learning rate", "learning rate", True, lines)


def thickness(rate: float) -> float:
    """Width of a line in pixels: 2 for the recipe's learning rate, more for larger ones."""
    return round(min(6.0, max(0.7, 2 * math.sqrt(rate / Trial.lr))), 1)


def _numbers(values: pd.Series) -> list[float | None]:
    """Values rounded to seven digits for JSON; None for NaN and infinity."""
    return [float(f"{value:.7g}") if math.isfinite(value) else None for value in values]


def _style(rows: pd.DataFrame) -> dict:
    """Arguments of `Line` common to the lines of one configuration."""
    first = rows.iloc[0]
    return {
        "key": first.config,
        "name": f"{first.words} (n = {rows.name.nunique()})",
        "hue": HUES[first.norm],
        "dash": DASHES[first.regulariser],
        "symbol": SYMBOLS.get(first.batch_size, "pentagon"),
        "is_open": (first.l1, first.l2) not in GRID_PENALTIES,
    }


def _seeds(rows: pd.DataFrame, axis: Axis) -> Iterator[Line]:
    """Line of every seed of one configuration."""
    style = _style(rows)
    for seed, run in rows.groupby("seed"):
        points = {"xs": run.epoch.tolist(), "ys": _numbers(axis.scaled(run))}
        yield Line(note=f"seed {seed}", width=1, **points, **style)


def _mean_with_band(rows: pd.DataFrame, axis: Axis) -> Iterator[Line]:
    """Line of the mean over the seeds of one configuration, with two seeds or more with a band of one standard deviation."""
    values = axis.scaled(rows).groupby(rows.epoch)
    mean, deviation = values.mean(), values.std()
    band = {}
    if deviation.notna().any():
        low, high = mean - deviation, mean + deviation
        if axis.log:  # a logarithmic axis has positive values only
            edges = pd.concat([low, high])
            low = low.clip(lower=edges[edges > 0].min())
        band = {"lows": _numbers(low), "highs": _numbers(high)}
    points = {"xs": mean.index.tolist(), "ys": _numbers(mean)}
    width = thickness(rows.iloc[0].rate)
    yield Line(note="", width=width, **points, **band, **_style(rows))
