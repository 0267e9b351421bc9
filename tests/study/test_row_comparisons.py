"""The published rows compared with each other and with themselves as run: families, and what is said of them."""

from dataclasses import replace

import numpy as np

from explorer.study import row_comparisons, wording
from tests.gathered import gathered
from train.study import PUBLISHED, ROWS, as_run


def test_the_best_row_is_named_with_how_many_are_really_behind_it(invent):
    row, other, third = PUBLISHED[0], PUBLISHED[2], PUBLISHED[3]
    runs = [
        invent(replace(trial, seed=seed), np.arange(missed + seed))
        for trial, missed in ((row, 60), (other, 60), (third, 90))
        for seed in range(1, 6)
    ]
    words = wording.row_comparisons.leader(row_comparisons.leader(gathered(runs)))
    assert words.startswith("So far row 1 (GN, batch 128) has the best mean")
    assert "Of 2 others 1 are shown to be behind it" in words
    assert "all 3 pairs" in words
    nobody = row_comparisons.leader(gathered(runs[:5]))
    assert "Too few seeds" in wording.row_comparisons.leader(nobody)


def test_the_penalties_are_said_by_what_they_do(invent):
    row, plain = ROWS[2], as_run(ROWS[2].trial)
    runs = [
        invent(replace(trial, seed=seed), np.arange(missed + seed))
        for trial, missed in ((row.trial, 90), (plain, 60), (ROWS[1].trial, 9000))
        for seed in range(1, 6)
    ]
    found = row_comparisons.penalties(gathered(runs))
    assert list(found.decisions) == [row]
    words = wording.row_comparisons.penalties(found)
    assert f"accuracy is shown to be lower in row {row.number}" in words
    (asked,) = row_comparisons.questions(gathered(runs))
    assert asked.decision.gap.estimate < 0
    assert "as labelled less as run" in wording.row_comparisons.question(asked)


def test_the_seeds_that_are_lacking_are_given_as_a_range(invent):
    runs = [
        invent(replace(row.trial, seed=seed), np.arange(60 + 3 * place + 5 * seed))
        for place, row in enumerate(ROWS[2:5])
        for seed in range(1, 4)
    ]
    pairs = row_comparisons.pairs(gathered(runs))
    assert "3 are too close to call" in wording.row_comparisons.counted(pairs)
    assert "more seeds each" in wording.row_comparisons.more_seeds(pairs)
    assert wording.row_comparisons.more_seeds([]) == "No pair is too close to call."
