"""What batch norm reads with its batches' own statistics, as it is kept in a file."""

from dataclasses import replace

import pytest

from explorer.network import activations, batch_statistics
from tests.gathered import gathered
from train.study import GRID

GN = next(trial for trial in GRID if trial.norm == "GN" and trial.regulariser == "none")


@pytest.fixture(scope="module")
def found(trained):
    return gathered(
        [
            replace(trained[1], trial=replace(batch_statistics.TRIALS[0], seed=seed))
            for seed in (1, 2)
        ]
        + [trained[0]]
    )


def test_the_accuracies_of_the_networks_with_batch_norm_are_kept(
    found, mnist, tmp_path
):
    file = tmp_path / "batches.csv"
    batch_statistics.main(found, file)
    rows = batch_statistics.read(found, file)
    assert len(rows) == 2
    for each in found.finished[:2]:
        row = rows.loc[each.trial.name]
        for size, value in activations.accuracy_by_batch(each, mnist.test).items():
            assert row[str(size)] == pytest.approx(value, abs=1e-3)
        usual = activations.usual_accuracy(each, mnist.test)
        assert row.usual == pytest.approx(usual, abs=1e-3)


def test_the_means_of_a_norm_are_those_of_its_networks_as_far_as_they_are_known(
    found, tmp_path
):
    file = tmp_path / "batches.csv"
    assert batch_statistics.by_norm(found, batch_statistics.read(found, file)) == []
    batch_statistics.main(found, file)
    rows = batch_statistics.read(found, file)
    (bn,) = batch_statistics.by_norm(found, rows)
    assert (bn.norm, bn.networks) == ("BN", 2)
    means = rows.mean()
    assert [*bn.means.accuracies, bn.means.usual] == pytest.approx(
        means[batch_statistics.COLUMNS].tolist()
    )
    twins = [
        replace(found.finished[-1], trial=replace(GN, seed=seed)) for seed in (1, 2)
    ]
    _, gn = batch_statistics.by_norm(gathered([*found.finished, *twins]), rows)
    assert len({*gn.means.accuracies, gn.means.usual}) == 1  # it knows no batch
    one = found.finished[0]
    kept_one, measured = (
        batch_statistics.of_network(one, each)
        for each in (file, file.with_name("none.csv"))
    )
    assert kept_one.accuracies == pytest.approx(measured.accuracies, abs=1e-3)


def test_the_committed_figures_are_those_of_the_committed_networks(mnist, committed):
    found = committed.core
    rows = batch_statistics.read(found)
    assert set(rows.index) == {
        each.trial.name for each in batch_statistics.networks(found)
    }
    name = rows.index[0]
    for size, value in activations.accuracy_by_batch(
        found.find(name), mnist.test
    ).items():
        assert rows.at[name, str(size)] == pytest.approx(value, abs=0.5)  # by processor
