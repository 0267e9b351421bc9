"""The page and static files: kept for what they depend on, compressed, and not sent twice."""

import brotli
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.web import compressed
from explorer.web.compressed import Compressed


@pytest.fixture
def rendered():
    return []


@pytest.fixture
def client(rendered):
    def page(request):
        rendered.append(str(request.url))
        if request.headers["host"] == "broken":
            return HTMLResponse("It failed.", 500)
        return HTMLResponse(f"<p>{request.url} {'digit ' * 500}")

    def file(request):
        rendered.append(str(request.url))
        if request.path_params["name"] == "weights":
            return Response(bytes(5000), media_type="application/octet-stream")
        if request.path_params["name"] == "missing.js":
            return PlainTextResponse("There is none.", 404)
        kept = {"cache-control": "immutable"}
        parts = iter(["let it = 1;"] * 500)
        return StreamingResponse(parts, media_type="text/javascript", headers=kept)

    routes = [Route("/", page), Route("/visit", page, methods=["GET", "POST"])]
    routes += [Route("/files/{name}", file)]
    kept = [Middleware(Compressed, first="draw")]
    return TestClient(Starlette(routes=routes, middleware=kept))


def test_a_page_is_rendered_once_for_each_tab_and_host_and_encoding(client, rendered):
    for _ in range(3):
        for query in ("", "?tab=draw", "?tab=draw&deep_link=x&page=y"):
            assert "?tab=draw" in client.get(f"/{query}").text
        assert "?tab=another" in client.get("/?tab=curves&norm=BN").text
    assert len(rendered) == 2
    client.get("/", headers={"host": "explorer.example"})
    client.get("/", headers={"accept-encoding": "identity"})
    assert len(rendered) == 4


def test_a_page_is_compressed_as_its_browser_takes_it(client):
    for accepted, code in {"gzip, br": "br", "gzip": "gzip", "identity": None}.items():
        page = client.get("/", headers={"accept-encoding": accepted})
        assert page.headers.get("content-encoding") == code
        assert page.headers["vary"] == "accept-encoding"
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.text.startswith("<p>http://testserver/")


def test_a_file_is_read_once_whatever_its_query_and_keeps_its_headers(client, rendered):
    with client.stream("GET", "/files/first.js", headers={"accept-encoding": "br"}) as sent:  # fmt: skip
        packed = b"".join(sent.iter_raw())
    assert brotli.decompress(packed) == b"let it = 1;" * 500
    again = client.get("/files/first.js?v=2", headers={"accept-encoding": "br"})
    assert again.headers["cache-control"] == "immutable" and len(rendered) == 1
    weights = client.get("/files/weights")
    assert "content-encoding" not in weights.headers and weights.content == bytes(5000)


def test_a_file_for_who_takes_no_compression_is_not_kept(client, rendered):
    for _ in range(2):
        client.get("/files/a.js", headers={"accept-encoding": "identity"})
    assert len(rendered) == 2


def test_a_browser_that_has_the_page_gets_none(client):
    page = client.get("/")
    assert page.headers["cache-control"] == "no-cache"
    known = {"if-none-match": page.headers["etag"]}
    again = client.get("/", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/?tab=curves", headers=known).status_code == 200
    assert client.head("/").content == b""


def test_failures_ranges_and_other_routes_are_not_kept(client, rendered):
    for _ in range(2):
        assert client.get("/", headers={"host": "broken"}).status_code == 500
        assert client.get("/files/missing.js").status_code == 404
        client.get("/files/first.js", headers={"range": "bytes=0-9"})
        client.post("/visit")
        client.get("/visit")
    assert len(rendered) == 14  # a failure is asked once more, as it was asked


def test_no_crowd_of_host_names_takes_more_memory(client, rendered, monkeypatch):
    size = len(client.get("/", headers={"accept-encoding": "identity"}).content)
    monkeypatch.setattr(compressed, "MOST_BYTES", 3 * size)
    asked = {"accept-encoding": "identity"}
    for number in [*range(5), 4, 0]:
        client.get("/", headers={"host": f"test{number}.server", **asked})
    assert len(rendered) == 7
