"""Benchmark of many visitors at once: 100 whose devices vote, and ten whose devices cannot, so that the server does, as a table."""

import asyncio
import base64
import json
import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from playwright.async_api import async_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import READY, URL, component, line, serve, stop
from explorer.network.predictions import SIDE
from explorer.web import assets

VISITORS, PAGES, ASKING = 100, 3, 10
AT_ONCE = 10  # visitors who load at the same time
SECONDS = 30  # in which the loaded pages draw, and in which those that ask do
PAUSE = 0.1  # s between two questions of a pad while the pen moves
QUESTIONS = re.compile(r"component_server|/run/|/call/|/queue/join")  # in addresses
# The app, which logs the client and the address of every request.
LOGGING = """
import app
from starlette.middleware import Middleware

class Log:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            print(scope["client"][0], scope["path"], flush=True)
        await self.app(scope, receive, send)

app.SETTINGS["app_kwargs"]["middleware"].append(Middleware(Log))
app.serve()
"""
CONFIG = re.compile(r"window\.gradio_config = (\{.*?\});</script>", re.DOTALL)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Crowd:
    """Visitors who came and stay, and the bytes that they loaded."""

    loading: asyncio.Semaphore
    size: int = 0
    staying: list[asyncio.Task] = field(default_factory=list)


def main():
    with tempfile.NamedTemporaryFile("w+") as log:
        server = serve("-c", LOGGING, log=log)
        try:
            asyncio.run(devices(server, Path(log.name)))
            asyncio.run(asking())
        finally:
            stop(server)


async def devices(server: subprocess.Popen, log: Path):
    """Prints what visitors cost the server whose devices vote, while some of them draw."""
    async with async_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        pages = [await opened(browser) for _ in range(PAGES)]
        crowd, begin = Crowd(asyncio.Semaphore(AT_ONCE)), time.perf_counter()
        await asyncio.gather(*(arrive(visitor, crowd) for visitor in range(VISITORS)))
        line(f"{VISITORS} visitors arrived within", time.perf_counter() - begin, "s")
        line("bytes of each", crowd.size / VISITORS / 1024, "KiB")
        known = len(log.read_text().splitlines())
        used, begin = processor(server), time.perf_counter()
        await asyncio.gather(*map(draw, pages))
        took = time.perf_counter() - begin
        used = processor(server) - used
        requests = log.read_text().splitlines()
        questions = [request for request in requests[known:] if asks(request)]
        theirs = [one for one in requests if asks(one) and "127.0.0.1 " not in one]
        line(f"{PAGES} pages drew for", took, "s")
        line("visitors who stayed", sum(not one.done() for one in crowd.staying), "")
        line("questions in the server's log meanwhile", len(questions), "")
        line(f"questions of the {VISITORS} in the server's log", len(theirs), "")
        line("server's share of a core", 100 * used / took, "%")
        await browser.close()
        for staying in crowd.staying:
            staying.cancel()


def asks(request: str) -> bool:
    """True for a line of the log that is a question to the server."""
    return bool(QUESTIONS.search(request))


def processor(server: subprocess.Popen) -> float:
    """Seconds of the processor that the server has used. Linux only."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def opened(browser):
    """Page whose device votes with all networks."""
    page = await browser.new_page()
    await page.goto(URL)
    await page.wait_for_function(READY, timeout=120_000)
    return page


async def draw(page):
    """Draws strokes for `SECONDS`, as a hand does: a stroke of half a second, and a rest."""
    box = await page.locator(".pad").bounding_box()
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        await page.get_by_role("button", name="Clear").click()
        await page.mouse.move(box["x"] + 140, box["y"] + 30)
        await page.mouse.down()
        for step in range(30):
            await page.mouse.move(box["x"] + 140 - step, box["y"] + 30 + 7 * step)
            await asyncio.sleep(0.016)
        await page.mouse.up()
        await asyncio.sleep(0.5)


async def arrive(visitor: int, crowd: Crowd):
    """Loads page, modules, module of the device and weights from an address of its own, and keeps a heartbeat from then on."""
    transport = httpx.AsyncHTTPTransport(
        local_address=f"127.0.0.{visitor + 2}",
        limits=httpx.Limits(max_keepalive_connections=0),
    )
    client = httpx.AsyncClient(base_url=URL, transport=transport, timeout=600)

    async def load(address: str) -> httpx.Response:
        answer = await client.get(address)
        answer.raise_for_status()
        crowd.size += answer.num_bytes_downloaded
        return answer

    async with crowd.loading:
        config = json.loads(CONFIG.search((await load("")).text)[1])
        (pad,) = (
            one["props"]["props"]
            for one in config["components"]
            if one["props"].get("elem_id") == "pad"
        )
        device = pad["device"]
        files = [device["module"], device["reference"]]
        files += [step["address"] for step in device["steps"]]
        for address in [*assets.modules("start", "pad", "device_worker"), *files]:
            await load(address)
    crowd.staying.append(asyncio.create_task(stay(client)))


async def stay(client: httpx.AsyncClient):
    """Keeps the heartbeat of a page."""
    address = f"gradio_api/heartbeat/{secrets.token_hex(6)}"
    async with client.stream("GET", address) as beats:
        async for _ in beats.aiter_bytes():
            pass


async def asking():
    """Prints latencies of visitors whose devices cannot vote, who draw at the same time."""
    async with httpx.AsyncClient(base_url=URL, timeout=None) as client:
        pad = component((await client.get("config")).json(), "pad")
        end = time.perf_counter() + SECONDS
        some = await asyncio.gather(*(pen(client, pad, end) for _ in range(ASKING)))
    for name, first in (("moves", True), ("rests", False)):
        times = [
            took for each in some for was_first, took in each if was_first is first
        ]
        label = f"{ASKING} without a device, pen {name}, {len(times)} answers"
        line(f"{label}: median", statistics.median(times), "ms")
        line(f"{label}: p95", statistics.quantiles(times, n=20)[-1], "ms")


async def pen(client: httpx.AsyncClient, pad: int, end: float) -> list:
    """Latencies in ms of a pad's questions, each with whether the pen moved: strokes of ten questions, then one at rest, and a rest."""
    body = {"component_id": pad, "fn_name": "ask", "session_hash": secrets.token_hex(6)}
    visit, times = secrets.token_hex(16), []
    drawing = np.zeros((SIDE, SIDE), np.uint8)
    while time.perf_counter() < end:
        drawing[:] = 0
        for step in range(11):
            drawing[20 : 30 + 6 * step, 50:60] = 255
            pixels = base64.b64encode(drawing.tobytes()).decode()
            first, begin = step < 10, time.perf_counter()
            question = {"pixels": pixels, "lab": None, "first": first, "further": []}
            data = {**question, "visit": visit}
            answer = await client.post(
                "gradio_api/component_server", json={**body, "data": data}
            )
            answer.raise_for_status()
            took = time.perf_counter() - begin
            times.append((first, 1000 * took))
            if first:
                await asyncio.sleep(max(PAUSE, 2 * took) - took)  # as the pad does
        await asyncio.sleep(0.5)
    return times


if __name__ == "__main__":
    main()
