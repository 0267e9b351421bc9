"""Tables -> matplotlib figures of what networks are like: how they learned, what penalties did, which digits are hard."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from explorer.charts.palette import FAINT, FLAGGED, GREY, HUES
from explorer.charts.print_style import MARKERS, STYLES, blank, key, legend
from explorer.digits.corruptions import Corruption
from explorer.network.weights import layer_label
from explorer.study import tables
from explorer.study.robustness import Curve
from train.study import STUDIES


def learning(history: pd.DataFrame, published: pd.DataFrame) -> Figure:
    """Mean test accuracy and loss per epoch with bands of one deviation, and the learning rate; one configuration a line."""
    figure, axes = blank(8, 6.6, rows=3, sharex=True, height_ratios=(3, 3, 1))
    for (place,), column, scale in zip(
        axes[:2], ("test_acc", "test_loss"), (100, 1), strict=True
    ):
        for _, some in history.groupby("config", sort=False):
            first, epochs = some.iloc[0], some.groupby("epoch")[column]
            mean, spread = epochs.mean() * scale, epochs.std() * scale
            style = {"color": HUES[first.norm], "linestyle": STYLES[first.regulariser]}
            place.plot(
                mean.index,
                mean,
                label=f"{first.words} (n = {some.seed.nunique()})",
                **style,
            )
            place.fill_between(
                mean.index,
                mean - spread,
                mean + spread,
                color=HUES[first.norm],
                alpha=0.15,
                linewidth=0,
            )
        for name, some in published.groupby("name", sort=False):
            place.plot(
                some.epoch,
                some[column] * scale,
                "o",
                markersize=3,
                markerfacecolor="none",
                color=HUES[some.norm.iloc[0]],
                label=name,
            )
        place.grid(axis="y", color=FAINT, linewidth=0.5)
    axes[0, 0].set_ylim(97.5, None)
    axes[0, 0].set_ylabel("test accuracy, %")
    axes[1, 0].set_ylim(0, 0.08)
    axes[1, 0].set_ylabel("test loss, nats")
    legend(axes[0, 0], loc="lower right", ncols=2)
    rates = history.groupby("epoch").lr.first()
    axes[2, 0].step(rates.index, rates, where="mid", color=GREY)
    axes[2, 0].set_yscale("log")
    axes[2, 0].set_ylabel("learning rate")
    axes[2, 0].set_xlabel("epoch")
    axes[2, 0].xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def sparsity(table: pd.DataFrame) -> Figure:
    """Near-zero weights against error, both per run in percent: `near_zero`, `error`, `norm`, `regulariser`."""
    figure, ((axes,),) = blank(8, 4)
    for (norm, kind), some in table.groupby(["norm", "regulariser"], sort=False):
        axes.scatter(
            some.near_zero,
            some.error,
            marker=MARKERS[kind],
            s=20,
            facecolor="none",
            edgecolor=HUES[norm],
            label=f"{norm}, {'no penalty' if kind == 'none' else kind}",
        )
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(0, None)
    axes.set_xlabel("near-zero weights, % of 7,288")
    axes.set_ylabel("test error, last epoch, %")
    axes.grid(color=FAINT, linewidth=0.5)
    legend(axes, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def acting(table: pd.DataFrame) -> Figure:
    """Per epoch: the penalty's share of the loss, the near-zero weights and the norm of all; a configuration a line."""
    figure, axes = blank(8.4, 3.4, columns=3)
    panels = (
        ("share", "penalty's share of the loss, %", 100),
        ("near_zero", "near-zero weights, %", 100),
        ("norm_of_weights", "norm of the weights", 1),
    )
    for place, (column, words, scale) in zip(axes[0], panels, strict=True):
        for _, some in table.groupby("config", sort=False):
            first = some.iloc[0]
            place.plot(
                some.epoch,
                some[column] * scale,
                STYLES[first.regulariser],
                color=HUES[first.norm],
                linewidth=1,
            )
        place.set_title(words, color=GREY, fontsize=9)
        place.set_xlabel("epoch")
        place.grid(axis="y", color=FAINT, linewidth=0.5)
    _factor_legend(figure, table)
    return figure


def _factor_legend(figure: Figure, table: pd.DataFrame):
    """The hue of each norm and the dash of each regulariser in `table`, below the figure."""
    axes = figure.axes[0]
    handles = _norm_handles(axes)
    handles += [
        axes.plot([], [], style, color=GREY, label=kind)[0]
        for kind, style in STYLES.items()
        if kind in set(table.regulariser)
    ]
    key(figure, handles, "outside lower center")


def layers(table: pd.DataFrame) -> Figure:
    """The norm of each layer's weights at the end, a panel per regulariser, a line per norm with the range of its configurations.

    `table` has `config`, `layer`, `size`, `norm` and `regulariser`.
    """
    kinds = [kind for kind in MARKERS if kind in set(table.regulariser)]
    figure, axes = blank(8.4, 3.4, columns=max(1, len(kinds)), sharey=True)
    names = table.layer.drop_duplicates()
    names = [
        *names[names.str.contains("conv|head")],
        *names[names.str.contains("norm")],
    ]
    for place, kind in zip(axes[0], kinds, strict=True):
        for norm, some in table[table.regulariser == kind].groupby("norm"):
            sizes = some.groupby("layer")["size"].agg(["mean", "min", "max"])
            sizes = sizes.reindex(names)
            place.plot(names, sizes["mean"], color=HUES[norm], linewidth=1)
            place.fill_between(
                names,
                sizes["min"],
                sizes["max"],
                color=HUES[norm],
                alpha=0.2,
                linewidth=0,
            )
        place.set_title(
            "no penalty" if kind == "none" else kind, color=GREY, fontsize=9
        )
        place.set_xticks(names, [layer_label(name) for name in names])
        place.tick_params(axis="x", rotation=90)
        place.set_yscale("log")
        place.grid(axis="y", color=FAINT, linewidth=0.5)
    axes[0, 0].set_ylabel("norm of the layer's weights")
    key(figure, _norm_handles(axes[0, 0]), "outside upper right")
    return figure


def robustness(panels: Sequence[tuple[Corruption, list[Curve]]]) -> Figure:
    """Accuracy over the strengths of each corruption, a curve with a band per norm."""
    figure, axes = blank(8.4, 5, columns=3, rows=2)
    for place, (corruption, curves) in zip(axes.flat, panels, strict=True):
        for curve in curves:
            rows = tables.curves([curve])
            hue = HUES[curve.name]
            place.plot(rows.strength, rows.accuracy, color=hue, linewidth=1)
            place.fill_between(
                rows.strength, rows.low, rows.high, color=hue, alpha=0.2, linewidth=0
            )
        place.set_title(corruption.name, color=GREY, fontsize=9)
        place.set_xlabel(corruption.unit)
        if corruption.fading:
            place.invert_xaxis()
        place.grid(axis="y", color=FAINT, linewidth=0.5)
    for place in axes[:, 0]:
        place.set_ylabel("accuracy, %")
    key(figure, _norm_handles(axes[0, 0]), "outside upper right")
    return figure


def _norm_handles(axes) -> list:
    return [
        axes.plot([], [], color=HUES[norm], label=norm)[0]
        for norm in STUDIES["grid"].norms
    ]


def digits(
    pictures: Sequence[np.ndarray], captions: Sequence[str], flagged: Sequence[bool]
) -> Figure:
    """Images (28, 28) in rows of ten, captioned; a frame marks those that are flagged."""
    rows = -(-len(pictures) // 10)
    figure, axes = blank(8.4, 1.15 * rows, columns=10, rows=rows)
    for place in axes.flat[len(pictures) :]:
        place.set_axis_off()
    for place, picture, caption, flag in zip(
        axes.flat, pictures, captions, flagged, strict=False
    ):
        place.imshow(255 - picture, cmap="gray", vmin=0, vmax=255)
        place.set_xticks([])
        place.set_yticks([])
        place.set_title(caption, color=GREY, fontsize=7)
        for spine in place.spines.values():
            spine.set(visible=flag, color=FLAGGED, linewidth=2)
    return figure
