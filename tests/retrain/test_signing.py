"""Signatures: the files that this explorer signed are recognised, and those that were changed since, or signed by another, are not."""

import json
import os
import stat
from dataclasses import replace

import pytest
import safetensors.torch

from explorer.retrain import signing
from train import checkpoint


@pytest.fixture(autouse=True)
def fresh_key():
    signing._found.cache_clear()
    yield
    signing._found.cache_clear()


def with_checksum(network, header: dict) -> bytes:
    """A file with the header of another and a right checksum, as whoever changes a file would write it."""
    header = header | {"sha256": checkpoint._digest(network.state, header)}
    return safetensors.torch.save(network.state, header)


def is_recognised(content: bytes) -> bool:
    checkpoint.from_bytes(content, "file")  # whole and valid
    return signing.is_signed(content)


def test_a_signed_file_is_a_checkpoint_and_is_recognised(trained):
    for network in trained:
        content = signing.signed(network)
        assert is_recognised(content)
        assert checkpoint.from_bytes(content, "file").trial == network.trial
        assert not is_recognised(checkpoint.to_bytes(network))


def test_a_changed_weight_or_figure_or_another_key_is_not_recognised(
    trained, monkeypatch
):
    network = trained[0]
    content = signing.signed(network)
    header = checkpoint.header_of(content)
    assert is_recognised(with_checksum(network, header))  # unchanged
    name = "head.weight"
    weight = network.state[name].clone()
    weight[0, 0] += 1e-6
    assert not is_recognised(
        with_checksum(replace(network, state=network.state | {name: weight}), header)
    )
    summary = network.summary | {"test_nll": network.summary["test_nll"] + 0.001}
    for changes in (
        {"summary": json.dumps(summary)},
        {"engine": "another"},
        {"versions": json.dumps({"python": "3.12.0", "torch": "2.8"})},
        {"signature": ""},
        {"signature": "\u00e9" + header["signature"][1:]},
    ):
        assert not is_recognised(with_checksum(network, header | changes))
    monkeypatch.setenv(signing.VARIABLE, "another key")
    signing._found.cache_clear()
    assert not is_recognised(content)


def test_without_a_variable_the_key_is_kept_in_a_file_of_the_user(
    monkeypatch, tmp_path, caplog
):
    monkeypatch.delenv(signing.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept = signing.key()
    (file,) = tmp_path.rglob("*.key")
    assert list(file.parent.iterdir()) == [file]
    assert file.read_bytes() == kept and len(kept) == 32
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    signing._found.cache_clear()  # a restart
    assert signing.key() == kept
    signing._write(file, bytes(32))  # by another process, too late
    assert file.read_bytes() == kept
    assert not caplog.records
    for damage in (lambda: file.chmod(0o644), lambda: file.write_bytes(b"short")):
        damage()
        signing._found.cache_clear()
        assert signing.key() != kept  # of this process only
        assert signing.VARIABLE in caplog.text
        caplog.clear()
        file.chmod(0o600)
