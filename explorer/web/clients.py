"""Clients: the address behind a request, and how much of the server one address may use at a time."""

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

MOST_CLIENTS = 10_000  # that are remembered, those of the latest requests
MOST_READ = 4 * 1024**2  # bytes of unfinished bodies of a client
MOST_READ_OF_ALL = 32 * 1024**2


@dataclass(frozen=True)
class Rate:
    """Token bucket: `burst` requests at once, and `refill` a second from then on, for which the client has these `places`."""

    burst: float
    refill: float
    places: str = "answers"


@dataclass(frozen=True)
class Places:
    """Limits of a client: `at_once` requests are answered, and at most `waiting` wait for that."""

    at_once: int
    waiting: int


PLACES = {
    "answers": Places(2, 400),  # two fill two cores
    "tools": Places(
        1, 40
    ),  # a call of MCP takes the event loop for a tenth of a second
    "files": Places(4, 8000),
}


# A class of 40 behind one address, which opens 80 pages at once: a page asks 3 events and up to 4 questions when it opens.
RATES = {
    "page": Rate(80, 8),
    "event": Rate(400, 20),
    "question": Rate(600, 100),
    "laboratory": Rate(80, 4),  # its views take ten times as long as a vote
    "call": Rate(100, 10),
    "tool": Rate(40, 2, "tools"),
    "file": Rate(8000, 300, "files"),  # a page loads 70
}


class Line:
    """The places of a client, and its requests that have one or wait for one."""

    def __init__(self, places: Places):
        self.most = places.at_once + places.waiting
        self.free = asyncio.Semaphore(places.at_once)
        self.asked = 0


@dataclass
class Client:
    """State of an address: tokens by kind with the time at which they were counted, its lines, and bytes of its unfinished bodies."""

    tokens: dict[str, tuple[float, float]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    read: int = 0


class Clients:
    """All clients of late."""

    def __init__(self):
        self._clients: OrderedDict[str, Client] = OrderedDict()
        self._read = 0  # bytes of all unfinished bodies

    def _of(self, address: str) -> Client:
        client = self._clients.setdefault(address, Client())
        self._clients.move_to_end(address)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return client

    def take(self, address: str, kind: str) -> float:
        """Takes a token of a kind; 0, or the seconds until there is one again."""
        rate, now, tokens = RATES[kind], time.monotonic(), self._of(address).tokens
        left, counted = tokens.get(kind, (rate.burst, now))
        left = min(rate.burst, left + (now - counted) * rate.refill)
        if left < 1:
            return (1 - left) / rate.refill
        tokens[kind] = left - 1, now
        return 0

    @contextmanager
    def reading(self, address: str | None) -> Iterator[Callable[[int], bool]]:
        """Gives a function that counts bytes of an unfinished body; it answers whether they may be kept."""
        client, own = self._of(address) if address else Client(), 0

        def count(size: int) -> bool:
            nonlocal own
            own += size
            client.read += size
            self._read += size
            return client.read <= MOST_READ and self._read <= MOST_READ_OF_ALL

        try:
            yield count
        finally:
            client.read -= own
            self._read -= own

    @asynccontextmanager
    async def place(self, address: str, name: str) -> AsyncIterator[bool]:
        """Waits for a place of an address; gives False where too many of its requests wait already."""
        line = self._of(address).lines.setdefault(name, Line(PLACES[name]))
        if line.asked >= line.most:
            yield False
            return
        line.asked += 1
        try:
            async with line.free:
                yield True
        finally:
            line.asked -= 1


def address_of(scope, proxies: int) -> str | None:
    """Address of who asks, of IPv6 its network of 64 bits; None where it cannot be known.

    It is the peer's, or behind `proxies` proxies the entry of X-Forwarded-For that the first of them wrote: the one at that position
    from the right. What stands left of it anybody can write.
    """
    if proxies:
        values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]  # fmt: skip
        entries = b",".join(values).decode("latin-1").split(",")
        text = entries[-proxies].strip() if len(entries) >= proxies else ""
    else:
        text = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 4:
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
