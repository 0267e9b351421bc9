"""Accuracies of batch norm with the statistics of the batch, and their cache."""

from dataclasses import replace

import pandas as pd
import pytest

from explorer.network import activations, batch_statistics
from tests.gathered import gathered
from train.study import GRID

GN = next(trial for trial in GRID if trial.norm == "GN" and trial.regulariser == "none")


@pytest.fixture(scope="module")
def results(trained):
    return gathered(
        [
            replace(trained[1], trial=replace(batch_statistics.TRIALS[0], seed=seed))
            for seed in (1, 2)
        ]
        + [trained[0]]
    )


def test_the_accuracies_of_the_networks_with_batch_norm_are_cached(
    results, mnist, tmp_path
):
    file = tmp_path / "batches.csv"
    batch_statistics.main(results, file)
    rows = batch_statistics.read(results, file)
    assert len(rows) == 2
    for checkpoint in results.finished[:2]:
        row = rows.loc[checkpoint.trial.name]
        for size, value in activations.accuracy_by_batch(
            checkpoint, mnist.test
        ).items():
            assert row[str(size)] == pytest.approx(value, abs=1e-3)
        usual = activations.usual_accuracy(checkpoint, mnist.test)
        assert row.usual == pytest.approx(usual, abs=1e-3)


def test_the_means_of_a_norm_are_those_of_its_measured_networks(results, tmp_path):
    file = tmp_path / "batches.csv"
    assert batch_statistics.by_norm(results, batch_statistics.read(results, file)) == []
    batch_statistics.main(results, file)
    rows = batch_statistics.read(results, file)
    (bn,) = batch_statistics.by_norm(results, rows)
    assert (bn.norm, bn.networks) == ("BN", 2)
    means = rows.mean()
    assert [*bn.means.accuracies, bn.means.usual] == pytest.approx(
        means[batch_statistics.COLUMNS].tolist()
    )
    twins = [
        replace(results.finished[-1], trial=replace(GN, seed=seed)) for seed in (1, 2)
    ]
    _, gn = batch_statistics.by_norm(gathered([*results.finished, *twins]), rows)
    assert (
        len({*gn.means.accuracies, gn.means.usual}) == 1
    )  # it does not depend on the batch
    one = results.finished[0]
    cached, measured = (
        batch_statistics.of_network(one, file=path)
        for path in (file, file.with_name("none.csv"))
    )
    forged = pd.read_csv(file, dtype={"fingerprint": str})
    forged.loc[:, batch_statistics.COLUMNS] = 12.0
    forged.to_csv(file, index=False)
    ours, another = (
        batch_statistics.of_network(one, is_ours, file=file)
        for is_ours in (True, False)
    )
    assert ours.accuracies[0] == 12 and another.accuracies == measured.accuracies
    assert cached.accuracies == pytest.approx(measured.accuracies, abs=1e-3)


def test_the_committed_accuracies_are_those_of_the_committed_networks(mnist, committed):
    results = committed.core
    rows = batch_statistics.read(results)
    assert set(rows.index) == {
        network.trial.name for network in batch_statistics.networks(results)
    }
    name = rows.index[0]
    for size, value in activations.accuracy_by_batch(
        results.find(name), mnist.test
    ).items():
        assert rows.at[name, str(size)] == pytest.approx(
            value, abs=0.5
        )  # varies with the processor
