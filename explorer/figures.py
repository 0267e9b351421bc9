"""Tables -> matplotlib figures to take away, readable on white and on black; the report's pictures."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from explorer.claims import Claim, Comparison
from explorer.plots import GREY, HUES
from explorer.statistics import DIFFERENT, EQUIVALENT, UNDECIDED, Interval

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


def rows(table: pd.DataFrame) -> Figure:
    """The published rows: published best epoch, and our means with intervals on both arms.

    `table` has `row`, `name`, `norm`, `published`, and for `labelled` and `run` `_mean`, `_half` and `_new` (percent).
    """
    figure, ((axes,),) = blank(8, 5.2)
    heights = np.arange(len(table))
    kinds = (("labelled", -0.16, "o", "as labelled"), ("run", 0.16, "s", "as run"))
    for arm, shift, marker, words in kinds:
        for wide, width in (("new", 1), ("half", 3)):
            axes.errorbar(
                table[f"{arm}_mean"],
                heights + shift,
                xerr=table[f"{arm}_{wide}"],
                fmt="none",
                ecolor=[HUES[norm] for norm in table.norm],
                elinewidth=width,
            )
        axes.scatter(
            table[f"{arm}_mean"],
            heights + shift,
            marker=marker,
            s=28,
            c=[HUES[norm] for norm in table.norm],
            zorder=3,
        )
        axes.scatter([], [], marker=marker, s=28, c=GREY, label=f"{words}, last epoch")
    axes.scatter(
        table.published,
        heights,
        marker="|",
        s=140,
        c=GREY,
        label="published, best epoch",
    )
    axes.set_yticks(heights, table.name)
    axes.invert_yaxis()
    spread = table[["labelled_mean", "run_mean", "published"]].to_numpy()
    spread = spread[spread > 98.5]
    if len(spread):
        axes.set_xlim(spread.min() - 0.12, spread.max() + 0.12)
    for height, value in zip(heights, table.labelled_mean):
        if value < 98.5:  # beyond the picture: a destroyed network
            axes.annotate(
                f"\u25c0 as labelled {value:.2f} %",
                (axes.get_xlim()[0], height - 0.16),
                color=GREY,
                fontsize=8,
                va="center",
            )
    axes.set_xlabel(
        "test accuracy, %; thick: 95 % interval on these images, thin: on new images"
    )
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    legend(axes, loc="upper center", bbox_to_anchor=(0.4, -0.11), ncols=3)
    return figure


def strips(groups: Sequence[tuple[str, str, np.ndarray, float | None]]) -> Figure:
    """Each seed a dot, a group a line, the published value a bar: (name, norm, best epochs in percent, published)."""
    figure, ((axes,),) = blank(8, 0.5 + 0.34 * len(groups))
    for height, (_, norm, values, published) in enumerate(groups):
        shown = values[values > 98.5]
        jitter = np.linspace(-0.2, 0.2, len(shown))
        axes.scatter(
            shown, height + jitter, s=14, c=HUES[norm], alpha=0.75, linewidths=0
        )
        if published is not None:
            axes.scatter(published, height, marker="|", s=160, c=GREY, linewidths=2)
    axes.scatter([], [], marker="|", s=160, c=GREY, label="published, one run")
    axes.scatter([], [], s=14, c=GREY, label="one of our seeds")
    axes.set_yticks(range(len(groups)), [name for name, *_ in groups])
    axes.invert_yaxis()
    axes.set_xlabel("test accuracy of the best epoch, % (a selection, as published)")
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    legend(axes, loc="upper center", bbox_to_anchor=(0.4, -0.09), ncols=2)
    return figure


def forest(
    lines: Sequence[tuple[str, float, Interval, Interval | None, str]],
    label: str,
    margin: float | None = None,
) -> Figure:
    """Differences with intervals: (words, estimate, on these images, on new images, outcome)."""
    height = 0.9 + 0.27 * len(lines)
    figure, ((axes,),) = blank(8, height)
    _forest(axes, lines, label, margin)
    _outcome_legend(figure)
    return figure


def claim(judged: Claim) -> Figure:
    """Every comparison of a claim, a panel per unit; the arrow on its axis points where the claim says."""
    units: dict[str, list[tuple[str, Comparison]]] = {}
    for arm in judged.arms:
        for each in arm.comparisons:
            units.setdefault(each.unit, []).append((f"{arm.name}: {each.words}", each))
    counts = list(map(len, units.values()))
    figure, axes = blank(
        8,
        0.5 + 0.25 * sum(counts) + 0.5 * len(counts),
        rows=len(counts),
        height_ratios=counts,
    )
    for (place,), (unit, found) in zip(axes, units.items()):
        lines = [
            (words, each.gap.estimate, each.gap.interval, None, each.outcome)
            for words, each in found
        ]
        first = found[0][1]
        way = "right" if first.sign > 0 else "left"
        label = f"difference, {unit}; the observation says {way} of 0"
        _forest(place, lines, label, first.gap.margin)
    _outcome_legend(figure)
    return figure


def _forest(axes: Axes, lines, label: str, margin: float | None):
    if margin:
        axes.axvspan(-margin, margin, color=FAINT, linewidth=0)
    axes.axvline(0, color=GREY, linewidth=0.8)
    for height, (_, estimate, near, wide, outcome) in enumerate(lines):
        color = HUES["BN"] if outcome == DIFFERENT else GREY
        if wide:
            axes.plot([wide.low, wide.high], [height] * 2, color=color, linewidth=1)
        axes.plot([near.low, near.high], [height] * 2, color=color, linewidth=3)
        axes.scatter(estimate, height, s=30, zorder=3, **_mark(outcome))
    axes.set_yticks(range(len(lines)), [words for words, *_ in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(label)


def _mark(outcome: str) -> dict:
    color = HUES["BN"] if outcome == DIFFERENT else GREY
    return {
        "marker": "s" if outcome == EQUIVALENT else "o",
        "facecolor": color if outcome == DIFFERENT else "none",
        "edgecolor": color,
    }


def _outcome_legend(figure: Figure):
    marks = [
        figure.axes[0].scatter([], [], s=30, label=outcome, **_mark(outcome))
        for outcome in (DIFFERENT, EQUIVALENT, UNDECIDED)
    ]
    figure.legend(
        handles=marks,
        loc="outside upper right",
        ncols=3,
        frameon=False,
        labelcolor=GREY,
        fontsize=8,
    )


def norms_by_batch(table: pd.DataFrame) -> Figure:
    """Mean accuracy of each norm over batch sizes, a panel per penalty: `regulariser`, `norm`, `batch_size`, `mean`, `half`."""
    kinds = [kind for kind in MARKERS if kind in set(table.regulariser)]
    figure, axes = blank(8.4, 3.2, columns=max(1, len(kinds)), sharey=True)
    for place, kind in zip(axes[0], kinds):
        panel = table[table.regulariser == kind]
        sizes = sorted(table.batch_size.unique())
        for shift, (norm, hue) in zip((-0.12, 0, 0.12), HUES.items()):
            some = panel[panel.norm == norm].sort_values("batch_size")
            where = np.array([sizes.index(size) for size in some.batch_size]) + shift
            place.errorbar(
                where,
                some["mean"],
                some.half,
                color=hue,
                marker=dict(zip(HUES, "os^"))[norm],
                markersize=5,
                linewidth=1,
                elinewidth=2,
                label=norm,
            )
        place.set_xticks(range(len(sizes)), sizes)
        place.set_title(
            "no penalty" if kind == "none" else kind, color=GREY, fontsize=9
        )
        place.set_xlabel("batch size")
        place.grid(axis="y", color=FAINT, linewidth=0.5)
    axes[0, 0].set_ylabel("test accuracy, last epoch, %")
    middle = table["mean"].median()  # few seeds have intervals beyond the picture
    axes[0, 0].set_ylim(middle - 0.4, middle + 0.25)
    legend(axes[0, 0], loc="best")
    return figure


def ranks(names: Sequence[str], shares: np.ndarray) -> Figure:
    """The probability of each rank if every row had run one seed; a row per configuration, best first."""
    figure, ((axes,),) = blank(8, 0.8 + 0.3 * len(names))
    axes.imshow(
        shares, cmap="Blues", vmin=0, vmax=max(0.5, shares.max()), aspect="auto"
    )
    for row, column in np.ndindex(shares.shape):
        value = shares[row, column]
        if value >= 0.005:
            dark = value > 0.6 * max(0.5, shares.max())
            axes.text(
                column,
                row,
                f"{value:.0%}".rstrip("%"),
                ha="center",
                va="center",
                fontsize=7,
                color="white" if dark else "#222222",
            )
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks(range(shares.shape[1]), range(1, shares.shape[1] + 1))
    axes.set_xlabel(
        "rank in a study with one run of each row; numbers are percent of such studies"
    )
    return figure


def learning(history: pd.DataFrame, published: pd.DataFrame) -> Figure:
    """Mean test accuracy and loss per epoch with bands of one deviation, and the learning rate; one configuration a line."""
    figure, axes = blank(8, 6.6, rows=3, sharex=True, height_ratios=(3, 3, 1))
    for (place,), column, scale in zip(axes[:2], ("test_acc", "test_loss"), (100, 1)):
        for _, some in history.groupby("config", sort=False):
            first, epochs = some.iloc[0], some.groupby("epoch")[column]
            mean, spread = epochs.mean() * scale, epochs.std() * scale
            style = {"color": HUES[first.norm], "linestyle": STYLES[first.regulariser]}
            place.plot(
                mean.index, mean, label=_legend(first, some.seed.nunique()), **style
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


def _legend(first: pd.Series, seeds: int) -> str:
    penalty = "" if first.regulariser == "none" else f", {first.regulariser}"
    return f"{first.norm} at {first.batch_size}{penalty} (n = {seeds})"


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
    for place, (column, words, scale) in zip(axes[0], panels):
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
    handles = [
        axes.plot([], [], color=hue, label=norm)[0] for norm, hue in HUES.items()
    ]
    handles += [
        axes.plot([], [], style, color=GREY, label=kind)[0]
        for kind, style in STYLES.items()
        if kind in set(table.regulariser)
    ]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=7,
        frameon=False,
        labelcolor=GREY,
        fontsize=8,
    )


def layers(table: pd.DataFrame) -> Figure:
    """The norm of each layer's weights at the end, a line per configuration: `config`, `layer`, `size`, `norm`, `regulariser`."""
    figure, ((axes,),) = blank(8.4, 3.6)
    for _, some in table.groupby("config", sort=False):
        first = some.iloc[0]
        axes.plot(
            some.layer,
            some["size"],
            STYLES[first.regulariser],
            color=HUES[first.norm],
            marker=MARKERS[first.regulariser],
            markersize=3,
            linewidth=0.8,
        )
    axes.set_yscale("log")
    axes.set_ylabel("norm of the layer's weights")
    axes.tick_params(axis="x", rotation=35)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    _factor_legend(figure, table)
    return figure


def digits(
    pictures: Sequence[np.ndarray], captions: Sequence[str], flagged: Sequence[bool]
) -> Figure:
    """Images (28, 28) in rows of ten, captioned; a frame marks those that are flagged."""
    rows = -(-len(pictures) // 10)
    figure, axes = blank(8.4, 1.15 * rows, columns=10, rows=rows)
    for place in axes.flat[len(pictures) :]:
        place.set_axis_off()
    for place, picture, caption, flag in zip(axes.flat, pictures, captions, flagged):
        place.imshow(255 - picture, cmap="gray", vmin=0, vmax=255)
        place.set_xticks([])
        place.set_yticks([])
        place.set_title(caption, color=GREY, fontsize=7)
        for spine in place.spines.values():
            spine.set(visible=flag, color=HUES["GN"], linewidth=2)
    return figure
