"""What stands before the app: requests that are too large or that nothing here needs are turned away."""

from urllib.parse import unquote

MAX_BODY = 256 * 1024  # bytes; a picture for /predict takes up to 200,000
CLOSED = (  # routes of Gradio that the explorer does not use and that strangers could misuse
    "/upload",
    "/process_recording",
    "/deep_link",
    "/proxy=",
    "/file=http",
    "/vibe",
    "/monitoring",
    "/runs",
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]


class Guard:
    """ASGI middleware: 413 for a body above `MAX_BODY`, 404 for the `CLOSED` routes."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = unquote(scope["path"]).removeprefix("/gradio_api")
        if path.startswith(CLOSED):
            return await _refuse(send, 404, b"not here")
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return await _refuse(send, 413, b"too large")
        body = await _read(receive)
        if body is None:
            return await _refuse(send, 413, b"too large")
        await self.app(scope, _replay(body, receive), _with_headers(send))


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
