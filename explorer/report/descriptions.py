"""Descriptive sections of the report: the trained runs, the published table, norms and batch sizes."""

from collections import Counter
from math import isnan

import numpy as np
import pandas as pd
from scipy import stats

from explorer.charts import figures
from explorer.report.draft import TOO_FEW_SEEDS, Draft, span
from explorer.runs.results import REGULARISERS, describe
from explorer.study import hard_images, published_table, statistics
from explorer.study.components import components
from explorer.study.observations import ARMS
from explorer.study.published_table import PublishedLine, Runs
from explorer.study.wording.numbers import plus_minus
from train.study import GRID, GRID_BATCH_SIZES, STUDIES, Row


def runs(draft: Draft):
    """Numbers of runs by study and by engine."""
    results = draft.results
    draft.add_text("## What was trained")
    seeds = {
        name: [len(draft.values(trial)) for trial in STUDIES[name].trials]
        for name in ARMS
    }
    draft.add_table(
        pd.DataFrame(
            {
                "study": name,
                "configurations": len(counts),
                "seeds of each": span(counts),
                "runs": sum(counts),
            }
            for name, counts in seeds.items()
        )
    )
    engines = Counter(checkpoint.engine for checkpoint in results.checkpoints)
    by_engine = ", ".join(
        f"{count} by {name}" for name, count in sorted(engines.items())
    )
    diverged = len(results.checkpoints) - len(results.finished)
    draft.add_text(
        f"{len(results.checkpoints)} runs of {results.scope} in all ({by_engine or 'none'}); {diverged or 'none'} diverged. Studies "
        "share configurations, so the runs of the table add up to more."
    )


def published(draft: Draft):
    """Published rows beside our runs on both arms."""
    draft.add_text(
        "## The published table, with many seeds",
        "Test accuracy after the last epoch, %: the mean over the seeds with its 95 % interval on these 10,000 images, in "
        "brackets the half width of the interval on others of their kind and the number of seeds. As run, rows that differ in "
        "their penalties alone are the same runs.",
    )
    lines = published_table.published(draft.results)
    draft.add_table(
        pd.DataFrame(
            {
                **_names(line),
                "published, best epoch": f"{100 * line.row.accuracy:.2f}",
                "as labelled": _cell(line.labelled),
                "as run": _cell(line.run),
            }
            for line in lines
        )
    )
    draft.add_figure(
        "rows.svg",
        figures.rows(lines),
        "Published rows beside our means with intervals",
    )
    _percentiles(draft, lines)
    draft.add_text(
        "The deviation between seeds, in points, with its 95 % interval; what is left of it on all images of this kind, without the "
        "luck of which 10,000 are tested; what independent errors would give; and the accuracy without the 15 validated label errors."
    )
    draft.add_table(pd.DataFrame(_names(line) | _deviations(line) for line in lines))
    draft.add_figure(
        "strips.svg",
        figures.strips(lines),
        "Every seed of each row, filled as labelled and hollow as run, with the published value",
    )


def _percentiles(draft: Draft, lines: list[PublishedLine]):
    """Percentiles of the published accuracies among our best epochs."""
    draft.add_text(
        "The published figure is the best epoch of one run, a selection on the test set; so it is placed among our best "
        "epochs. At percentile 50 it is an ordinary run; near 0 or 100 it is an exceptional one, if there are seeds enough "
        "to tell."
    )
    draft.add_table(
        pd.DataFrame(
            {
                **_names(line),
                "published, best epoch": f"{100 * line.row.accuracy:.2f}",
                "our best epochs, as labelled": _mean(line.labelled.best),
                "percentile among them": "-"
                if line.labelled.is_collapsed
                else _percentile(line.labelled.best, line.row),
                "our best epochs, as run": _mean(line.run.best),
                "percentile among these": _percentile(line.run.best, line.row),
                "seeds": f"{len(line.labelled.best)} and {len(line.run.best)}",
            }
            for line in lines
        )
    )


def _names(line: PublishedLine) -> dict:
    return {"row": line.row.number, "configuration": describe(line.trial)}


def _deviations(line: PublishedLine) -> dict:
    """Cells of a row as labelled: deviation between seeds, and accuracy without label errors."""
    runs = line.labelled
    cells = {
        "deviation between seeds": "-",
        "on all images": "-",
        "if independent": "-",
        "accuracy without label errors": "-",
    }
    if len(runs.last) > 1 and not runs.is_collapsed:
        interval = statistics.deviation_interval(runs.last)
        cells["deviation between seeds"] = (
            f"{runs.last.std(ddof=1):.3f} ({interval.low:.3f} to {interval.high:.3f})"
        )
        cells["on all images"] = f"{components([runs.correct]).on_all_images:.3f}"
        cells["if independent"] = (
            f"{statistics.independent_deviation(runs.correct):.3f}"
        )
    if len(runs.last):
        cells["accuracy without label errors"] = (
            f"{hard_images.accuracies_without_label_errors(runs.correct).mean():.2f}"
        )
    return cells | {"seeds": len(runs.last)}


def _cell(runs: Runs) -> str:
    if not len(runs.last):
        return "-"
    new, seeds = runs.new_images.half_width, f"{len(runs.last)} seeds"
    brackets = seeds if isnan(new) else f"± {new:.2f}, {seeds}"
    return f"{plus_minus(runs.mean, runs.interval.half_width)} ({brackets})"


def _mean(values: np.ndarray) -> str:
    return f"{values.mean():.2f}" if len(values) else "-"


def _percentile(best: np.ndarray, row: Row) -> str:
    if not len(best):
        return "-"
    # Both are rounded, so that 99.31 and 0.9931 * 100 tie.
    return f"{stats.percentileofscore(best.round(2), round(100 * row.accuracy, 2), 'mean'):.0f}"


def norms(draft: Draft):
    """Mean accuracies over the grid, by regulariser, norm and batch size."""
    draft.add_text("## Norm and batch size")
    trials = [trial for trial in GRID if draft.is_comparable(trial)]
    if not trials:
        return draft.add_text(TOO_FEW_SEEDS)
    means = draft.means(
        trials,
        lambda trial: trial.regulariser.replace("none", "no penalty"),
        lambda trial: trial.batch_size,
    )
    draft.add_text(
        "The grid: mean accuracy after the last epoch, %, with the 95 % interval over seeds; in brackets the seeds."
    )
    draft.add_figure(
        "norms.svg",
        figures.by_norm(means, "batch size"),
        "Norm by batch size and penalty",
    )
    cells = {
        (trial.regulariser, trial.norm, trial.batch_size): trial for trial in trials
    }

    def cell(*key) -> str:
        if key not in cells:
            return "-"
        values = draft.values(cells[key])
        mean = plus_minus(values.mean(), draft.interval(cells[key]).half_width)
        return f"{mean} ({len(values)})"

    draft.add_table(
        pd.DataFrame(
            {"regulariser": kind, "norm": norm}
            | {f"batch {size}": cell(kind, norm, size) for size in GRID_BATCH_SIZES}
            for kind in REGULARISERS
            for norm in STUDIES["grid"].norms
        )
    )
