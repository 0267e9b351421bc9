"""A real browser, where there is one. BROWSER_TESTS=required makes a missing one a failure."""

import csv
import json
import math
import os
import shutil
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from explorer.runs import results

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The first has no window to draw, and so takes half the time.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")

# Boxes of all that nodes show, some of which reaches beyond the nodes.
BOXES = """(selectors) => selectors
    .map((selector) => document.querySelector(selector))
    .flatMap((node) => [node, ...node.querySelectorAll("*")])
    .map((node) => node.getBoundingClientRect().toJSON())
    .filter(({ width }) => width)"""
PATIENCE = 120_000  # ms that a browser may take: a slow machine fails no test
MARGIN = 16  # pixels around a view that is saved as a picture

# What Gradio says of requests that were under way when a link led away from the page.
LEFT = ("AbortError", "Connection errored out")


@pytest.fixture(scope="session")
def launch():
    """Gives the browser that is started with some more arguments, one for all tests."""
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, BROWSERS)), None
    )
    if not path:
        reason = f"no browser: install {BROWSERS[0]}, or name one in CHROMIUM"
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = {}

        def start(*arguments: str):
            if arguments not in started:
                started[arguments] = playwright.chromium.launch(
                    executable_path=path, args=[*ARGUMENTS, *arguments]
                )
            return started[arguments]

        yield start
        for browser in started.values():
            browser.close()


@pytest.fixture(scope="session")
def browser(launch):
    return launch()


@pytest.fixture(scope="session")
def explorer(serve):
    """The explorer of the committed checkpoints."""
    return serve()


@pytest.fixture(scope="session")
def found(committed) -> results.Results:
    """Results that the served explorer was built from."""
    return committed


@pytest.fixture(scope="session")
def context(launch):
    """Gives the browser context of some options, one for all tests: it keeps what the pages load."""
    made = {}

    def make(*arguments, **options):
        key = json.dumps([arguments, options], sort_keys=True)
        if key not in made:
            made[key] = launch(*arguments).new_context(
                **{"viewport": {"width": 1280, "height": 800}, **options}
            )
            made[key].set_default_timeout(PATIENCE)
        return made[key]

    return make


@pytest.fixture
def visit(context):
    """Opens a page and waits until the networks have answered; console errors fail the test."""
    pages, errors = [], []

    def note(text: str):
        if not any(words in text for words in LEFT):
            errors.append(text)

    def open_page(url: str, script: str = "", arguments=(), **options):
        """`script` runs before the page's own; `arguments` are more of the browser's."""
        page = context(*arguments, **options).new_page()
        pages.append(page)
        page.add_init_script(script)
        page.on("pageerror", lambda error: note(str(error)))
        page.on(
            "console", lambda line: note(line.text) if line.type == "error" else None
        )
        page.goto(url)
        # In Gradio's page: the pad answers before that is there. Train has nothing to answer.
        page.wait_for_selector(
            "[role=tabpanel] [data-answers], #retrain [data-ready]", state="attached"
        )
        page.errors = errors
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not errors


@pytest.fixture
def saved():
    """Presses a page's button of that name, the first shown or in a menu, or another, and gives the file that it saves and its name."""

    def press(page, button: str, place: int = 0):
        pressed = page.locator("button").filter(has_text=button)
        # Those of open tabs and folds, in menus too.
        shown = pressed.locator(
            "xpath=self::*[not(ancestor::*[contains(@class, 'menu')])] | ancestor::*[contains(@class, 'saves')]"
        )
        holder = shown.filter(visible=True).nth(place)
        if "saves" in (holder.get_attribute("class") or ""):
            holder.locator(".opener").click()
            holder = holder.locator("button").filter(has_text=button)
        with page.expect_download() as download:
            holder.click()
        return download.value.path(), download.value.suggested_filename

    return press


@pytest.fixture
def saved_view(saved):
    """Presses a page's button that saves a PNG file, which must have that name and look as the nodes do on the page."""

    def press(page, button: str, name: str, *selectors: str):
        path, suggested = saved(page, button)
        assert suggested == name
        page.evaluate("scrollTo(0, 0)")
        boxes = page.evaluate(BOXES, [*selectors])
        left, top = (min(box[side] for box in boxes) - MARGIN for side in "xy")
        width, height = (
            max(box[side] + box[size] for box in boxes) + MARGIN - start
            for side, size, start in (("x", "width", left), ("y", "height", top))
        )
        picture = Image.open(path).convert("RGB")
        assert picture.size == (2 * math.ceil(width), 2 * math.ceil(height))
        clip = {"x": left, "y": top, "width": width, "height": height}
        screen = Image.open(BytesIO(page.screenshot(clip=clip, full_page=True)))
        seen = np.asarray(screen.convert("RGB"), float)
        shown = np.asarray(picture.resize(screen.size, Image.Resampling.BOX), float)
        inside = seen[MARGIN:-MARGIN, MARGIN:-MARGIN].std()
        assert inside > 10  # something is there
        assert abs(seen - shown).mean() < inside / 4

    return press


@pytest.fixture
def saved_table(saved):
    """Presses a page's button that saves a CSV file, and gives its lines; the file must have that name."""

    def press(page, button: str, name: str) -> list[list[str]]:
        path, suggested = saved(page, button)
        assert suggested == name
        with path.open(encoding="utf-8-sig") as lines:
            rows = list(csv.reader(lines))
        # As a spreadsheet shows them: an apostrophe says that a cell is no formula.
        return [[cell.removeprefix("'") for cell in row] for row in rows]

    return press
