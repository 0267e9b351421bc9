"""Benchmark of first visits on a slow line: seconds from navigation to the device's first votes in Draw, and to the charts of Learning curves."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import FIRST_CONTENT, URL, browsing, line
from benchmarks.drawing import SLOW

VISITS = 3
AWAITED = {  # by address, the selector of what a visitor waits for
    "?tab=draw": "[data-votes=device]",
    "?tab=curves": FIRST_CONTENT["Learning curves"],
}
NOTED = """new MutationObserver(() => {
  if (document.querySelector("%s")) globalThis.there ??= performance.now();
}).observe(document, { attributes: true, childList: true, subtree: true });"""


def main():
    with browsing() as browser:
        for query in AWAITED:
            seconds(browser, query, None)  # what the server computes once
            for _ in range(VISITS):
                line(query, seconds(browser, query, SLOW), "s")


def seconds(browser, query: str, network: dict | None) -> float:
    """Seconds until what is awaited at an address is there, with nothing cached."""
    page = browser.new_context().new_page()
    page.add_init_script(NOTED % AWAITED[query])
    if network:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", network)
    page.goto(URL + query, wait_until="commit")
    page.wait_for_function("globalThis.there", timeout=120_000)
    there = page.evaluate("globalThis.there")
    page.context.close()
    return there / 1000


if __name__ == "__main__":
    main()
