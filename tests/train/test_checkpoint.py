"""Checkpoints: the round trip, and every kind of damaged, foreign or changed file."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from train import checkpoint
from train.checkpoint import CheckpointError
from train.model import Network


@pytest.fixture
def path(trained, tmp_path):
    return checkpoint.save(trained[1], tmp_path)


def header(path) -> dict:
    with safe_open(path, framework="pt") as file:
        return file.metadata()


def rewrite(path, tensors=None, **changes):
    """Rewrites a file with other tensors and header entries; None drops an entry."""
    entries = {**header(path), **changes}
    save_file(
        tensors or load_file(path),
        path,
        {key: value for key, value in entries.items() if value is not None},
    )


def refused(path) -> str:
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    message = str(error.value)
    assert path.name in message and "\n" not in message
    return message


def test_a_loaded_checkpoint_equals_the_saved_one(path, trained):
    loaded = checkpoint.load(path)
    assert vars(loaded) | {"state": None} == vars(trained[1]) | {"state": None}
    assert all(
        torch.equal(loaded.state[name], value)
        for name, value in trained[1].state.items()
    )


def test_a_loaded_checkpoint_outlives_its_file(path, trained):
    loaded = checkpoint.load(path)
    os.truncate(path, 0)
    for name, values in trained[1].state.items():
        assert torch.equal(loaded.state[name], values)


def test_the_tensors_are_a_state_dict(path, trained):
    network = Network(trained[1].trial)
    network.load_state_dict(load_file(path), strict=True)


def test_the_header_has_the_entries_of_the_format(path):
    entries = header(path)
    assert set(entries) == {
        "format",
        "trial",
        "history",
        "test_digits",
        "summary",
        "engine",
        "versions",
        "setup",
        "epoch",
        "sha256",
    }
    assert json.loads(entries["setup"]) == {
        "data_set": "MNIST",
        "classes": list("0123456789"),
        "test_set": "MNIST test",
        "blocks": 6,
        "channels": [1, 8, 8, 8, 16, 16, 16],
    }
    assert entries["epoch"] == "2"
    assert len(entries["test_digits"]) == 10_000
    assert len(json.loads(entries["history"])) == 2
    assert entries["engine"] == "numba-winograd"


def test_a_file_of_the_first_format_has_the_recipes_setup(path, trained, tmp_path):
    first = sorted(checkpoint.FOLDER.glob("*.safetensors"))[0]
    assert header(first)["format"] == "mnist-norm-study/1"
    old, new = checkpoint.load(first), checkpoint.load(path)
    assert old.setup == new.setup == checkpoint.Setup()
    assert (old.epoch, new.epoch) == (25, 2)
    again = checkpoint.save(old, tmp_path)
    assert header(again)["format"] == "mnist-norm-study/2"
    loaded = checkpoint.load(again)
    assert vars(loaded) | {"state": None} == vars(old) | {"state": None}
    assert all(torch.equal(loaded.state[name], old.state[name]) for name in old.state)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_set", "Fashion-MNIST"),
        ("classes", ["T-shirt", *"123456789"]),
        ("test_set", 1),
        ("blocks", 6.0),
        ("channels", [1, 4, 4, 8, 8, 16, 16]),
    ],
)
def test_another_setup_is_refused_by_name(path, name, value):
    setup = json.loads(header(path)["setup"]) | {name: value}
    rewrite(path, setup=json.dumps(setup))
    assert f"setup: {name} must be" in refused(path)


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_file_is_refused(path, share):
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    refused(path)


def test_a_flipped_bit_anywhere_is_refused(path):
    whole = path.read_bytes()
    for index in range(100, len(whole), len(whole) // 40):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 4]) + whole[index + 1 :])
        refused(path)


def test_a_foreign_file_is_refused(path):
    save_file({"weight": torch.zeros(3)}, path)
    assert "foreign" in refused(path)
    path.write_text("not a checkpoint")
    refused(path)
    path.unlink()
    path.mkdir()
    refused(path)


def test_tensors_that_are_not_the_networks_are_refused_by_name(path):
    whole = load_file(path)
    name, var = "blocks.2.conv.weight", "blocks.2.norm.running_var"
    for tensors, reason in [
        ({key: value for key, value in whole.items() if key != name}, name),
        ({**whole, "extra": torch.zeros(1)}, "extra"),
        ({**whole, name: whole[name].double()}, "float64"),
        ({**whole, name: whole[name][:4].contiguous()}, "(4, 8, 3, 3)"),
        ({**whole, name: whole[name] * float("nan")}, "not finite"),
        ({**whole, var: -whole[var]}, "below 0"),
    ]:
        rewrite(path, tensors)
        assert reason in refused(path)
        rewrite(path, whole)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"trial": None}, "trial"),
        ({"trial": "{}"}, "trial"),
        ({"trial": "{not json"}, ""),
        ({"history": "[]"}, "history"),
        ({"history": '{"epoch": 1}'}, ""),
        ({"summary": "[]"}, "summary"),
        ({"test_digits": "7" * 9_999}, "test_digits"),
        ({"test_digits": "x" * 10_000}, "test_digits"),
        ({"format": "other/1"}, "foreign"),
        ({"format": "mnist-norm-study/1"}, "unknown epoch, setup"),
        ({"setup": None}, "missing setup"),
        ({"setup": "{}"}, "missing blocks, channels, classes, data_set, test_set"),
        ({"epoch": "1"}, "epoch"),
        ({"extra": "1"}, "extra"),
        ({"engine": "another"}, "checksum"),
        ({"engine": "E" * 20_000}, "engine"),
        ({"versions": "junk"}, "no JSON"),
        ({"summary": "9" * 5000}, "no JSON"),
    ],
)
def test_a_changed_header_is_refused(path, changes, reason):
    rewrite(path, **changes)
    assert reason in refused(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("lr", 1e308), ("l1", 1e6), ("l2", 10**400), ("lr_decay_after", 2**64), ("lr_decay_every", 2**64), ("epochs", 2**64)],
)  # fmt: skip
def test_a_forged_recipe_is_refused(path, name, value):
    trial = json.loads(header(path)["trial"]) | {name: value}
    rewrite(path, trial=json.dumps(trial))
    refused(path)


def test_an_accuracy_that_differs_from_the_summary_is_refused(path):
    history = json.loads(header(path)["history"])
    history[-1]["test_acc"] = 1.0
    rewrite(path, history=json.dumps(history))
    assert "last accuracy" in refused(path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"test_loss": None}, "not a finite number"),
        ({"seconds": "3"}, "not a finite number"),
        ({"square_sums": [1.0] * 12}, "one weight sum for each layer"),
        ({"epoch": 7}, "epochs are not"),
        ({"accuracy": 1.0}, "unknown accuracy"),
        ({"test_acc": 10**400}, ""),
        ({"test_acc": []}, "not a finite number"),
        ({"train_acc": 1.5}, "not a finite number"),
        ({"train_loss": -0.1}, "not a finite number"),
        ({"seconds": 2**64}, "not a finite number"),
        ({"train_loss": 1e300}, "not a finite number"),
        ({"train_loss": [1, 2]}, "not a finite number"),
        ({"square_sums": [-1.0] * 13}, "not a finite number"),
        ({"abs_sums": [[1.0]] * 13}, "not a finite number"),
    ],
)
def test_an_invalid_history_row_is_refused(path, change, reason):
    history = json.loads(header(path)["history"])
    history[0].update(change)
    rewrite(path, history=json.dumps(history))
    assert reason in refused(path)


@pytest.mark.parametrize(
    "change",
    [
        {"last": [1]},
        {"best": "high"},
        {"reliability": {}},
        {"clean_train_acc": "1"},
        {"diverged": "no"},
        {"diverged": []},
        {"stopped": 2},
        {"stopped": -1},
        {"test_nll": []},
        {"clean_train_acc": -5},
        {"last": {"epoch": 2.0, "test_acc": 0.1, "test_loss": 2.0}},
        {"last": {"epoch": 2, "test_acc": 1.5, "test_loss": 2.0}},
        {"stopped": "soon"},
        {"last": {"epoch": "2", "test_acc": 7, "test_loss": 2.0}},  # `best` is right
        {"best": {"epoch": 1, "test_acc": 2**70}},
        {"best": {"epoch": 2**64, "test_acc": 0.1}},
        {"test_nll": 2**64},
        {"test_nll": 1e300},
        {
            "reliability": {
                key: [2**70] * 15 for key in ("count", "confidence", "correct")
            }
        },
        {"diverged": 2**64},
    ],
)
def test_an_invalid_summary_is_refused(path, change):
    summary = json.loads(header(path)["summary"]) | change
    rewrite(path, summary=json.dumps(summary))
    assert "summary" in refused(path) or "stopped" in change


def test_a_stopped_trial_is_saved_under_a_name_of_its_own(trained, tmp_path):
    whole = trained[1]  # of 2 epochs of 3 batches
    stopped = replace(whole, summary=whole.summary | {"stopped": 5})
    path = checkpoint.save(stopped, tmp_path)
    assert path.name == f"{whole.trial.name}_stopped=5.safetensors"
    assert checkpoint.load(path).summary["stopped"] == 5
    assert not checkpoint.path_of(whole.trial, tmp_path).exists()


def test_a_checkpoint_from_bytes_is_validated_like_a_file(path, trained):
    content = path.read_bytes()
    loaded = checkpoint.from_bytes(content, "mine")
    assert (loaded.trial, loaded.history) == (trained[1].trial, trained[1].history)
    again = checkpoint.from_bytes(checkpoint.to_bytes(loaded), "again")
    assert all(
        torch.equal(again.state[name], value)
        for name, value in trained[1].state.items()
    )
    with pytest.raises(CheckpointError, match=r"^\.\./mine: not a whole"):
        checkpoint.from_bytes(content[:-1], "../mine")
    with pytest.raises(CheckpointError, match="^mine: not a whole"):
        checkpoint.from_bytes(b"", "mine")


def test_changed_weights_are_refused(path):
    tensors = load_file(path)
    tensors["head.weight"][0] += 0.01
    rewrite(path, tensors)
    assert "checksum" in refused(path)


def test_an_incomplete_checkpoint_is_not_saved(trained, tmp_path):
    state = {
        name: value for name, value in trained[0].state.items() if name != "head.weight"
    }
    with pytest.raises(ValueError, match=r"head\.weight"):
        checkpoint.save(replace(trained[0], state=state), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_kill_at_any_moment_leaves_no_file_or_a_whole_one(path, tmp_path):
    source = shutil.copy(path, tmp_path / "source")
    path.unlink()
    program = (
        "import sys; from train import checkpoint\n"
        "loaded = checkpoint.load(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "while True: checkpoint.save(loaded, sys.argv[2])\n"
    )
    for delay in (0.0, 0.01, 0.023, 0.05):
        with subprocess.Popen(
            [sys.executable, "-c", program, source, tmp_path], stdout=subprocess.PIPE
        ) as process:
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        if path.exists():
            checkpoint.load(path)
    checkpoint.remove_partial(tmp_path, older_than=time.time() + 60)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"source", path.name}


def test_only_old_partial_files_are_removed(tmp_path):
    old, new, other = (
        tmp_path / name
        for name in (".a.safetensors.1.partial", ".b.safetensors.2.partial", "notes")
    )
    for file in (old, new, other):
        file.write_text("")
    os.utime(old, (0, 0))
    checkpoint.remove_partial(tmp_path, older_than=1000)
    assert not old.exists() and new.exists() and other.exists()
