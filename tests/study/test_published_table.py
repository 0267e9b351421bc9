"""The published table beside ours: cells, links of a line, and sentences on what is trained."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.runs import results
from explorer.study import published_table, tables, wording
from tests.gathered import gathered
from train import checkpoint
from train.study import PUBLISHED, ROWS, Trial, as_run


def published_rows(loaded: results.Results) -> pd.DataFrame:
    return tables.published(published_table.lines(loaded))


def links(loaded: results.Results, cells: list) -> str:
    line = tables.published_line(published_table.lines(loaded), cells)
    return wording.published_table.links(line)


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
    assert rows["Row"].tolist() == [*range(1, 15), pd.NA]
    last = rows.iloc[-1]
    accuracy = 100 * trained[0].history[-1]["test_acc"]
    assert last["As labelled, last"] == f"{accuracy:.2f} ± 0.03 (2)"
    assert (last["Norm"], last["L2"]) == ("LN", 2e-05)
    assert pd.isna(last["Published best"])


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
    cells = published_rows(loaded).iloc[2]
    assert cells["Published best"] == 99.44
    assert cells["As labelled, last"] == "99.10 ± 1.27 (2)"
    assert cells["As labelled, best"] == "99.20 (2)"
    assert cells["As run, last"] == "98.00 (1)"
    assert len(loaded.voters) == 3
    assert "1 diverged" in coverage(loaded)


def test_a_browser_may_send_numbers_as_text(invent):
    loaded = gathered([invent(PUBLISHED[2], [0])])
    cells = list(map(str, published_rows(loaded).iloc[2]))
    assert links(loaded, cells).startswith(f"**{results.describe(PUBLISHED[2])}**")
    assert links(loaded, [*cells[:5], "lr 0.1"]) == "That row is not trained yet."


def test_runs_of_no_study_have_a_line_and_further_seeds_are_counted(invent):
    usual = Trial("GN", 0.0, 0.0, 16)
    other = replace(usual, lr=0.02)
    trials = [usual, replace(usual, seed=11), other, replace(other, seed=2)]
    loaded = gathered(invent(trial, range(1000)) for trial in trials)
    rows = published_rows(loaded)
    rate = rows[rows.Other == "lr 0.02"].iloc[0]
    assert (rate.Study, rate["As labelled, last"]) == (
        results.NO_STUDY,
        "90.00 ± 0.03 (2)",
    )
    assert "1 have seeds beyond" in coverage(loaded)
    assert "study=none&rate=0.02" in links(loaded, rate.astype(object).tolist())


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
