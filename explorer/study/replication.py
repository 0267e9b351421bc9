"""Replication: the primary questions on another data set, each beside its counterpart on MNIST, by docs/protocol.md."""

from dataclasses import dataclass, replace
from itertools import combinations

from explorer.runs.results import Results
from explorer.study import families, variance
from explorer.study.families import Contrast, Judged
from explorer.study.statistics import DIFFERENT, EQUIVALENT
from train.data_sets import MNIST, DataSet
from train.study import REPLICATION, ROWS, STUDIES, Trial

STUDY = STUDIES["replication"]
SIZES = tuple(sorted({trial.batch_size for trial in REPLICATION}))
ROW_TRIALS = {row.number: row.trial for row in ROWS if row.number in (7, 11)}
CARRIES, FAILS, OPEN = "carries over", "does not carry over", "open"


@dataclass(frozen=True, eq=False)
class Finding:
    """Contrast of the replication and its counterpart on MNIST."""

    here: Judged
    there: Judged

    @property
    def outcome(self) -> str:
        """`CARRIES` where both differ with one sign or both are equivalent, `FAILS` where they contradict each other, else `OPEN`."""
        outcomes = {self.here.outcome, self.there.outcome}
        if outcomes == {EQUIVALENT}:
            return CARRIES
        if outcomes == {DIFFERENT}:
            is_same = self.here.gap.estimate * self.there.gap.estimate > 0
            return CARRIES if is_same else FAILS
        return FAILS if outcomes == {DIFFERENT, EQUIVALENT} else OPEN


def contrasts(data_set: DataSet) -> list[Contrast]:
    """Two norms over the batch sizes and at each of them, the batch sizes over the norms, and the two rows, on a data set."""

    def config(trial: Trial) -> str:
        return replace(trial, data_set=data_set.name).config

    def plain(norm: str, size: int) -> str:
        return config(Trial(norm, 0.0, 0.0, size))

    def pairs(sizes: tuple[int, ...], setting: str = "") -> list[Contrast]:
        weight = 1 / len(sizes)
        return [
            Contrast(
                a,
                b,
                {
                    plain(norm, size): sign * weight
                    for norm, sign in ((a, 1), (b, -1))
                    for size in sizes
                },
                setting,
            )  # fmt: skip
            for a, b in combinations(STUDY.norms, 2)
        ]

    small, large = SIZES
    weight = 1 / len(STUDY.norms)
    over_norms = {
        plain(norm, size): sign * weight
        for size, sign in ((small, 1), (large, -1))
        for norm in STUDY.norms
    }
    (a, first), (b, second) = ROW_TRIALS.items()
    return [
        *pairs(SIZES),
        *(one for size in SIZES for one in pairs((size,), f"batch {size}")),
        Contrast(f"batch {small}", f"batch {large}", over_norms),
        Contrast(f"row {a}", f"row {b}", {config(first): 1.0, config(second): -1.0}),
    ]


def findings(replicated: Results, original: Results) -> list[Finding]:
    """Findings of the contrasts that have runs on both data sets, each judged among those of its own data set. Raises `DataError`."""
    here = families.judge(
        variance.accuracies(replicated),
        contrasts(replicated.data_set),
        STUDY.name,
        replicated.data_set.margin,
    )
    there = families.judge(
        variance.accuracies(original), contrasts(MNIST), margin=MNIST.margin
    )
    found = []
    for one in here.judged:
        named = one.contrast
        if other := there.find(named.first, named.second, named.setting):
            found.append(Finding(one, other))
    return found
