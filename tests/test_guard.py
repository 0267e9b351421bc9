import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.guard import MAX_BODY, Guard


async def echo(request):
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client():
    routes = [Route("/{path:path}", echo, methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Guard)]))


def test_a_body_passes_up_to_the_limit(client):
    assert client.post("/gradio_api/run/predict", content=b"x" * MAX_BODY).text == str(
        MAX_BODY
    )
    assert client.get("/").text == "0"


def test_a_larger_body_is_refused_whatever_it_says_of_itself(client):
    assert client.post("/x", content=b"x" * (MAX_BODY + 1)).status_code == 413
    chunks = (b"x" * 1000 for _ in range(MAX_BODY // 1000 + 1))
    assert client.post("/x", content=chunks).status_code == 413
    assert (
        client.post("/x", content=b"x", headers={"content-length": "many"}).status_code
        == 413
    )


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/file=http://127.0.0.1/",
        "/gradio_api/file=https%3A//example.org/",
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/monitoring/summary",
        "/monitoring",
        "/gradio_api/runs",
    ],
)
def test_what_nothing_here_needs_is_closed(client, path):
    assert client.get(path).status_code == 404


def test_answers_carry_the_headers(client):
    assert client.get("/").headers["x-content-type-options"] == "nosniff"
