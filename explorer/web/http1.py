"""HTTP 1.1 as the server reads it: uvicorn's protocol with limits of what it parses before the guard sees a request."""

import os

import h11
import uvicorn.config
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_HEAD = 16 * 1024  # bytes of a request's address and headers


class Connection(h11.Connection):
    """Connection that refuses what takes the event loop long: heads of thousands of lines, and bodies in chunks, of one byte too, which no browser sends."""

    def next_event(self):
        if self.their_state is h11.IDLE:
            waiting, _ = self.trailing_data
            if len(waiting) > MAX_HEAD and b"\r\n\r\n" not in waiting[:MAX_HEAD]:
                raise h11.RemoteProtocolError("a long head")
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            if b"transfer-encoding" in names:
                raise h11.RemoteProtocolError("a body in chunks")
        return event


class Protocol(H11Protocol):
    """uvicorn's protocol in Python: that in C, httptools, has no limit of a request's head."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.conn = Connection(h11.SERVER, MAX_HEAD)


def limit():
    """Makes servers of this process, which Gradio starts, read requests by `Protocol`, and believe no header on who asks: the guard decides that."""
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "")
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{Protocol.__name__}"
