"""Matplotlib figures that describe networks: learning curves, effects of penalties, robustness, hard digits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from explorer.charts.palette import FAINT, FLAGGED, GREY, HUES, NAMED
from explorer.charts.print_style import MARKERS, STYLES, blank, figure_legend, legend
from explorer.digits.corruptions import Corruption
from explorer.network.weights import layer_label
from explorer.study import robustness_tables
from explorer.study.ensembles import Ensembles
from explorer.study.robustness import Curve
from train.study import STUDIES


def learning(history: pd.DataFrame, published: pd.DataFrame) -> Figure:
    """Mean test accuracy and loss per epoch with bands of one deviation, and the learning rate; a line per configuration."""
    figure, axes = blank(8, 6.6, rows=3, sharex=True, height_ratios=(3, 3, 1))
    for (panel,), column, scale in zip(
        axes[:2], ("test_acc", "test_loss"), (100, 1), strict=True
    ):
        for _, rows in history.groupby("config", sort=False):
            first, epochs = rows.iloc[0], rows.groupby("epoch")[column]
            mean, spread = epochs.mean() * scale, epochs.std() * scale
            style = {"color": HUES[first.norm], "linestyle": STYLES[first.regulariser]}
            panel.plot(
                mean.index,
                mean,
                label=f"{first.words} (n = {rows.seed.nunique()})",
                **style,
            )
            panel.fill_between(
                mean.index,
                mean - spread,
                mean + spread,
                color=HUES[first.norm],
                alpha=0.15,
                linewidth=0,
            )
        for name, rows in published.groupby("name", sort=False):
            panel.plot(
                rows.epoch,
                rows[column] * scale,
                "o",
                markersize=3,
                markerfacecolor="none",
                color=HUES[rows.norm.iloc[0]],
                label=name,
            )
        panel.grid(axis="y", color=FAINT, linewidth=0.5)
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


def sparsity(ends: pd.DataFrame) -> Figure:
    """Test error against near-zero weights, a mark per run.

    `ends` has `near_zero` and `error` in percent, `norm` and `regulariser`.
    """
    figure, ((axes,),) = blank(8, 4)
    for (norm, kind), rows in ends.groupby(["norm", "regulariser"], sort=False):
        axes.scatter(
            rows.near_zero,
            rows.error,
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


def acting(means: pd.DataFrame) -> Figure:
    """Penalty's share of the loss, near-zero weights and norm of all weights over the epochs; a line per configuration."""
    figure, axes = blank(8.4, 3.4, columns=3)
    panels = (
        ("share", "penalty's share of the loss, %", 100),
        ("near_zero", "near-zero weights, %", 100),
        ("norm_of_weights", "norm of the weights", 1),
    )
    for panel, (column, title, scale) in zip(axes[0], panels, strict=True):
        for _, rows in means.groupby("config", sort=False):
            first = rows.iloc[0]
            panel.plot(
                rows.epoch,
                rows[column] * scale,
                STYLES[first.regulariser],
                color=HUES[first.norm],
                linewidth=1,
            )
        panel.set_title(title, color=GREY, fontsize=9)
        panel.set_xlabel("epoch")
        panel.grid(axis="y", color=FAINT, linewidth=0.5)
    _factor_legend(figure, means)
    return figure


def _factor_legend(figure: Figure, rows: pd.DataFrame):
    """Legend below the figure: hues of the norms, and dashes of the regularisers in `rows`."""
    axes = figure.axes[0]
    handles = _norm_handles(axes)
    handles += [
        axes.plot([], [], style, color=GREY, label=kind)[0]
        for kind, style in STYLES.items()
        if kind in set(rows.regulariser)
    ]
    figure_legend(figure, handles, "outside lower center")


def layers(sizes: pd.DataFrame) -> Figure:
    """Norms of the layers' weights after training, a panel per regulariser, a line per norm with the range over its configurations.

    `sizes` has `config`, `layer`, `size`, `norm` and `regulariser`.
    """
    kinds = [kind for kind in MARKERS if kind in set(sizes.regulariser)]
    figure, axes = blank(8.4, 3.4, columns=max(1, len(kinds)), sharey=True)
    names = sizes.layer.drop_duplicates()
    names = [
        *names[names.str.contains("conv|head")],
        *names[names.str.contains("norm")],
    ]
    for panel, kind in zip(axes[0], kinds, strict=True):
        for norm, rows in sizes[sizes.regulariser == kind].groupby("norm"):
            ranges = rows.groupby("layer")["size"].agg(["mean", "min", "max"])
            ranges = ranges.reindex(names)
            panel.plot(names, ranges["mean"], color=HUES[norm], linewidth=1)
            panel.fill_between(
                names,
                ranges["min"],
                ranges["max"],
                color=HUES[norm],
                alpha=0.2,
                linewidth=0,
            )
        panel.set_title(
            "no penalty" if kind == "none" else kind, color=GREY, fontsize=9
        )
        panel.set_xticks(names, [layer_label(name) for name in names])
        panel.tick_params(axis="x", rotation=90)
        panel.set_yscale("log")
        panel.grid(axis="y", color=FAINT, linewidth=0.5)
    axes[0, 0].set_ylabel("norm of the layer's weights")
    figure_legend(figure, _norm_handles(axes[0, 0]), "outside upper right")
    return figure


def robustness(panels: Sequence[tuple[Corruption, list[Curve]]]) -> Figure:
    """Accuracy over strength, a panel per corruption, a curve with its 95 % band per norm; with re-estimated averages it is dotted."""
    figure, axes = blank(8.4, 5, columns=3, rows=2)
    for panel, (corruption, curves) in zip(axes.flat, panels, strict=True):
        for curve in curves:
            rows = robustness_tables.curves([curve])
            hue, line = HUES[curve.level], ":" if curve.is_re_estimated else "-"
            panel.plot(rows.strength, rows.accuracy, line, color=hue, linewidth=1)
            panel.fill_between(
                rows.strength, rows.low, rows.high, color=hue, alpha=0.2, linewidth=0
            )
        panel.set_title(corruption.name, color=GREY, fontsize=9)
        panel.set_xlabel(corruption.unit)
        if corruption.fading:
            panel.invert_xaxis()
        panel.grid(axis="y", color=FAINT, linewidth=0.5)
    for panel in axes[:, 0]:
        panel.set_ylabel("accuracy, %")
    dotted = [
        axes[0, 0].plot([], [], ":", color=HUES[curve.level], label=curve.name)[0]
        for curve in panels[0][1]
        if curve.is_re_estimated
    ]
    handles = [*_norm_handles(axes[0, 0]), *dotted]
    figure_legend(figure, handles, "outside upper right")
    return figure


def votes(result: Ensembles) -> Figure:
    """Gain of a vote over one network by the number of voters, with bands for these images and, wider, for new ones."""
    figure, ((axes,),) = blank(6, 3.2)
    voters = [vote.voters for vote in result.votes]
    for intervals, alpha, name in (
        ([vote.new_images for vote in result.votes], 0.15, "on new images"),
        ([vote.gain.interval for vote in result.votes], 0.35, "on these images"),
    ):
        axes.fill_between(
            voters,
            [interval.low for interval in intervals],
            [interval.high for interval in intervals],
            color=NAMED["purple"],
            alpha=alpha,
            linewidth=0,
            label=f"95 % interval {name}",
        )
    axes.plot(
        voters,
        [vote.gain.estimate for vote in result.votes],
        marker="o",
        markersize=4,
        color=NAMED["purple"],
    )
    axes.set_xticks(voters)
    axes.set_xlabel("networks of one configuration that vote")
    axes.set_ylabel("gain over one network, points")
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    legend(axes, loc="lower right")
    return figure


def _norm_handles(axes) -> list:
    return [
        axes.plot([], [], color=HUES[norm], label=norm)[0]
        for norm in STUDIES["grid"].norms
    ]


def digits(
    pictures: Sequence[np.ndarray], captions: Sequence[str], flagged: Sequence[bool]
) -> Figure:
    """Images (28, 28) in rows of ten with captions; flagged ones have a frame."""
    rows = -(-len(pictures) // 10)
    figure, axes = blank(8.4, 1.15 * rows, columns=10, rows=rows)
    for panel in axes.flat[len(pictures) :]:
        panel.set_axis_off()
    for panel, picture, caption, flag in zip(
        axes.flat, pictures, captions, flagged, strict=False
    ):
        panel.imshow(255 - picture, cmap="gray", vmin=0, vmax=255)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_title(caption, color=GREY, fontsize=7)
        for spine in panel.spines.values():
            spine.set(visible=flag, color=FLAGGED, linewidth=2)
    return figure
