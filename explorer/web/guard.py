"""ASGI middleware: closed routes, limits of bodies and of clients, headers, and no cross-origin requests."""

import asyncio
import json
import math
import re

from explorer.web.assets import ADDRESS, FOREVER
from explorer.web.clients import Clients, address_of

MAX_BODY = 256 * 1024  # bytes; a picture for /predict takes up to 200,000
# Gradio has many more routes: uploads, deep links, a file proxy, monitoring, OpenAPI, hot reloading.
USED = re.compile(
    "|".join(
        (
            r"/",  # the page and its files
            r"/(theme\.css|favicon\.ico|robots\.txt|manifest\.json)",
            r"/pwa_icon(/\d+)?",
            r"/(assets|static)/.+",
            rf"/{ADDRESS}/[a-z_]+\.js",
            r"/files/[0-9a-f]{16}(\.css)?",  # weights of networks for the visitor's device, styles
            r"/(RESULTS\.md|CITATION\.cff|docs/\w+\.(md|png)|docs/figures/\w+\.svg)",
            r"/networks/[^/]+\.(safetensors|pt)",  # files to keep
            r"/visit",  # the heartbeat of a page, and its own networks
            r"/config/?",  # of gradio_client
            r"/gradio_api/(info|app_id|reset|component_server)/?",
            r"/gradio_api/(startup-events|cancel|heartbeat/[^/]+)",
            r"/gradio_api/queue/(join|data)",
            r"/gradio_api/run/predict",  # the events of pages
            r"/gradio_api/call/(v2/)?[^/]+(/[^/]+)?",
            r"/gradio_api/mcp(/.*)?",  # with gradio[mcp]
        )
    )
)
HASHED = re.compile(r"/assets/.+-[\w-]{8,}\.(js|css)")  # Gradio's, named by contents
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]
KEPT = [(name.encode(), value.encode()) for name, value in FOREVER.items()]
# The page needs code in itself and in strings: what protects is where it may send to, and load from.
POLICY = "; ".join(
    (
        "base-uri 'self'",
        "connect-src 'self' blob: data:",
        "font-src 'self' data:",
        "form-action 'none'",
        "img-src 'self' blob: data:",
        "object-src 'none'",
        "worker-src 'self' blob:",
    )
)
ASKED = {  # kinds of what is posted, see `clients.RATES`, by the begin of its address
    "/gradio_api/run/predict": "event",
    "/gradio_api/call/": "call",
    "/gradio_api/queue/join": "call",
    "/gradio_api/mcp": "call",
    "/visit": "question",
}
BODY_SECONDS = 30  # for a whole body, after which a client is given up
CLOSED = b"There is nothing at this address."
TOO_LARGE = b"A request may have at most 256 KiB."
TOO_SLOW = b"The request did not arrive within 30 seconds."
BUSY = "Too many requests from your address: try again in a few seconds."
BUSY_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="{seconds}">
<meta name="color-scheme" content="light dark">
<title>Busy: please wait</title>
<body style="font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem">
<h1 style="font-size: 1.4rem">Too many pages are being opened</h1>
<p>This page tries again by itself in {seconds} seconds. You need not do anything.</p>
</body>
</html>
"""


class SameOrigin:
    """ASGI middleware that replaces Gradio's for cross-origin requests and allows none.

    Gradio's allows any origin, with credentials, under every host name but localhost.
    """

    def __init__(self, app, **options):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


class Guard:
    """ASGI middleware: 404 for a route that is not `USED`, 408 and 413 for a slow and a large body, 429 and 503 for too many requests.

    `proxies` is the number of trusted proxies before the server, see `clients.address_of`; `ancestors` are the origins that may frame the
    page, as Content-Security-Policy writes them, "" for all.
    """

    def __init__(self, app, proxies: int = 0, ancestors: str = ""):
        self.app, self.proxies, self.clients = app, proxies, Clients()
        self.laboratory = asyncio.Semaphore(1)
        policy = POLICY + (f"; frame-ancestors {ancestors}" if ancestors else "")
        self.headers = [*HEADERS, (b"content-security-policy", policy.encode())]

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        route = _route(scope)
        if route == "/healthz":
            return await _answer(send, 200, b"ok")
        if not USED.fullmatch(route):
            return await _answer(send, 404, CLOSED)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return await _answer(send, 413, TOO_LARGE)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(receive)
        except TimeoutError:
            return await _answer(send, 408, TOO_SLOW)
        if body is None:
            return await _answer(send, 413, TOO_LARGE)
        kept = KEPT if HASHED.fullmatch(route) else []
        sending = _with_headers(send, self.headers, kept)
        await self._pass(scope, route, body, _replay(body, receive), sending)

    async def _pass(self, scope, route: str, body: bytes, receive, send):
        """Hands a request on, if its client may ask now."""
        address, kind = address_of(scope, self.proxies), _kind(scope, route, body)
        if address is None or kind is None:
            return await self.app(scope, receive, send)
        if wait := self.clients.take(address, kind):
            return await _later(send, route, 429, wait)
        if "/mcp" in route:  # waits for its result, which may be that of a training
            return await self.app(scope, receive, send)
        async with self.clients.slot(address) as is_free:
            if not is_free:
                return await _later(send, route, 503, 5)
            if kind != "laboratory":
                return await self.app(scope, receive, send)
            async with self.laboratory:  # leaves a core to the votes
                await self.app(scope, receive, send)


def _kind(scope, route: str, body: bytes) -> str | None:
    """Kind of a request in `clients.RATES`; None for files, and for what only waits for news."""
    if route == "/":
        return "page"
    if route.rstrip("/") in ("/config", "/gradio_api/info"):  # half a megabyte each
        return "call"
    if route.endswith(".pt"):  # traced when it is asked for
        return "laboratory"
    if scope["method"] != "POST":
        return None
    if kind := next((kind for begin, kind in ASKED.items() if route.startswith(begin)), None):  # fmt: skip
        return kind
    if not route.startswith("/gradio_api/component_server"):
        return None
    try:
        question = json.loads(body)
        if question["fn_name"] == "follow":
            return None
        return "laboratory" if question["data"]["view"] == "laboratory" else "question"
    except (ValueError, TypeError, LookupError, RecursionError):
        return "question"


def _route(scope) -> str:
    """The path that the router sees: decoded, and without the root path, which is removed once."""
    path, root = scope["path"], scope.get("root_path", "")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return path or "/"


async def _read(receive) -> bytes | None:
    """The whole body; None where it exceeds `MAX_BODY`, whatever its content-length says, or where the client left before its end."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            return None
    return body


def _replay(body: bytes, receive):
    """ASGI receive function: the body once, then further messages, such as the disconnection."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay():
        return messages.pop() if messages else await receive()

    return replay


def _with_headers(send, headers: list, kept: list):
    async def sending(message):
        if message["type"] == "http.response.start":
            more = headers + kept if message["status"] == 200 else headers
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sending


async def _later(send, route: str, status: int, seconds: float):
    """Asks a client to come back: a page that does so by itself, JSON for programs."""
    wait = (b"retry-after", str(math.ceil(seconds)).encode())
    if route == "/":
        text = BUSY_PAGE.format(seconds=5 + math.ceil(seconds)).encode()
        return await _answer(send, status, text, b"text/html; charset=utf-8", wait)
    text = json.dumps({"error": BUSY, "detail": BUSY}).encode()
    await _answer(send, status, text, b"application/json", wait)


async def _answer(send, status: int, text: bytes, kind=b"text/plain", *more):
    headers = [(b"content-type", kind), *HEADERS, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
