"""Index of checkpoints: its rows, their order, and files that are none."""

from dataclasses import fields, replace
from hashlib import sha256

import pyarrow as pa
import pytest
from pyarrow import parquet

from train import checkpoint, index
from train.index import IndexFileError
from train.study import Trial


@pytest.fixture
def network(invent):
    return invent(Trial("BN", 1e-4, 0.0, 16, lr=0.1, seed=7), range(50))


@pytest.fixture
def content(network):
    return checkpoint.to_bytes(network)


@pytest.fixture
def row(network, content):
    return index.row(network, content, "a/b.safetensors")


def test_a_row_has_what_the_header_has(network, content, row, tmp_path):
    table = index.read(index.write([row], tmp_path))
    (read,) = table.to_pylist()
    assert read == row
    assert table.schema.equals(index.SCHEMA, check_metadata=True)
    trial = {field.name: read[field.name] for field in fields(Trial)}
    assert Trial.from_dict(trial) == network.trial
    assert (read["name"], read["config"]) == (network.name, network.trial.config)
    assert (read["data_set"], read["test_set"]) == ("MNIST", "MNIST test")
    assert (read["format"], read["engine"]) == (checkpoint.FORMAT, "invented")
    summary = network.summary
    assert (read["last_acc"], read["last_loss"]) == (0.995, 0.1)
    assert (read["best_epoch"], read["best_acc"]) == (1, 0.995)
    assert read["calibration_error"] == summary["calibration_error"]
    assert (read["size"], read["sha256"]) == (len(content), sha256(content).hexdigest())


def test_a_network_that_diverged_has_no_best_epoch(network, content, tmp_path):
    summary = network.summary | {"best": None, "diverged": 1}
    row = index.row(replace(network, summary=summary), content, "a.safetensors")
    (read,) = index.read(index.write([row], tmp_path)).to_pylist()
    assert (read["best_epoch"], read["best_acc"], read["diverged"]) == (None, None, 1)


def test_equal_rows_give_equal_bytes_in_any_order(row, tmp_path):
    rows = [row | {"path": f"{name}.safetensors"} for name in "abc"]
    first = index.write(rows, tmp_path).read_bytes()
    assert index.write(rows[::-1], tmp_path).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [index.NAME]


def test_further_columns_are_ignored_and_a_missing_one_is_named(row, tmp_path):
    path = index.write([row], tmp_path)
    table = parquet.read_table(path)
    parquet.write_table(table.append_column("further", pa.array([1])), path)
    assert index.read(path).to_pylist() == [row]
    parquet.write_table(table.drop_columns(["sha256"]), path)
    with pytest.raises(IndexFileError, match="sha256"):
        index.read(path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_file_that_is_no_index_gets_a_sentence(content, tmp_path):
    path = tmp_path / index.NAME
    path.write_bytes(content)
    with pytest.raises(IndexFileError, match=index.NAME) as error:
        index.read(path)
    assert "\n" not in str(error.value)
    with pytest.raises(IndexFileError):
        index.read(tmp_path / "absent")


@pytest.mark.parametrize(
    "path",
    ["../a.safetensors", "/a.safetensors", "a/../../b.safetensors", "a/.b.safetensors", "a", "a//b.safetensors", "C:\\b.safetensors", "a\0.safetensors"],
)  # fmt: skip
def test_a_path_stays_in_the_folder(row, path, tmp_path):
    with pytest.raises(IndexFileError, match="leads out"):
        index.read(index.write([row | {"path": path}], tmp_path))
    with pytest.raises(IndexFileError, match="the same path"):
        index.read(index.write([row, row], tmp_path))


def test_an_index_of_the_first_format_lacks_what_may_be_null(row, tmp_path):
    path = index.write([row], tmp_path)
    added = ["modified", *(f"{index.BINS}{key}" for key in index.QUANTITIES)]
    parquet.write_table(parquet.read_table(path).drop_columns(added), path)
    (read,) = index.read(path).to_pylist()
    assert read == row | dict.fromkeys(added)
