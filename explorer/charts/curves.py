"""Specification of learning curves, which the page draws: lines over the epochs with their intervals, and differences to a baseline."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from explorer.charts.lines import DASHES, Chart, Line, numbers, short_names
from explorer.charts.palette import GREY, HUES
from explorer.study import epochs
from train.study import GRID, Trial

SYMBOLS = {16: "circle", 32: "square", 64: "diamond", 128: "triangle"}
MEASURES = {"acc": ("error", "%", "points"), "loss": ("loss", "nats", "nats")}
GRID_PENALTIES = {(trial.l1, trial.l2) for trial in GRID}
PUBLISHED = {"width": 1, "symbol": "cross"}
OWN = {"width": 4, "symbol": "star"}


@dataclass(frozen=True)
class Axis:
    """Vertical axis of learning curves: the error for `metric` "acc", the loss for "loss", of `split` "train" or "test"."""

    split: str
    metric: str
    log: bool = False

    @property
    def column(self) -> str:
        return f"{self.split}_{self.metric}"

    @property
    def title(self) -> str:
        return f"{self.split.capitalize()} {MEASURES[self.metric][0]}"

    @property
    def label(self) -> str:
        name, unit, _ = MEASURES[self.metric]
        return f"{name}, {unit}"

    @property
    def unit(self) -> str:
        """Unit of a difference."""
        return MEASURES[self.metric][2]

    def scaled(self, rows: pd.DataFrame) -> pd.Series:
        return epochs.scaled(rows[self.column], self.column)


def learning(
    history: pd.DataFrame,
    means: pd.DataFrame,
    published: pd.DataFrame,
    own: pd.DataFrame,
    axis: Axis,
    singly: bool = False,
    with_published: bool = False,
) -> Chart:
    """Learning curves: a line per configuration with its 95 % interval over seeds; with `singly` a line per seed.

    `history` is `Results.history` and `published` is `published_curves.read()`, or rows of them; `means` are those of
    `study.epochs`; `own` are a visitor's runs, in columns as those of `published`. The published runs are thin, and hidden at
    first unless `with_published`.
    """
    lines = []
    for line, config, rows in _lines(history):
        if singly:
            lines.extend(_seeds(line, rows, axis))
        else:
            lines.append(_with_band(line, means[means.config == config], axis.log))
    for name, rows in published.groupby("name", sort=False):
        points = _points(rows, axis)
        look = {"note": str(name), "hue": HUES[rows.norm.iloc[0]], **PUBLISHED}
        key = {"key": "published", "name": "published single runs"}
        lines.append(Line(**key, **look, **points, is_hidden=not with_published))
    for name, rows in own.groupby("name", sort=False):
        points, hue = _points(rows, axis), HUES[rows.norm.iloc[0]]
        key = {"key": str(name), "name": str(name), "label": str(name)}
        lines.append(Line(**key, note="", hue=hue, **points, **OWN))
    point = f"epoch {{x}}, {{y}} ({axis.label})"
    if not singly and means.low.notna().any():
        point = f"epoch {{x}}, {{y}}, {{low}} to {{high}} ({axis.label})"
    return Chart(axis.title, "epoch", axis.label, point, lines, axis.log)


def differences(
    history: pd.DataFrame, gaps: pd.DataFrame, axis: Axis, baseline: str
) -> Chart:
    """Differences to a baseline, whose name is given: a line per configuration with its 95 % interval.

    `history` as in `learning`, `gaps` as `study.epochs.differences` gives them.
    """
    lines = [
        _with_band(line, rows, False)
        for line, config, _ in _lines(history)
        for rows in [gaps[gaps.config == config]]
        if len(rows)
    ]
    title = f"{axis.title} less that of {baseline}"
    label = f"difference, {axis.unit}"
    point = f"epoch {{x}}, {{y}} {axis.unit} ({{low}} to {{high}})"
    words = short_names([*history.words.unique(), baseline])
    return Chart(title, "epoch", label, point, lines, zero=words[baseline])


def learning_rate(history: pd.DataFrame) -> Chart:
    """Strip of the learning rate over the epochs, a row per initial learning rate."""
    lines = []
    for rate, rows in history.groupby("rate"):
        rates = rows.groupby("epoch").lr.first()
        points: dict = {"xs": rates.index.tolist(), "ys": numbers(rates)}
        lines.append(Line("", f"initially {rate:g}", "", GREY, **points))
    label = "learning rate"
    point = f"epoch {{x}}, {{y}} ({label})"
    return Chart("Learning rate", "epoch", label, point, lines, True, is_strip=True)


def thickness(rate: float) -> float:
    """Width of a line in pixels: 2 for the recipe's learning rate, more for larger ones."""
    return round(min(6.0, max(0.7, 2 * math.sqrt(rate / Trial.lr))), 1)


def _points(rows: pd.DataFrame, axis: Axis) -> dict:
    return {"xs": rows.epoch.tolist(), "ys": numbers(axis.scaled(rows))}


def _lines(history: pd.DataFrame) -> Iterator[tuple[dict, str, pd.DataFrame]]:
    """Arguments of `Line` common to the lines of a configuration, with its key and rows."""
    short = short_names(history.words.unique().tolist())
    for config, rows in history.groupby("config", sort=False):
        first = rows.iloc[0]
        look = {
            "key": first.config,
            "name": f"{first.words} (n = {rows.name.nunique()})",
            "hue": HUES[first.norm],
            "dash": DASHES[first.regulariser],
            "symbol": SYMBOLS.get(first.batch_size, "pentagon"),
            "is_open": (first.l1, first.l2) not in GRID_PENALTIES,
            "width": thickness(first.rate),
            "label": short[first.words],
        }
        yield look, str(config), rows


def _seeds(look: dict, rows: pd.DataFrame, axis: Axis) -> Iterator[Line]:
    """Line of every seed of one configuration."""
    thin = look | {"width": 1, "label": ""}
    for seed, run in rows.groupby("seed"):
        yield Line(note=f"seed {seed}", **thin, **_points(run, axis))


def _with_band(look: dict, rows: pd.DataFrame, log: bool) -> Line:
    """Line of the values of one configuration, with a band where there are intervals; `rows` as those of `study.epochs`."""
    band: dict = {}
    low, high = rows.low.astype(float), rows.high.astype(float)
    if low.notna().any():
        if log:  # a logarithmic axis has positive values only
            edges = pd.concat([low, high])
            low = low.clip(lower=edges[edges > 0].min())
        band = {"lows": numbers(low), "highs": numbers(high)}
    points: dict = {"xs": rows.epoch.tolist(), "ys": numbers(rows.value)}
    return Line(note="", **look, **points, **band)
