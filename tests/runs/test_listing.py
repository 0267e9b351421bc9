"""List of the checkpoints of a folder: what its index spares, and files that are added, removed, changed or damaged between two starts."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from explorer.runs import listing, results
from train import checkpoint, index
from train.checkpoint import CheckpointError
from train.study import Trial


@pytest.fixture
def networks(invent):
    trials = [Trial("GN", 0.0, 0.0, 16, seed=seed) for seed in (1, 2, 3)]
    return [invent(trial, range(40 + trial.seed)) for trial in trials]


@pytest.fixture
def local(networks, tmp_path):
    for network in networks:
        checkpoint.save(network, tmp_path)
    return tmp_path


@pytest.fixture
def validated(monkeypatch):
    """Names of the files that were validated."""
    names, from_bytes = [], checkpoint.from_bytes

    def noted(content, name):
        names.append(name)
        return from_bytes(content, name)

    monkeypatch.setattr(checkpoint, "from_bytes", noted)
    return names


def names(loaded) -> list[int]:
    return [network.trial.seed for network in loaded.checkpoints]


def file_of(folder, seed: int):
    return folder / f"GN_l1=0_l2=0_batch=16_seed={seed}.safetensors"


def test_a_second_start_validates_nothing_and_says_the_same(local, networks, validated):
    first = results.load(local)
    assert len(validated) == 3
    second = results.load(local)
    assert len(validated) == 3
    for loaded in (first, second):
        for network, indexed in zip(networks, loaded.checkpoints, strict=True):
            assert (indexed.trial, indexed.summary) == (network.trial, network.summary)
            assert (indexed.engine, indexed.setup) == (network.engine, network.setup)
            assert indexed.history == network.history
            assert indexed.test_digits == network.test_digits
            assert all(torch.equal(indexed.state[key], network.state[key]) for key in network.state)  # fmt: skip
    assert second.trials.equals(first.trials)


def test_files_that_are_added_removed_or_changed_are_noticed(local, networks, validated):  # fmt: skip
    results.load(local)
    validated.clear()
    file_of(local, 1).unlink()
    checkpoint.save(replace(networks[2], engine="other"), local)
    fourth = replace(networks[2], trial=replace(networks[2].trial, seed=4))
    (local / "deep").mkdir()
    shutil.move(checkpoint.save(fourth, local), local / "deep" / "x.SAFETENSORS")
    loaded = results.load(local)
    assert names(loaded) == [2, 3, 4] and not loaded.problems
    assert loaded.checkpoints[1].engine == "other"
    assert sorted(validated) == [file_of(local, 3).name, "x.SAFETENSORS"]
    assert loaded.find(fourth.name).history == fourth.history


def test_a_file_with_another_time_and_the_same_content_is_not_validated_again(local, validated):  # fmt: skip
    results.load(local)
    validated.clear()
    os.utime(file_of(local, 2), ns=(1, 1))
    assert names(results.load(local)) == [1, 2, 3] and not validated
    (modified,) = {
        row["modified"]
        for row in index.read(local / index.NAME).to_pylist()
        if row["seed"] == 2
    }
    assert modified == 1


def damage(path):
    """Changes a byte of a weight, and nothing else: neither size nor time."""
    stat, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_damage_that_neither_size_nor_time_shows_is_said_when_the_network_is_read_and_at_the_next_start(local):  # fmt: skip
    results.load(local)
    damage(file_of(local, 2))
    loaded = results.load(local)
    assert names(loaded) == [1, 2, 3] and not loaded.problems
    with pytest.raises(CheckpointError, match=r"seed=2\.safetensors: damaged or"):
        loaded.checkpoints[1].network()
    assert loaded.checkpoints[0].network()
    again = results.load(local)
    assert names(again) == [1, 3]
    (problem,) = again.problems
    assert "seed=2" in problem and "checksum" in problem


def test_a_file_that_is_removed_while_the_explorer_runs_is_named(local):
    loaded = results.load(local)
    file_of(local, 3).unlink()
    with pytest.raises(CheckpointError, match="seed=3"):
        _ = loaded.checkpoints[2].state


def test_a_folder_without_an_index_that_can_be_written_is_read(local, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(index, "write_table", refuse)  # root may write anywhere
    assert names(results.load(local)) == [1, 2, 3]
    assert not (local / index.NAME).exists()


def test_an_index_of_somebody_else_or_a_damaged_one_is_made_anew(local, networks, validated):  # fmt: skip
    content = file_of(local, 1).read_bytes()
    false = index.row(networks[0], content, file_of(local, 1).name) | {"last_acc": 1.0}
    index.write([false], local)  # without times, as on the Hub
    assert results.load(local).checkpoints[0].summary == networks[0].summary
    (local / index.NAME).write_bytes(b"PAR1")
    assert names(results.load(local)) == [1, 2, 3]
    assert len(validated) == 6
    assert names(results.load(local)) == [1, 2, 3]
    assert len(validated) == 6


def test_a_name_that_no_index_can_have_is_read_all_the_same(local):
    file_of(local, 1).rename(local / "a:b.safetensors")
    for _ in range(2):
        loaded = results.load(local)
        assert names(loaded) == [1, 2, 3] and not loaded.problems
        assert loaded.checkpoints[0].history


def test_what_is_no_readable_file_is_named(local):
    os.mkfifo(local / "pipe.safetensors")
    Path(os.fsdecode(bytes(local) + b"/\xff.safetensors")).write_bytes(b"x")
    with open(local / "large.safetensors", "wb") as large:
        large.truncate(checkpoint.MAX_BYTES + 1)
    networks, problems = listing.read(local)
    assert networks
    for said in ("pipe.safetensors: not a file", "not UTF-8", "large.safetensors: larger than 20,000,000"):  # fmt: skip
        assert any(said in one for one in problems), said


def test_all_files_of_a_revision_without_the_later_columns_are_read(local, networks):
    paths = sorted(path.name for path in local.iterdir())
    read, problems = listing.read_all(local, [*paths, "absent.safetensors"])
    assert [network.trial for network in read] == [one.trial for one in networks]
    assert len(problems) == 1 and problems[0].startswith("absent")
    assert not (local / index.NAME).exists()
