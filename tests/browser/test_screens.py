"""Drawing by mouse, finger and keyboard on a desktop's and a phone's screen, light and dark: pad, bars and verdict are in one view."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pad import ONE, draw, draw_by_finger, draw_by_keyboard, reads, says
from tests.browser.screens import DESKTOP, PHONE

MEANS = {"mouse": draw, "finger": draw_by_finger, "keyboard": draw_by_keyboard}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("means", MEANS)
def test_a_digit_is_drawn_and_read_in_one_view(visit, explorer, screen, theme, means):
    page = visit(f"{explorer.local_url}?__theme={theme}", **screen)
    clear = page.get_by_role("button", name="Clear")
    clear.press("Enter") if means == "keyboard" else clear.click()
    says(page, "Draw a digit.")
    page.evaluate("scrollTo(0, 0)")
    MEANS[means](page, ONE)
    reads(page, 1)
    expect(page.locator("[data-votes]")).to_have_attribute("data-votes", "device")
    width, height = screen["viewport"].values()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("scrollY") == 0
    for selector in (".pad", ".bars", ".verdict"):
        box = page.locator(selector).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["y"] >= 0 and box["y"] + box["height"] <= height
    colour = page.locator(".verdict").evaluate("it => getComputedStyle(it).color")
    red = int(re.findall(r"\d+", colour)[0])
    assert (red > 128) == (theme == "dark")  # bright words on a dark page
