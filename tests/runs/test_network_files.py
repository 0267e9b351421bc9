"""Files of the trained networks: what is served, and that TorchScript reads as the network does."""

import io
import warnings

import pytest
import torch
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.runs import network_files, results
from explorer.web import project
from explorer.web.guard import USED
from train.data import normalise
from train.data_sets import MNIST_PIXELS


@pytest.fixture
def client(committed):
    return TestClient(Starlette(routes=network_files.routes(committed)))


def test_a_checkpoint_is_served_as_it_was_committed(client, committed):
    name = committed.checkpoints[0].name
    address = f"/networks/{name}.safetensors"
    answer = client.get(address)
    assert answer.content == (committed.folder / f"{name}.safetensors").read_bytes()
    assert f'filename="{name}.safetensors"' in answer.headers["content-disposition"]
    assert USED.fullmatch(address)


@pytest.mark.parametrize("norm", ["BN", "GN", "LN"])
def test_torchscript_reads_digits_as_the_network_does(client, committed, norm):
    checkpoint = next(one for one in committed.checkpoints if one.trial.norm == norm)
    content = client.get(f"/networks/{checkpoint.name}.pt").content
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch deprecates TorchScript
        whole = torch.jit.load(io.BytesIO(content))
    images = results.test_split().images[:100]
    expected = checkpoint.network()(normalise(images, MNIST_PIXELS))
    torch.testing.assert_close(whole(images), expected)


@pytest.mark.parametrize(
    "name", ["none.safetensors", "none.pt", "..%2Fapp.py", "%2e%2e%2fapp.pt"]
)
def test_nothing_else_is_served(client, name):
    assert client.get(f"/networks/{name}").status_code == 404


def test_the_source_is_the_space_or_the_url_of_the_project(monkeypatch, tmp_path):
    def source():
        project.source.cache_clear()
        return project.source()

    monkeypatch.setenv("SPACE_ID", "owner/name")
    assert source() == "https://huggingface.co/spaces/owner/name"
    monkeypatch.delenv("SPACE_ID")
    path = tmp_path / "pyproject.toml"
    monkeypatch.setattr(project, "PYPROJECT", path)
    assert source() == ""
    path.write_text('[project]\nurls = { Homepage = "https://a.org/b" }')
    assert source() == "https://a.org/b"
    project.source.cache_clear()
