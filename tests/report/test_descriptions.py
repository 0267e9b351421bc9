"""Descriptive sections of the report."""

from dataclasses import replace

import pytest

from explorer.report import descriptions
from explorer.report.draft import TOO_FEW_SEEDS, Draft
from tests.gathered import gathered
from train.study import ROWS, as_run


@pytest.fixture(scope="module")
def results(invent):
    """Row 2 as labelled, collapsed, and as run; row 3 with one seed."""
    row, other = ROWS[1].trial, ROWS[2].trial
    missed = {row: 9000, as_run(row): 60}
    runs = [
        invent(replace(trial, seed=seed), range(number + seed))
        for trial, number in missed.items()
        for seed in (1, 2, 3)
    ]
    return gathered([*runs, invent(other, range(70))])


def section(write, results) -> tuple[str, Draft]:
    draft = Draft(results)
    write(draft)
    return "\n".join(draft.lines), draft


def test_every_study_has_a_line(results):
    text, _ = section(descriptions.runs, results)
    assert "| published | 14 | 0 to 3 | 4 |" in text
    assert "7 runs of published, as-run and grid in all (7 by invented); none" in text


def test_a_row_has_its_mean_on_both_arms(results):
    text, draft = section(descriptions.published, results)
    lines = [line for line in text.splitlines() if line.startswith("| 2 |")]
    assert "| 9.98 ± " in lines[0] and "| 99.38 ± " in lines[0]
    assert ", 3 seeds)" in lines[0]
    assert (
        "| 99.32 | 9.98 | - | - | 99.38 | 99.33 to 99.43 | no | 3 and 3 |" in lines[1]
    )
    assert (
        "0 of 1 published values are what runs without penalties predict (row 2 is not)"
        in text
    )
    assert lines[2].endswith("| - | - | - | 9.97 | 3 |")
    (single, *_) = [line for line in text.splitlines() if line.startswith("| 3 |")]
    assert "99.30 (1 seeds)" in single
    assert list(draft.figures) == ["rows.svg", "strips.svg"]


def test_norms_are_those_of_the_grid_with_two_seeds(results):
    text, draft = section(descriptions.norms, results)
    assert text.strip().endswith(TOO_FEW_SEEDS) and not draft.figures
