"""How fast the explorer starts and answers: prints a table, asserts nothing. Run with `make bench`."""

import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PORT = "7990"
URL = f"http://127.0.0.1:{PORT}/"
STARTS, STROKES = 5, 30

# Notes when the pen is lifted and when the bars are next changed, in ms.
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
    for _ in range(STARTS):  # alternating, so that a busy neighbour meets both
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
    server = serve()
    try:
        with sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
            visit(browser)
            browser.close()
    finally:
        stop(server)


def visit(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    begin = time.perf_counter()
    page.goto(URL)
    page.wait_for_selector("[data-answers]")
    line("opening to the first answer", time.perf_counter() - begin, "s")
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
    line(f"pen up to bars, median of {STROKES}", statistics.median(times), "ms")
    line(
        f"pen up to bars, p95 of {STROKES}", statistics.quantiles(times, n=20)[-1], "ms"
    )


def serve() -> subprocess.Popen:
    """Starts the app and returns once it has served a page."""
    environment = {**os.environ, "PORT": PORT}
    server = subprocess.Popen(
        [sys.executable, ROOT / "app.py"], env=environment, stdout=subprocess.DEVNULL
    )
    while server.poll() is None:
        try:
            urllib.request.urlopen(URL).read()
            return server
        except OSError:
            time.sleep(0.01)
    raise SystemExit("the explorer did not start")


def stop(server: subprocess.Popen):
    server.terminate()
    server.wait()


def line(what: str, value: float, unit: str):
    print(f"{what:32} {value:8.2f} {unit}", flush=True)


if __name__ == "__main__":
    main()
