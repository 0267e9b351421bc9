"""Benchmark of the explorer: start, page weight and response times, as a table. Run with `make bench`."""

import asyncio
import base64
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import torch
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.wire import processor
from explorer.network.predictions import SIDE
from explorer.runs import results
from explorer.runs.ensemble import Stack

PORT = os.environ.get("PORT") or "7990"
URL = f"http://127.0.0.1:{PORT}/"
# True once the device votes with all networks: its page does not say any more how many have arrived.
# Not of the pad that is there before Gradio's page, where `#pad` is.
READY = """() => document.querySelector("[data-votes=device]")
  && !/arrived/.test(document.querySelector("#pad .sent")?.textContent ?? "arrived")"""
STARTS, STROKES, VISITS = 5, 30, 200
CROWD = 10  # visitors who press Train at the same time
FIRST_CONTENT = {  # selector of the first content of a tab
    "All results": "[role=row]",
    "Compare": "h3:visible",
    "Claims": "#findings h3",
    "Learning curves": "#curves .charts svg",
    "Mistakes": "#mistakes .grid button",
    "Inside": "#inside .side",
    "Robustness": "#trust-reliability .charts svg",
}
FOLDED = {  # accordions of a tab by title, and the data attribute set when the content is ready
    "Inside": {
        "Which pixels speak": "saliency",
        "Did the regulariser": "weights",
        "What if batch norm": "batches",
    },
    "Draw": {"Laboratory:": "laboratory"},
}

# Times in ms from lifting the pen to the next change of the bars.
STOPWATCH = """() => {
  const pad = document.querySelector('.pad'), app = document.querySelector('[data-answers]');
  window.times = [];
  let lifted = null;
  pad.addEventListener('pointerup', () => (lifted = performance.now()), true);
  new MutationObserver(() => {
    if (lifted !== null) window.times.push(performance.now() - lifted);
    lifted = null;
  }).observe(app, { attributes: true, attributeFilter: ['data-answers'] });
}"""


def main():
    imports, starts = [], []
    for _ in range(STARTS):  # alternating, so that noise of the machine affects both
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import gradio, torch"], check=True)
        imports.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        server = serve()
        starts.append(time.perf_counter() - begin)
        stop(server)
    ratio = statistics.median(starts) / statistics.median(imports)
    line("import gradio, torch", statistics.median(imports), "s")
    line("start to first page served", statistics.median(starts), "s")
    line("ratio of the two", ratio, "")
    forward_passes()
    server = serve()
    try:
        line("memory after the start", memory(server), "MiB")
        with sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
            visit(browser)
            browser.close()
        visits(VISITS)
        line(f"memory after {VISITS} visits", memory(server), "MiB")
        crowds(server)
    finally:
        stop(server)


def forward_passes():
    """Forward passes of one digit through stacks of networks, in one thread as in the app."""
    torch.set_num_threads(1)
    voters = results.load().voters
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    for count in (14, 100, 400):
        stack = Stack([voters[index % len(voters)] for index in range(count)])
        times = []
        for _ in range(30):
            begin = time.perf_counter()
            stack.probs(image)
            times.append(1000 * (time.perf_counter() - begin))
        line(f"forward pass of {count} networks", statistics.median(times), "ms")


def opened(browser):
    """A page of the app in a browser with nothing cached, after its first answer; prints how long that took, and the page's weight."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes = []
    devtools.on(
        "Network.loadingFinished",
        lambda event: sizes.append(event["encodedDataLength"]),
    )
    begin = time.perf_counter()
    page.goto(URL)
    page.wait_for_selector("[data-answers]")
    line("Draw: opening to the first answer", time.perf_counter() - begin, "s")
    page.wait_for_load_state("networkidle")
    line(f"page weight, {len(sizes)} requests", sum(sizes) / 1024, "KiB")
    return page


def visit(browser):
    page = opened(browser)
    draw(page)
    for name, content in FIRST_CONTENT.items():
        page.get_by_role("tab", name=name).click()
        begin = time.perf_counter()
        page.locator(content).first.wait_for()
        line(f"{name}: to its first content", time.perf_counter() - begin, "s")
        page.wait_for_timeout(1000)
    for tab, parts in FOLDED.items():
        page.get_by_role("tab", name=tab).click()
        for title, attribute in parts.items():
            page.get_by_text(title).first.click()
            begin = time.perf_counter()
            page.wait_for_selector(f"[data-{attribute}]", state="attached")
            line(f"{tab}, {attribute}", time.perf_counter() - begin, "s")
            page.wait_for_timeout(1000)
    four_explained(page)


def four_explained(page):
    """Saliency maps of four networks, of which the first are cached."""
    page.get_by_role("tab", name="Inside").click()
    selects = ["trial", "other", "third", "fourth"]
    page.evaluate(
        """(selects) => selects.forEach((name, index) => {
          const select = document.querySelector(`#inside select.${name}`);
          select.selectedIndex = select.options.length - 10 * index - 1;
        })""",
        selects,
    )
    begin = time.perf_counter()
    page.locator("#inside select.trial").dispatch_event("change")
    page.wait_for_function("document.querySelectorAll('.salient figure').length === 4")
    line("Inside, saliency of four", time.perf_counter() - begin, "s")


def draw(page):
    page.evaluate(STOPWATCH)
    box = page.locator(".pad").bounding_box()
    for stroke in range(STROKES):
        if stroke % 3 == 0:
            page.get_by_role("button", name="Clear").click()
        x = box["x"] + box["width"] * (0.3 + 0.2 * (stroke % 3))
        page.mouse.move(x, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(x + 20, box["y"] + 240, steps=20)
        page.mouse.up()
        page.wait_for_function(f"window.times.length === {stroke + 1}")
    times = sorted(page.evaluate("window.times"))
    line(f"pen up to votes, median of {STROKES}", statistics.median(times), "ms")
    line(
        f"pen up to votes, p95 of {STROKES}",
        statistics.quantiles(times, n=20)[-1],
        "ms",
    )


def visits(count: int):
    """Simulates visitors with a session of their own, who load the page and request one prediction."""
    pad = component(httpx.get(f"{URL}config").json(), "pad")
    for index in range(count):
        httpx.get(URL)
        question = {"data": {"digit": index % 10, "turn": 0}, "component_id": pad}
        answer = httpx.post(
            f"{URL}gradio_api/component_server",
            json={**question, "fn_name": "ask", "session_hash": f"visit{index}"},
        )
        answer.raise_for_status()


def component(config: dict, name: str) -> int:
    """Id of the Gradio component with this `elem_id`."""
    return next(
        component["id"]
        for component in config["components"]
        if component["props"].get("elem_id") == name
    )


def crowds(server: subprocess.Popen):
    """Crowds of ten visitors, one after another, who press Train at once and draw while they wait."""
    asyncio.run(crowd())  # warm-up, after which memory and threads are compared
    settle()
    before, threads = memory(server), status(server, "Threads")
    latencies, waited = asyncio.run(crowd())
    times = sorted(latencies)
    line(f"{CROWD} visitors: questions of the pads", len(times), "")
    line(f"{CROWD} visitors: answer, median", statistics.median(times), "ms")
    line(f"{CROWD} visitors: answer, p95", statistics.quantiles(times, n=20)[-1], "ms")
    line(f"{CROWD} visitors: first trained after", min(waited), "s")
    line(f"{CROWD} visitors: last trained after", max(waited), "s")
    settle()
    line("memory, ratio of after to before", memory(server) / before, "")
    line("threads before", threads, "")
    line("threads after", status(server, "Threads"), "")


def settle():
    """Threads that were idle for ten seconds are let go when the next question comes."""
    time.sleep(12)
    visits(1)


async def crowd() -> tuple[list[float], list[float]]:
    """Latencies of the pads' requests in ms, and seconds until the visitors' networks were trained."""
    async with httpx.AsyncClient(
        base_url=URL,
        timeout=None,
        limits=httpx.Limits(max_connections=None),
    ) as client:
        config = (await client.get("config")).json()
        latencies: list[float] = []
        waited = await asyncio.gather(
            *(visitor(client, config, latencies) for _ in range(CROWD))
        )
    return latencies, list(waited)


async def visitor(
    client: httpx.AsyncClient, config: dict, latencies: list[float]
) -> float:
    """Requests of a page: heartbeat, a training in the queue with its own secret, and strokes meanwhile; returns its seconds."""
    session = secrets.token_hex(6)
    retrain, pad = (component(config, name) for name in ("retrain", "pad"))
    event = next(
        dependency
        for dependency in config["dependencies"]
        if [retrain, "train"] in [list(target) for target in dependency["targets"]]
    )
    asked = {"visit": secrets.token_hex(16), "device": "CPU", "more": False, "last": 0}

    async def ask(page: int, question: dict, function: str = "ask") -> dict:
        body = {"data": question, "component_id": page, "fn_name": function}
        answer = await client.post(
            "gradio_api/component_server", json={**body, "session_hash": session}
        )
        answer.raise_for_status()
        return answer.json()

    async def draw():
        random = np.random.default_rng(len(session))
        while True:
            drawing = np.zeros((SIDE, SIDE), np.uint8)
            for step in range(5):  # requests while the pen moves, and when it lifts
                drawing[20 : 40 + 10 * step, 50:60] = 255
                pixels = base64.b64encode(drawing.tobytes()).decode()
                begin = time.perf_counter()
                question = {"pixels": pixels, "first": step < 4}
                await ask(pad, {**question, "visit": asked["visit"]})
                took = time.perf_counter() - begin
                latencies.append(1000 * took)
                await asyncio.sleep(max(0.1, 2 * took) - took)  # as the pad does
            await asyncio.sleep(random.uniform(1, 2))

    async with client.stream("GET", f"gradio_api/heartbeat/{session}"):
        await ask(retrain, {"view": "check", "settings": {}, **asked})
        begin = time.perf_counter()
        join = {"fn_index": event["id"], "trigger_id": retrain, "data": []}
        join |= {"event_data": {"settings": {"seed": 1}, **asked}}
        answer = await client.post(
            "gradio_api/queue/join", json={**join, "session_hash": session}
        )
        answer.raise_for_status()
        drawing = asyncio.create_task(draw())
        async with client.stream(
            "GET", "gradio_api/queue/data", params={"session_hash": session}
        ) as stream:
            async for text in stream.aiter_lines():
                message = json.loads(text[6:]) if text else {}
                if message.get("msg") == "process_completed":
                    job = json.loads(message["output"]["data"][0])["job"]
                    break
        watched = {"visit": asked["visit"], "job": job, "seen": None, "have": 0}
        while not (state := await ask(retrain, watched, "follow"))["over"]:
            watched["seen"] = state["seen"]
        drawing.cancel()
        return time.perf_counter() - begin


def memory(server: subprocess.Popen) -> float:
    """Resident memory of the server in MiB."""
    return status(server, "VmRSS") / 1024


def status(server: subprocess.Popen, name: str) -> float:
    """Number from /proc/PID/status of the server; NaN where it is missing. Linux only."""
    for line_ in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line_.startswith(f"{name}:"):
            return int(line_.split()[1])
    return float("nan")


def serve(*command: str, log=subprocess.DEVNULL) -> subprocess.Popen:
    """Starts the app, or Python with a command that does, and returns once it has served a page."""
    environment = {**os.environ, "PORT": PORT}
    server = subprocess.Popen(
        [sys.executable, *(command or ["app.py"])],
        cwd=ROOT,
        env=environment,
        stdout=log,
    )
    while server.poll() is None:
        try:
            urllib.request.urlopen(URL).read()
            return server
        except OSError:
            time.sleep(0.01)
    raise SystemExit("the explorer did not start")


def rest(server: subprocess.Popen):
    """Returns once the server computes hardly anything any more, a minute from now at the latest: it warms up after its start."""
    for _ in range(30):
        before = processor(server.pid)
        time.sleep(2)
        if processor(server.pid) - before < 0.2:
            return


def stop(server: subprocess.Popen):
    server.terminate()
    server.wait()


@contextmanager
def browsing():
    """Chromium, with the app served while it is open."""
    server = serve()
    try:
        with sync_playwright() as playwright:
            yield playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu"],
            )
    finally:
        stop(server)


def line(label: str, value: float, unit: str):
    print(f"{label:32} {value:8.2f} {unit}", flush=True)


if __name__ == "__main__":
    main()
