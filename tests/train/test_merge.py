"""Merge of shards: what is copied, what is left out and why, and the index."""

import shutil
from dataclasses import replace

import pytest

from train import checkpoint, index
from train.all import main
from train.merge import merge, write_index
from train.study import Trial


@pytest.fixture
def shards(networks, tmp_path):
    """Two folders: one has the first network, a subfolder of the other the rest."""
    first, second = tmp_path / "first", tmp_path / "second" / "deeper"
    for folder, content in ((first, networks[:1]), (second, networks[1:])):
        folder.mkdir(parents=True)
        for network in content:
            checkpoint.save(network, folder)
    return first, second.parent


@pytest.fixture
def out(tmp_path):
    path = tmp_path / "out"
    path.mkdir()
    return path


def test_shards_are_gathered_byte_for_byte_and_indexed(shards, out, networks):
    merged = merge(shards, out)
    assert (merged.added, merged.there, merged.problems) == (3, 0, [])
    for path in (path for folder in shards for path in folder.rglob("*.safetensors")):
        assert (out / path.name).read_bytes() == path.read_bytes()
    assert write_index(out) == (3, [])
    rows = index.read(out / index.NAME).to_pylist()
    assert [row["name"] for row in rows] == [network.name for network in networks]
    assert merge(shards, out).there == 3


def test_a_network_that_was_trained_twice_stays_as_it_is(shards, out, networks):
    slower = [row | {"seconds": 9.0} for row in networks[0].history]
    path = checkpoint.save(replace(networks[0], history=slower), out)
    content = path.read_bytes()
    merged = merge(shards, out)
    assert (merged.added, merged.there, merged.problems) == (2, 1, [])
    assert path.read_bytes() == content


def test_damaged_and_contradicting_files_are_left_out_and_the_rest_is_gathered(
    shards, out, networks, invent
):
    state = {name: 2 * values for name, values in networks[0].state.items()}
    path = checkpoint.save(replace(networks[0], state=state, engine="other"), out)
    content = path.read_bytes()
    damaged = checkpoint.path_of(networks[1].trial, shards[1] / "deeper")
    damaged.write_bytes(damaged.read_bytes()[:1000])
    named = invent(Trial("BN", 0.0, 0.0, 16), range(9))
    shutil.copy(checkpoint.save(named, shards[0]), shards[0] / "a.safetensors")
    (shards[0] / f".{named.name}.safetensors.1.partial").write_bytes(b"half")
    merged = merge(shards, out)
    assert merged.added == 2  # `named`, and the last of `networks`
    reasons = "another network than in out", "holds another trial", "not a whole"
    for problem, reason in zip(merged.problems, reasons, strict=True):
        assert reason in problem and "\n" not in problem
    assert path.read_bytes() == content
    assert write_index(out) == (3, [])


def test_a_damaged_file_of_the_folder_is_replaced(shards, out, networks):
    path = checkpoint.path_of(networks[0].trial, out)
    path.write_bytes(b"damaged")
    (out / "foreign.safetensors").write_bytes(b"foreign")
    assert merge(shards, out).added == 3
    assert path.read_bytes() == (shards[0] / path.name).read_bytes()
    count, problems = write_index(out)
    assert count == 3 and "foreign" in problems[0]


def test_the_command_merges_and_says_what_is_still_missing(shards, out, said):
    chosen = ["--study", "grid", "--only", "GN_l1=0_l2=0_batch=16_", "--out", str(out)]
    assert main([*chosen, "--merge", *map(str, shards)]) == 0
    assert said == [
        "3 networks added, 0 were there, 0 left out; the index has 3",
        "3 exist, 7 missing",
    ]
    (shards[0] / "a.safetensors").write_bytes(b"damaged")
    assert main([*chosen, "--merge", *map(str, shards)]) == 1


def test_a_folder_that_does_not_exist_ends_with_2_and_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--merge", str(tmp_path / "absent"), "--out", str(tmp_path)])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "absent" in error and error.count("\n") == 1
