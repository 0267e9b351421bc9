"""Sections of the report about the networks: weights, errors, batch statistics, confidence, robustness and learning curves."""

from math import isnan

import pandas as pd

from explorer.charts import portraits
from explorer.digits.corruptions import CORRUPTIONS
from explorer.network import activations, batch_statistics
from explorer.report.draft import Draft, require, section
from explorer.runs import published_curves, results
from explorer.runs.descriptions import describe
from explorer.runs.results import COLLAPSED_BELOW
from explorer.study import (
    calibration,
    hard_images,
    regularisation,
    robustness,
    robustness_tables,
    statistics,
    tables,
    wording,
)
from train.study import ROWS

HARDEST = 40
FLAGGED = (regularisation.NOTHING, regularisation.COLLAPSED)
CURVES = (1, 7, 11)  # numbers of the rows whose curves were published


@section("Did the regulariser act?")
def regularisers(draft: Draft):
    """Effect of the penalties on loss and weights."""
    acted = regularisation.acted(draft.results)
    require(not acted.empty, "No penalised network is trained yet.")
    trials = {
        checkpoint.trial.config: checkpoint.trial
        for checkpoint in draft.results.finished
    }
    recorded = sum(
        "near_zero" in checkpoint.history[0] for checkpoint in draft.results.finished
    )
    draft.add_text(
        f"The networks of {draft.results.scope} at the end of training; means over the seeds. A penalty that moved nothing or "
        "collapsed the network is in bold. Near-zero weights are counted against the largest of their layer, so a network that "
        "collapsed as a whole has few. The curves of near-zero weights are "
        f"those of the {recorded} runs that recorded them per epoch."
    )
    draft.add_table(
        pd.DataFrame(
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
    )
    _regulariser_figures(draft, acted, trials)


def _regulariser_figures(draft: Draft, acted: pd.DataFrame, trials: dict):
    """Figures of `regularisers`; `trials` are one of every configuration, by its name."""
    ends = regularisation.ends(draft.results)
    ends = ends[ends.acc >= COLLAPSED_BELOW].assign(
        error=lambda rows: 100 - rows.acc, near_zero=lambda rows: 100 * rows.near_zero
    )
    if len(ends):
        draft.add_figure(
            "sparsity.svg",
            portraits.sparsity(_with_factors(ends, trials)),
            "Near-zero weights against test error, a mark per run",
        )
    series = regularisation.epochs(draft.results)
    collapsed = set(acted.config[acted.flag == regularisation.COLLAPSED])
    draft.add_figure(
        "penalty.svg",
        portraits.acting(
            _with_factors(
                regularisation.means(series[series.config.isin(acted.config)]), trials
            )
        ),
        "The penalty, near-zero weights and the norm of all weights per epoch",
    )
    draft.add_figure(
        "layers.svg",
        portraits.layers(
            _with_factors(
                regularisation.sizes(series[~series.config.isin(collapsed)]), trials
            )
        ),
        "The norm of each layer at the end, means and ranges of the configurations",
    )


def _with_factors(rows: pd.DataFrame, trials: dict) -> pd.DataFrame:
    """`rows` with the norm and the regulariser of their configurations."""
    return rows.assign(
        norm=[trials[config].norm for config in rows.config],
        regulariser=[trials[config].regulariser for config in rows.config],
    )


@section("The hardest digits")
def mistakes(draft: Draft):
    """Test images by how networks misclassify them."""
    accuracies = draft.rows.acc.to_numpy(float)
    non_collapsed = accuracies >= COLLAPSED_BELOW
    require(non_collapsed.any())
    images = hard_images.images(draft.results)
    flagged = images[images.label_error]
    draft.add_table(
        pd.DataFrame(
            {
                "kind": kind,
                "images": int((images.kind == kind).sum()),
                "of them validated label errors": int((flagged.kind == kind).sum()),
            }
            for kind in hard_images.KINDS
        )
    )
    count = non_collapsed.sum()
    without_label_errors = hard_images.accuracies_without_label_errors(
        draft.results.correct[non_collapsed]
    )
    draft.add_text(
        f"The mean accuracy of {count} networks of {draft.results.scope} is {accuracies[non_collapsed].mean():.3f} %, and "
        f"{without_label_errors.mean():.3f} % on the {len(images) - len(flagged):,} images "
        f"without the {len(flagged)} validated label errors, which are framed below. "
        "Captions: the label, what networks read instead, the share of networks that miss it. The first ten:"
    )
    hardest = images.sort_values("missing", ascending=False, kind="stable")[:HARDEST]
    draft.add_table(
        pd.DataFrame(
            {
                "image": index,
                "label": row.label,
                "read as": row.read,
                "networks that miss it": f"{row.missing} of {count}",
                "configurations with one": row.configs,
                "kind": row.kind,
                "label error": "yes" if row.label_error else "no",
            }
            for index, row in hardest[:10].iterrows()
        )
    )
    pictures = results.test_split().images.numpy()
    draft.add_figure(
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


@section("What batch norm takes from its batch")
def statistics_of_batches(draft: Draft):
    """Accuracy of batch norm with batch statistics at test time."""
    rows = batch_statistics.read(draft.results)
    trials = {
        checkpoint.name: checkpoint.trial for checkpoint in draft.results.checkpoints
    }
    configs = [trials[name].config for name in rows.index]
    runs = {
        trial: accuracies
        for trial in batch_statistics.TRIALS
        for accuracies in [rows[[config == trial.config for config in configs]]]
        if len(accuracies) > 1
    }
    require(runs)
    few, many = map(str, (activations.BATCHES[1], activations.BATCHES[-1]))
    loss = statistics.contrast(
        [
            (1 / len(runs), (accuracies[many] - accuracies[few]).to_numpy())
            for accuracies in runs.values()
        ],
        None,
        resolution=0.0,
    )
    draft.add_text(
        "Batch norm without a penalty, tested with the mean and variance of the batch at hand instead of its averages over "
        f"training: accuracy in percent on the first {activations.SAMPLED} test images, means over the seeds (`python -m "
        f"explorer.batches` measures them). Against batches of {many}, batches of {few} lose {loss.estimate:.1f} ± "
        f"{loss.interval.half_width:.1f} points (95 % interval over seeds, every batch size of training with the same weight). Group "
        "and layer norm take nothing from the batch and lose nothing."
    )
    draft.add_table(
        pd.DataFrame(
            {"trained at batch": trial.batch_size}
            | {
                f"of {size}": f"{accuracies[str(size)].mean():.1f}"
                for size in activations.BATCHES
            }
            | {"as tested": f"{accuracies.usual.mean():.1f}", "seeds": len(accuracies)}
            for trial, accuracies in runs.items()
        )
    )


@section("Are they as right as they are sure?")
def confidence(draft: Draft):
    """Calibration and selective prediction over the grid."""
    calibrated = calibration.calibrated(draft.results, calibration.EDGES[-1])
    draft.add_text(
        "The grid: the expected calibration error over 15 bins of confidence, with its 95 % interval over the seeds of each "
        "configuration; and what comes of answering only above the last of them, where the confidence is "
        f"{100 * calibration.EDGES[-1]:.1f} % or more.",
        wording.grid.calibration(calibrated["norm"]),
    )
    for levels in calibrated.values():
        draft.add_table(tables.calibration(levels))


@section("Do they read digits that are made harder?")
def corrupted_digits(draft: Draft):
    """Robustness to corrupted digits by norm."""
    rows = robustness.read(draft.results)
    compared = robustness.compared(draft.results, rows, "norm")
    strengths = robustness.by_strength(draft.results, rows, "norm")
    averages = robustness.averages_compared(draft.results, rows)
    loss = robustness.batch_norm_loss(draft.results, rows)
    panels = [
        (
            corruption,
            robustness.curves(draft.results, rows, corruption.name)["norm"]
            + robustness.re_estimated_curves(draft.results, rows, corruption.name),
        )
        for corruption in CORRUPTIONS
    ]
    draft.add_text(
        "The grid's networks on every other test image, made harder in six ways (`python -m explorer.robustness` measures it): "
        "means by norm with 95 % bands over the seeds of each configuration; and every pair of norms in the mean over the five "
        f"strengths, one family. {wording.grid.robustness(compared)}"
    )
    draft.add_figure(
        "robustness.svg",
        portraits.robustness(panels),
        "Accuracy over the strength of each corruption by norm",
    )
    draft.add_table(robustness_tables.differences(compared))
    draft.add_text(
        "Secondary: every strength by itself, means in percent; the strengths and pairs of a corruption are a family."
    )
    draft.add_table(robustness_tables.by_strength(panels, strengths))
    draft.add_text(
        "Secondary: is it the norm, or its averages over training? Batch norm's networks "
        f"once more, with every block's mean and variance re-estimated on the corrupted digits themselves, without labels; "
        f"means over the five strengths, one family. {wording.grid.batch_norm_loss(loss)}",
        "Re-estimation is better informed than group and layer norm, which see one digit at a time. Each by itself, because a mean may "
        "hide that they differ in sign:",
        *(
            wording.grid.averages(
                [pair for pair in averages if pair.corruption == name]
            )
            for name in robustness.HARDEST
        ),
    )
    draft.add_table(robustness_tables.differences(averages))


@section("How they learned")
def curves(draft: Draft):
    """Learning curves of the rows whose curves were published."""
    configs = {ROWS[number - 1].trial.config for number in CURVES}
    history = draft.results.curves(sorted(configs))
    require(not history.empty)
    draft.add_text(
        "The rows whose curves were published: means, bands of one deviation between seeds, and the published runs as circles."
    )
    draft.add_figure(
        "curves.svg",
        portraits.learning(history, published_curves.read()),
        "Test accuracy and loss per epoch, and the learning rate",
    )
