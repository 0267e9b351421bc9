"""Fixtures that several test files share: MNIST, and networks after a very short training."""

import os
import secrets
import socket
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from filelock import FileLock

from explorer.retrain import signing
from explorer.retrain.jobs import JOBS
from explorer.runs import results
from tests.awaiting import end
from train import checkpoint, engines, loop, show
from train.data import Mnist, load
from train.model import Network
from train.norms import BY_KEY
from train.study import Trial

FOLDER = Path(__file__).parent


def pytest_configure(config):
    """Unpacks MNIST once, before the test processes start; no test signs with the user's own key."""
    os.environ[signing.VARIABLE] = "a key of the tests"
    if not hasattr(config, "workerinput"):
        load()


# These long files start first and in this order, so that no process is still running one after all others have ended.
LONGEST = (
    "train/cpu/test_positions.py",
    "browser/test_links.py",
    "browser/test_retrain.py",
    "train/test_all.py",
    "browser/test_tabs.py",
)


# Tests that train: the kernels are compiled before them, by one process while the others test.
TRAINING = ("app/", "retrain/", "train/", "browser/test_retrain.py")
OWN_BUILDS = "train/cpu/test_positions.py"


def pytest_collection_modifyitems(items):
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    paths = {item: item.path.relative_to(FOLDER).as_posix() for item in items}
    for item, path in paths.items():
        if path.startswith(TRAINING) and path != OWN_BUILDS:
            item.fixturenames.insert(0, "kernels")
    items.sort(key=lambda item: ranks.get(paths[item], len(ranks)))


@pytest.fixture(scope="session")
def kernels(tmp_path_factory) -> str:
    """Device of the fast engine, its kernels compiled once for all test processes."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with FileLock(shared / "kernels.lock"):
        return engines.prepare("cpu")[0]


TINY = Trial("GN", 0.0, 0.0, 32, epochs=2, train_images=96)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def trainings_end():
    """Ends the trainings of a test, for which the next test of the process would have to wait."""
    yield
    end(JOBS)


@pytest.fixture
def new_secret():
    """Draws the secret of a page that no other test of the process uses."""
    return lambda: secrets.token_hex(16)


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    return load()


@pytest.fixture(scope="session")
def few(mnist) -> Mnist:
    """A few digits for tests that do not depend on accuracy: PyTorch takes seconds to evaluate all 10,000."""
    return Mnist(mnist.train.first(600), mnist.test.first(300))


@pytest.fixture(scope="session")
def tiny() -> Trial:
    """A trial that trains in less than a second."""
    return TINY


@pytest.fixture(scope="session")
def trained(mnist, tiny, kernels) -> list[checkpoint.Checkpoint]:
    """Checkpoints of a trial of each norm, with and without penalties, by the engine that trains visitors' networks."""
    trials = [
        tiny,
        replace(tiny, norm="BN", l1=1e-4, l2=4e-4),
        replace(tiny, norm="LN", l2=1e-3),
    ]
    return [
        loop.finish(loop.run(trial, mnist, engines.learner(trial, mnist, kernels)))
        for trial in trials
    ]


@pytest.fixture(scope="session")
def folder(trained, tmp_path_factory):
    """Folder with the checkpoints of `trained`; tests that change files copy it first."""
    path = tmp_path_factory.mktemp("checkpoints")
    for network in trained:
        checkpoint.save(network, path)
    return path


@pytest.fixture(scope="session")
def committed() -> results.Results:
    """The committed checkpoints."""
    return results.load()


@pytest.fixture(scope="session")
def serve(request):
    """Function that serves the explorer of a folder, or of the committed checkpoints, on a free port; returns its Blocks.

    `head` is put before what the page loads.
    """
    import app  # imported here: Gradio takes seconds, and few tests serve the app

    started = []

    def start(folder=None, head=""):
        committed = request.getfixturevalue("committed")
        started.append(app.build(results.load(folder) if folder else committed))
        # Gradio's own search may give the same port to two processes.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = app.SETTINGS | {
            "head": head + app.SETTINGS["head"],
            "app_kwargs": {**app.SETTINGS["app_kwargs"]},  # Gradio adds to it for MCP
        }
        started[-1].launch(
            prevent_thread_lock=True, quiet=True, server_port=port, **settings
        )
        return started[-1]

    yield start
    for blocks in started:
        blocks.close()


@pytest.fixture
def stopped_clock(monkeypatch):
    """Function that replaces the clock of a module by one that shows its attribute `now`."""

    def stop(module) -> SimpleNamespace:
        clock = SimpleNamespace(now=1000.0)
        clock.monotonic = lambda: clock.now
        monkeypatch.setattr(module, "time", clock)
        return clock

    return stop


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """Lines of the command line that trains."""
    lines = []
    monkeypatch.setattr(show, "lines", lines.extend)
    return lines


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A local Hub instead of the real one, with LFS's basic transfer, an empty cache, short deadlines, and no delay between retries."""
    from huggingface_hub import constants, file_download

    from tests.hub import TOKEN, Hub

    (tmp_path / "cas").mkdir()
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(file_download, "_ETAG_RETRY_TIMEOUT", 0.2, raising=False)
    with Hub(tmp_path / "cas") as server:
        template = "/{repo_id}/resolve/{revision}/{filename}"
        for name, value in {
            "HF_TOKEN_PATH": str(tmp_path / "no-login"),
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_HUB_DISABLE_XET": True,
            "HF_HUB_ETAG_TIMEOUT": 0.2,
            "HF_HUB_DOWNLOAD_TIMEOUT": 0.2,
            "ENDPOINT": server.address,
            "HUGGINGFACE_CO_URL_TEMPLATE": server.address + template,
        }.items():
            monkeypatch.setattr(constants, name, value)
        yield server
        server.late.set()
        server.shutdown()


@pytest.fixture
def networks(invent):
    """Made-up checkpoints of three seeds of a configuration, with 9,959, 9,958 and 9,957 right answers."""
    return [
        invent(Trial("GN", 0.0, 0.0, 16, seed=seed), range(40 + seed))
        for seed in (1, 2, 3)
    ]


@pytest.fixture
def local(networks, tmp_path):
    """Folder with the files of `networks`."""
    folder = tmp_path / "local"
    folder.mkdir()
    for network in networks:
        checkpoint.save(network, folder)
    return folder


@cache
def weights(norm: str, seed: int) -> tuple[dict, dict]:
    """Initial state dict, and its `weight_sums`."""
    network = Network(Trial(norm, 0.0, 0.0, 1))
    network.initialise(torch.Generator().manual_seed(seed))
    return network.state_dict(), loop.weight_sums(network.state_dict())


@pytest.fixture(scope="session")
def one_of_each(invent) -> list[checkpoint.Checkpoint]:
    """Made-up checkpoint of every norm, whose weights, gains, biases and averages are random."""
    generator = torch.Generator().manual_seed(3)
    networks = []
    for norm in BY_KEY:
        network = invent(Trial(norm, 0.0, 0.0, 16), [])
        state = {name: values.clone() for name, values in network.state.items()}
        for name, values in state.items():
            if "norm" in name and values.is_floating_point():
                values.uniform_(0.5, 1.5, generator=generator)
        networks.append(replace(network, state=state))
    return networks


@pytest.fixture(scope="session")
def invent(mnist):
    """Function that makes up a checkpoint of a trial, from the test images that it misclassifies and changes to its history."""
    labels = mnist.test.labels.numpy()

    def make(
        trial: Trial, missed, gap: float = 0.0, **changes
    ) -> checkpoint.Checkpoint:
        digits, missed = labels.copy(), list(missed)
        digits[missed] = (digits[missed] + 1) % 10
        state, sums = weights(trial.norm, trial.seed)
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
                **sums,
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
