"""Means and differences epoch by epoch: by the rules of comparisons."""

import numpy as np
import pytest

from explorer.runs.results import load
from explorer.study import epochs, variance
from explorer.study.comparison import judge_pair
from train.study import Trial

A, B = (Trial(norm, 1e-4, 0.0, 16).config for norm in ("LN", "BN"))


def test_the_last_epoch_has_the_interval_of_a_comparison(committed):
    last = epochs.differences(committed, "test_acc", [A, B], B).iloc[-1]
    gap = judge_pair(committed, A, B).gap
    assert (last.config, last.epoch, last.seeds) == (A, Trial.epochs, min(gap.seeds))
    # An error has the other sign.
    assert last.value == pytest.approx(-gap.estimate)
    assert last.low == pytest.approx(-gap.interval.high)
    assert last.high == pytest.approx(-gap.interval.low)
    mean = epochs.means(committed, "test_acc", [A]).iloc[-1]
    of_a = variance.accuracies(committed).sample(A)
    assert mean.value == pytest.approx(100 - of_a.mean)
    assert mean.low == pytest.approx(100 - of_a.interval.high)


def test_every_epoch_has_the_mean_over_the_seeds(committed):
    rows = committed.history[committed.history.config == A]
    means = epochs.means(committed, "test_loss", [A])
    assert means.epoch.tolist() == [*range(1, Trial.epochs + 1)]
    assert means.value.tolist() == pytest.approx(
        rows.groupby("epoch").test_loss.mean().tolist()
    )
    assert (means.low < means.value).all() and (means.value < means.high).all()


def test_a_single_seed_has_a_value_without_an_interval(folder):
    results = load(folder)
    first, second = results.history.config.unique()[:2]
    means = epochs.means(results, "test_acc", [first])
    gaps = epochs.differences(results, "test_acc", [first, second], first)
    assert set(gaps.config) == {second}
    for rows in (means, gaps):
        assert len(rows) and rows.low.isna().all() and rows.high.isna().all()
        assert np.isfinite(rows.value.astype(float)).all()


def test_the_rate_falls_in_its_first_smaller_epoch(committed):
    rows = committed.history[committed.history.config == A]
    start = epochs.fall(rows)
    assert (rows[rows.epoch < start].lr == Trial.lr).all()
    assert (rows[rows.epoch >= start].lr < Trial.lr).all()
    assert epochs.fall(rows[rows.epoch < start]) == 1


def test_the_telling_penalty_is_farthest_from_none(committed):
    size, regulariser = epochs.telling(committed)
    rows = committed.core.trials
    rows = rows[~rows.config.isin(committed.core.collapsed)]
    table = rows.pivot_table(
        index="batch_size", columns="regulariser", values="last_acc"
    )
    apart = (table.sub(table["none"], axis=0)).abs()
    assert apart.loc[size, regulariser] == apart.max().max() > 0
