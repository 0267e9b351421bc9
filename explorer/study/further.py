"""Planned contrasts of the studies of small batches, of the dose of L1, of learning rates, and of networks without a norm."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import families as judging
from explorer.study import variance
from explorer.study.families import Contrast, Family
from train.checkpoint import Checkpoint
from train.norms import BY_KEY
from train.study import CONTROL, DOSE, LEARNING_RATE, SMALL_BATCH, STUDIES, Trial

NORMS = STUDIES["small-batch"].norms
L1, L2 = 1e-4, 4e-4  # the grid's
DOSED = DOSE[0].l1
NO_NORM, NO_MEAN = STUDIES["control"].norms
WITH_MEAN = "LN"  # `NO_MEAN` with the mean
NORMED, BARE = f"mean of {', '.join(NORMS)}", BY_KEY[NO_NORM].label


def families() -> dict[str, list[Contrast]]:
    """The families of this module, by what they compare."""
    return {
        "norms at small batches": small_batch_norms(),
        "small batches with batch 16": small_batches(),
        "doses of L1": dose(),
        "norms at other learning rates": learning_rate_norms(),
        "norms with no norm": control(),
    }


STUDY_OF = {  # whose variances a family has; else those of the first study that has all configurations of a contrast
    "norms at small batches": "small-batch",
    "norms at other learning rates": "learning-rate",
}


def judge(results: Results, name: str) -> Family:
    """A family of `families`, judged. Raises `DataError`."""
    samples = variance.accuracies(results)
    return judging.judge(samples, families()[name], STUDY_OF.get(name))


def small_batch_norms() -> list[Contrast]:
    """Pairs of norms at the batch sizes below 16."""
    return _norm_pairs(SMALL_BATCH, lambda trial: f"batch {trial.batch_size}")


def small_batches() -> list[Contrast]:
    """Each norm at batch 16, with the recipe's learning rate, minus the same at a smaller batch."""
    return [
        Contrast(
            f"{trial.norm}, batch 16",
            f"batch {trial.batch_size}",
            {_plain(trial.norm).config: 1.0, trial.config: -1.0},
        )
        for trial in SMALL_BATCH
    ]


def _plain(norm: str) -> Trial:
    return Trial(norm, 0.0, 0.0, 16)


def dose() -> list[Contrast]:
    """At batch 16 no penalty minus the small dose of L1, and the small minus the grid's dose; over the norms and for each."""
    norms = [trial.norm for trial in DOSE]
    steps = (
        ("no penalty", f"L1 {DOSED:g}", 0.0, DOSED),
        (f"L1 {DOSED:g}", f"L1 {L1:g}", DOSED, L1),
    )
    return [
        Contrast(first, second, _over(some, a, b), setting)
        for first, second, a, b in steps
        for setting, some in [("", norms), *((norm, [norm]) for norm in norms)]
    ]


def _over(norms: list[str], a: float, b: float) -> dict[str, float]:
    """Weights of L1 = a minus L1 = b at batch 16, over norms."""
    return {
        replace(_plain(norm), l1=l1).config: sign / len(norms)
        for norm in norms
        for sign, l1 in ((1, a), (-1, b))
    }


def learning_rate_norms() -> list[Contrast]:
    """Pairs of norms at each batch size and learning rate of the study."""
    return _norm_pairs(LEARNING_RATE, setting_of)


def control() -> list[Contrast]:
    """At each batch size and rate of `control`: the mean of the norms minus none, and what the root mean square and the mean add by themselves."""
    return [
        Contrast(first, second, weights, setting_of(trial))
        for trial in CONTROL
        if trial.norm == NO_NORM
        for first, second, weights in (
            (NORMED, BARE, _weights(trial, NORMS, NO_NORM)),
            (NO_MEAN, BARE, _weights(trial, (NO_MEAN,), NO_NORM)),
            (WITH_MEAN, NO_MEAN, _weights(trial, (WITH_MEAN,), NO_MEAN)),
        )
    ]


def setting_of(trial: Trial) -> str:
    return f"batch {trial.batch_size}, rate {trial.lr:g}"


def _weights(trial: Trial, norms: tuple[str, ...], other: str) -> dict[str, float]:
    """Weights of the mean over norms minus another norm, at the settings of a trial."""
    weights = {replace(trial, norm=norm).config: 1 / len(norms) for norm in norms}
    return weights | {replace(trial, norm=other).config: -1.0}


@dataclass(frozen=True)
class Attempts:
    """Runs of a configuration of `control`, and how many of them diverged or collapsed."""

    trial: Trial
    runs: int
    failed: int
    is_collapsed: bool  # the configuration, which stands in no contrast


def attempts(results: Results) -> list[Attempts]:
    """Attempts of the configurations of `control` that were trained."""
    study = STUDIES["control"].runs
    trained = [run for run in results.checkpoints if run.trial in study]
    tried = []
    for trial in CONTROL:
        runs = [run for run in trained if run.trial.config == trial.config]
        failed = sum(map(_has_failed, runs))
        is_collapsed = (
            trial.config in results.collapsed or trial.config not in results.configs
        )
        if runs:
            tried.append(Attempts(trial, len(runs), failed, is_collapsed))
    return tried


def _has_failed(run: Checkpoint) -> bool:
    summary = run.summary
    return bool(
        summary["diverged"] or 100 * summary["last"]["test_acc"] < COLLAPSED_BELOW
    )


def _norm_pairs(
    trials: tuple[Trial, ...], name: Callable[[Trial], str]
) -> list[Contrast]:
    by_setting: dict[str, dict[str, Trial]] = {}
    for trial in trials:
        by_setting.setdefault(name(trial), {})[trial.norm] = trial
    return [
        Contrast(a, b, {by_norm[a].config: 1.0, by_norm[b].config: -1.0}, setting)
        for setting, by_norm in by_setting.items()
        for a, b in combinations(by_norm, 2)
    ]
