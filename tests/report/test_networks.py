"""Sections of the report about the networks."""

from dataclasses import replace

import pytest

from explorer.report import networks
from explorer.report.draft import TOO_FEW_SEEDS, Draft
from explorer.study import hard_images
from tests.gathered import gathered
from train.study import ROWS, as_run


@pytest.fixture(scope="module")
def results(invent):
    """Row 1, whose curves were published, and row 3 on both arms; all miss image 5."""
    trials = (ROWS[0].trial, ROWS[2].trial, as_run(ROWS[2].trial))
    return gathered(
        invent(replace(trial, seed=seed), [5, *([7] if trial.l1 else [])])
        for trial in trials
        for seed in (1, 2)
    )


def section(write, results) -> tuple[str, Draft]:
    draft = Draft(results)
    write(draft)
    return "\n".join(draft.lines), draft


def test_the_hardest_digits_are_counted_and_shown(results):
    text, draft = section(networks.mistakes, results)
    assert f"| {hard_images.ALWAYS} | 1 | 0 |" in text
    assert "The mean accuracy of 6 networks" in text
    assert "| 5 | " in text and "6 of 6" in text
    assert list(draft.figures) == ["hardest.svg"]


def test_a_penalty_that_moved_nothing_is_bold(results):
    text, draft = section(networks.regularisers, results)
    assert "| **moved nothing** | 2 |" in text
    assert list(draft.figures) == ["sparsity.svg", "penalty.svg", "layers.svg"]


def test_curves_are_of_the_rows_whose_curves_were_published(results):
    _, draft = section(networks.curves, results)
    figure = draft.figures["curves.svg"]
    shown = [line.get_label() for line in figure.axes[0].lines]
    assert shown[0] == "GN, batch 128 (n = 2)" and len(shown) == 1 + 3


@pytest.mark.parametrize(
    "write",
    [networks.confidence, networks.corrupted_digits, networks.statistics_of_batches],
)
def test_a_section_without_seeds_or_measurements_says_so(write, results):
    text, draft = section(write, results)
    assert "too few seeds" in text or TOO_FEW_SEEDS in text
    assert not draft.figures
