"""What several test files share: real digits, and networks trained for a moment."""

from dataclasses import replace

import pytest
import torch

import app
from explorer import results
from train import checkpoint, loop
from train.data import Mnist, load
from train.model import Network
from train.study import Trial


def pytest_configure(config):
    """Unpacks MNIST once, before several processes test at once."""
    if not hasattr(config, "workerinput"):
        load()


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


@pytest.fixture(scope="session")
def invent(mnist):
    """Makes a finished trial up: which test images it misses, and any of its rows and figures changed."""
    labels = mnist.test.labels.numpy()

    def make(
        trial: Trial, missed, gap: float = 0.0, **changes
    ) -> checkpoint.Checkpoint:
        digits, missed = labels.copy(), list(missed)
        digits[missed] = (digits[missed] + 1) % 10
        state = (
            Network(trial)
            .initialise(torch.Generator().manual_seed(trial.seed))
            .state_dict()
        )
        accuracy = float((digits == labels).mean())
        history = [
            {
                "epoch": epoch,
                "lr": trial.lr_at(epoch),
                "train_loss": 0.1 + 0.01 * (epoch % 3),
                "train_acc": accuracy,
                "test_loss": 0.1 + 0.02 * (epoch % 3),
                "test_acc": accuracy,
                "seconds": 1.0,
                **loop.weight_sums(state),
                **{key: values[epoch - 1] for key, values in changes.items()},
            }
            for epoch in range(1, trial.epochs + 1)
        ]
        summary = {
            "last": {"epoch": trial.epochs, "test_acc": accuracy, "test_loss": 0.1},
            "best": {"epoch": 1, "test_acc": max(row["test_acc"] for row in history)},
            "clean_train_acc": accuracy + gap,
            "clean_train_loss": 0.1,
            "test_nll": 0.1,
            "reliability": dict.fromkeys(("count", "confidence", "correct"), [0] * 15),
            "calibration_error": 0.0,
            "diverged": None,
        }
        text = "".join(map(str, digits))
        return checkpoint.Checkpoint(trial, state, history, text, summary, "invented")

    return make
