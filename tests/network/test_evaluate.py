"""The command that tests networks on a set of digits: its table, its file of networks, and what it refuses."""

import csv

import numpy as np
import pytest

from explorer.digits import sets
from explorer.network import evaluate, wording
from explorer.runs import device_files, results
from train.evaluate import evaluate as reference


@pytest.fixture
def path(few, tmp_path):
    """Set of 50 test digits."""
    test = few.test.first(50)
    np.savez(tmp_path / "set.npz", images=test.images, labels=test.labels)
    return tmp_path / "set.npz"


def test_each_network_is_counted_as_the_reference_counts_it(
    folder, path, tmp_path, capsys
):
    saved = tmp_path / "networks.csv"
    evaluate.main(
        [str(path), "--checkpoints", str(folder), "--csv", str(saved), "--networks"]
    )
    printed = capsys.readouterr().out
    split = sets.read(path)
    with saved.open(encoding="utf-8") as file:
        rows = {row["network"]: row for row in csv.DictReader(file)}
    networks = results.load(folder).finished
    assert set(rows) == {network.trial.name for network in networks}
    for network in networks:
        row = rows[network.trial.name]
        read = int(reference(network.network(), split).correct.sum())
        assert (int(row["read"]), row["digits"]) == (read, "50")
        assert row["norm"] == network.trial.norm
        assert f"{2 * read:>4}.0  {network.trial.name}" in printed


def test_the_columns_of_draw_have_its_weights(folder, path, capsys):
    evaluate.main([str(path), "--checkpoints", str(folder)])
    printed = capsys.readouterr().out.splitlines()
    split, found = sets.read(path), results.load(folder)
    for voter in device_files.as_on_device(found.voters):
        read = int(reference(voter.network(), split).correct.sum())
        line = next(line for line in printed if line.startswith(voter.trial.norm))
        assert line.split()[1] == f"{2 * read}.0"


def test_dark_ink_is_noticed(folder, few, tmp_path, capsys):
    test = few.test.first(3)
    for images, is_said in ((test.images, False), (255 - test.images, True)):
        np.savez(tmp_path / "set.npz", images=images, labels=test.labels)
        evaluate.main([str(tmp_path / "set.npz"), "--checkpoints", str(folder)])
        assert (wording.BRIGHT_SET in capsys.readouterr().out) == is_said


def test_large_sets_are_read_by_one_seed_of_each_configuration(committed):
    voters = committed.voters
    small = evaluate.page_networks(committed, evaluate.MOST_BY_ALL)
    assert len(small) == len(voters)
    large = evaluate.page_networks(committed, evaluate.MOST_BY_ALL + 1)
    assert len(large) == len({voter.trial.config for voter in voters})


def test_what_cannot_be_read_is_one_sentence_and_status_2(
    folder, path, tmp_path, capsys
):
    other = tmp_path / "other.npz"
    other.write_bytes(b"no set")
    for arguments, words in (
        ([str(other), "--checkpoints", str(folder)], sets.NOT_SET),
        ([str(tmp_path / "none.npz")], "No such file"),
        ([str(path), "--checkpoints", str(tmp_path)], "no trained network"),
    ):
        with pytest.raises(SystemExit) as end:
            evaluate.main(arguments)
        assert end.value.code == 2
        assert words in capsys.readouterr().err.strip().splitlines()[-1]
