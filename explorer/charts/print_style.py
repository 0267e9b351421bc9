"""What matplotlib's figures share: transparent axes in grey, readable on white and on black, marks and legends."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from explorer.plots import GREY

MARKERS = {"none": "o", "L1": "s", "L2": "^", "L1 + L2": "D"}
STYLES = {"none": "-", "L1": "--", "L2": ":", "L1 + L2": "-."}
FAINT = "#88888855"


def blank(width: float, height: float, columns: int = 1, rows: int = 1, **options):
    """A transparent figure and its axes, with grey text and lines."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    made = figure.subplots(rows, columns, squeeze=False, **options)
    for axes in made.flat:
        axes.patch.set_alpha(0)
        axes.tick_params(colors=GREY, labelsize=8)
        axes.xaxis.label.set(color=GREY, size=9)
        axes.yaxis.label.set(color=GREY, size=9)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(GREY)
    return figure, made


def legend(axes: Axes, **options):
    axes.legend(frameon=False, labelcolor=GREY, fontsize=8, **options)


def key(figure: Figure, handles: list, place: str):
    """One legend for all panels, in a line outside them."""
    figure.legend(
        handles=handles,
        loc=place,
        ncols=len(handles),
        frameon=False,
        labelcolor=GREY,
        fontsize=8,
    )
