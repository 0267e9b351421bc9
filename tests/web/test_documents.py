"""Documents of the project as pages."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.web import documents
from explorer.web.guard import USED


@pytest.fixture(scope="module")
def client():
    return TestClient(Starlette(routes=documents.ROUTES))


def test_every_document_is_served_and_its_route_is_open(client):
    assert {documents.REPORT, documents.PROTOCOL, documents.CITATION} <= {
        *documents.served()
    }
    for path in documents.served():
        assert client.get(f"/{path}").status_code == 200
        assert USED.fullmatch(f"/{path}")
    assert client.get("/docs/none.md").status_code == 404
    assert client.get("/docs/..%2Fapp.py").status_code == 404


def test_links_of_the_report_lead_to_headings_and_files_that_are_there(client):
    text = client.get(f"/{documents.REPORT}").text
    anchors = set(re.findall(r' id="([^"]+)"', text))
    links = re.findall(r'(?:href|src)="([^"]+)"', text)
    inner = [link[1:] for link in links if link.startswith("#")]
    assert inner and set(inner) <= anchors
    files = {link.partition("#")[0] for link in links if not link.startswith("#")}
    assert files - {"./"} and files - {"./"} <= {*documents.served()}
    assert "<table>" in text
