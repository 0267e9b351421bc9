"""The README's screenshots, taken in Chromium from a server of their own: docs/draw.png, docs/misclassified.png and docs/retrain.png."""

import sys
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.app import READY, URL, browsing

# One stroke, as a link holds it.
NINE = "0k551v3w162t1v2t343w3q4z34551v4z3w4i6p"
RECIPE = "norm={norm}&batch_size=16&epochs=3&seed=11"


def main():
    with browsing() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 760})
        draw(page)
        misclassified(page)
        retrain(page)


def take(page: Page, name: str):
    page.screenshot(path=ROOT / "docs" / f"{name}.png")
    print(f"docs/{name}.png")


def draw(page: Page):
    page.goto(f"{URL}#drawing={NINE}")
    page.wait_for_function(READY, timeout=120_000)
    page.wait_for_timeout(1000)
    take(page, "draw")


def misclassified(page: Page):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{URL}?tab=mistakes")
    page.locator("#mistakes .grid button").first.wait_for()
    page.wait_for_timeout(1000)
    take(page, "misclassified")
    page.set_viewport_size({"width": 1280, "height": 760})


def retrain(page: Page):
    """A training three quarters through, beside an earlier one of the same visit."""
    for norm in ("GN", "BN"):
        page.goto(f"{URL}?tab=retrain&{RECIPE.format(norm=norm)}")
        page.locator("#retrain .train").click()
        if norm == "GN":
            page.locator("#retrain .own li").first.wait_for(timeout=600_000)
    page.wait_for_function(
        "() => document.querySelector('#retrain progress').value > 0.7", timeout=600_000
    )
    take(page, "retrain")


if __name__ == "__main__":
    main()
