"""Fixtures: a served explorer of tiny networks, and a client of its endpoints."""

import pytest
from gradio_client import Client


@pytest.fixture(scope="session")
def explorer(serve, folder):
    return serve(folder)


@pytest.fixture(scope="session")
def client(explorer):
    return Client(explorer.local_url, verbose=False)
