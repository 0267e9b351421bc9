"""Charts that the page draws: lines with style and bands. The hue is the norm, the dash the regulariser, so that no line is told by color alone."""

import math
from dataclasses import dataclass

import pandas as pd

PENALTIES = ("L1", "L2")
DASHES = {"none": "none", "L1": "6 4", "L2": "2 3", "L1 + L2": "6 3 2 3"}  # as SVG


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
    radius: float | None = None  # of the symbol, where it is not that of all
    lows: list[float | None] | None = None  # of its band
    highs: list[float | None] | None = None
    label: str = ""  # at its end
    is_hidden: bool | None = None  # where a setting of the tab, not the page, says so


@dataclass(frozen=True)
class Chart:
    """Lines over the numbers of a horizontal axis; with `log` on a logarithmic vertical axis.

    With `zero`, the name of what the lines are compared with, they are differences from a line at 0. A strip has a row for each line,
    darker where the value is larger.

    `point` says a point of a line in words, with its numbers for {x} and {y}, and {low} and {high} of its band.
    """

    title: str
    x: str
    y: str
    point: str
    lines: list[Line]
    log: bool = False
    is_reversed: bool = False  # the smallest number stands on the right
    zero: str = ""
    is_strip: bool = False


def numbers(values: pd.Series) -> list[float | None]:
    """Values rounded to seven digits for JSON; None for NaN and infinity."""
    return [float(f"{value:.7g}") if math.isfinite(value) else None for value in values]


def short_names(names: list[str]) -> dict[str, str]:
    """Short form of names that are lists of settings, "GN, L1 0.0001, batch 16": without what all of them share.

    That is settings, and the weight of a penalty. A name that would be empty keeps its first setting.
    """
    parts = {name: name.split(", ") for name in names}
    every = {part for own in parts.values() for part in own}
    shared = set.intersection(*map(set, parts.values())) if len(parts) > 1 else set()

    def said(part: str) -> str:
        kind, *weight = part.split(" ")
        alike = [other for other in every if other.startswith(f"{kind} ")]
        return kind if kind in PENALTIES and weight and len(alike) == 1 else part

    return {
        name: ", ".join(said(part) for part in own if part not in shared) or own[0]
        for name, own in parts.items()
    }
