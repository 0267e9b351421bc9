"""Sentences about the published rows."""

import numpy as np

from explorer.study import wording
from explorer.study.decisions import Decision
from explorer.study.row_comparisons import Penalties, RowPair
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED, Difference
from explorer.study.variance import Sample
from train.study import ROWS


def decision(outcome: str, estimate: float = 0.1) -> Decision:
    samples = tuple(
        Sample(np.array([99.3, 99.4, 99.5]) + shift) for shift in (estimate, 0.0)
    )
    gap = Difference(estimate, 0.1, 4, (3, 3))
    p, q = float(outcome != DIFFERENT), float(outcome != EQUIVALENT)
    return Decision(gap, p, q, 3, 0.05, samples)


def test_outcomes_of_pairs_are_counted():
    pairs = [
        RowPair(*ROWS[:2], decision(outcome)) for outcome in (DIFFERENT, EQUIVALENT)
    ]
    sentence = wording.row_comparisons.counted(pairs)
    assert sentence.startswith(
        "1 is shown to differ in accuracy, 1 is shown to be equiv"
    )
    assert "none is too close to call" in sentence


def test_penalties_are_described_by_the_change_of_accuracy():
    decisions = {
        ROWS[2]: decision(DIFFERENT, -0.1),
        ROWS[3]: decision(DIFFERENT, -0.2),
        ROWS[4]: decision(UNDECIDED),
    }
    sentence = wording.row_comparisons.penalties(Penalties(decisions, (ROWS[1],), 24))
    assert "accuracy is shown to be lower in rows 3 and 4" in sentence
    assert "Holm over 24 planned comparisons" in sentence
    assert "1 rows are too close to call; row 2 collapses below 90 %." in sentence
