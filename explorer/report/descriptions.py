"""Descriptive sections of the report: the trained runs, the published table, norms and batch sizes."""

from collections import Counter
from math import isnan

import pandas as pd

from explorer.charts import figures
from explorer.report.draft import Draft, require, section, span
from explorer.runs.descriptions import describe
from explorer.runs.results import REGULARISERS
from explorer.study import hard_images, published_table, statistics, wording
from explorer.study.components import components
from explorer.study.published_table import PublishedLine, Runs
from explorer.study.wording.numbers import plus_minus
from train.study import GRID, GRID_BATCH_SIZES, STUDIES, studies_on


@section("What was trained")
def runs(draft: Draft):
    """Numbers of runs by study and by engine."""
    results = draft.results
    seeds = {
        study.name: [
            len(draft.samples.values.get(trial.config, ())) for trial in study.trials
        ]
        for study in studies_on(results.data_set)
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


@section("The published table, with many seeds")
def published(draft: Draft):
    """Published rows beside our runs on both arms."""
    draft.add_text(
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
    _predictions(draft, lines)
    draft.add_text(
        "The deviation between seeds, in points, with its 95 % interval; what is left of it on all images of this kind, without the "
        "luck of which 10,000 are tested (0 where that alone explains as much as is seen); what independent errors would give; and the "
        "accuracy without the 15 validated label errors."
    )
    draft.add_table(pd.DataFrame(_names(line) | _deviations(line) for line in lines))
    draft.add_figure(
        "strips.svg",
        figures.strips(lines),
        "Every seed of each row, filled as labelled and hollow as run, with the published value",
    )


def _predictions(draft: Draft, lines: list[PublishedLine]):
    """Published accuracies beside the prediction intervals of the best epoch of one further run."""
    draft.add_text(
        "The published figure is the best epoch of one run, a selection on the test set. So it stands against the 95 % "
        "prediction interval of the best epoch of one further run of ours: mean ± t s sqrt(1 + 1/n), s the deviation of best "
        f"epochs between seeds, moderated over the study. {wording.published_table.predictions(lines)}"
    )
    draft.add_table(
        pd.DataFrame(
            {
                **_names(line),
                "published, best epoch": f"{line.published:.2f}",
                **_prediction(line.labelled, line.published, "as labelled"),
                **_prediction(line.run, line.published, "as run"),
                "seeds": f"{len(line.labelled.best)} and {len(line.run.best)}",
            }
            for line in lines
        )
    )


def _prediction(runs: Runs, published: float, arm: str) -> dict:
    """Cells of an arm: mean of the best epochs, prediction interval of one further run, and whether the published value lies in it."""
    interval, inside = runs.one_more_best, runs.predicts(published)
    return {
        f"{arm}: our best epochs": f"{runs.best.mean():.2f}" if len(runs.best) else "-",
        f"{arm}: one more run": "-"
        if inside is None
        else f"{interval.low:.2f} to {interval.high:.2f}",
        f"{arm}: inside": {None: "-", True: "yes", False: "no"}[inside],
    }


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
        cells["on all images"] = wording.comparison.on_all_images(
            components([runs.correct])
        )
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


@section("Norm and batch size")
def norms(draft: Draft):
    """Mean accuracies over the grid, by regulariser, norm and batch size."""
    trials = [trial for trial in GRID if draft.is_comparable(trial)]
    require(trials)
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
