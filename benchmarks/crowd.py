"""Benchmark of 100 visitors whose devices vote, some of them in a browser: that they ask the server nothing while they draw, as a table."""

import asyncio
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.async_api import async_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import READY, URL, line, serve, stop
from benchmarks.wire import processor
from explorer.web import assets

VISITORS, PAGES = 100, 3
AT_ONCE = 10  # visitors who load at the same time
SECONDS = 30  # in which the loaded pages draw
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
        used, begin = processor(server.pid), time.perf_counter()
        await asyncio.gather(*map(draw, pages))
        took = time.perf_counter() - begin
        used = processor(server.pid) - used
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
        modules = [
            f"{assets.ADDRESS}/{name}" for name in ("first.js", "device_worker.js")
        ]
        files = [device["module"], device["reference"]]
        files += [step["address"] for step in device["steps"]]
        for address in [*modules, *files]:
            await load(address)
    crowd.staying.append(asyncio.create_task(stay(client)))


async def stay(client: httpx.AsyncClient):
    """Keeps the heartbeat of a page."""
    address = f"gradio_api/heartbeat/{secrets.token_hex(6)}"
    async with client.stream("GET", address) as beats:
        async for _ in beats.aiter_bytes():
            pass


if __name__ == "__main__":
    main()
