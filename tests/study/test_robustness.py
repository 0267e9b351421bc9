"""Digits made harder: what is measured of real networks, and what is said of invented accuracies whose truth is known."""

from dataclasses import replace

import pandas as pd
import pytest

from explorer.digits.corruptions import CORRUPTIONS
from explorer.runs import measurement_cache
from explorer.runs.results import FACTORS
from explorer.study import robustness, tables, wording
from explorer.study.statistics import StatisticsError
from tests.gathered import gathered
from train import engines
from train.data import Split
from train.evaluate import evaluate
from train.study import GRID


@pytest.fixture(scope="module")
def found(invent):
    """The grid with three seeds of each; every network misses as many images as its seed says."""
    return gathered(
        invent(replace(trial, seed=seed), range(0, 20 * seed, 2))
        for trial in GRID
        for seed in (1, 2, 3)
    )


@pytest.fixture(scope="module")
def rows(found):
    """LN loses 10 points under noise and 2 under blur, BN nothing; a tenth of a point between seeds."""
    lost = {("LN", "noise"): 10.0, ("GN", "noise"): 10.0, ("LN", "blur"): 2.0}
    return pd.DataFrame(
        {
            robustness.column(each, strength): {
                run.trial.name: 90.0
                - lost.get((run.trial.norm, each.name), 0.0)
                + 0.1 * (run.trial.seed - 2)
                for run in found.finished
            }
            for each in CORRUPTIONS
            for strength in each.strengths
        }
    )


def test_a_network_is_measured_on_every_corruption_and_strength(
    trained, mnist, tmp_path, monkeypatch
):
    few = Split(mnist.test.images[:400], mnist.test.labels[:400])
    monkeypatch.setattr(robustness, "test_split", lambda: few)
    file = tmp_path / "robustness.csv"
    some = gathered(
        replace(each, trial=replace(each.trial, epochs=25, train_images=60_000))
        for each in (trained[0], trained[2])
    )
    assert [each.trial.norm for each in robustness.networks(some)] == ["GN"]
    robustness.main(some, file)
    row = robustness.read(some, file).iloc[0]
    assert len(row) == 30
    network = some.finished[0].network()
    for each in CORRUPTIONS:
        for strength in (each.strengths[0], each.strengths[-1]):
            images = each.apply(few.images[:: robustness.EVERY], strength)
            labels = few.labels[:: robustness.EVERY]
            acc = 100 * evaluate(network, Split(images, labels)).acc
            assert row[robustness.column(each, strength)] == pytest.approx(acc, abs=1)


def test_the_fast_reader_answers_as_the_network_does(trained, mnist):
    some = mnist.test.first(300)
    for found in trained:
        expected = evaluate(found.network(), some).log_probs
        for device in ("cpu", "reference"):
            made = engines.reader(found, device)(some).log_probs
            assert (made - expected).abs().max() < 1e-4


def test_a_curve_is_the_mean_of_its_configurations_with_the_clean_accuracy(found, rows):
    lines = robustness.curves(found, rows, "noise")
    assert list(lines) == list(FACTORS)
    by_norm = {curve.name: curve for curve in lines["norm"]}
    assert {name: curve.runs for name, curve in by_norm.items()} == dict.fromkeys(
        ("BN", "GN", "LN"), 48
    )
    strengths = [point.strength for point in by_norm["LN"].points]
    assert strengths == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    accuracies = [point.accuracy for point in by_norm["LN"].points]
    assert accuracies[1:] == pytest.approx([80.0] * 5)
    # Of 5,000 images seeds miss 10, 20 and 30.
    assert accuracies[0] == pytest.approx(100 * (1 - 20 / 5000))
    point = by_norm["BN"].points[3]
    assert point.interval.low < point.accuracy < point.interval.high
    sizes = [curve.name for curve in lines["batch_size"]]
    assert sizes == ["batch 16", "batch 32", "batch 64", "batch 128"]


def test_real_differences_are_found_and_equal_ones_are_equivalent(found, rows):
    compared = robustness.compared(found, rows, "norm")
    assert len(compared) == 6 * 3
    outcomes = {(each.corruption, each.a, each.b): each for each in compared}
    worse = outcomes["noise", "BN", "LN"]
    assert worse.outcome == "different"
    assert worse.gap.estimate == pytest.approx(10)
    assert worse.gap.seeds == (48, 48)
    assert outcomes["blur", "GN", "LN"].outcome == "different"
    assert outcomes["noise", "GN", "LN"].outcome == "equivalent"
    words = wording.grid.robustness(compared)
    assert words.startswith(
        "So far, of 18 differences in the mean over the strengths: 4 real"
    )
    assert "under noise BN networks read 10.0" in words
    assert len(tables.robustness(compared)) == 18
    same = robustness.compared(found, rows, "batch_size")
    assert {each.outcome for each in same} == {"equivalent"}


def test_what_is_missing_is_said(found, rows):
    with pytest.raises(StatisticsError, match="explorer.robustness"):
        robustness.curves(found, rows.iloc[1:], "noise")
    with pytest.raises(StatisticsError, match="too few seeds"):
        robustness.compared(gathered(found.checkpoints[:9]), rows, "norm")
    with pytest.raises(StatisticsError, match="no corruption 'rain'"):
        robustness.curves(found, rows, "rain")


def test_the_committed_figures_are_those_of_the_committed_networks(mnist, committed):
    committed = committed.core
    networks = robustness.networks(committed)
    assert not measurement_cache.missing(robustness.FILE, networks)
    rows = robustness.read(committed)
    each, corruption = networks[0], CORRUPTIONS[2]
    split = robustness.sampled(mnist.test)
    images = corruption.apply(split.images, 0.3)
    acc = 100 * engines.reader(each, "reference")(Split(images, split.labels)).acc
    seen = rows.at[each.trial.name, robustness.column(corruption, 0.3)]
    assert seen == pytest.approx(acc, abs=0.3)  # processors differ
