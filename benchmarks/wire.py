"""Plain HTTP clients on addresses of the loopback: no pool, whose bookkeeping of a thousand requests takes longer than the server's answers."""

import asyncio
import gzip
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import brotli

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Lost(Exception):
    """A connection that ended before the answer."""


@dataclass
class Answer:
    """Answer to a request; `body` as it was sent, which may be compressed."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
        kind = self.headers.get("content-encoding", "")
        return unpack.get(kind, bytes)(self.body).decode()

    def json(self):
        return json.loads(self.text)


class Client:
    """Client with an address of its own, 127.0.0.x, that keeps its connections open as a browser does, or with `keeps` False none."""

    def __init__(self, url: str, address: str, keeps: bool = True):
        parts = urlsplit(url)
        assert parts.hostname
        self._server, self._address = (parts.hostname, parts.port), address
        self._free: list[Wire] = []
        self._keeps = keeps

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, None, headers)

    async def post(self, path: str, question) -> Answer:
        return await self.ask("POST", path, question, {})

    async def ask(self, method: str, path: str, question, headers: dict) -> Answer:
        """Raises `Lost`."""
        while True:
            wire, is_new = await self._connected()
            try:
                return await self._asked(wire, method, path, question, headers)
            except (Lost, OSError) as error:
                wire[1].close()
                if is_new:
                    raise Lost(f"{method} {path}: {error}") from error

    async def _asked(self, wire, method, path, question, headers) -> Answer:
        reader, writer = wire
        _write(writer, method, path, question, headers)
        status, fields = await _head(reader)
        body = b"".join([part async for part in _parts(reader, fields)])
        if self._keeps and fields.get("connection") != "close":
            self._free.append(wire)
        else:
            writer.close()
        return Answer(status, fields, body)

    async def _connected(self) -> tuple[Wire, bool]:
        if self._free:
            return self._free.pop(), False
        return await self._opened(), True

    async def _opened(self) -> Wire:
        return await asyncio.open_connection(*self._server, local_addr=(self._address, 0))  # fmt: skip

    @asynccontextmanager
    async def stream(self, path: str):
        """Messages of a stream of events, on a connection of its own, as an iterator."""
        reader, writer = await self._opened()
        try:
            _write(writer, "GET", path, None, {"accept": "text/event-stream"})
            status, fields = await _head(reader)
            if status != 200:
                raise Lost(f"GET {path}: status {status}")
            yield _messages(reader, fields)
        finally:
            writer.close()

    def close(self):
        for _, writer in self._free:
            writer.close()
        self._free.clear()


def _write(writer, method: str, path: str, question, headers: dict):
    body = b"" if question is None else json.dumps(question).encode()
    lines = [f"{method} /{path.lstrip('/')} HTTP/1.1", "host: localhost"]
    if question is not None:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)


async def _head(reader) -> tuple[int, dict[str, str]]:
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        raise Lost("no answer") from error
    first, *lines = text.strip().split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, value in pairs}


async def _parts(reader, fields: dict[str, str]) -> AsyncIterator[bytes]:
    """Parts of a body."""
    try:
        if fields.get("transfer-encoding") != "chunked":
            yield await reader.readexactly(int(fields.get("content-length", 0)))
            return
        while size := int(await reader.readline() or "0", 16):
            yield await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
    except asyncio.IncompleteReadError as error:
        raise Lost("half an answer") from error


async def _messages(reader, fields: dict[str, str]) -> AsyncIterator[str]:
    rest = b""
    async for part in _parts(reader, fields):
        *whole, rest = (rest + part).split(b"\n\n")
        for message in whole:
            yield message.decode()


def processor(pid: int) -> float:
    """Seconds of the processor that a process has used. Linux only."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
