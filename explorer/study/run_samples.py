"""Runs of a table and the samples that they form, with what somebody chose to get them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.study.columns import MOST_VALUES, Column, ColumnsError, Form

KINDS = WIDE, LONG, WANDB_CHART, WANDB_RUNS, TENSORBOARD = (
    "columns",
    "rows",
    "wandb chart",
    "wandb runs",
    "TensorBoard",
)
REDUCTIONS = LAST, BEST = "last", "best"
# What tells the runs of one recipe apart, at the end of their names.
NUMBER_OF_RUN = re.compile(
    r"[\s_\-./]*\(?(seed|run|trial|rep|repeat|fold|s)?[\s_=\-:.]*\d+\)?$", re.IGNORECASE
)
# Names of measures of which less is better.
LOSS = re.compile(
    r"(?<![a-z])(loss|error|err|perplexity|ppl|nll|mse|rmse|mae|wer|cer|fid|regret)(es|s)?(?![a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Choice:
    """Choices of a visitor; None where they were left open."""

    column: str | None = None  # the measure, of long tables and of trackers
    by: str | None = None  # column whose text names the sample of a row
    reduction: str = LAST  # of the values of one run
    higher_is_better: bool | None = None  # None: by the name of the measure
    groups: Mapping[str, str] | None = None  # sample of a run, "" for none
    columns: tuple[str, ...] | None = None  # that are compared, of wide tables


@dataclass(frozen=True)
class Run:
    """Result of one run of a tracker; its sample is None where nobody named it."""

    name: str
    sample: str | None
    value: float
    line: int
    resolution: float
    steps: int = 1  # values of which it was chosen
    key: str = ""  # that of its pairs in other samples: "seed 3"


@dataclass(frozen=True, eq=False)
class Table:
    """Samples of some texts, and what was chosen to get them; without columns where somebody must choose first."""

    columns: tuple[Column, ...]
    form: Form
    kind: str
    measures: tuple[str, ...] = ()  # that may be chosen
    measure: str | None = None
    labels: tuple[str, ...] = ()  # columns by which rows may be put together
    by: str | None = None
    runs: tuple[Run, ...] = ()
    left_out: tuple[str, ...] = ()  # columns that are no measure
    reduction: str | None = None  # None where runs have one value each
    also_by: tuple[str, ...] = ()  # labels of which nobody chose `by`
    unfinished: tuple[str, ...] = ()  # runs with a state other than finished
    early: tuple[str, ...] = ()  # runs that end before the last step of others
    without_value: tuple[str, ...] = ()  # runs without a number


def is_higher_better(measure: str | None, choice: Choice) -> bool:
    """Direction of a measure: the one that somebody chose, else lower for a name such as val_loss or test/error."""
    if choice.higher_is_better is not None:
        return choice.higher_is_better
    return not (measure and LOSS.search(measure))


def stems(names: Sequence[str]) -> Sequence[str | None]:
    """Names of runs without the number at their end; None for all where that puts no runs together."""
    stems = [NUMBER_OF_RUN.sub("", name) or name for name in names]
    return stems if len(set(stems)) < len(names) else [None] * len(names)


def of_runs(runs: Sequence[Run], choice: Choice, table: Table) -> Table:
    """Table with the samples of runs, in the order in which they come; without columns where fewer than two samples are named."""
    if choice.groups is not None:
        runs = [replace(run, sample=choice.groups.get(run.name)) for run in runs]
    samples: dict[str, list[Run]] = {}
    for run in runs:
        if run.sample:
            samples.setdefault(run.sample, []).append(run)
    for name, members in samples.items():
        if len(members) > MOST_VALUES:
            raise ColumnsError(f"{name}: more than {MOST_VALUES:,} runs.")
    named = tuple(
        Column(
            name,
            np.array([run.value for run in members]),
            tuple(run.line for run in members),
            min(run.resolution for run in members),
            tuple(run.key for run in members if run.key),
        )
        for name, members in samples.items()
    )
    return replace(table, runs=tuple(runs), columns=named if len(named) > 1 else ())
