"""Tables of results: their lines and formatted numbers."""

from dataclasses import replace

import pytest

from explorer.study import (
    hard_images,
    published_table,
    robustness_tables,
    row_comparisons,
    tables,
)
from explorer.study.robustness import Curve, Point
from explorer.study.statistics import Interval
from tests.gathered import gathered
from train import study
from train.norms import BY_KEY
from train.study import GRID, STUDIES, Study, Trial


def test_a_correction_for_more_pairs_takes_more_seeds():
    alone, family = tables.seeds_needed([0.05], 0.05, 91).iloc[0, 1:].astype(int)
    assert alone < family


def test_a_curve_has_a_row_per_strength():
    points = tuple(Point(at, 90.0, Interval(89.0, 91.0)) for at in (0.5, 1.0))
    rows = robustness_tables.curves([Curve("BN", 3, points)])
    assert rows.columns.tolist() == [
        "level",
        "runs",
        "strength",
        "accuracy",
        "low",
        "high",
    ]
    assert rows.strength.tolist() == [0.5, 1.0]


@pytest.fixture
def plan(monkeypatch):
    """Function that puts a study beside the others, or in the place of the one of its name, for one test."""

    def put(planned: Study):
        monkeypatch.setitem(STUDIES, planned.name, planned)
        study._seeds.cache_clear()

    yield put
    monkeypatch.undo()
    study._seeds.cache_clear()


def test_a_study_of_two_norms_is_about_those_two(invent, plan):
    trials = [
        Trial(norm, 0.0, 0.0, size, lr=0.02)
        for norm in ("BN", "GN")
        for size in (16, 32)
    ]
    plan(Study("two", tuple(trials), 2))
    results = gathered(
        invent(replace(trial, seed=seed), [3, 7] if trial.norm == "BN" else [3])
        for trial in trials
        for seed in (1, 2)
    )
    assert results.norms == ("BN", "GN")
    images = hard_images.images(results)
    assert images.columns.intersection(BY_KEY).tolist() == ["BN", "GN"]
    assert images.kind[[3, 7]].tolist() == [hard_images.ALWAYS, hard_images.NORM]
    rows = tables.published(published_table.lines(results))
    assert rows[rows.Study == "two"].Norm.tolist() == ["GN", "GN", "BN", "BN"]


def test_a_grid_of_two_norms_asks_about_those_two(invent, plan):
    plan(Study("grid", tuple(t for t in GRID if t.norm != "LN"), 10))
    results = gathered(
        invent(replace(trial, seed=seed), range(60 + seed))
        for trial in (Trial(norm, 0.0, 0.0, 16) for norm in BY_KEY)
        for seed in (1, 2)
    )
    (line,) = tables.questions(row_comparisons.questions(results)).to_dict("records")
    assert line["comparison"] == "no penalty, batch 16: BN minus GN"
    assert line["seeds"] == "2 and 2"
