"""Reference runs: the nearest committed runs, and the verdict on a visitor's runs against them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from explorer.retrain import reference_runs, wording
from explorer.retrain.reference_runs import Prediction
from explorer.runs.results import Results
from explorer.study import looks
from explorer.study.looks import Verdict
from explorer.study.variance import Prior
from tests.gathered import gathered
from train.checkpoint import STOPPED, Checkpoint
from train.study import Trial

GN = Trial("GN", 0.0, 0.0, 64, epochs=2)
BN = replace(GN, norm="BN")
L1 = replace(GN, l1=1e-4)


def verdict(results: Results, runs: list[Checkpoint]) -> str:
    return wording.verdict(reference_runs.compare(results, runs))


@pytest.fixture
def run(invent):
    """Makes a run that misreads `first` images after epoch 1 and `last` images after epoch 2."""

    def make(trial: Trial, first: int, last: int, **changes):
        accuracies = [1 - first / 10_000, 1 - last / 10_000][: trial.epochs]
        missed = (first, last)[trial.epochs - 1]
        return invent(trial, range(missed), test_acc=accuracies, **changes)

    return make


@pytest.fixture
def committed(run):
    missed = {1: (200, 60), 2: (210, 64), 3: (190, 56), 4: (200, 60)}
    return gathered(
        [
            run(replace(trial, seed=seed), first + more, last + more)
            for trial, more in ((GN, 0), (BN, 100), (L1, 50))
            for seed, (first, last) in missed.items()
        ]
    )


def test_the_nearest_has_the_norm_then_the_penalties_and_the_batch_size(committed):
    def nearest_to(**changes) -> str:
        runs = reference_runs.configuration(committed, replace(GN, **changes))
        assert len(runs) == 4
        return runs[0].trial.config

    assert nearest_to() == GN.config
    assert nearest_to(batch_size=16, lr=1.0) == GN.config
    assert nearest_to(lr=0.2, l1=2e-5) == L1.config
    assert nearest_to(l1=1e-3) == L1.config
    assert nearest_to(norm="BN", l1=1e-3) == BN.config
    assert nearest_to(norm="LN") == GN.config
    assert reference_runs.configuration(gathered([]), GN) == []


def test_curves_are_of_the_first_epochs_of_every_seed(committed):
    curves = reference_runs.curves(reference_runs.configuration(committed, GN), 1)
    assert curves and curves.trial.config == GN.config
    assert curves.losses.shape == (4, 1)
    assert curves.accuracies[:, 0] == pytest.approx([98.0, 97.9, 98.1, 98.0])
    assert reference_runs.curves([], 1) is None


def test_a_single_run_is_compared_with_the_prediction_interval_of_a_new_seed(
    committed, run
):
    theirs = np.array([98.0, 97.9, 98.1, 98.0])
    half_width = stats.t.ppf(0.975, 3) * theirs.std(ddof=1) * np.sqrt(1.25)
    own = replace(GN, epochs=1, dropout=0.0, seed=9)
    inside = verdict(committed, [run(own, 220, 0)])
    assert (
        f"97.80 % after epoch 1; a new seed beside the 4 committed seeds of GN, batch 64, 2 epochs would be at 98.00 ± {half_width:.2f}"
        in inside
    )
    assert inside.startswith("Nothing is shown") and "cannot show that" in inside
    outside = verdict(committed, [run(own, 300, 0)])
    assert outside.startswith("Outside the range of their seeds")
    assert "a hint and no verdict" in outside


@pytest.fixture
def studied(invent):
    """Four seeds of three configurations of as-run and of published, whose accuracy differs from epoch to epoch."""
    bases = [replace(GN, epochs=25), replace(BN, epochs=25), replace(L1, epochs=25)]
    missed = {1: 0, 2: 4, 3: -4, 4: 0}
    return gathered(
        invent(
            replace(trial, seed=seed),
            range(60 + more),
            test_acc=[1 - (200 - 3 * epoch + more) / 10_000 for epoch in range(25)],
        )
        for trial in bases
        for seed, more in missed.items()
    )


def test_several_seeds_get_a_verdict_that_holds_at_every_look(studied, run):
    own = [replace(GN, dropout=0.0, seed=seed) for seed in (5, 6, 7)]
    far = [run(trial, 300, 220 + trial.seed) for trial in own]
    compared = reference_runs.compare(studied, far)
    assert compared and isinstance(compared.result, Verdict)
    theirs = 98.03 + np.array([0, -0.04, 0.04, 0])  # after epoch 2
    prior = Prior(float(theirs.var(ddof=1)), math.inf, 6)  # of as-run, two such groups
    accuracies = 100 - np.array([2.25, 2.26, 2.27])
    expected = looks.judge(
        accuracies, looks.Reference(98.03, 4, prior.variance, prior.pooled_df)
    )
    assert compared.result.p == pytest.approx(expected.p)
    assert compared.result.interval.low == pytest.approx(expected.interval.low)
    sentences = wording.verdict(compared)
    assert sentences.startswith("Different, yours reads 0.29 points worse (p")
    assert "the 4 committed ones 98.03 % (GN, batch 64)" in sentences
    assert "after epoch 2 your 3 runs" in sentences
    near = [run(trial, 200, 192 + trial.seed) for trial in own]
    assert verdict(studied, near).startswith("Undecided: after epoch 2 your 3 runs")


def test_a_prior_is_that_of_the_first_study_without_its_collapsed_configurations(
    studied, invent
):
    collapsed = [
        invent(Trial("LN", 0.0, 0.0, 128, seed=seed), [0], test_acc=[share] * 25)
        for seed, share in ((1, 0.98), (2, 0.3))
    ]
    results = gathered([*studied.checkpoints, *collapsed])
    prior = reference_runs.prior(results, replace(GN, epochs=25), 2)
    assert prior == reference_runs.prior(studied, replace(GN, epochs=25), 2)
    assert prior and prior.pooled_df == 6
    published = replace(L1, epochs=25)
    own_only = reference_runs.prior(results, published, 2)
    assert own_only and own_only.pooled_df == 3
    assert reference_runs.prior(results, GN, 2) is None


def test_a_repeated_committed_run_stands_on_the_committed_side_only(studied, run):
    again = run(replace(GN, seed=2), 204, 201)
    sentences = verdict(studied, [again])
    assert "Seed 2 is also committed: it is the same run again" not in sentences
    assert "trained by invented, this one by invented" in sentences
    assert "No run of yours is new: add seeds" in sentences
    assert "The configuration is the same" not in sentences
    new = [run(replace(GN, seed=seed), 200, 190 + seed) for seed in (11, 12)]
    with_it = reference_runs.compare(studied, [new[0], again, new[1]])
    without = reference_runs.compare(studied, new)
    assert with_it and without and with_it.result == without.result
    assert "The configuration is the same" in wording.verdict(with_it)
    one = reference_runs.compare(studied, [again, new[0]])
    assert one and isinstance(one.result, Prediction) and one.result.seeds == 4


def test_a_seed_that_was_trained_twice_is_one_run(studied, run):
    runs = [run(replace(GN, seed=seed), 200, 190 + seed) for seed in (11, 12, 11)]
    compared = reference_runs.compare(studied, runs)
    assert compared and compared.runs == runs[:2]


def test_committed_seeds_are_those_of_the_same_configuration(studied):
    assert reference_runs.committed_seeds(studied, GN) == {1, 2, 3, 4}
    assert not reference_runs.committed_seeds(studied, replace(GN, dropout=0.0))
    assert not reference_runs.committed_seeds(gathered([]), GN)


def test_a_stopped_run_and_a_single_committed_one_are_not_compared(committed, run):
    whole = run(GN, 200, 60)
    ended = replace(whole, summary=whole.summary | {STOPPED: 5})
    assert "is not compared" in verdict(committed, [ended])
    assert "no two committed" in verdict(gathered([whole]), [whole])
    assert "no two committed" in verdict(gathered([]), [whole])
    two = gathered([whole, run(replace(GN, seed=2), 200, 60)])
    assert "No run of yours is new" in verdict(two, [whole])


def test_the_nearest_has_the_learning_rate_too_and_belongs_to_a_study(invent):
    base = Trial("GN", 0.0, 0.0, 16)
    rates = (base.lr, 0.01026, 0.02)  # of the grid, of learning-rate, of no study
    runs = [replace(base, lr=rate, seed=seed) for rate in rates for seed in (1, 2)]
    results = gathered(
        [invent(trial, [0]) for trial in [*runs, replace(base, seed=11)]]
    )
    for rate, expected in ((base.lr, base.lr), (0.011, 0.01026), (0.0205, 0.01026)):
        nearest = reference_runs.configuration(results, replace(base, lr=rate, seed=20))
        assert {run.trial.lr for run in nearest} == {expected}
        assert {run.trial.seed for run in nearest} == {1, 2}
