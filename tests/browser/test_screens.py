"""Drawing by mouse, finger and keyboard on a desktop's and a phone's screen, light and dark: pad, bars and verdict are in one view."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pad import ONE, draw, draw_by_finger, draw_by_keyboard, reads, says
from tests.browser.screens import DESKTOP, PHONE, QUIET, SCREENS, SHIFTS

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


SHOWN = {  # what a tab shows last
    "draw": "#pad[data-answers], #pad [data-answers]",
    "findings": "#findings .studies figure svg",
    "compare": "#compare .charts svg",
    "table": "#results .pairs table td",
    "curves": "#curves .legend li",
    "mistakes": "#mistakes .grid button",
    "inside": "#inside .side",
    "trust": "#trust-robustness .charts svg",
    "retrain": "#retrain .recipe select",
}
TALL = {"curves", "inside", "trust"}
TALLEST = 2200  # pixels on a phone
MOST_MOVED = 0.1  # "good" by web.dev/cls


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("tab", SHOWN)
def test_a_tab_moves_nothing_while_it_loads_and_fits_the_screen(
    context, explorer, screen, tab
):
    page = context(**SCREENS[screen]).new_page()
    page.add_init_script(SHIFTS)
    page.goto(f"{explorer.local_url}?tab={tab}")
    page.locator(SHOWN[tab]).first.wait_for(state="attached")
    page.evaluate(QUIET)
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, *_ in shifts) < MOST_MOVED, shifts
    width = SCREENS[screen]["viewport"]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if screen == "phone" and tab in TALL:
        height = page.evaluate("document.documentElement.scrollHeight")
        assert height < TALLEST
    page.close()


def test_no_plot_keeps_a_finger_from_scrolling(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=trust", **PHONE)
    plot = page.locator("#trust-robustness .charts svg").first
    plot.wait_for()
    page.evaluate(QUIET)  # a plot is drawn anew when its width changes
    plot.scroll_into_view_if_needed()
    box, before = plot.bounding_box(), page.evaluate("scrollY")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, up in (("touchStart", 0), *(("touchMove", 25 * k) for k in range(1, 8))):
        at = [{"x": x, "y": y - up}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()
    page.wait_for_function("(before) => scrollY > before + 100", arg=before)


def test_a_sheet_holds_the_choices_of_a_phone_and_a_menu_the_files(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=curves", **PHONE)
    opener = page.get_by_role("button", name="Choose networks")
    choice = page.get_by_label("GN", exact=True)
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(choice).to_be_hidden()
    opener.click()
    choice.uncheck()
    expect(page.get_by_text("40 of ")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(choice).to_be_hidden()
    save = page.get_by_role("button", name="Save").filter(visible=True)
    file = page.get_by_role("button", name="Table as CSV").filter(visible=True)
    save.click()
    expect(file).to_have_count(1)
    page.keyboard.press("Escape")
    expect(file).to_have_count(0)
    expect(save).to_be_focused()
