"""HTTP 1.1: what the server refuses before anything of ours runs."""

import socket
import threading

import pytest
import uvicorn

from explorer.web import http1
from tests.awaiting import wait


async def echo(scope, receive, send):
    assert scope["type"] == "http"
    client = scope["client"][0].encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"for " + client})


@pytest.fixture
def answer(monkeypatch):
    """Function that sends bytes to a server, and returns the begin of its answer."""
    monkeypatch.setitem(uvicorn.config.HTTP_PROTOCOLS, "auto", "")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "")
    http1.limit()
    config = uvicorn.Config(echo, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]

    def send(*parts: bytes) -> str:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(b"\r\n".join((*parts, b"", b"")))
            return client.recv(4000).decode()

    yield send
    server.should_exit = True
    thread.join()


def test_requests_are_read_and_no_header_says_who_asks(answer):
    asked = (b"GET / HTTP/1.1", b"host: x", b"x-forwarded-for: 5.5.5.5", b"connection: close")  # fmt: skip
    said = answer(*asked)
    assert said.startswith("HTTP/1.1 200") and "for 127.0.0.1" in said


def test_bodies_in_chunks_and_long_heads_are_refused(answer):
    begin = (b"POST / HTTP/1.1", b"host: x")
    assert answer(*begin, b"transfer-encoding: chunked").startswith("HTTP/1.1 400")
    long = (b"a: b",) * (http1.MAX_HEAD // 6 + 100)
    assert answer(*begin, *long).startswith("HTTP/1.1 400")
    assert answer(b"GET /?" + b"a" * http1.MAX_HEAD + b" HTTP/1.1").startswith("HTTP/1.1 400")  # fmt: skip
