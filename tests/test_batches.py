"""What batch norm reads with its batches' own statistics, as it is kept in a file."""

from dataclasses import replace

import pytest
from gathered import gathered

from explorer import batches, inside, results


@pytest.fixture(scope="module")
def found(trained):
    return gathered(
        [
            replace(trained[1], trial=replace(batches.TRIALS[0], seed=seed))
            for seed in (1, 2)
        ]
        + [trained[0]]
    )


def test_the_accuracies_of_the_networks_with_batch_norm_are_kept(
    found, mnist, tmp_path
):
    file = tmp_path / "batches.csv"
    batches.main(found, file)
    rows = batches.read(found, file)
    assert len(rows) == 2
    for each in found.finished[:2]:
        row = rows.loc[each.trial.name]
        for size, value in inside.accuracy_by_batch(each, mnist.test).items():
            assert row[str(size)] == pytest.approx(value, abs=1e-3)
        usual = inside.usual_accuracy(each, mnist.test)
        assert row.usual == pytest.approx(usual, abs=1e-3)


def test_the_committed_figures_are_those_of_the_committed_networks(mnist):
    found = results.load()
    rows = batches.read(found)
    assert set(rows.index) == {each.trial.name for each in batches.networks(found)}
    name = rows.index[0]
    for size, value in inside.accuracy_by_batch(found.find(name), mnist.test).items():
        assert rows.at[name, str(size)] == pytest.approx(value, abs=0.5)  # by processor
