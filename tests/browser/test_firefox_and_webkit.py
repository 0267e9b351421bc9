"""Firefox and WebKit, the stand-in for Safari: votes, a phone's screen, and every tab."""

import contextlib
import json

import pytest

from tests.browser import drivers
from tests.browser.pad import EIGHT, ONE, SEVEN
from tests.browser.screens import PHONE
from tests.browser.votes import NOTED, agree

pytestmark = pytest.mark.slow

# Errors that the page meets, of its scripts and of files that do not load.
ERRORS = """
  globalThis.errors = [];
  const { error } = console;
  console.error = (...words) => {
    errors.push(words.join(" "));
    error.apply(console, words);
  };
  const note = ({ message, target }) => errors.push(message ?? `${target.src ?? target.href} did not load`);
  addEventListener("error", note, true);
  addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
"""
NOTE_POINTER = """void document.querySelector(".pad").addEventListener("pointerdown", (event) => {
  globalThis.pointer = event.pointerType;
})"""
HEAD = f"<script>{{{ERRORS}}}\n{{{NOTED}}}</script>"
VIEW = PHONE["viewport"]


@pytest.fixture(scope="module")
def noting(serve):
    """The explorer, whose page notes its votes and its errors."""
    return serve(head=HEAD)


@pytest.fixture(params=[drivers.Firefox, drivers.WebKit], ids=lambda kind: kind.name)
def launch(request, tmp_path):
    """Function that starts the browser."""
    with contextlib.ExitStack() as stack:
        yield lambda webassembly=True: request.param(tmp_path, stack, webassembly)


def everyone_voted(browser, found, computer: str):
    root = "document.querySelector('[data-votes]')"
    for condition in (
        "document.querySelector('.networks')?.ariaBusy === 'false'",
        f"{root}?.dataset.votes === '{computer}'",
        f"{root}?.dataset.networks === '{len(found.voters)}'",
        "document.querySelector('.networks').ariaBusy === 'false'",
    ):
        browser.wait(condition)


def test_the_device_votes_without_the_server(launch, serve, found):
    served = serve(head=HEAD)
    browser = launch()
    browser.open(served.local_url)
    everyone_voted(browser, found, "device")
    assert browser.run("errors") == []
    served.close()
    for points in (SEVEN, EIGHT):
        browser.press(".clear")
        browser.stroke(points)
        everyone_voted(browser, found, "device")
        assert "is not sent" in browser.text("#pad .sent")
        agree(found, browser.run("noted"), browser.text(".verdict"))


def test_the_server_votes_without_webassembly(launch, noting, found):
    browser = launch(webassembly=False)
    browser.open(noting.local_url)
    assert browser.run("typeof WebAssembly") == "undefined"
    everyone_voted(browser, found, "server")
    for points in (SEVEN, EIGHT):
        browser.press(".clear")
        browser.stroke(points)
        everyone_voted(browser, found, "server")
        assert "is sent" in browser.text("#pad .sent")
        agree(found, browser.run("noted"), browser.text(".verdict"))
    assert browser.run("errors") == []


def test_a_phone_is_drawn_on_without_scrolling(launch, noting, found):
    browser = launch()
    for theme in ("light", "dark"):
        browser.resize(VIEW["width"], VIEW["height"])
        browser.open(f"{noting.local_url}?__theme={theme}")
        everyone_voted(browser, found, "device")
        assert browser.run("[innerWidth, innerHeight]") == [*VIEW.values()]
        browser.press(".clear")
        browser.run(NOTE_POINTER)
        browser.stroke(ONE, browser.finger)
        everyone_voted(browser, found, "device")
        assert browser.run("pointer") == browser.finger
        assert " 1" in browser.text(".verdict")
        assert browser.run("scrollY") == 0
        assert browser.run("document.documentElement.scrollWidth") <= VIEW["width"]
        for selector in (".pad", ".bars", ".verdict"):
            box = browser.box(selector)
            assert box["left"] >= 0 and box["right"] <= VIEW["width"]
            assert box["top"] >= 0 and box["bottom"] <= VIEW["height"]
    assert browser.run("errors") == []


def test_every_tab_opens(launch, noting):
    browser = launch()
    browser.resize(1280, 800)
    browser.open(noting.local_url)
    browser.wait("document.querySelectorAll('[role=tab]').length")
    titles = browser.run(
        "[...document.querySelectorAll('[role=tab]')].map((tab) => tab.innerText)"
    )
    for title in titles:
        tab = f"[...document.querySelectorAll('[role=tab]')].find((tab) => tab.innerText === {json.dumps(title)})"
        browser.run(f"{tab}.click()")
        panel = "[...document.querySelectorAll('[role=tabpanel]')].find((panel) => panel.offsetHeight)"
        browser.wait(
            f"{tab}.ariaSelected === 'true' && {panel}?.innerText.length > 100"
        )
        assert browser.run("document.documentElement.scrollWidth") <= 1280
    assert browser.run("errors") == []
