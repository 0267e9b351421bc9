"""Charts of the tab Robustness: accuracy over confidence, and over the strengths of a corruption."""

from dataclasses import asdict, replace

import pandas as pd

from explorer.charts.lines import DASHES, Chart, Line, numbers
from explorer.charts.palette import GREY, HUES, SHADES
from explorer.study import robustness_tables, tables
from explorer.study.calibration import LevelCalibration, Selective
from explorer.study.robustness import Curve
from train.study import STUDIES

SYMBOLS = ("circle", "square", "diamond", "triangle")
OF_NORMS = {norm: HUES[norm] for norm in STUDIES["grid"].norms}
ACCURACY = "accuracy, %"


def reliability(levels: list[LevelCalibration]) -> Chart:
    """Reliability diagram: accuracy over confidence, a line with its 95 % band per level of a factor, and the diagonal."""
    diagonal = Line("", "as right as sure", "", GREY, [0, 100], [0, 100], width=1)
    lines = [diagonal]
    for index, level in enumerate(levels):
        rows = tables.diagrams([level])
        rows = rows[rows.images >= 1]  # per run, on average
        lines.append(_line(level, index, rows.confidence, rows.accuracy, rows))
    point = "{x} % sure, {y} % right ({low} to {high})"
    return Chart("Accuracy over confidence", "confidence, %", ACCURACY, point, lines)


def robustness(
    level_curves: list[Curve], name: str, unit: str, is_reversed: bool = False
) -> Chart:
    """Accuracy over the strengths of one corruption, a line with its 95 % band per level of a factor.

    With `is_reversed` the axis is reversed, for corruptions whose smaller strengths are harder.
    """
    lines = []
    for index, curve in enumerate(level_curves):
        rows = robustness_tables.curves([curve])
        lines.append(_line(curve, index, rows.strength, rows.accuracy, rows))
    point = f"{name} {{x}}, {{y}} % right ({{low}} to {{high}})"
    x = f"{name}: {unit}"
    title = f"Accuracy over {name}"
    return Chart(title, x, ACCURACY, point, lines, is_reversed=is_reversed)


def less(
    level_curves: list[Curve],
    gaps: pd.DataFrame,
    baseline: str,
    name: str,
    unit: str,
    is_reversed: bool = False,
) -> Chart:
    """Accuracy less that of a baseline over the strengths of one corruption, a line with its 95 % interval per other level.

    `gaps` are those of `robustness_tables.less`; a level looks as in `robustness`.
    """
    lines = [
        _line(curve, index, rows.strength, rows.points, rows)
        for index, curve in enumerate(level_curves)
        for rows in [gaps[gaps.level == curve.name].sort_values("strength")]
        if len(rows)
    ]
    return Chart(
        f"Accuracy over {name}, less that of {baseline}",
        f"{name}: {unit}",
        "difference, points",
        f"{name} {{x}}, {{y}} points ({{low}} to {{high}})",
        lines,
        is_reversed=is_reversed,
        zero=baseline,
    )


def coverage(
    levels: list[LevelCalibration], selections: dict[str, list[Selective]]
) -> Chart:
    """Accuracy of the answers over their share, a line with its 95 % band per level of a factor, and a ring at the threshold of `levels`.

    `selections` have those at every threshold by the name of the level.
    """
    lines = []
    for index, level in enumerate(levels):
        rows = _answers(selections[level.name])
        line = _line(level, index, rows.coverage, rows.accuracy, rows)
        here = _answers([level.selective])
        ring = _line(level, index, here.coverage, here.accuracy, here)
        note = f"surer than {level.selective.threshold:.0f} %"
        lines += [line, replace(ring, note=note, is_open=True, radius=7)]
    point = "{x} % answered, {y} % right ({low} to {high})"
    return Chart(
        "Accuracy over the share of answers",
        "answered, %",
        "right of these, %",
        point,
        lines,
    )


def _answers(selections: list[Selective]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "coverage": one.coverage,
            "accuracy": one.accuracy,
            **asdict(one.accuracy_interval),
        }
        for one in selections
    )


def _line(level: LevelCalibration | Curve, index: int, xs, ys, rows) -> Line:
    """Line of a level of a factor, `ys` over `xs`; `rows` have low and high."""
    is_curve = isinstance(level, Curve)
    key = level.level if is_curve else level.name
    re_estimated = is_curve and level.is_re_estimated
    return Line(
        key=level.name,
        name=f"{level.name} (n = {level.runs})",
        note="",
        hue=OF_NORMS.get(key, SHADES[index]),
        dash=DASHES["L2"] if re_estimated else DASHES.get(key, "none"),
        symbol=SYMBOLS[index],
        xs=xs.tolist(),
        ys=numbers(ys),
        lows=numbers(rows.low),
        highs=numbers(rows.high),
    )
