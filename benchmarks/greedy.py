"""Benchmark of one greedy client beside another that draws: latencies of the other's answers, as a table. Loopback only."""

import asyncio
import base64
import json
import os
import secrets
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import URL, component, line, rest, serve, stop
from benchmarks.wire import Client
from explorer.network.predictions import SIDE

GREED = {"page": 1000, "drawing": 1000, "laboratory": 200, "compare": 200}
BEFORE, PAUSE = 50, 0.1  # questions of the other before the greed, and s between them
MOST = 120  # s that the greed of a kind may take
OTHER = "127.0.0.3"  # the greedy one is 127.0.0.2
ASK = "gradio_api/component_server"


def question(pad: int, view: str | None = None) -> dict:
    """Body of a question of the pad: a stroke, for its votes or for the laboratory."""
    drawing = np.zeros((SIDE, SIDE), np.uint8)
    drawing[20:90, 50:60] = 255
    pixels = base64.b64encode(drawing.tobytes()).decode()
    data = {"pixels": pixels, "lab": None, "first": False, "further": [], "view": view}
    return {
        "component_id": pad,
        "fn_name": "ask",
        "session_hash": secrets.token_hex(6),
        "data": data | {"visit": secrets.token_hex(16)},
    }


def wanted(pad: int, kind: str) -> dict:
    """Requests of the greedy client, for `greed.main`."""
    asked = {"url": URL, "number": GREED[kind], "headers": {}}
    if kind == "page":
        compressed = {"accept_encoding": "gzip, deflate, br"}
        return asked | {"path": "/", "questions": [None], "headers": compressed}
    if kind == "compare":
        names = [f"{norm}_l1=0_l2=0_batch=16" for norm in ("GN", "BN")]
        call = {"data": [*names, 0.1]}
        return asked | {"path": "gradio_api/call/compare", "questions": [call]}
    view = "laboratory" if kind == "laboratory" else None
    many = [question(pad, view) for _ in range(GREED[kind])]
    return asked | {"path": ASK, "questions": many}


async def beside(kind: str):
    """Prints the other's latencies before and beside the greed of a kind."""
    other = Client(URL, OTHER)
    pad = component((await other.get("config")).json(), "pad")
    mine = question(pad)

    async def ask() -> float:
        begin = time.perf_counter()
        answer = await other.post(ASK, mine)
        took = 1000 * (time.perf_counter() - begin)
        if answer.status != 200:
            raise SystemExit(f"the other got status {answer.status}: {answer.text}")
        await asyncio.sleep(PAUSE)
        return took

    greedy = subprocess.Popen(
        [sys.executable, "benchmarks/greed.py"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert greedy.stdin and greedy.stdout
    greedy.stdin.write(json.dumps(wanted(pad, kind)) + "\n")
    greedy.stdin.flush()
    greedy.stdout.readline()
    [await ask() for _ in range(5)]
    alone = [await ask() for _ in range(BEFORE)]
    times, begin = [], time.perf_counter()
    greedy.stdin.write("go\n")
    greedy.stdin.close()
    while greedy.poll() is None:
        if time.perf_counter() - begin > MOST:
            greedy.kill()
        times.append(await ask())
    said, took = greedy.stdout.read().strip(), time.perf_counter() - begin
    print(f"{GREED[kind]} of {kind} ({said}) in {took:.0f} s")
    line(f"  the other alone, {len(alone)}: median", statistics.median(alone), "ms")
    line(f"  beside, {len(times)}: median", statistics.median(times), "ms")
    line(
        "  beside: p95", statistics.quantiles(times, n=20, method="inclusive")[-1], "ms"
    )
    line("  beside: slowest", max(times), "ms")
    line("  load of the machine", os.getloadavg()[0], "")


def main(kinds: list[str]):
    server = serve()
    try:
        rest(server)
        for kind in kinds:
            asyncio.run(beside(kind))
    finally:
        stop(server)


if __name__ == "__main__":
    main(sys.argv[1:] or list(GREED))
