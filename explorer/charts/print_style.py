"""Style of the matplotlib figures: transparent axes in grey, readable on white and on black, markers and legends."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from explorer.charts.palette import GREY

MARKERS = {"none": "o", "L1": "s", "L2": "^", "L1 + L2": "D"}
STYLES = {"none": "-", "L1": "--", "L2": ":", "L1 + L2": "-."}


def blank(width: float, height: float, columns: int = 1, rows: int = 1, **options):
    """Transparent figure and its axes (rows, columns), with grey text and lines."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    grid = figure.subplots(rows, columns, squeeze=False, **options)
    for axes in grid.flat:
        axes.patch.set_alpha(0)
        axes.tick_params(colors=GREY, labelsize=8)
        axes.xaxis.label.set(color=GREY, size=9)
        axes.yaxis.label.set(color=GREY, size=9)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(GREY)
    return figure, grid


def legend(axes: Axes, **options):
    axes.legend(frameon=False, labelcolor=GREY, fontsize=8, **options)


def figure_legend(figure: Figure, handles: list, loc: Any):
    """One legend for all panels, in a line outside them; `loc` as in matplotlib, "outside upper right"."""
    figure.legend(
        handles=handles,
        loc=loc,
        ncols=len(handles),
        frameon=False,
        labelcolor=GREY,
        fontsize=8,
    )


def drawn(figure: Figure) -> list[list]:
    """Data of a figure, independent of its layout: per artist its kind, number of points, and sums of |x| and |y|."""
    data = []
    for axes in figure.axes:
        points = [("line", np.asarray(line.get_xydata())) for line in axes.lines]
        points += [
            (
                type(patch).__name__,
                np.asarray(
                    patch.get_patch_transform().transform(patch.get_path().vertices)
                ),
            )
            for patch in axes.patches
        ]
        for collection in axes.collections:
            vertices = [path.vertices for path in collection.get_paths()]
            kind = type(collection).__name__
            points.append(
                (
                    kind,
                    np.concatenate([np.asarray(collection.get_offsets()), *vertices]),
                )
            )
        points += [
            ("image", np.asarray(image.get_array()).reshape(-1, 1))
            for image in axes.images
        ]
        for kind, coordinates in points:
            sums = np.nansum(np.abs(coordinates.astype(float)), axis=0)
            data.append(
                [kind, len(coordinates), *(float(f"{value:.6g}") for value in sums)]
            )
    return data
