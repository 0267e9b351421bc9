"""Sections of the report with tests."""

from dataclasses import replace

import pytest

from explorer.report import verdicts
from explorer.report.draft import Draft
from tests.gathered import gathered
from train.study import ROWS, as_run

# Rows with a penalty, which differ from their trials as run.
A, B, C = ROWS[2], ROWS[3], ROWS[6]


@pytest.fixture(scope="module")
def results(invent):
    missed = {A.trial: 60, B.trial: 60, C.trial: 90, as_run(A.trial): 40}
    return gathered(
        invent(replace(trial, seed=seed), range(number + seed))
        for trial, number in missed.items()
        for seed in range(1, 6)
    )


def test_a_difference_has_a_line_with_the_better_row_first(results):
    draft = Draft(results)
    verdicts.differences(draft)
    text = "\n".join(draft.lines)
    for row in (A, B):
        assert f"| {row.number} | {C.number} | 0.300 ± " in text
    assert "as labelled minus as run | -0.200 ± " in text
    assert list(draft.figures) == ["forest.svg"]


def test_noise_floor_and_ranks_are_those_of_these_runs(results):
    draft = Draft(results)
    verdicts.noise(draft)
    verdicts.single_seeds(draft)
    text = "\n".join(draft.lines)
    assert "pooled over 4 configurations of published, as-run and grid with 20" in text
    assert "is 0.016 points" in text  # of 1 to 5 images
    assert "of this variance is the luck of which 10,000 images are tested" in text
    assert list(draft.figures) == ["ranks.svg"]
