"""Benchmark of drawing where the visitor's device votes: milliseconds from the pen to repainted votes and to the first votes, bytes, and memory, as a table."""

import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import READY, URL, browsing, line

STROKES = 20
MINUTES, EVERY = 10, 2  # of drawing, in which the memory is read every so many
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 200_000}  # bytes/s
SLOW["uploadThroughput"] = SLOW["downloadThroughput"]
# Times from the last event of the pen before an answer to the frame that shows it, while it moves; from its rest to all votes.
STOPWATCH = """() => {
  const pad = document.querySelector(".pad"), root = document.querySelector("[data-votes]");
  globalThis.moving = [], globalThis.resting = [];
  let begun = null, lifted = null;
  const all = root.dataset.networks;
  pad.addEventListener("pointermove", (event) => event.buttons && (begun ??= performance.now()), true);
  pad.addEventListener("pointerup", () => ([lifted, begun] = [performance.now(), null]), true);
  new MutationObserver(() => {
    const since = begun, rest = lifted;
    begun = null;
    if (root.dataset.networks === all) lifted = null;
    requestAnimationFrame(() => setTimeout(() => {
      if (since !== null) moving.push(performance.now() - since);
      else if (rest !== null && lifted === null) resting.push(performance.now() - rest);
    }));
  }).observe(root, { attributes: true, attributeFilter: ["data-answers"] });
}"""
# Noted from the start of the navigation: the pad, the device's first votes, and its votes of all networks.
FIRST = """
  new MutationObserver(() => {
    const root = document.querySelector("[data-votes]");
    if (document.querySelector(".pad")) globalThis.padThere ??= performance.now();
    if (root?.dataset.votes !== "device") return;
    globalThis.firstVotes ??= performance.now();
    if (!root.querySelector(".sent").textContent.includes("have arrived"))
      globalThis.allVotes ??= performance.now();
  }).observe(document, { attributes: true, childList: true, subtree: true });
"""


def main():
    with browsing() as browser:
        context = browser.new_context()
        arrival(context, "nothing cached, no limit")
        arrival(context, "all cached")
        arrival(browser.new_context(), "nothing cached, 1.6 Mbit/s, 300 ms", SLOW)
        for throttled in (1, 4):
            drawing(context, throttled)
        memory(browser)


def arrival(context, label: str, network: dict | None = None):
    """Prints when the pad and the device's first votes are there, and the bytes that came."""
    page = context.new_page()
    page.add_init_script(FIRST)
    session, sizes = context.new_cdp_session(page), []
    session.send("Network.enable")
    if network:
        session.send("Network.emulateNetworkConditions", network)
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.append(event["encodedDataLength"]),
    )
    page.goto(URL)
    page.wait_for_function("globalThis.allVotes", timeout=120_000)
    for name, words in (
        ("padThere", "pad"),
        ("firstVotes", "first votes by the device"),
        ("allVotes", "votes of all networks by the device"),
    ):
        line(f"{label}: {words} after", page.evaluate(f"globalThis.{name}"), "ms")
    line(f"{label}: bytes of the page without the worker's", sum(sizes), "bytes")
    page.close()


def ready(context):
    """Page whose device votes with all networks."""
    page = context.new_page()
    page.goto(URL)
    page.wait_for_function(READY, timeout=120_000)
    page.wait_for_timeout(1000)  # until all have voted
    return page


def draw(page):
    """Draws a stroke of about half a second, and waits for as long."""
    page.get_by_role("button", name="Clear").click()
    box = page.locator(".pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + 140, box["y"] + 30)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(box["x"] + 140 - step, box["y"] + 30 + 7 * step)
        page.wait_for_timeout(16)
    page.mouse.up()
    page.wait_for_timeout(500)


def drawing(context, throttled: int):
    """Prints times of strokes, the processor throttled so many times."""
    page = ready(context)
    context.new_cdp_session(page).send(
        "Emulation.setCPUThrottlingRate", {"rate": throttled}
    )
    page.evaluate(STOPWATCH)
    for _ in range(STROKES):
        draw(page)
    for name in ("moving", "resting"):
        times = page.evaluate(f"globalThis.{name}")
        label = f"pen {name}, processor / {throttled}, {len(times)} answers"
        line(f"{label}: median", statistics.median(times), "ms")
        line(f"{label}: p95", statistics.quantiles(times, n=20)[-1], "ms")
    page.close()


def memory(browser):
    """Prints the page's JavaScript heap, and the memory of its process, in which the worker is, while it is drawn on. Linux only."""
    page = ready(browser.new_context())
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    begin = time.monotonic()
    for minute in range(0, MINUTES + 1, EVERY):
        while time.monotonic() < begin + 60 * minute:
            draw(page)
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        heap = {each["name"]: each["value"] for each in metrics}["JSHeapUsedSize"]
        line(f"heap after {minute} minutes", heap / 2**20, "MiB")
        line(f"memory after {minute} minutes", resident(browser) / 2**20, "MiB")


def resident(browser) -> int:
    """Bytes in memory of the browser's largest process of pages."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    pages = [
        each["id"] for each in processes["processInfo"] if each["type"] == "renderer"
    ]
    counts = [Path(f"/proc/{each}/statm").read_text().split()[1] for each in pages]
    return os.sysconf("SC_PAGESIZE") * max(map(int, counts))


if __name__ == "__main__":
    main()
