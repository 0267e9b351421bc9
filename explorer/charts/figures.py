"""Matplotlib figures of comparisons: published rows, seeds, differences with intervals, ranks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from explorer.charts.palette import DARK, FAINT, GREY, HUES, LIGHT, SIGNIFICANT
from explorer.charts.print_style import blank, figure_legend, legend
from explorer.study.claims import Claim
from explorer.study.parts import NEGLIGIBLE, OPEN, OPPOSITE, SHOWN, SMALL, Part
from explorer.study.published_table import PublishedLine
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED, Interval
from explorer.study.wording.row_comparisons import name

LEAST = 98.5  # percent: lower accuracies are left out, so that the axis can show differences among the others


def rows(lines: Sequence[PublishedLine]) -> Figure:
    """Published rows: the published best epoch, and our means with intervals on both arms."""
    figure, ((axes,),) = blank(8, 5.2)
    heights = np.arange(len(lines))
    hues = [HUES[line.trial.norm] for line in lines]
    labelled, run = [line.labelled for line in lines], [line.run for line in lines]
    for arm, shift, marker, arm_name in (
        (labelled, -0.16, "o", "as labelled"),
        (run, 0.16, "s", "as run"),
    ):
        means = np.array([runs.mean for runs in arm])
        for intervals, width in (
            ([runs.new_images for runs in arm], 1),
            ([runs.interval for runs in arm], 3),
        ):
            axes.errorbar(
                means,
                heights + shift,
                xerr=[interval.half_width for interval in intervals],
                fmt="none",
                ecolor=hues,
                elinewidth=width,
            )
        axes.scatter(means, heights + shift, marker=marker, s=28, c=hues, zorder=3)
        axes.scatter(
            [], [], marker=marker, s=28, c=GREY, label=f"{arm_name}, last epoch"
        )
    published = [100 * line.row.accuracy for line in lines]
    axes.scatter(
        published, heights, marker="|", s=140, c=GREY, label="published, best epoch"
    )
    axes.set_yticks(heights, [name(line.row) for line in lines])
    axes.invert_yaxis()
    spread = np.array([*published, *(runs.mean for runs in (*labelled, *run))])
    spread = spread[spread > LEAST]
    if len(spread):
        axes.set_xlim(spread.min() - 0.12, spread.max() + 0.12)
    for height, runs in zip(heights, labelled, strict=True):
        if runs.mean < LEAST:  # outside the axis: a collapsed network
            axes.annotate(
                f"\u25c0 as labelled {runs.mean:.2f} %",
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


def strips(lines: Sequence[PublishedLine]) -> Figure:
    """Best epochs by row, a mark per seed, with a bar at the published value."""
    figure, ((axes,),) = blank(8, 0.7 + 0.42 * len(lines))
    for height, line in enumerate(lines):
        hue = HUES[line.trial.norm]
        for values, offset, face in (
            (line.labelled.best, -0.2, hue),
            (line.run.best, 0.2, "none"),
        ):
            visible = values[values > LEAST]
            jitter = np.linspace(-0.13, 0.13, len(visible)) + offset
            axes.scatter(
                visible,
                height + jitter,
                s=14,
                facecolor=face,
                edgecolor=hue,
                alpha=0.8,
                linewidths=0.8,
            )
        published = 100 * line.row.accuracy
        axes.scatter(published, height, marker="|", s=220, c=GREY, linewidths=2)
        if below_range := int((line.labelled.best <= LEAST).sum()):
            axes.annotate(
                f"\u25c0 {below_range} as labelled below {LEAST} %",
                (0.01, height - 0.2),
                xycoords=("axes fraction", "data"),
                color=GREY,
                fontsize=8,
                va="center",
            )
    axes.scatter([], [], marker="|", s=160, c=GREY, label="published, one run")
    axes.scatter([], [], s=14, c=GREY, label="a seed as labelled")
    axes.scatter([], [], s=14, facecolor="none", edgecolor=GREY, label="a seed as run")
    axes.set_yticks(range(len(lines)), [name(line.row) for line in lines])
    axes.invert_yaxis()
    axes.set_xlabel("test accuracy of the best epoch, % (a selection, as published)")
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    legend(axes, loc="upper center", bbox_to_anchor=(0.4, -0.08), ncols=3)
    return figure


class Estimate(NamedTuple):
    """Line of a forest plot."""

    label: str
    value: float
    interval: Interval
    outcome: str
    new_images: Interval | None = None
    word: str = ""  # beside the line


def forest(
    lines: Sequence[Estimate], label: str, margin: float | None = None
) -> Figure:
    """Forest plot of differences, with intervals for these images and, where given, for new images."""
    height = 0.9 + 0.27 * len(lines)
    figure, ((axes,),) = blank(8, height)
    _forest(axes, lines, label, margin)
    _outcome_legend(figure, margin)
    return figure


def parts(judged: Claim) -> Figure:
    """Forest plots of all parts of an observation, a panel per unit; the axis label names the side that the observation says."""
    units: dict[str, list[tuple[str, Part]]] = {}
    for arm in judged.arms:
        for part in arm.parts:
            label = f"{arm.name}: {part.plan.difference}"
            units.setdefault(part.plan.unit, []).append((label, part))
    counts = list(map(len, units.values()))
    figure, axes = blank(
        8,
        0.5 + 0.25 * sum(counts) + 0.5 * len(counts),
        rows=len(counts),
        height_ratios=counts,
    )
    for (panel,), (unit, some) in zip(axes, units.items(), strict=True):
        lines = [
            Estimate(
                label,
                part.gap.estimate,
                part.interval,
                OUTCOMES[part.word],
                None,
                part.word,
            )
            for label, part in some
        ]
        plan = some[0][1].plan
        way = "right" if plan.sign > 0 else "left"
        text = f"difference, {unit}; the observation says {way} of 0"
        _forest(panel, lines, text, plan.margin)
    return figure


OUTCOMES = {  # by word
    SHOWN: DIFFERENT,
    SMALL: DIFFERENT,
    OPPOSITE: DIFFERENT,
    NEGLIGIBLE: EQUIVALENT,
    OPEN: UNDECIDED,
}


def _forest(axes: Axes, lines: Sequence[Estimate], label: str, margin: float | None):
    """Draws a forest plot on `axes`, with a band for the margin of equivalence."""
    if margin:
        axes.axvspan(-margin, margin, color=FAINT, linewidth=0)
    axes.axvline(0, color=GREY, linewidth=0.8)
    for height, line in enumerate(lines):
        color = SIGNIFICANT if line.outcome == DIFFERENT else GREY
        for interval, width in ((line.new_images, 1), (line.interval, 3)):
            if interval:
                ends = [interval.low, interval.high]
                axes.plot(ends, [height] * 2, color=color, linewidth=width)
        axes.scatter(line.value, height, s=30, zorder=3, **_mark(line.outcome))
        axes.annotate(
            line.word,
            (1.01, height),
            xycoords=("axes fraction", "data"),
            color=GREY,
            fontsize=8,
            va="center",
        )
    axes.set_yticks(range(len(lines)), [line.label for line in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(label)


def _mark(outcome: str) -> dict:
    """Scatter options of the mark of an outcome."""
    color = SIGNIFICANT if outcome == DIFFERENT else GREY
    return {
        "marker": "s" if outcome == EQUIVALENT else "o",
        "facecolor": color if outcome == DIFFERENT else "none",
        "edgecolor": color,
    }


def _outcome_legend(figure: Figure, margin: float | None):
    """Legend of the outcomes; without a margin no outcome is equivalent."""
    marks = [
        figure.axes[0].scatter([], [], s=30, label=outcome, **_mark(outcome))
        for outcome in (DIFFERENT, EQUIVALENT, UNDECIDED)
        if margin or outcome != EQUIVALENT
    ]
    figure_legend(figure, marks, "outside upper right")


def by_norm(means: pd.DataFrame, label: str) -> Figure:
    """Mean accuracy by norm over a hyperparameter with the axis label `label`, in panels.

    `means` has `panel` (its title), `norm`, `x`, `mean` and `half_width` (of the interval), in percent.
    """
    kinds = list(means.panel.unique())
    norms = list(means.norm.unique())
    shifts = np.linspace(-0.12, 0.12, len(norms))
    figure, axes = blank(8.4, 3.2, columns=max(1, len(kinds)), sharey=True)
    for panel, kind in zip(axes[0], kinds, strict=True):
        of_kind = means[means.panel == kind]
        sizes = sorted(means.x.unique())
        for shift, norm, marker in zip(shifts, norms, "os^Dv", strict=False):
            of_norm = of_kind[of_kind.norm == norm].sort_values("x")
            positions = np.array([sizes.index(x) for x in of_norm.x]) + shift
            panel.errorbar(
                positions,
                of_norm["mean"],
                of_norm.half_width,
                color=HUES[norm],
                marker=marker,
                markersize=5,
                linewidth=1,
                elinewidth=2,
                label=norm,
            )
        panel.set_xticks(range(len(sizes)), [f"{size:g}" for size in sizes])
        panel.set_title(kind, color=GREY, fontsize=9)
        panel.set_xlabel(label)
        panel.grid(axis="y", color=FAINT, linewidth=0.5)
    axes[0, 0].set_ylabel("test accuracy, last epoch, %")
    # Intervals of three seeds may be wide: their limits may lie outside the axis.
    low = max((means["mean"] - means.half_width).min(), means["mean"].min() - 0.15)
    high = min((means["mean"] + means.half_width).max(), means["mean"].max() + 0.15)
    axes[0, 0].set_ylim(low - 0.02, high + 0.02)
    figure_legend(
        figure, axes[0, 0].get_legend_handles_labels()[0], "outside upper right"
    )
    return figure


def ranks(names: Sequence[str], probabilities: np.ndarray) -> Figure:
    """Probabilities of ranks in a study with one seed per row, as an image; a line per published row, best first."""
    figure, ((axes,),) = blank(8, 0.8 + 0.3 * len(names))
    axes.imshow(
        probabilities,
        cmap="Blues",
        vmin=0,
        vmax=max(0.5, probabilities.max()),
        aspect="auto",
    )
    for row, column in np.ndindex(probabilities.shape):
        value = probabilities[row, column]
        if value >= 0.005:
            dark = value > 0.6 * max(0.5, probabilities.max())
            axes.text(
                column,
                row,
                f"{value:.0%}".rstrip("%"),
                ha="center",
                va="center",
                fontsize=7,
                color=LIGHT if dark else DARK,
            )
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks(range(probabilities.shape[1]), range(1, probabilities.shape[1] + 1))
    axes.set_xlabel(
        "rank in a study with one run of each row; numbers are percent of such studies"
    )
    return figure
