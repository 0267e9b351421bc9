"""Sections of the report about the studies beyond the grid: small batches, the dose of L1, learning rates, no norm."""

import numpy as np
import pandas as pd

from explorer.charts import figures
from explorer.report.draft import TOO_FEW_SEEDS, Draft, require, section, span
from explorer.report.factors import add_contrasts, forest
from explorer.runs.descriptions import describe
from explorer.study import further, replication, wording
from explorer.study.wording.numbers import plus_minus
from train.data_sets import MNIST
from train.study import LEARNING_RATE, SMALL_BATCH, STUDIES, Trial


@section("Small batches")
def small_batches(draft: Draft):
    """Norms at batch sizes below 16."""
    norms = further.judge(draft.samples.results, "norms at small batches")
    require(norms.judged)
    against = further.judge(draft.samples.results, "small batches with batch 16")
    draft.add_text(
        "No penalty, learning rate in proportion to the batch size below 16. "
        f"{_seeds(draft, 'small-batch')} Pairs of norms at each batch size: {wording.families.counted(norms)}. Each norm at batch 16 "
        f"minus itself at a smaller batch: {wording.families.counted(against)}. Holm within each of the two families."
    )
    sizes = sorted({trial.batch_size for trial in STUDIES["grid"].trials})
    plain = [Trial(norm, 0.0, 0.0, size) for size in sizes for norm in further.NORMS]
    _means(
        draft,
        "small_batches.svg",
        [*SMALL_BATCH, *plain],
        "batch size",
        lambda _: "no penalty",
        lambda trial: trial.batch_size,
    )
    add_contrasts(draft, norms)
    add_contrasts(draft, against)


@section("The dose of L1")
def dose(draft: Draft):
    """Cost of L1 at batch 16 in two doses."""
    family = further.judge(draft.samples.results, "doses of L1")
    require(family.judged)
    draft.add_text(
        f"{wording.families.dose(family, further.DOSED, further.L1)} Holm over the {len(family.judged)} contrasts."
    )
    draft.figures["dose.svg"] = forest(family)  # linked from the finding
    add_contrasts(draft, family)


@section("The learning rate")
def learning_rates(draft: Draft):
    """Norms over learning rates."""
    family = further.judge(draft.samples.results, "norms at other learning rates")
    require(
        family.judged,
        f"{TOO_FEW_SEEDS} `python train/all.py --study learning-rate` trains them.",
    )
    draft.add_text(
        "No penalty, batch 16 and 128, the published learning rate of 0.04104 times 1/4, 1/2, 2 and 4. "
        f"{_seeds(draft, 'learning-rate')} Pairs of norms at each batch size and rate: {wording.families.counted(family)} (Holm over "
        "them). The mean at each rate, with the published one, and their range are described without a test:"
    )
    plain = [
        Trial(norm, 0.0, 0.0, size) for size in (16, 128) for norm in further.NORMS
    ]
    trials = sorted([*LEARNING_RATE, *plain], key=lambda trial: trial.batch_size)
    _means(
        draft,
        "learning_rates.svg",
        trials,
        "learning rate",
        lambda trial: f"batch {trial.batch_size}",
        lambda trial: trial.lr,
    )
    draft.add_table(_ranges(draft, trials))
    add_contrasts(draft, family)


def control(draft: Draft):
    """Section on what norms are for; none before a network of the study is trained."""
    if further.attempts(draft.samples.results):
        _control(draft)


@section("What norms are for")
def _control(draft: Draft):
    """Norms beside no norm, and layer norm beside the same without its mean."""
    results = draft.samples.results
    family = further.judge(results, "norms with no norm")
    attempts = further.attempts(results)
    draft.add_text(
        "No penalty, batch 16 and 128, the published learning rate and a quarter of it. `none` has no statistics, only the weight and bias of "
        "each channel; `RMS` divides by the root of the mean square of all channels, and subtracts no mean. "
        f"{_seeds(draft, 'control')} {wording.control.sentence(family, attempts)}"
    )
    draft.add_table(
        pd.DataFrame(
            {
                "configuration": describe(one.trial),
                "runs": one.runs,
                "collapsed or diverged": one.failed,
                "mean of those that did not diverge": _mean(draft, one.trial),
            }
            for one in attempts
        )
    )
    if family.judged:
        draft.add_text(
            f"A collapsed configuration stands in no contrast. The others: {wording.families.counted(family)} (Holm over them)."
        )
        draft.figures["control.svg"] = forest(family)  # linked from the finding
        add_contrasts(draft, family)


def replicated(draft: Draft):
    """Section on another data set; none before its networks are trained."""
    if draft.replicated:
        _replicated(draft)


@section("Another data set")
def _replicated(draft: Draft):
    """Findings that carry over to another data set."""
    results = draft.replicated
    assert results
    found = replication.findings(results, draft.samples.results)
    data_set, seeds = results.data_set, len({one.trial.seed for one in results.finished})  # fmt: skip
    require(
        found,
        f"{TOO_FEW_SEEDS} `python train/all.py --dataset {data_set.key}` trains them.",
    )
    draft.add_text(
        f"{data_set.name}, {seeds} of {replication.STUDY.seeds} seeds: norms without a penalty at batch 16 and 128, and two published rows. "
        f"Differences below {data_set.margin} points count as none there, below {MNIST.margin} on {MNIST.name}; Holm within each data set. "
        f"{wording.replication.summary(found, data_set)}",
        "\n".join(f"- {one}" for one in wording.replication.sentences(found, data_set)),
    )


def _mean(draft: Draft, trial: Trial) -> str:
    sample = draft.samples.sample(trial.config)
    if len(sample.values) < 2:
        return "-"
    return plus_minus(sample.mean, sample.interval.half_width)


def _ranges(draft: Draft, trials: list[Trial]) -> pd.DataFrame:
    """Means by learning rate, a line per batch size and norm, and their range."""
    lines = []
    for size in (16, 128):
        for norm in further.NORMS:
            of_line = sorted(
                (t for t in trials if (t.batch_size, t.norm) == (size, norm)),
                key=lambda trial: trial.lr,
            )
            samples = [draft.samples.sample(trial.config) for trial in of_line]
            cells = {
                f"rate {trial.lr:g}": plus_minus(
                    sample.mean, sample.interval.half_width
                )
                if len(sample.values)
                else "-"
                for trial, sample in zip(of_line, samples, strict=True)
            }
            means = [sample.mean for sample in samples if len(sample.values)]
            spread = f"{np.ptp(means):.2f}" if means else "-"
            lines.append({"batch": size, "norm": norm} | cells | {"range": spread})
    return pd.DataFrame(lines)


def _means(draft: Draft, name: str, trials: list[Trial], label: str, panel, x):
    known = [t for t in trials if len(draft.samples.values.get(t.config, ())) > 1]
    # Linked from the finding.
    draft.figures[name] = figures.by_norm(draft.means(known, panel, x), label)


def _seeds(draft: Draft, study: str) -> str:
    """Sentence on the seeds of a study, and on those that are missing."""
    planned = STUDIES[study].seeds
    counts = [
        len(draft.samples.values.get(trial.config, ()))
        for trial in STUDIES[study].trials
    ]
    missing = sum(planned - count for count in counts)
    sentence = f"{span(counts)} seeds of each of {len(counts)} configurations"
    if missing:
        return (
            f"{sentence}; {missing} of {planned * len(counts)} planned runs are missing, so that these outcomes are an interim look and "
            "may change."
        )
    return f"{sentence}."
