"""The page and static files, kept as they are sent: rendered and compressed once, for browsers that ask whether theirs is still right."""

import asyncio
import gzip
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode
from weakref import WeakValueDictionary

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response

MOST_BYTES = 24 * 1024**2  # that are kept; a page and its files have less than one MiB
FILES = re.compile(r"/(theme\.css|(assets|static|web|files)/.+)")
TEXTS = ("text/", "application/javascript", "application/json", "image/svg")
# What Gradio's page depends on besides its query: it names its own address.
NAMING = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
CODES = {"br": lambda text: brotli.compress(text, quality=9), "gzip": gzip.compress}


@dataclass(frozen=True)
class Kept:
    """Body of an answer, compressed, with its headers."""

    body: bytes
    headers: dict[str, str]


class Compressed:
    """ASGI middleware that answers for the page and for static files.

    Of the page's query the app beneath gets only whether the `tab` is `first`, which may be left out; of the query of a file nothing.
    """

    def __init__(self, app, first: str):
        self.app, self.first = app, first
        self._kept: OrderedDict[tuple, Kept] = OrderedDict()
        self._bytes = 0
        # A crowd that comes first waits for one answer.
        self._making: WeakValueDictionary[tuple, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope, receive, send):
        kept = await self._of(scope) if scope["type"] == "http" else None
        if kept is None:
            return await self.app(scope, receive, send)
        known = Headers(scope=scope).get("if-none-match", "").split(", ")
        is_known = kept.headers["etag"] in known
        status, body = (304, b"") if is_known else (200, kept.body)
        await Response(body, status, kept.headers)(scope, receive, send)

    async def _of(self, scope) -> Kept | None:
        """Kept answer to a request; None where there is none to keep."""
        headers, root = Headers(scope=scope), scope.get("root_path", "")
        path = scope["path"].removeprefix(root) or "/"
        is_file = FILES.fullmatch(path)
        is_read = scope["method"] in ("GET", "HEAD") and "range" not in headers
        if not is_read or not (is_file or path == "/"):
            return None
        accepted = headers.get("accept-encoding", "")
        code = next((code for code in CODES if code in accepted), "")
        if is_file and not code:  # no browser
            return None
        query, names = "", {}
        if not is_file:
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("tab")
            is_first = not asked or asked[0] == self.first
            query = urlencode({"tab": self.first if is_first else "another"})
            names = {name: headers[name] for name in NAMING if name in headers}
        key = (scope["path"], code, query, scope["scheme"], root, *names.items())
        if key not in self._kept:
            async with self._making.setdefault(key, asyncio.Lock()):
                if key not in self._kept:
                    sent = [(name.encode(), value.encode("latin-1")) for name, value in names.items()]  # fmt: skip
                    plain = {**scope, "method": "GET", "query_string": query.encode(), "headers": sent}  # fmt: skip
                    status, found, body = await _answer(self.app, plain)
                    if status != 200:
                        return None
                    self._keep(key, await run_in_threadpool(_packed, found, body, code))
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: tuple, kept: Kept):
        self._kept[key] = kept
        self._bytes += len(kept.body)
        while self._bytes > MOST_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body)


async def _answer(app, scope) -> tuple[int, Headers, bytes]:
    """Status, headers and body of an app's answer to a request without a body."""
    start, parts = {"status": 500, "headers": []}, []
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if asked:
            return asked.pop()
        await asyncio.Future()  # nobody leaves; the app stops to wait for that

    async def send(message):
        if message["type"] == "http.response.start":
            start.update(message)
        parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return start["status"], Headers(raw=start["headers"]), b"".join(parts)


def _packed(found: Headers, body: bytes, code: str) -> Kept:
    """A body as it is sent: compressed where it is a text."""
    kind = found.get("content-type", "")
    is_packed = code and kind.startswith(TEXTS)
    body = CODES[code](body) if is_packed else body
    headers = {name: found[name] for name in ("content-type", "cache-control", "last-modified") if name in found}  # fmt: skip
    if kind.startswith("text/html"):
        headers["cache-control"] = "no-cache"  # asked for each time
    headers["etag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers["vary"] = "accept-encoding"
    return Kept(body, headers | ({"content-encoding": code} if is_packed else {}))
