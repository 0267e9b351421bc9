"""What several test files share: real digits, and networks trained for a moment."""

from dataclasses import replace

import pytest
import torch

import app
from explorer import results
from train import checkpoint, loop
from train.data import Mnist, load
from train.study import Trial

TINY = Trial("GN", 0.0, 0.0, 32, epochs=2, train_images=96)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    return load()


@pytest.fixture(scope="session")
def tiny() -> Trial:
    """A trial that trains in seconds; its test pass takes most of them."""
    return TINY


@pytest.fixture(scope="session")
def trained(mnist, tiny) -> list[checkpoint.Checkpoint]:
    """A trained trial of each norm, with and without penalties."""
    trials = [
        tiny,
        replace(tiny, norm="BN", l1=1e-4, l2=4e-4),
        replace(tiny, norm="LN", l2=1e-3),
    ]
    return [loop.finish(loop.train(trial, mnist)) for trial in trials]


@pytest.fixture(scope="session")
def folder(trained, tmp_path_factory):
    """A folder with the checkpoints of `trained`; tests that change it copy it first."""
    path = tmp_path_factory.mktemp("checkpoints")
    for found in trained:
        checkpoint.save(found, path)
    return path


@pytest.fixture(scope="session")
def serve():
    """Serves the explorer of a folder as visitors get it, on a free port: `.local_url`."""
    started = []

    def start(folder=checkpoint.FOLDER):
        started.append(app.build(results.load(folder)))
        started[-1].launch(prevent_thread_lock=True, quiet=True, **app.SETTINGS)
        return started[-1]

    yield start
    for blocks in started:
        blocks.close()
