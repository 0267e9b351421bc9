"""Draw before Gradio: the pad votes while Gradio's page is still loading, and goes on in it."""

import pytest
from playwright.sync_api import expect

from tests.browser import pad

SHIFTS = """globalThis.shifted = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) globalThis.shifted += value;
  }).observe({ type: "layout-shift", buffered: true });"""
MOST = 0.1  # of layout shift, as Core Web Vitals call it good
PLACES = ("h1", ".pad", ".bars", ".verdict")


@pytest.fixture
def held(context):
    """Opens a page whose Gradio waits until the given function is called."""
    pages, errors = [], []

    def open_page(url: str, **options):
        page = context(**options).new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.add_init_script(SHIFTS)
        waiting, released = [], []

        def hold(route):
            if released:
                route.continue_()
            else:
                waiting.append(route)

        def release():
            released.append(True)
            for route in waiting:
                route.continue_()
            page.wait_for_selector("[role=tabpanel]", state="attached")

        page.route("**/assets/Blocks-*.js", hold)
        page.goto(url, wait_until="commit")
        device = page.locator("[data-votes=device]")
        expect(device.locator(".sent")).not_to_contain_text("arrived")
        return page, release

    yield open_page
    for page in pages:
        page.close()
    assert not errors


def places(page, parts) -> list[dict]:
    return [page.locator(each).bounding_box() for each in parts]


@pytest.mark.parametrize(
    "width, parts", [(1280, (*PLACES, ".opening nav")), (390, PLACES)]
)
def test_the_pad_votes_without_gradio_and_keeps_drawing_votes_and_place_when_it_comes(
    explorer, held, width, parts
):
    page, release = held(explorer.local_url, viewport={"width": width, "height": 900})
    expect(page.get_by_role("tab")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()
    pad.draw(page, pad.SEVEN)
    reads_seven(page)
    page.evaluate("scrollTo(0, 0)")
    before, ink = places(page, parts), pad.ink(page, ".pad")
    page.locator(".pad").evaluate("(node) => { node.marked = true; node.focus(); }")
    release()
    expect(page.locator(".early")).to_have_count(0)
    for one, other in zip(before, places(page, parts), strict=True):
        assert one == pytest.approx(other, abs=1)
    assert page.locator("#pad .pad").evaluate("(node) => node.marked")
    assert page.evaluate("document.activeElement.className") == "pad"
    assert pad.ink(page, ".pad") == ink
    reads_seven(page)
    assert page.evaluate("shifted") < MOST
    assert "tab=draw" in page.url
    page.get_by_role("button", name="Undo").click()  # the pad goes on
    pad.says(page, "Draw a digit.")
    page.get_by_role("button", name="A digit that divides them").click()  # server
    pad.divides(page)


def reads_seven(page):
    pad.settled(page)
    expect(page.locator(".verdict")).to_contain_text(" 7")


def test_what_is_pressed_before_gradio_comes_is_opened_when_it_comes(explorer, held):
    page, release = held(explorer.local_url)
    page.get_by_role("link", name="Inside").click()
    link = page.get_by_role("link", name="Inside")
    expect(link).to_have_attribute("aria-current", "true")
    release()
    shown = page.get_by_role("tab", selected=True)
    expect(shown).to_have_text("Inside")
    page.go_back()
    expect(shown).to_have_text("Draw")
    expect(page.locator("#pad .pad")).to_be_visible()


def test_a_stroke_that_is_under_way_is_not_cut_when_gradio_comes(explorer, held):
    page, release = held(explorer.local_url)
    page.get_by_role("button", name="Clear").click()
    (first, *rest) = pad.on_paper(page, pad.ONE)
    page.mouse.move(*first)
    page.mouse.down()
    page.mouse.move(*rest[0], steps=4)
    release()
    expect(page.locator("#pad")).to_be_attached()
    expect(page.locator(".early")).to_be_visible()
    page.mouse.move(*rest[1], steps=4)
    page.mouse.up()
    expect(page.locator(".early")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    pad.says(page, "Draw a digit.")  # it was one stroke
