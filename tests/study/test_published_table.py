"""The published table beside ours: lines and their order, the best of them, cells, and sentences on what is trained."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.runs import results
from explorer.runs.descriptions import NO_STUDY
from explorer.study import published_table, tables, wording
from tests.gathered import gathered
from train import checkpoint
from train.study import PUBLISHED, ROWS, Trial, as_run


def published_rows(loaded: results.Results) -> pd.DataFrame:
    return tables.published(published_table.lines(loaded))


def coverage(loaded: results.Results) -> str:
    return wording.published_table.coverage(published_table.coverage(loaded))


def test_without_checkpoints_the_table_has_the_published_rows():
    loaded = gathered([])
    assert len(published_rows(loaded)) == 14
    assert "python train/all.py" in coverage(loaded)
    runs = published_table.published(loaded)[0].labelled
    assert np.isnan(
        [runs.mean, runs.interval.half_width, runs.new_images.half_width]
    ).all()
    assert not runs.is_collapsed


def test_the_table_has_the_14_rows_and_the_mean_of_the_seeds(trained, tmp_path):
    seeds = [
        checkpoint.save(
            replace(
                trained[0],
                trial=replace(ROWS[6].trial, epochs=2, seed=seed),
            ),
            tmp_path,
        )
        for seed in (1, 2)
    ]
    assert len(seeds) == 2
    rows = published_rows(results.load(tmp_path))
    own = rows.iloc[0] if rows["Row"].isna()[0] else rows.iloc[-1]
    others = rows[rows.Row.notna()]
    assert others["Row"].tolist() == [*range(1, 15)]
    assert set(others.State) == {"not trained"}
    accuracy = 100 * trained[0].history[-1]["test_acc"]
    assert own["As labelled, last"] == pytest.approx(accuracy, abs=1e-4)
    half_width = (own["As labelled, high"] - own["As labelled, low"]) / 2
    assert half_width == pytest.approx(12.706 * 0.01 / np.sqrt(24), abs=1e-4)
    assert (own["Norm"], own["L2"], own["As labelled, seeds"]) == ("LN", 2e-05, 2)
    assert pd.isna(own["Published best"])


def test_our_accuracies_are_in_their_rows(trained):
    def finished(trial: Trial, accuracy: float):
        summary = {
            **trained[0].summary,
            "last": {"epoch": 25, "test_acc": accuracy, "test_loss": 0.1},
            "best": {"epoch": 20, "test_acc": accuracy + 0.001},
        }
        return replace(trained[0], trial=trial, summary=summary)

    row = PUBLISHED[2]
    loaded = results.Results(
        "",
        [
            finished(row, 0.99),
            finished(replace(row, seed=2), 0.992),
            finished(as_run(row), 0.98),
            replace(
                finished(replace(row, seed=3), 0.1),
                summary={**trained[0].summary, "diverged": 1},
            ),
        ],
        [],
    )
    rows = published_rows(loaded)
    cells = rows.iloc[0]
    assert (cells["Row"], cells["Published best"]) == (3, 99.44)
    assert cells["As labelled, last"] == pytest.approx(99.10)
    assert cells["As labelled, high"] == pytest.approx(99.10 + 1.27, abs=0.01)
    assert cells["As labelled, best"] == pytest.approx(99.20)
    assert (cells["As run, last"], cells["As run, seeds"]) == (98.00, 1)
    assert cells.State == "1 diverged"
    twin = rows.iloc[1]  # the row as run is a line of its own
    assert pd.isna(twin.Row) and twin["As labelled, last"] == 98.00
    assert len(loaded.voters) == 3
    assert "1 diverged" in coverage(loaded)


def test_runs_of_no_study_have_a_line_and_further_seeds_are_counted(invent):
    usual = Trial("GN", 0.0, 0.0, 16)
    other = replace(usual, lr=0.02)
    trials = [usual, replace(usual, seed=11), other, replace(other, seed=2)]
    loaded = gathered(invent(trial, range(1000)) for trial in trials)
    rows = published_rows(loaded)
    rate = rows[rows.Other == "lr 0.02"].iloc[0]
    assert (rate.Study, rate.Rate) == (NO_STUDY, 0.02)
    assert (rate["As labelled, last"], rate["As labelled, seeds"]) == (90.0, 2)
    assert "1 have seeds beyond" in coverage(loaded)


def test_a_row_that_collapsed_has_no_vote(invent):
    (line,) = [
        line
        for line in published_table.published(
            gathered([invent(ROWS[1].trial, range(9020))])
        )
        if line.labelled.trials
    ]
    assert line.row == ROWS[1] and line.labelled.is_collapsed
    assert line.labelled.mean == pytest.approx(9.8)
    assert line.labelled.correct.sum() == 980
    assert wording.published_table.state(line) == "collapsed"


def test_the_best_mean_comes_first_and_what_has_none_last(invent):
    missed = {ROWS[2].trial: 60, ROWS[0].trial: 70, ROWS[1].trial: 9020}
    other = Trial("BN", 0.0, 0.0, 16)
    runs = [
        invent(replace(trial, seed=seed), range(number + seed))
        for trial, number in (missed | {other: 50}).items()
        for seed in (1, 2, 3)
    ]
    loaded = gathered(runs)
    lines = published_table.lines(loaded)
    assert [line.trial.config for line in lines[:4]] == [
        trial.config for trial in (other, *missed)
    ]
    assert [line.is_on_axis for line in lines] == [True] * 3 + [False] * 12
    best = published_table.best(loaded, lines)
    assert best and best.line.trial.config == other.config
    assert (best.outcomes, best.configurations) == (("different", "different"), 4)
    rows = [line for line in lines if line.row]
    best_row = published_table.best(loaded, rows)
    assert best_row and best_row.line.row == ROWS[2]
    first, second = wording.published_table.best(best, best_row)
    assert first.startswith(
        "BN, batch 16 has the best mean of all 4 configurations, 99.48 % ± 0.02 over 3 seeds. Of 2 others, 2 are shown to be"
    )
    assert "row 3 (GN, L1 0.0001, batch 64) has the best mean" in second
    assert published_table.best(loaded, lines[:1]) is None
    assert wording.published_table.best(None, None) == [wording.published_table.FEW]


def test_a_published_value_is_beside_what_one_more_run_would_be(invent):
    row = ROWS[0].trial  # 99.31, and no penalty
    near = [
        invent(replace(row, seed=seed), range(60 + 10 * seed)) for seed in (1, 2, 3)
    ]
    (line, *others) = published_table.published(gathered(near))
    assert line.labelled.predicts(line.published) is True
    assert line.labelled.predicts(98.0) is False
    assert others[0].labelled.predicts(99.3) is None
    sentence = wording.published_table.predictions([line, *others])
    assert (
        "1 of 1 published values are what runs without penalties predict." in sentence
    )
    assert "Too few seeds" in wording.published_table.predictions(others)
