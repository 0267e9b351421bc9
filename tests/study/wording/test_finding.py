"""The finding: every sentence is of its test, and says no more."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.study import markdown
from explorer.study.wording import finding
from tests.gathered import gathered
from train.study import GRID, ROWS, SMALL_BATCH, Trial


@pytest.fixture(scope="module")
def results(invent):
    """L1 costs at batch 16, row 9 reads worse, and so does batch norm at batch 2."""
    random = np.random.default_rng(0)
    missed: dict[Trial, int] = {}
    for trial in (*GRID, *(row.trial for row in ROWS), *SMALL_BATCH):
        missed[trial] = 60 + 30 * (trial.l1 == 1e-4) * (trial.batch_size == 16)
    missed[ROWS[8].trial] = 90
    missed[ROWS[1].trial] = 9000
    missed[SMALL_BATCH[0]] = 80
    return gathered(
        invent(
            replace(trial, seed=seed),
            random.choice(10_000, count + int(random.integers(0, 9)), replace=False),
        )
        for trial, count in missed.items()
        for seed in range(1, 4)
    )


def test_the_sentences_are_those_of_the_tests(results):
    statements = finding.statements(results)
    texts = [one.text for one in statements]
    assert len(texts) <= 6
    assert "Any two norms differ by less than 0.0" in texts[0]
    assert "16 settings" in texts[0]
    assert "L1 of 0.0001 costs 0.3" in texts[1]
    assert "at batch 16" in texts[1]
    assert texts[2].startswith("Without a penalty, over the norms, no two batch")
    (rows,) = [text for text in texts if "published rows" in text]
    assert rows == (
        "11 of 13 published rows cannot be told apart; rows 6 and 9 are shown to read worse than another; row 2 collapsed, below 90 %."
    )
    assert statements[0].headline.startswith("any two norms differ by less than")


def test_further_studies_follow_with_a_figure_each(results):
    (small,) = finding.beyond(results)  # neither doses nor learning rates are trained
    assert "of 9 pairs of norms" in small.text.lower()
    assert "at batch 2 BN reads 0." in small.text
    assert "3 of 10 planned seeds" in small.text
    assert small.figure == "small_batches.svg"


def test_nothing_is_found_where_nothing_is_trained():
    assert finding.statements(gathered([])) == []
    assert finding.beyond(gathered([])) == []
    assert markdown.finding([]) == ""


def test_the_finding_unfolds_below_its_headline(results):
    text = markdown.finding(finding.statements(results))
    assert text.startswith("<details><summary>What was found: any two norms")
    assert text.count("[Look](?tab=") == len(finding.statements(results))
