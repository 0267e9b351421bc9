"""Metrics of runs, on invented histories."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.runs import metrics
from explorer.runs.descriptions import describe
from explorer.runs.metrics import Quickest
from tests.gathered import gathered
from train.study import GRID, Trial


def test_the_quickest_configurations_are_those_of_the_lowest_median(invent):
    def run(trial: Trial, first: int):
        reached = [0.98] * (first - 1) + [0.995] * 25
        return invent(trial, np.arange(50), test_acc=reached)

    late, early, never = GRID[:3]
    rows = metrics.table(
        gathered(
            [
                run(late, 9),
                run(early, 4),
                run(replace(early, seed=2), 5),
                run(never, 30),
            ]
        )
    )
    configs = [late.config, early.config]
    assert metrics.quickest(rows, configs) == Quickest((describe(early),), 4.5, (2, 2))
    assert metrics.quickest(rows, []) is None
    tied = metrics.table(gathered([run(late, 9), run(early, 9)]))
    descriptions = (describe(late), describe(early))
    assert metrics.quickest(tied, configs) == Quickest(descriptions, 9, (1, 1))
    assert metrics.quickest(rows, [never.config]).epoch == np.inf
    table = metrics.progress(rows, [*configs, never.config])
    assert table["epochs to 99.3 %"].tolist() == ["9", "4.5", "never"]
    assert table["seeds"].tolist() == [1, 2, 1]


def test_runs_that_never_reach_a_threshold_are_counted(invent):
    def epochs(*firsts: int) -> str:
        runs = [
            invent(
                replace(GRID[0], seed=seed),
                np.arange(50),
                test_acc=[0.98] * (first - 1) + [0.995] * 25,
            )
            for seed, first in enumerate(firsts, 1)
        ]
        rows = metrics.table(gathered(runs))
        return metrics.progress(rows, [GRID[0].config])["epochs to 99.3 %"].item()

    assert epochs(9, 11, 30) == "11 (1 never)"
    assert epochs(9, 30, 31) == "2 of 3 never"
    assert epochs(9, 11, 30, 30) == "2 of 4 never"
    assert epochs(30, 30) == "never"


def test_the_table_per_epoch_has_means_deviations_and_seeds(invent):
    trial = Trial("GN", 0.0, 0.0, 128)
    results = gathered(
        invent(replace(trial, seed=seed), np.arange(50 + seed % 2))
        for seed in range(1, 5)
    )
    table = metrics.per_epoch(results.history)
    assert table.epoch.tolist() == list(range(1, 26))
    assert set(table.seeds) == {4}
    last = [network.history[-1]["test_acc"] for network in results.finished]
    assert table.test_acc_mean.iloc[-1] == pytest.approx(np.mean(last))
    assert table.test_acc_std.iloc[-1] == pytest.approx(np.std(last, ddof=1))
    assert metrics.per_epoch(results.history[:0]).empty
