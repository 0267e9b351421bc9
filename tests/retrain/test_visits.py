"""Files that a page loads or hands back: those that this explorer signed are told apart, and bad ones are refused."""

import base64

import pytest

from explorer.retrain import signing, visits
from train import checkpoint
from train.checkpoint import CheckpointError


def test_a_loaded_file_is_told_apart(trained):
    network = trained[1]
    for content, expected in (
        (signing.signed(network), True),
        (checkpoint.to_bytes(network), False),
    ):
        encoded = base64.b64encode(content).decode()
        assert visits.loaded("mine.safetensors", encoded)[1] is expected


def test_a_file_that_is_too_large_or_damaged_is_refused_by_its_name():
    large = "A" * (visits.MAX_FILE_BYTES * 4 // 3 + 4)
    for content, reason in ((large, "larger than 150,000 bytes"), ("?", "damaged")):
        with pytest.raises(CheckpointError, match=f"mine.safetensors: .*{reason}"):
            visits.loaded("mine.safetensors", content)
