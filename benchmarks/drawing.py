"""Benchmark of drawing where the visitor's device votes: milliseconds from the pen to repainted votes and to all votes at the start, and bytes, as a table."""

import os
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import URL, line, serve, stop

STROKES = 20
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
# Noted from the start of the navigation: the first paint of the pad, and votes of all networks by the device.
FIRST = """
  new MutationObserver(() => {
    const root = document.querySelector("[data-votes]");
    if (document.querySelector(".pad")) globalThis.padThere ??= performance.now();
    if (root?.dataset.votes !== "device") return;
    globalThis.allVotes ??= performance.now();
  }).observe(document, { attributes: true, childList: true, subtree: true });
"""


def main():
    server = serve()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            context = browser.new_context()
            arrival(context, "nothing cached, no limit")
            arrival(context, "all cached")
            arrival(browser.new_context(), "nothing cached, 1.6 Mbit/s, 300 ms", SLOW)
            for throttled in (1, 4):
                drawing(context, throttled)
    finally:
        stop(server)


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
        ("allVotes", "votes of all networks by the device"),
    ):
        line(f"{label}: {words} after", page.evaluate(f"globalThis.{name}"), "ms")
    line(f"{label}: bytes of the page without the worker's", sum(sizes), "bytes")
    page.close()


def drawing(context, throttled: int):
    """Prints times of strokes, the processor throttled so many times."""
    page = context.new_page()
    page.goto(URL)
    page.wait_for_function(
        "() => document.querySelector('[data-votes=device]')?.dataset.networks >= 200",
        timeout=120_000,
    )
    context.new_cdp_session(page).send(
        "Emulation.setCPUThrottlingRate", {"rate": throttled}
    )
    page.evaluate(STOPWATCH)
    box = page.locator(".pad").bounding_box()
    assert box
    for _ in range(STROKES):
        page.get_by_role("button", name="Clear").click()
        page.mouse.move(box["x"] + 140, box["y"] + 30)
        page.mouse.down()
        for step in range(30):
            page.mouse.move(box["x"] + 140 - step, box["y"] + 30 + 7 * step)
            page.wait_for_timeout(16)
        page.mouse.up()
        page.wait_for_timeout(500)
    for name in ("moving", "resting"):
        times = page.evaluate(f"globalThis.{name}")
        label = f"pen {name}, processor / {throttled}, {len(times)} answers"
        line(f"{label}: median", statistics.median(times), "ms")
        line(f"{label}: p95", statistics.quantiles(times, n=20)[-1], "ms")
    page.close()


if __name__ == "__main__":
    main()
