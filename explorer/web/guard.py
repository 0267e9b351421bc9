"""ASGI middleware: closed routes, limits of bodies and of clients, headers, and no cross-origin requests."""

import asyncio
import json
import math
import re
from contextlib import nullcontext

from explorer.web.assets import ADDRESS, FOREVER
from explorer.web.clients import RATES, Clients, address_of
from explorer.web.refusals import SENTENCE, refusal

MAX_BODY = 256 * 1024  # bytes; a picture for /predict takes up to 200,000
# Gradio has many more routes: uploads, deep links, a file proxy, monitoring, OpenAPI, hot reloading.
USED = re.compile(
    "|".join(
        (
            r"/",  # the page and its files
            r"/(theme\.css|favicon\.ico|robots\.txt|manifest\.json|pwa_icon)",
            r"/(assets|static)/(?!PlotlyPlot|ffmpeg/|bokeh/).+",  # megabytes, for components that no page of ours has
            rf"/{ADDRESS}/[a-z_]+\.js",
            r"/files/[0-9a-f]{16}(\.css)?",  # weights of networks for the visitor's device, styles
            r"/(RESULTS\.md|CITATION\.cff|docs/\w+\.(md|png)|docs/figures/\w+\.svg)",
            r"/networks/[^/]+\.(safetensors|pt)",  # files to keep
            r"/visit",  # the heartbeat of a page, and its own networks
            r"/config/?",  # of gradio_client
            r"/gradio_api/(info|app_id|reset|component_server)/?",
            r"/gradio_api/(startup-events|cancel|heartbeat/[\w-]{1,64})",
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
    "/gradio_api/component_server": "question",
    "/gradio_api/call/": "call",
    "/gradio_api/queue/join": "call",
    "/gradio_api/mcp": "tool",
    "/visit": "question",
}
LONG = ("laboratory", "batches")  # views that take seconds
# What waits for news takes no place, nor do its messages wait for its end.
WAITING = re.compile(r"/gradio_api/(queue/data|heartbeat/.+|call/(v2/)?[^/]+/.+|mcp.*)")
ODD = re.compile(r"//|/\.{1,2}(/|$)")  # further spellings of a path
SESSION = re.compile(r"[\w-]{1,64}")
BODY_SECONDS = 30  # for a whole body, after which a client is given up
CLOSED = b"There is nothing at this address."
TOO_LARGE = b"A request may have at most 256 KiB."
TOO_SLOW = b"The request did not arrive within 30 seconds."
MUCH = "Too much is being sent from your address, or to this server: try again in a few seconds."
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
    page, as Content-Security-Policy writes them, "" for all. The app finds the address of who asks as `state["address"]` of the scope.
    """

    def __init__(self, app, proxies: int = 0, ancestors: str = ""):
        self.app, self.proxies, self.clients = app, proxies, Clients()
        self.laboratory = asyncio.Semaphore(1)
        policy = POLICY + (f"; frame-ancestors {ancestors}" if ancestors else "")
        self.headers = [*HEADERS, (b"content-security-policy", policy.encode())]

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        route, address = _route(scope), address_of(scope, self.proxies)
        scope.setdefault("state", {})["address"] = address
        kind = _kind(scope, route)
        if address and (wait := self.clients.take(address, kind)):
            return await _later(send, route, 429, wait)
        if route == "/healthz":
            return await _answer(send, 200, b"ok")
        if ODD.search(route) or not USED.fullmatch(route):
            return await _answer(send, 404, CLOSED)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return await _answer(send, 413, TOO_LARGE)
        try:
            with self.clients.reading(address) as may_keep:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await _read(receive, may_keep)
        except TimeoutError:
            return await _answer(send, 408, TOO_SLOW)
        except Crowded:
            return await _later(send, route, 503, 5, MUCH)
        if body is None:
            return await _answer(send, 413, TOO_LARGE)
        kept = KEPT if HASHED.fullmatch(route) else []
        sending = _with_headers(send, self.headers, kept)
        await self._pass(scope, route, kind, body, _replay(body, receive), sending)

    async def _pass(self, scope, route: str, kind: str, body: bytes, receive, send):
        """Hands a request on, if its client may ask now."""
        asked = _asked(route, body)
        if not _is_session(asked.get("session_hash")):
            return await refusal(SENTENCE)(scope, receive, send)
        address = scope["state"]["address"]
        if address is None or _is_waiting(scope, route, asked):
            return await self.app(scope, receive, send)
        if _is_long(asked):
            kind = "laboratory"
            if wait := self.clients.take(address, kind):
                return await _later(send, route, 429, wait)
        async with self.clients.place(address, RATES[kind].places) as is_free:
            if not is_free:
                return await _later(send, route, 503, 5)
            is_long = kind == "laboratory"
            # One at a time leaves a core to the votes.
            async with self.laboratory if is_long else nullcontext():
                messages = await self._answered(scope, receive)
        for message in messages:  # a client that does not read keeps no place
            await send(message)

    async def _answered(self, scope, receive) -> list[dict]:
        """Messages of the app's whole answer."""
        messages: list[dict] = []

        async def keep(message):
            messages.append(message)

        await self.app(scope, receive, keep)
        return messages


class Crowded(Exception):
    """Too many bytes of unfinished bodies are kept."""


def _kind(scope, route: str) -> str:
    """Kind of a request in `clients.RATES`, by its address."""
    if route == "/":
        return "page"
    if route.rstrip("/") in ("/config", "/gradio_api/info"):  # half a megabyte each
        return "call"
    if route.endswith(".pt"):  # traced when it is asked for
        return "laboratory"
    if scope["method"] != "POST":
        return "file"
    return next((kind for begin, kind in ASKED.items() if route.startswith(begin)), "file")  # fmt: skip


def _asked(route: str, body: bytes) -> dict:
    """JSON that is posted to Gradio; {} where it is nothing that Gradio reads."""
    if not body or not route.startswith("/gradio_api/"):
        return {}
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _is_session(name) -> bool:
    """Whether Gradio may keep this name of a session; it keeps any, of any length."""
    return name is None or (isinstance(name, str) and bool(SESSION.fullmatch(name)))


def _is_long(asked: dict) -> bool:
    """Whether a question of a page asks for a view that takes seconds."""
    data = asked.get("data")
    view = data.get("view") if isinstance(data, dict) else None
    return isinstance(view, str) and view in LONG


def _is_waiting(scope, route: str, asked: dict) -> bool:
    """Whether a request waits for news: a stream, a page that follows a training, and a training by MCP."""
    if scope["method"] == "POST" and "/mcp" in route:
        named = asked.get("params")
        return isinstance(named, dict) and named.get("name") == "retrain"
    return bool(WAITING.fullmatch(route)) or asked.get("fn_name") == "follow"


def _route(scope) -> str:
    """The path that the router sees: decoded, and without the root path, which is removed once."""
    path, root = scope["path"], scope.get("root_path", "")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return path or "/"


async def _read(receive, may_keep) -> bytes | None:
    """The whole body; None where it exceeds `MAX_BODY`, whatever its content-length says, or where the client left before its end.

    Raises `Crowded` where `may_keep`, asked for the size of each part, says no.
    """
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        more = message.get("more_body", False)
        body += part
        if len(body) > MAX_BODY:
            return None
        if not may_keep(len(part)) and more:
            raise Crowded
    return bytes(body)


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


async def _later(send, route: str, status: int, seconds: float, sentence: str = BUSY):
    """Asks a client to come back: a page that does so by itself, JSON for programs."""
    wait = (b"retry-after", str(math.ceil(seconds)).encode())
    if route == "/":
        text = BUSY_PAGE.format(seconds=5 + math.ceil(seconds)).encode()
        return await _answer(send, status, text, b"text/html; charset=utf-8", wait)
    text = json.dumps({"error": sentence, "detail": sentence}).encode()
    await _answer(send, status, text, b"application/json", wait)


async def _answer(send, status: int, text: bytes, kind=b"text/plain", *more):
    headers = [(b"content-type", kind), *HEADERS, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
