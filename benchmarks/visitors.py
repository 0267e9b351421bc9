"""Benchmark of the memory that the server keeps for visitors, at all its limits at once, as a table."""

import gc
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gradio.state_holder import StateHolder

import app
from benchmarks.app import line
from explorer.retrain import session
from explorer.web.clients import MOST_CLIENTS, RATES, Clients
from train import checkpoint

FILE = max(checkpoint.FOLDER.glob(f"*{checkpoint.SUFFIX}"), key=lambda path: path.stat().st_size)  # fmt: skip
GOAL = 250  # MB


def resident() -> float:
    """MB of this process that are in memory now. Linux only."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def networks(sessions: session.Sessions, number: int):
    """Loads so many networks into each session, and asks all that it keeps as a drawing does."""
    content = FILE.read_bytes()
    secrets = [f"{visitor:032x}" for visitor in range(session.MAX_SESSIONS)]
    for _ in range(number):
        for secret in secrets:
            sessions.add(secret, checkpoint.from_bytes(content, FILE.name), True)
    for secret in secrets:
        assert sessions.networks(secret).stack.count == session.MAX_NETWORKS


def main():
    networks(session.Sessions(), session.MAX_NETWORKS)  # warm-up
    begin, sessions = resident(), session.Sessions()
    networks(sessions, session.MAX_NETWORKS)
    line(f"{session.MAX_SESSIONS} visitors with {session.MAX_NETWORKS} networks each", resident() - begin, "MB")  # fmt: skip
    each = session.MAX_ALL_RUNS // session.MAX_SESSIONS
    networks(sessions, each - session.MAX_NETWORKS)
    assert len(sessions) == session.MAX_SESSIONS
    line(f"  who trained {each} each", resident() - begin, "MB")
    holder = StateHolder()
    app.demo.state_session_capacity = app.SETTINGS["state_session_capacity"]
    holder.set_blocks(app.demo)
    for visitor in range(2 * holder.capacity):
        holder[f"{visitor:032x}"].get(0)
    line(f"  and {len(holder.session_data)} sessions of Gradio", resident() - begin, "MB")  # fmt: skip
    clients = Clients()
    for visitor in range(2 * MOST_CLIENTS):
        for kind in RATES:
            clients.take(f"10.{visitor // 65536}.{visitor // 256 % 256}.{visitor % 256}", kind)  # fmt: skip
    kept = resident() - begin
    line(f"  and {MOST_CLIENTS} addresses", kept, "MB")
    if kept > GOAL:
        sys.exit(f"more than {GOAL} MB")


if __name__ == "__main__":
    main()
