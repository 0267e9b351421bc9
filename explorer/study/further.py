"""Planned contrasts of the studies of small batches, of the dose of L1, and of learning rates."""

from dataclasses import replace
from itertools import combinations

from explorer.runs.results import Results
from explorer.study import families as judging
from explorer.study import variance
from explorer.study.families import Contrast, Family
from train.study import DOSE, LEARNING_RATE, SMALL_BATCH, STUDIES, Trial

NORMS = STUDIES["small-batch"].norms
L1, L2 = 1e-4, 4e-4  # the grid's
DOSED = DOSE[0].l1


def families() -> dict[str, list[Contrast]]:
    """The families of this module, by what they compare."""
    return {
        "norms at small batches": small_batch_norms(),
        "small batches with batch 16": small_batches(),
        "doses of L1": dose(),
        "norms at other learning rates": learning_rate_norms(),
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
    return _norm_pairs(
        LEARNING_RATE, lambda trial: f"batch {trial.batch_size}, rate {trial.lr:g}"
    )


def _norm_pairs(trials: tuple[Trial, ...], setting_of) -> list[Contrast]:
    by_setting: dict[str, dict[str, Trial]] = {}
    for trial in trials:
        by_setting.setdefault(setting_of(trial), {})[trial.norm] = trial
    return [
        Contrast(a, b, {by_norm[a].config: 1.0, by_norm[b].config: -1.0}, setting)
        for setting, by_norm in by_setting.items()
        for a, b in combinations(by_norm, 2)
    ]
