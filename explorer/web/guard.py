"""ASGI middleware: 404 for routes that the explorer does not use, 413 for large bodies, no cross-origin requests."""

import re

from explorer.web.assets import ADDRESS, FOREVER

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
            r"/files/[0-9a-f]{16}",  # weights of networks for the visitor's device
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
CLOSED = b"There is nothing at this address."
TOO_LARGE = b"A request may have at most 256 KiB."


class SameOrigin:
    """ASGI middleware that replaces Gradio's for cross-origin requests and allows none.

    Gradio's allows any origin, with credentials, under every host name but localhost.
    """

    def __init__(self, app, **options):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


class Guard:
    """ASGI middleware: 404 for a route that is not `USED`, 413 for a body above `MAX_BODY`."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        route = _route(scope)
        if not USED.fullmatch(route):
            return await _refuse(send, 404, CLOSED)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return await _refuse(send, 413, TOO_LARGE)
        body = await _read(receive)
        if body is None:
            return await _refuse(send, 413, TOO_LARGE)
        kept = KEPT if HASHED.fullmatch(route) else []
        await self.app(scope, _replay(body, receive), _with_headers(send, kept))


def _route(scope) -> str:
    """The path that the router sees: decoded, and without the root path, which is removed once."""
    path, root = scope["path"], scope.get("root_path", "")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return path or "/"


async def _read(receive) -> bytes | None:
    """The whole body; None where it exceeds `MAX_BODY`, whatever its content-length says."""
    body, more = b"", True
    while more:
        message = await receive()
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


def _with_headers(send, kept: list):
    async def sending(message):
        if message["type"] == "http.response.start":
            more = HEADERS + kept if message["status"] == 200 else HEADERS
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sending


async def _refuse(send, status: int, text: bytes):
    headers = [(b"content-type", b"text/plain"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
