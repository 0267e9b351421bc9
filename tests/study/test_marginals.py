"""Levels of the grid's factors: their networks, and means with equal weights of the configurations."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.study import marginals
from explorer.study.statistics import StatisticsError
from tests.gathered import gathered
from train.study import GRID


def missed(trial) -> int:
    return {"BN": 60, "GN": 70, "LN": 80}[trial.norm] + trial.batch_size + trial.seed


def error(checkpoint) -> float:
    return 100 - 100 * checkpoint.summary["last"]["test_acc"]


@pytest.fixture(scope="module")
def results(invent):
    """Grid with two seeds, a third seed of one configuration, and a collapsed network."""
    seeds = [replace(trial, seed=seed) for trial in GRID for seed in (1, 2)]
    seeds.append(replace(GRID[0], seed=3))
    runs = [invent(trial, np.arange(missed(trial))) for trial in seeds]
    return gathered([*runs, invent(replace(GRID[1], seed=3), np.arange(9000))])


def test_a_level_has_the_non_collapsed_networks(results):
    levels = marginals.levels(results, "norm")
    assert {level.name: len(level.runs) for level in levels} == {
        "BN": 33,
        "GN": 32,
        "LN": 32,
    }
    sizes = [level.name for level in marginals.levels(results, "batch_size")]
    assert sizes == ["batch 16", "batch 32", "batch 64", "batch 128"]


def test_every_configuration_has_the_same_weight(results):
    bn, gn, _ = marginals.levels(results, "norm")
    assert gn.mean(error).estimate == pytest.approx((70 + 60 + 1.5) / 100)
    # The mean of the seeds 1, 2 and 3 is 2; the other fifteen have 1.5.
    assert bn.mean(error).estimate == pytest.approx((60 + 60 + 1.5 + 0.5 / 16) / 100)


def test_every_pair_of_levels_is_compared_once(results):
    levels = marginals.levels(results, "norm")
    gaps = marginals.differences(levels, error, None)
    assert list(gaps) == [("BN", "GN"), ("BN", "LN"), ("GN", "LN")]
    assert gaps["GN", "LN"].estimate == pytest.approx(-0.1)


def test_a_grid_with_gaps_is_refused(results):
    with pytest.raises(StatisticsError, match="too few seeds"):
        marginals.levels(gathered(results.checkpoints[2:]), "norm")
