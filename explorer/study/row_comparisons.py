"""Families of comparisons of the published rows: with each other, with themselves as run, and norm with norm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import variance
from explorer.study.decisions import Decision, decide
from explorer.study.statistics import DIFFERENT, Difference, Interval
from train.study import GRID_BATCH_SIZES, ROWS, STUDIES, Row, Trial, as_run


@dataclass(frozen=True, eq=False)
class RowPair:
    """Comparison of two published rows as labelled."""

    a: Row
    b: Row
    decision: Decision


@dataclass(frozen=True, eq=False)
class DifferentRows:
    """Two published rows as labelled that differ significantly."""

    better: Row
    worse: Row
    gap: Difference
    new_images: Interval  # of the difference, for new seeds and new images


@dataclass(frozen=True, eq=False)
class Question:
    """Planned comparison: a row as labelled and as run, or two norms without a penalty."""

    a: Trial
    b: Trial
    row: Row | None
    decision: Decision
    new_images: Interval  # of the difference, for new seeds and new images


@dataclass(frozen=True, eq=False)
class Penalties:
    """Effect of applying the regularisers: every row as labelled against as run, and the rows whose networks collapse."""

    decisions: dict[Row, Decision]
    collapsed: tuple[Row, ...]
    family: int  # planned comparisons that the decisions are corrected for


def pairs(results: Results) -> list[RowPair]:
    """Every pair of `comparable_rows`, one family."""
    family = list(combinations(comparable_rows(results), 2))
    decisions = _decide(results, [(a.trial, b.trial) for a, b in family])
    return [
        RowPair(*pair, decision)
        for pair, decision in zip(family, decisions, strict=True)
    ]


def comparable_rows(results: Results) -> list[Row]:
    """Published rows as labelled with two seeds or more that did not collapse."""
    return [
        row
        for row in ROWS
        if _comparable(results, row.trial) and not is_collapsed(results, row.trial)
    ]


def different(results: Results, row_pairs: Sequence[RowPair]) -> list[DifferentRows]:
    """Pairs of `pairs` that differ significantly, the better row first."""
    return [
        DifferentRows(
            *((pair.a, pair.b) if pair.decision.gap.estimate > 0 else (pair.b, pair.a)),
            pair.decision.gap,
            new_images(results, pair.a.trial, pair.b.trial),
        )
        for pair in row_pairs
        if pair.decision.outcome == DIFFERENT
    ]


def planned(results: Results) -> list[tuple[Trial, Trial, Row | None]]:
    """Planned comparisons: rows as labelled with themselves as run, and norms with each other without a penalty."""
    candidates = [
        (row.trial, as_run(row.trial), row)
        for row in ROWS
        if row.trial != as_run(row.trial) and not is_collapsed(results, row.trial)
    ] + [
        (Trial(a, 0.0, 0.0, batch), Trial(b, 0.0, 0.0, batch), None)
        for batch in GRID_BATCH_SIZES
        for a, b in combinations(STUDIES["grid"].norms, 2)
    ]
    return [pair for pair in candidates if _comparable(results, *pair[:2])]


def questions(results: Results) -> list[Question]:
    """Decisions on the `planned` comparisons, one family."""
    return [
        Question(a, b, row, decision, new_images(results, a, b))
        for (a, b, row), decision in _answered(results)
    ]


def penalties(results: Results) -> Penalties:
    """Effect of the penalties on the rows that have two seeds as labelled and as run, by the `planned` comparisons."""
    answered = list(_answered(results))
    collapsed = [
        row
        for row in ROWS
        if row.trial != as_run(row.trial)
        and _comparable(results, row.trial, as_run(row.trial))
        and is_collapsed(results, row.trial)
    ]
    return Penalties(
        {row: decision for (_, _, row), decision in answered if row},
        tuple(collapsed),
        len(answered),
    )


def _answered(
    results: Results,
) -> Iterator[tuple[tuple[Trial, Trial, Row | None], Decision]]:
    """The `planned` comparisons with their decisions."""
    asked = planned(results)
    decisions = _decide(results, [(a, b) for a, b, _ in asked])
    return zip(asked, decisions, strict=True)


def new_images(results: Results, a: Trial, b: Trial) -> Interval:
    """95 % interval of the difference of two configurations for new seeds and new images."""
    samples, weights = variance.accuracies(results), {a.config: 1.0, b.config: -1.0}
    return samples.new_images(samples.gap(weights), weights)


def accuracies(results: Results, trial: Trial) -> np.ndarray:
    """Accuracies in percent of all seeds of a configuration; empty where none is trained."""
    return 100 * results.correct_of(trial.config).mean(1)


def is_collapsed(results: Results, trial: Trial) -> bool:
    """The mean accuracy of a configuration is below `COLLAPSED_BELOW`."""
    values = accuracies(results, trial)
    return bool(len(values) > 0 and values.mean() < COLLAPSED_BELOW)


def _decide(results: Results, pairs: Sequence[tuple[Trial, Trial]]) -> list[Decision]:
    return decide(
        variance.accuracies(results), [(a.config, b.config) for a, b in pairs]
    )


def _comparable(results: Results, *trials: Trial) -> bool:
    return all(len(results.configs.get(trial.config, [])) > 1 for trial in trials)
