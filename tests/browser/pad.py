"""The pad of the Draw tab, as the tests of a browser use it."""

import re

import numpy as np
from playwright.sync_api import expect

from explorer.network import divided

CELLS = 14  # a side of the grid over which the keyboard moves
ONE = [(0.5, 0.15), (0.5, 0.4), (0.5, 0.85)]
SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.6, 0.5), (0.45, 0.85)]
EIGHT = [(0.7, 0.2), (0.4, 0.15), (0.3, 0.35), (0.7, 0.65), (0.5, 0.85), (0.3, 0.65)]
# Strokes of every digit.
STROKES = (
    [[(0.5, 0.15), (0.33, 0.22), (0.27, 0.5), (0.33, 0.78), (0.5, 0.86), (0.67, 0.78), (0.73, 0.5), (0.67, 0.22), (0.5, 0.15)]],
    [ONE],
    [[(0.28, 0.3), (0.38, 0.18), (0.55, 0.16), (0.68, 0.26), (0.66, 0.42), (0.5, 0.6), (0.28, 0.82), (0.75, 0.82)]],
    [[(0.3, 0.2), (0.5, 0.14), (0.67, 0.24), (0.64, 0.4), (0.46, 0.48), (0.66, 0.56), (0.7, 0.72), (0.52, 0.86), (0.3, 0.8)]],
    [[(0.35, 0.15), (0.28, 0.52), (0.72, 0.52)], [(0.64, 0.18), (0.6, 0.86)]],
    [[(0.7, 0.16), (0.36, 0.16), (0.33, 0.46), (0.55, 0.44), (0.69, 0.58), (0.66, 0.76), (0.5, 0.86), (0.3, 0.8)]],
    [[(0.62, 0.14), (0.42, 0.34), (0.32, 0.62), (0.4, 0.82), (0.58, 0.84), (0.68, 0.7), (0.6, 0.56), (0.42, 0.58), (0.34, 0.68)]],
    [SEVEN],
    [[(0.62, 0.24), (0.46, 0.16), (0.36, 0.28), (0.5, 0.46), (0.66, 0.64), (0.62, 0.82), (0.44, 0.86), (0.34, 0.72), (0.48, 0.5), (0.66, 0.32), (0.62, 0.24)]],
    [[(0.66, 0.24), (0.5, 0.15), (0.36, 0.24), (0.36, 0.4), (0.5, 0.48), (0.64, 0.4), (0.66, 0.24), (0.64, 0.5), (0.58, 0.86)]],
)  # fmt: skip
SEVENTH = "?tab=draw&image=0"  # a 7 that all networks read
WITHOUT_WEBASSEMBLY = "delete globalThis.WebAssembly"  # before the page's own scripts


def on_paper(page, points) -> list[tuple[float, float]]:
    pad = page.locator(".pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    return [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points
    ]


def draw(page, points):
    (first, *rest) = on_paper(page, points)
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def draw_digit(page, digit: int):
    for points in STROKES[digit]:
        draw(page, points)


def draw_by_finger(page, points):
    touch = page.context.new_cdp_session(page)
    kinds = ["touchStart", *["touchMove"] * (len(points) - 1)]
    for kind, (x, y) in zip(kinds, on_paper(page, points), strict=True):
        at = [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()


def draw_by_keyboard(page, points):
    """A stroke through the cells of these points, first down or up, then across."""
    page.locator(".pad").focus()
    across = down = CELLS // 2  # where the keyboard's cursor is at first
    for place, point in enumerate(points):
        if place == 1:
            page.keyboard.down("Space")
        x, y = (int(CELLS * part) for part in point)
        keys = ["ArrowDown" if y > down else "ArrowUp"] * abs(y - down)
        keys += ["ArrowRight" if x > across else "ArrowLeft"] * abs(x - across)
        across, down = x, y
        for key in keys:
            page.keyboard.press(key)
    page.keyboard.up("Space")


def says(page, words: str):
    settled(page)
    expect(page.locator("#pad .verdict")).to_have_text(words)


def settled(page):
    """Waits until what is on the paper was answered: half a stroke may already read as the digit."""
    expect(page.locator(".networks")).to_have_attribute("aria-busy", "false")


def complete(page):
    """Waits until all networks are on the device and have voted: until then dots move, and networks beside the voters may be missing."""
    expect(page.locator("[data-votes]")).to_have_attribute("data-votes", "device")
    expect(page.locator("#pad .sent")).not_to_contain_text("arrived")
    settled(page)


def reads(page, digit: int):
    """Most networks read the digit, or all; perhaps the drawing is unlike MNIST's."""
    settled(page)
    words = re.compile(rf"^((All|\d+ of) \d+ networks read|Perhaps) {digit}\b")
    expect(page.locator("#pad .verdict")).to_have_text(words)


def ink(page, selector: str) -> int:
    return page.evaluate(
        """selector => {
          const paper = document.querySelector(selector);
          const { data } = paper.getContext('2d').getImageData(0, 0, paper.width, paper.height);
          return data.filter((value, index) => index % 4 === 0 && value > 128).length;
        }""",
        selector,
    )


def inked(page) -> np.ndarray:
    """The grey levels of what the networks see."""
    read = "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]"
    return np.array(page.locator(".seen").evaluate(read)).reshape(28, 28, 4)[..., 0]


def divides(page) -> divided.Divided:
    """A digit of the gallery is shown."""
    settled(page)
    label = page.locator("#pad .label")
    expect(label).to_contain_text("Test image")
    index = int(re.findall(r"\d+", label.inner_text())[0])
    return next(one for one in divided.measured() if one.index == index)
