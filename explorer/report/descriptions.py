"""The sections of the report that describe: what was trained, and how the networks turned out."""

from collections import Counter
from math import isnan, nan

import numpy as np
import pandas as pd
from scipy import stats

from explorer import (
    batches,
    calibration,
    claims,
    errors,
    figures,
    inside,
    penalties,
    portraits,
    results,
    statistics,
)
from explorer.report.draft import SHORT, Draft, plus_minus, row_name, span
from explorer.results import REGULARISERS, describe
from train.study import GRID, GRID_BATCH_SIZES, NORMS, ROWS, STUDIES, Row, as_run

HARDEST = 40
FLAGGED = (penalties.NOTHING, penalties.DESTROYED)
CURVES = (1, 7, 11)  # the rows whose curves were published


def runs(draft: Draft):
    found = draft.found
    draft.say("## What was trained")
    seeds = {
        name: [len(draft.values(trial)) for trial in STUDIES[name]]
        for name in claims.ARMS
    }
    draft.table(
        {
            "study": name,
            "configurations": len(counts),
            "seeds of each": span(counts),
            "runs": sum(counts),
        }
        for name, counts in seeds.items()
    )
    engines = Counter(each.engine for each in found.checkpoints)
    said = ", ".join(f"{count} by {name}" for name, count in sorted(engines.items()))
    diverged = len(found.checkpoints) - len(found.finished)
    draft.say(
        f"{len(found.checkpoints)} runs in all ({said or 'none'}); {diverged or 'none'} diverged. Studies share "
        "configurations, so the runs of the table add up to more."
    )


def published(draft: Draft):
    """The 14 rows, published beside ours on both arms."""
    draft.say(
        "## The published table, with many seeds",
        "Test accuracy after the last epoch, %: the mean over the seeds with its 95 % interval on these 10,000 images, in "
        "brackets the half width of the interval on others of their kind and the number of seeds. As run, rows that differ in "
        "their penalties alone are the same runs.",
    )
    lines = [_row(draft, row) for row in ROWS]
    draft.table(
        {
            "row": row.number,
            "configuration": describe(row.trial),
            "published, best epoch": f"{100 * row.accuracy:.2f}",
            "as labelled": _cell(line, "labelled"),
            "as run": _cell(line, "run"),
        }
        for row, line in zip(ROWS, lines)
    )
    draft.show(
        "rows.svg",
        figures.rows(pd.DataFrame(lines)),
        "Published rows beside our means with intervals",
    )
    draft.say(
        "The published figure is the best epoch of one run, a selection on the test set; so it is placed among our best "
        "epochs. At percentile 50 it is an ordinary run; near 0 or 100 it is an exceptional one, if there are seeds enough "
        "to tell."
    )
    draft.table(
        {
            "row": row.number,
            "configuration": describe(row.trial),
            "published, best epoch": f"{100 * row.accuracy:.2f}",
            "our best epochs, as labelled": _mean(line["labelled_best"]),
            "percentile among them": "-"
            if draft.destroyed(row.trial)
            else _percentile(line["labelled_best"], row),
            "our best epochs, as run": _mean(line["run_best"]),
            "percentile among these": _percentile(line["run_best"], row),
            "seeds": f"{len(line['labelled_best'])} and {len(line['run_best'])}",
        }
        for row, line in zip(ROWS, lines)
    )
    draft.say(
        "The deviation between seeds, in points, with its 95 % interval, beside what independent errors would give; and the "
        "accuracy without the 15 validated label errors."
    )
    draft.table(_deviations(draft, row) for row in ROWS)
    draft.show(
        "strips.svg",
        figures.strips(
            [
                (
                    row_name(row),
                    row.trial.norm,
                    line["labelled_best"],
                    line["run_best"],
                    line["published"],
                )
                for row, line in zip(ROWS, lines)
            ]
        ),
        "Every seed of each row, filled as labelled and hollow as run, with the published value",
    )


def _row(draft: Draft, row: Row) -> dict:
    """A row's numbers on both arms, in percent; NaN where nothing is trained."""
    line = {
        "name": row_name(row),
        "norm": row.trial.norm,
        "published": 100 * row.accuracy,
    }
    for arm, trial in (("labelled", row.trial), ("run", as_run(row.trial))):
        values = draft.values(trial)
        line |= {
            f"{arm}_mean": values.mean() if len(values) else nan,
            f"{arm}_half": statistics.mean_interval(values).half,
            f"{arm}_new": statistics.crossed_interval(draft.correct(trial)).half,
            f"{arm}_best": draft.values(trial, "best"),
        }
    return line


def _deviations(draft: Draft, row: Row) -> dict:
    """How far the seeds of a row as labelled lie apart, and their accuracy where labels stand."""
    values, correct = draft.values(row.trial), draft.correct(row.trial)
    cells = {
        "deviation between seeds": "-",
        "if independent": "-",
        "accuracy without label errors": "-",
    }
    if len(values) > 1 and not draft.destroyed(row.trial):
        interval = statistics.deviation_interval(values)
        cells["deviation between seeds"] = (
            f"{values.std(ddof=1):.3f} ({interval.low:.3f} to {interval.high:.3f})"
        )
        cells["if independent"] = f"{statistics.independent_deviation(correct):.3f}"
    if len(values):
        cells["accuracy without label errors"] = f"{errors.without(correct).mean():.2f}"
    return {
        "row": row.number,
        "configuration": describe(row.trial),
        **cells,
        "seeds": len(values),
    }


def _cell(line: dict, arm: str) -> str:
    seeds = len(line[f"{arm}_best"])
    if not seeds:
        return "-"
    new = line[f"{arm}_new"]
    brackets = f"{seeds} seeds" if isnan(new) else f"± {new:.2f}, {seeds} seeds"
    return f"{plus_minus(line[f'{arm}_mean'], line[f'{arm}_half'])} ({brackets})"


def _mean(values: np.ndarray) -> str:
    return f"{values.mean():.2f}" if len(values) else "-"


def _percentile(best: np.ndarray, row: Row) -> str:
    if not len(best):
        return "-"
    # Rounded, as 99.31 and 0.9931 * 100 are to tie.
    return f"{stats.percentileofscore(best.round(2), round(100 * row.accuracy, 2), 'mean'):.0f}"


def norms(draft: Draft):
    draft.say("## Norm and batch size")
    trials = [trial for trial in GRID if draft.comparable(trial)]
    if not trials:
        return draft.say(SHORT)
    table = pd.DataFrame(
        {
            "regulariser": trial.regulariser,
            "norm": trial.norm,
            "batch_size": trial.batch_size,
            "mean": draft.values(trial).mean(),
            "half": statistics.mean_interval(draft.values(trial)).half,
        }
        for trial in trials
    )
    draft.say(
        "The grid: mean accuracy after the last epoch, %, with the 95 % interval over seeds; in brackets the seeds."
    )
    draft.show(
        "norms.svg", figures.norms_by_batch(table), "Norm by batch size and penalty"
    )
    cells = {
        (trial.regulariser, trial.norm, trial.batch_size): trial for trial in trials
    }

    def cell(*key) -> str:
        if key not in cells:
            return "-"
        values = draft.values(cells[key])
        mean = plus_minus(values.mean(), statistics.mean_interval(values).half)
        return f"{mean} ({len(values)})"

    draft.table(
        {"regulariser": kind, "norm": norm}
        | {f"batch {size}": cell(kind, norm, size) for size in GRID_BATCH_SIZES}
        for kind in REGULARISERS
        for norm in NORMS
    )


def regularisers(draft: Draft):
    draft.say("## Did the regulariser act?")
    acted = penalties.acted(draft.found)
    if acted.empty:
        return draft.say("No penalised network is trained yet.")
    trials = {found.trial.config: found.trial for found in draft.found.finished}
    recorded = sum("near_zero" in each.history[0] for each in draft.found.finished)
    draft.say(
        "At the end of training; means over the seeds. A penalty that moved nothing or destroyed the network is in bold. Near-zero weights are "
        "counted against the largest of their layer, so a network that collapsed as a whole has few. The curves of near-zero "
        f"weights are those of the {recorded} runs that recorded them per epoch."
    )
    draft.table(
        {
            "configuration": describe(trials[row.config]),
            "penalty's share of the loss, %": f"{100 * row.share:.2f}",
            "near-zero weights, %": f"{100 * row.near_zero:.1f}",
            "sum of weights against none, %": "-"
            if isnan(row.shrunk)
            else f"{100 * row.shrunk:+.1f}",
            "accuracy, %": f"{row.acc:.2f}",
            "the penalty": f"**{row.flag}**" if row.flag in FLAGGED else row.flag,
            "seeds": row.seeds,
        }
        for row in acted.itertuples()
    )
    ends = penalties.ends(draft.found)
    ends = ends[ends.acc >= penalties.DESTROYED_BELOW].assign(
        error=lambda rows: 100 - rows.acc, near_zero=lambda rows: 100 * rows.near_zero
    )
    if len(ends):
        draft.show(
            "sparsity.svg",
            portraits.sparsity(_with_factors(ends, trials)),
            "Near-zero weights against test error, a mark per run",
        )
    series = penalties.epochs(draft.found)
    destroyed = set(acted.config[acted.flag == penalties.DESTROYED])
    draft.show(
        "penalty.svg",
        portraits.acting(
            _with_factors(
                penalties.means(series[series.config.isin(acted.config)]), trials
            )
        ),
        "The penalty, near-zero weights and the norm of all weights per epoch",
    )
    draft.show(
        "layers.svg",
        portraits.layers(
            _with_factors(
                penalties.sizes(series[~series.config.isin(destroyed)]), trials
            )
        ),
        "The norm of each layer at the end, means and ranges of the configurations",
    )


def _with_factors(rows: pd.DataFrame, trials: dict) -> pd.DataFrame:
    return rows.assign(
        norm=[trials[config].norm for config in rows.config],
        regulariser=[trials[config].regulariser for config in rows.config],
    )


def mistakes(draft: Draft):
    draft.say("## The hardest digits")
    accuracies = draft.rows.acc.to_numpy(float)
    whole = accuracies >= penalties.DESTROYED_BELOW
    if not whole.any():
        return draft.say(SHORT)
    images = errors.images(draft.found)
    flagged = images[images.label_error]
    draft.table(
        {
            "kind": kind,
            "images": int((images.kind == kind).sum()),
            "of them validated label errors": int((flagged.kind == kind).sum()),
        }
        for kind in errors.KINDS
    )
    without = errors.without(draft.found.correct[whole])
    draft.say(
        f"The mean accuracy of {whole.sum()} networks is {accuracies[whole].mean():.3f} %, and {without.mean():.3f} % on the "
        f"{len(images) - len(flagged):,} images without the {len(flagged)} validated label errors, which are framed below. "
        "Captions: the label, what networks read instead, the share of networks that miss it. The first ten:"
    )
    hardest = images.sort_values("missing", ascending=False, kind="stable")[:HARDEST]
    draft.table(
        {
            "image": index,
            "label": row.label,
            "read as": row.read,
            "networks that miss it": f"{row.missing} of {whole.sum()}",
            "configurations with one": row.configs,
            "kind": row.kind,
            "label error": "yes" if row.label_error else "no",
        }
        for index, row in hardest[:10].iterrows()
    )
    pictures = results.test_split().images.numpy()
    draft.show(
        "hardest.svg",
        portraits.digits(
            [pictures[index] for index in hardest.index],
            [
                f"{row.label} \u2192 {row.read}, {row.missed:.0%}"
                for row in hardest.itertuples()
            ],
            hardest.label_error.tolist(),
        ),
        "The hardest test images; validated label errors framed",
    )


def batch_statistics(draft: Draft):
    draft.say("## What batch norm takes from its batch")
    rows = batches.read()
    rows = rows[rows.name.isin(draft.found.place)]
    runs = {
        trial: some
        for trial in batches.TRIALS
        for some in [rows[rows.config == trial.config]]
        if len(some) > 1
    }
    if not runs:
        return draft.say(SHORT)
    few, many = map(str, (inside.BATCHES[1], inside.BATCHES[-1]))
    lost = statistics.contrast(
        [
            (1 / len(runs), (some[many] - some[few]).to_numpy())
            for some in runs.values()
        ],
        None,
        resolution=0.0,
    )
    draft.say(
        "Batch norm without a penalty, tested with the mean and variance of the batch at hand instead of its averages over "
        f"training: accuracy in percent on the first {inside.SAMPLED} test images, means over the seeds (`python -m "
        f"explorer.batches` measures them). Against batches of {many}, batches of {few} lose {lost.estimate:.1f} ± "
        f"{lost.interval.half:.1f} points (95 % interval over seeds, every batch size of training with the same weight). Group "
        "and layer norm take nothing from the batch and lose nothing."
    )
    draft.table(
        {"trained at batch": trial.batch_size}
        | {f"of {size}": f"{some[str(size)].mean():.1f}" for size in inside.BATCHES}
        | {"as tested": f"{some.usual.mean():.1f}", "seeds": len(some)}
        for trial, some in runs.items()
    )


def confidence(draft: Draft):
    draft.say("## Are they as right as they are sure?")
    try:
        found = calibration.records(draft.found, calibration.EDGES[-1])
    except statistics.StatisticsError as error:
        return draft.say(str(error))
    draft.say(
        "The grid: the expected calibration error over 15 bins of confidence, with its 95 % interval over the seeds of each "
        "configuration; and what comes of answering only above the last of them, where the confidence is "
        f"{100 * calibration.EDGES[-1]:.1f} % or more.",
        calibration.words(found["norm"]),
    )
    for levels in found.values():
        draft.table(calibration.table(levels).to_dict("records"))


def curves(draft: Draft):
    draft.say("## How they learned")
    wanted = {ROWS[number - 1].trial.config for number in CURVES}
    history = draft.found.history
    history = history[history.config.isin(wanted)]
    if history.empty:
        return draft.say(SHORT)
    draft.say(
        "The rows whose curves were published: means, bands of one deviation between seeds, and the published runs as circles."
    )
    draft.show(
        "curves.svg",
        portraits.learning(history, results.published_curves()),
        "Test accuracy and loss per epoch, and the learning rate",
    )
