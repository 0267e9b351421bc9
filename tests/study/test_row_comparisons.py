"""The published rows compared with each other and with themselves as run: families, and their sentences."""

from dataclasses import replace

import numpy as np

from explorer.study import row_comparisons, wording
from tests.gathered import gathered
from train.study import ROWS, as_run


def test_penalties_are_described_by_their_effect(invent):
    row, plain = ROWS[2], as_run(ROWS[2].trial)
    runs = [
        invent(replace(trial, seed=seed), np.arange(missed + seed))
        for trial, missed in ((row.trial, 90), (plain, 60), (ROWS[1].trial, 9000))
        for seed in range(1, 6)
    ]
    penalties = row_comparisons.penalties(gathered(runs))
    assert list(penalties.decisions) == [row]
    sentence = wording.row_comparisons.penalties(penalties)
    assert f"accuracy is shown to be lower in row {row.number}" in sentence
    (question,) = row_comparisons.questions(gathered(runs))
    assert question.decision.gap.estimate < 0
    assert "as labelled minus as run" in wording.row_comparisons.question(question)


def test_pairs_too_close_to_call_are_counted(invent):
    runs = [
        invent(replace(row.trial, seed=seed), np.arange(60 + 3 * index + 5 * seed))
        for index, row in enumerate(ROWS[2:5])
        for seed in range(1, 4)
    ]
    pairs = row_comparisons.pairs(gathered(runs))
    assert "3 are too close to call" in wording.row_comparisons.counted(pairs)
