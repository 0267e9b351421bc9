"""Effect of the regularisers: shares, sparsity, norms and flags, against the weights."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.study import regularisation
from tests.gathered import gathered
from train.loop import weight_sums
from train.study import Trial

PLAIN = Trial("GN", 0.0, 0.0, 64)
STRONG, FAINT = replace(PLAIN, l1=1e-3, l2=1e-2), replace(PLAIN, l1=1e-9)


def shrunk(checkpoint, factor: float):
    state = {name: factor * values for name, values in checkpoint.state.items()}
    rows = [row | weight_sums(state) for row in checkpoint.history]
    return replace(checkpoint, state=state, history=rows)


@pytest.fixture(scope="module")
def results(invent):
    def runs(trial: Trial, factor: float, missed: int = 60):
        return [
            shrunk(
                invent(replace(trial, seed=seed), np.arange(missed)),
                factor * (1 + 0.001 * seed),
            )
            for seed in (1, 2, 3)
        ]

    collapsed = replace(PLAIN, l1=0.5)
    return gathered(
        runs(PLAIN, 1.0)
        + runs(STRONG, 0.5)
        + runs(FAINT, 1.0)
        + runs(collapsed, 1e-3, missed=9000)
    )


def test_the_penalty_is_that_of_the_loss(results):
    run = next(
        checkpoint
        for checkpoint in results.finished
        if checkpoint.trial.config == STRONG.config
    )
    weights = torch.cat([values.flatten() for values in run.state.values()]).double()
    penalty = (1e-3 * weights.abs().sum() + 1e-2 / 2 * weights.square().sum()).item()
    ends = regularisation.ends(results)
    row = ends[(ends.config == STRONG.config) & (ends.seed == run.trial.seed)].iloc[0]
    share = penalty / (penalty + run.history[-1]["train_loss"])
    assert row.share == pytest.approx(share, rel=1e-5)
    assert row["size"] == pytest.approx(weights.abs().sum().item(), rel=1e-5)
    assert row.norm == pytest.approx(weights.norm().item(), rel=1e-5)
    series = regularisation.means(regularisation.epochs(results))
    last = series[(series.config == STRONG.config) & (series.epoch == 25)].iloc[0]
    assert last.share == pytest.approx(share, rel=0.01)


def test_flags_are_acted_moved_nothing_or_collapsed(results):
    acted = regularisation.acted(results).set_index("config")
    assert acted.flag.to_dict() == {
        STRONG.config: regularisation.ACTED,
        FAINT.config: regularisation.NOTHING,
        replace(PLAIN, l1=0.5).config: regularisation.COLLAPSED,
    }
    assert acted.shrunk[STRONG.config] == pytest.approx(-0.5, abs=1e-3)
    assert (acted.seeds == 3).all()


def test_without_the_same_trial_without_penalty_the_flag_is_undecided(results):
    penalised = [
        checkpoint
        for checkpoint in results.finished
        if checkpoint.trial.config == STRONG.config
    ]
    acted = regularisation.acted(gathered(penalised))
    assert acted.flag.tolist() == [regularisation.UNKNOWN]


def test_near_zero_weights_are_counted_per_layer_and_epoch(invent):
    run = invent(replace(STRONG, seed=1), [])
    state = {name: values.clone() for name, values in run.state.items()}
    state["head.weight"][:5] = 0
    rows = [row | weight_sums(state) for row in run.history]
    old = [{key: row[key] for key in row if key != "near_zero"} for row in run.history]
    series = regularisation.epochs(gathered([replace(run, history=rows)]))
    head = series[series.layer == "head"]
    assert (head.near_zero >= 0.5).all()
    assert (head.weights == 160).all()
    assert len(head) == 25
    means = regularisation.means(series)
    assert len(means) == 25
    assert means.near_zero.between(80 / 7288, 0.1).all()
    unknown = regularisation.means(
        regularisation.epochs(gathered([replace(run, history=old)]))
    )
    assert unknown.near_zero.isna().all()
    assert unknown.norm_of_weights.notna().all()


def test_nothing_trained_is_no_error():
    assert regularisation.acted(gathered([])).empty
    assert regularisation.ends(gathered([])).empty
