"""The guard: open and closed routes, the limit of a body, and headers."""

import asyncio
import re
from pathlib import Path

import gradio.routes
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.digits.decoding import MAX_URI
from explorer.web import guard
from explorer.web.guard import MAX_BODY, TOO_LARGE, Guard
from tests.awaiting import awaited


async def echo(request):
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client():
    routes = [Route("/{path:path}", echo, methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Guard)]))


def test_a_body_passes_up_to_the_limit(client):
    assert client.post("/gradio_api/queue/join", content=b"x" * MAX_BODY).text == str(
        MAX_BODY
    )
    assert client.get("/").text == "0"


def test_a_larger_body_is_refused_whatever_its_content_length(client):
    assert client.post("/config", content=b"x" * (MAX_BODY + 1)).status_code == 413
    chunks = (b"x" * 1000 for _ in range(MAX_BODY // 1000 + 1))
    assert client.post("/config", content=chunks).status_code == 413
    assert (
        client.post(
            "/config", content=b"x", headers={"content-length": "many"}
        ).status_code
        == 413
    )


def test_only_files_that_are_named_by_their_contents_are_kept(client):
    for path, is_kept in {
        "/assets/index-DphvyggB.js": True,
        "/assets/Index-Akn07EZk2.js": True,
        "/assets/core-DonAqEks.css": True,
        "/assets/logo.svg": False,
        "/": False,
        "/theme.css": False,
    }.items():
        kept = "immutable" in client.get(path).headers.get("cache-control", "")
        assert kept == is_kept, path


OPEN = (
    "/",
    "/config",
    "/theme.css",
    "/assets/index.js",
    "/static/img/logo.svg",
    "/gradio_api/info",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data?session_hash=x",
    "/gradio_api/run/predict",
    "/gradio_api/component_server",
    "/gradio_api/component_server/",
    "/gradio_api/heartbeat/abc",
    "/pwa_icon",
    "/gradio_api/call/predict",
    "/gradio_api/call/v2/predict/1",
    "/gradio_api/cancel",
    "/gradio%5Fapi/info",  # an encoded character leads to the same route
)
SHUT = (
    "/gradio_api/upload",
    "/gradio%5Fapi/uploa%64",
    "/gradio_api/upload_progress",
    "/gradio_api/file=http://127.0.0.1/",
    "/gradio_api/file=https%3A//example.org/",
    "/gradio_api/file/http://example.org/",
    "/gradio_api/proxy=http://example.org/",
    "/gradio_api/deep_link?session_hash=x",
    "/gradio_api/dev/reload",
    "/gradio_api/run/retrain",
    "/gradio_api/api/predict",
    "/run/predict",
    "/gradio_api/monitoring/summary",
    "/gradio_api/process_recording",
    "/gradio_api/vibe-edit",
    "/gradio_api/runs",
    "/gradio_api/gradio_api/upload",
    "/gradio_api//upload",
    "/monitoring",
    "/monitoring/summary",
    "/openapi.json",
    "/docs",
    "/login",
    "/upload",
    "/file=http://example.org/",
    "/svelte/index.js",
    "/static/ffmpeg/ffmpeg-core.wasm",
    "/assets/PlotlyPlot-D9Pvz5DK.js",
    "/assets/x/%2E%2E/index.js",
    "/assets/%2E/index.js",
    "/assets//index.js",
    "/pwa_icon/512",
    f"/gradio_api/heartbeat/{'x' * 65}",
)


@pytest.mark.parametrize("root", ["", "/mnist", "/mnist/mnist"])
def test_routes_are_open_by_name_and_all_others_closed(root):
    routes = [Route("/{path:path}", echo, methods=["GET"])]
    app = Starlette(routes=routes, middleware=[Middleware(Guard)])
    client = TestClient(app, root_path=root)
    for prefix in dict.fromkeys(("", root)):
        assert [client.get(prefix + path).status_code for path in OPEN] == [200] * len(
            OPEN
        )
    for prefix in ("", "/mnist", "/mnist/mnist", "/mnist/mnist/mnist"):
        for path in SHUT:
            refused = client.get(prefix + path)
            assert refused.status_code == 404, prefix + path
            assert refused.text == "There is nothing at this address."


def test_every_route_of_the_installed_gradio_is_known():
    """Fails where an update of Gradio adds a route: somebody has to decide whether the explorer uses it."""
    source = Path(gradio.routes.__file__).read_text("utf-8")
    routes = set(re.findall(r'@(?:app|router)\.[a-z]+\(\s*f?"(/[^"]*)"', source))
    assert {path.rstrip("/") or "/" for path in routes} == KNOWN


KNOWN = {
    "/",
    "/api/{api_name}",
    "/app_id",
    "/assets/{path:path}",
    "/call/v2/{api_name}",
    "/call/v2/{api_name}/{event_id}",
    "/call/{api_name}",
    "/call/{api_name}/{event_id}",
    "/cancel",
    "/component_server",
    "/config",
    "/custom_component/{id}/{environment}/{type}/{file_name}",
    "/dev/reload",
    "/favicon.ico",
    "/file/{path:path}",
    "/file={path_or_url:path}",
    "/gradio_api/deep_link",
    "/heartbeat/{session_hash}",
    "/info",
    "/login",
    "/login_check",
    "/logout",
    "/manifest.json",
    "/monitoring",
    "/monitoring/summary",
    "/monitoring/{key}",
    "/openapi.json",
    "/process_recording",
    "/profiling/clear",
    "/profiling/summary",
    "/profiling/traces",
    "/proxy={url_path:path}",
    "/pwa_icon",
    "/pwa_icon/{size}",
    "/queue/data",
    "/queue/join",
    "/queue/status",
    "/reset",
    "/robots.txt",
    "/run-history/buckets",
    "/run-history/connect",
    "/run-history/records",
    "/run-history/records/{endpoint}/{record_id}/assets/{asset_id}",
    "/run/{api_name}",
    "/runs",
    "/startup-events",
    "/static/{path:path}",
    "/stream/{event_id}",
    "/stream/{event_id}/close",
    "/stream/{session_hash}/{run}/{component_id}/playlist-file",
    "/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
    "/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}",
    "/svelte/{path:path}",
    "/theme.css",
    "/token",
    "/undo-vibe-edit",
    "/upload",
    "/upload_progress",
    "/user",
    "/vibe-code",
    "/vibe-edit",
    "/vibe-starter-queries",
    "/{page}",
}


@pytest.mark.parametrize("name", ["x" * 65, 5, ["a"], "a/b", ""])
def test_a_name_of_a_session_that_gradio_would_keep_is_short(client, name):
    refused = client.post("/gradio_api/queue/join", json={"session_hash": name})
    assert refused.status_code == 400 and "wrong kind" in refused.json()["error"]
    named = {"session_hash": "abc_DEF-123"}
    assert client.post("/gradio_api/queue/join", json=named).status_code == 200


def test_answers_carry_the_headers(client):
    headers = client.get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = dict(
        part.split(" ", 1) for part in headers["content-security-policy"].split("; ")
    )
    assert policy["form-action"] == policy["object-src"] == "'none'"
    for name in ("connect-src", "img-src", "worker-src", "base-uri"):
        assert set(policy[name].split()) <= {"'self'", "blob:", "data:"}
    # Teachers embed the page, and there is no login that a frame could abuse.
    assert "frame-ancestors" not in policy and "x-frame-options" not in headers
    with_ancestors = Starlette(
        routes=[Route("/", echo)],
        middleware=[Middleware(Guard, ancestors="https://school.example")],
    )
    policy = TestClient(with_ancestors).get("/").headers["content-security-policy"]
    assert policy.endswith("; frame-ancestors https://school.example")


def test_a_probe_is_answered_without_the_app(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_a_body_that_does_not_arrive_is_given_up(monkeypatch):
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    sent, sent_once = [], []

    async def receive():
        if not sent_once:
            sent_once.append(1)
            return {"type": "http.request", "body": b"{", "more_body": True}
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    async def app(scope, receive, send):
        raise AssertionError("an unfinished body was handed on")

    path = "/gradio_api/queue/join"
    scope = {"type": "http", "path": path, "method": "POST", "headers": []}
    awaited(Guard(app)(scope, receive, send))
    assert sent[0]["status"] == 408


def test_the_largest_picture_that_is_read_fits_a_request_and_the_refusal_says_the_limit():
    assert MAX_URI < MAX_BODY - 10_000
    assert f"{MAX_BODY // 1024} KiB" in TOO_LARGE.decode()
    assert f"{guard.BODY_SECONDS} seconds" in guard.TOO_SLOW.decode()
