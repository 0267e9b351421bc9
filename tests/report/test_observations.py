"""Section of the report about the published observations."""

from dataclasses import replace

from explorer.report import observations
from explorer.report.draft import Draft
from tests.gathered import gathered
from train.study import GRID


def test_every_arm_with_parts_has_a_table_and_the_grid_comes_first(invent):
    results = gathered(
        invent(
            replace(trial, seed=seed), range((40 if trial.norm == "GN" else 60) + seed)
        )
        for trial in GRID
        for seed in (1, 2, 3)
    )
    draft = Draft(results)
    observations.observations(draft)
    text = "\n".join(draft.lines)
    first = text.partition("### 1.")[2].partition("### 2.")[0]
    assert first.index("**Grid.** Group norm reads") < first.index("**As labelled.**")
    assert "| accuracy, GN minus BN at 32 | +0.200 points | +0.1" in first
    assert first.count("| shown | 12 and 12 |") == 4
    assert "claim1.svg" in draft.figures
    assert not {"holds", "reversed"} & set(text.lower().split())
