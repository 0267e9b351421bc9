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


def test_what_is_missing_is_measured_and_what_is_there_is_kept(found, mnist, tmp_path):
    file = tmp_path / "batches.csv"
    first, second, _ = found.finished
    batches.main(gathered([first]), file)
    assert batches.read(file).name.tolist() == [first.trial.name]
    changed = file.read_text().replace(first.trial.config, "kept", 1)
    file.write_text(changed)
    batches.main(found, file)
    table = batches.read(file).set_index("name")
    assert sorted(table.index) == [first.trial.name, second.trial.name]
    assert table.config[first.trial.name] == "kept"
    row = table.loc[second.trial.name]
    for size, value in inside.accuracy_by_batch(second, mnist.test).items():
        assert row[str(size)] == pytest.approx(value, abs=1e-4)
    usual = inside.usual_accuracy(second, mnist.test)
    assert row.usual == pytest.approx(usual, abs=1e-4)


def test_the_kept_figures_are_those_of_a_committed_network(mnist):
    found = results.load()
    row = batches.read().iloc[0]
    network = found.find(row["name"])
    for size, value in inside.accuracy_by_batch(network, mnist.test).items():
        assert row[str(size)] == pytest.approx(value, abs=0.5)  # processors differ
