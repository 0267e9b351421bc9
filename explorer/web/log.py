"""Limit of the log: lines of one kind are rare, so that no visitor, and no fault that repeats, can fill a disk."""

import logging
import sys
import time
from contextlib import suppress

MOST = 5  # lines of a kind
LONGEST = 2000  # characters of a line; tracebacks have their own
SECONDS = 60  # in which they are counted
MOST_KINDS = 200  # that are told apart; all others are one kind
LENGTH = 60  # characters by which kinds are told apart


class Rare(logging.Filter):
    """Filter that passes `MOST` records of a kind in `SECONDS`, and then says how many it dropped."""

    def __init__(self):
        super().__init__()
        self._kinds: dict[tuple, list] = {}  # begin of the count, and the count

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.name, str(record.msg)[:LENGTH]
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            kind = ("", "")
        now = time.monotonic()
        begin, count = self._kinds.get(kind, (now, 0))
        if now - begin > SECONDS:
            dropped, begin, count = count - MOST, now, 0
            if dropped > 0:
                record.msg = f"{record.msg} ({dropped} more lines like this since)"
        self._kinds[kind] = [begin, count + 1]
        if count >= MOST:
            return False
        if len(said := record.getMessage()) > LONGEST:
            record.msg, record.args = f"{said[:LONGEST]} ...", ()
        return True


class Lossy:
    """Output whose lines are lost where they cannot be written, as on a full disk; the server goes on."""

    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name: str):
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self):
        with suppress(OSError):
            self._stream.flush()


def limit():
    """Limits the log of this process: what reaches the root logger, such as asyncio's "too many open files", and what the server writes itself."""
    sys.stdout, sys.stderr = Lossy(sys.stdout), Lossy(sys.stderr)
    rare, handler = Rare(), logging.StreamHandler()
    handler.addFilter(rare)
    # Set here, or a library's first line through the root logger sets one without the filter.
    logging.basicConfig(handlers=[handler], format="%(message)s")
    logging.getLogger("uvicorn.error").addFilter(rare)
