"""ASGI middleware: only routes that the explorer uses, bodies up to a limit, and no answers for the scripts of other sites."""

import re

from explorer.web.assets import ADDRESS

MAX_BODY = 256 * 1024  # bytes; a picture for /predict takes up to 200,000
# Gradio has many more: uploads, deep links, a relay of files from anywhere, monitoring, its own description, hot reloading.
USED = re.compile(
    "|".join(
        (
            r"/",  # the page, and what it loads
            r"/(theme\.css|favicon\.ico|robots\.txt|manifest\.json)",
            r"/pwa_icon(/\d+)?",
            r"/(assets|static)/.+",
            rf"/{ADDRESS}/[a-z_]+\.js",
            r"/config/?",  # for clients
            r"/gradio_api/(info|app_id|reset|component_server)/?",
            r"/gradio_api/(startup-events|cancel|heartbeat/[^/]+)",
            r"/gradio_api/queue/(join|data)",
            r"/gradio_api/run/predict",  # the events of pages
            r"/gradio_api/call/(v2/)?[^/]+(/[^/]+)?",
            r"/gradio_api/mcp(/.*)?",  # where the package is installed
        )
    )
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]
CLOSED = b"There is nothing at this address."
TOO_LARGE = b"A request may have at most 256 KiB."


class SameOrigin:
    """ASGI middleware in the place of Gradio's for cross-origin requests: it allows none.

    Gradio's allows any origin, with credentials, under every host name that is not this machine's.
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
        if not USED.fullmatch(_route(scope)):
            return await _refuse(send, 404, CLOSED)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return await _refuse(send, 413, TOO_LARGE)
        body = await _read(receive)
        if body is None:
            return await _refuse(send, 413, TOO_LARGE)
        await self.app(scope, _replay(body, receive), _with_headers(send))


def _route(scope) -> str:
    """The path that the router sees: decoded, and without the root path, once."""
    path, root = scope["path"], scope.get("root_path", "")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    return path or "/"


async def _read(receive) -> bytes | None:
    """The whole body, or None where it is larger than it said."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            return None
    return body


def _replay(body: bytes, receive):
    """The body once; after that whatever comes, which is the visitor's leaving."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay():
        return messages.pop() if messages else await receive()

    return replay


def _with_headers(send):
    async def sending(message):
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *HEADERS]
        await send(message)

    return sending


async def _refuse(send, status: int, words: bytes):
    headers = [(b"content-type", b"text/plain"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
