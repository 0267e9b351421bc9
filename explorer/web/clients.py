"""Clients: the address behind a request, and how much of the server one address may use at a time."""

import asyncio
import ipaddress
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

MOST_CLIENTS = 10_000  # that are remembered, those of the latest requests
AT_ONCE = (
    2  # questions of a client that are computed at once, of which two cores are full
)
MOST_WAITING = 400  # questions of a client that wait for that


@dataclass(frozen=True)
class Rate:
    """Token bucket: `burst` requests at once, and `refill` a second from then on."""

    burst: float
    refill: float


# A class of 40 behind one address, which opens 80 pages at once: a page asks 3 events and up to 4 questions when it opens.
RATES = {
    "page": Rate(80, 8),
    "event": Rate(400, 20),
    "question": Rate(600, 100),
    "laboratory": Rate(80, 4),  # its views take ten times as long as a vote
    "call": Rate(100, 10),
}


@dataclass
class Client:
    """State of an address: tokens by kind with the time at which they were counted, and its questions that are computed or wait."""

    tokens: dict[str, tuple[float, float]] = field(default_factory=dict)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    asked: int = 0


class Clients:
    """All clients of late."""

    def __init__(self):
        self._clients: OrderedDict[str, Client] = OrderedDict()

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

    @asynccontextmanager
    async def slot(self, address: str):
        """Waits for one of the `AT_ONCE` slots of an address; yields False where too many of its questions wait already."""
        client = self._of(address)
        if client.asked >= AT_ONCE + MOST_WAITING:
            yield False
            return
        client.asked += 1
        try:
            async with client.slots:
                yield True
        finally:
            client.asked -= 1


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
