"""Drawing on the pad by mouse, finger and keyboard, and links that hold a drawing."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.pad import (
    ONE,
    SEVEN,
    SEVENTH,
    divides,
    draw,
    draw_by_finger,
    ink,
    inked,
    on_paper,
    reads,
    says,
    settled,
)
from tests.browser.screens import PHONE


def test_the_eraser_takes_ink_away_and_links_keep_it(visit, explorer):
    page = visit(explorer.local_url)
    eraser = page.get_by_role("button", name="Erase")
    page.get_by_role("button", name="Clear").click()
    draw(page, SEVEN)
    before = ink(page, ".pad")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    draw(page, [(0.1, 0.2), (0.55, 0.2)])
    settled(page)
    after = ink(page, ".pad")
    assert after < 0.9 * before
    page.get_by_role("button", name="Copy link").click()
    again = visit(page.url)
    settled(again)
    assert abs(ink(again, ".pad") - after) < 0.03 * before
    page.get_by_role("button", name="Undo").click()
    assert ink(page, ".pad") == before


def test_a_digit_is_drawn_with_the_keyboard_alone(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Enter")
    says(page, "Draw a digit.")
    page.locator(".pad").focus()
    expect(page.locator(".cursor")).to_be_visible()
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    page.keyboard.down("Space")
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    page.keyboard.up("Space")
    reads(page, 1)
    expect(page.locator(".paper .spoken")).to_have_text("row 12, column 8, inked")
    before = ink(page, ".pad")
    page.keyboard.press("ArrowLeft")  # the pen is up
    assert ink(page, ".pad") == before


def test_strokes_of_the_mouse_change_the_answer(visit, explorer):
    page = visit(explorer.local_url)
    draw(page, ONE)
    reads(page, 1)
    page.get_by_role("button", name="Clear").click()
    says(page, "Draw a digit.")
    draw(page, SEVEN)
    reads(page, 7)


def test_strokes_of_a_finger_change_the_answer_and_do_not_scroll(visit, explorer):
    page = visit(explorer.local_url, **PHONE)
    page.evaluate("scrollTo(0, 60)")
    draw_by_finger(page, [(0.5, 0.15 + 0.05 * step) for step in range(15)])
    reads(page, 1)
    assert page.evaluate("scrollY") == 60


def test_the_answer_changes_while_the_pen_moves(visit, explorer):
    page = visit(explorer.local_url)
    page.mouse.move(*on_paper(page, [(0.5, 0.15)])[0])
    page.mouse.down()
    page.mouse.move(*on_paper(page, [(0.5, 0.85)])[0], steps=10)
    reads(page, 1)
    page.mouse.up()


def test_undo_takes_back_strokes_clear_and_the_test_digit(visit, explorer):
    page = visit(explorer.local_url + SEVENTH)
    undo = page.get_by_role("button", name="Undo")
    draw(page, ONE)
    reads(page, 1)
    page.get_by_role("button", name="Clear").click()
    says(page, "Draw a digit.")
    undo.click()
    reads(page, 1)
    undo.click()
    reads(page, 7)
    expect(undo).to_be_disabled()  # there is nothing more to take back
    redo = page.get_by_role("button", name="Redo")
    redo.click()
    reads(page, 1)
    page.locator(".pad").focus()
    page.keyboard.press("Control+Shift+z")
    says(page, "Draw a digit.")
    expect(redo).to_be_disabled()
    page.keyboard.press("Control+z")
    reads(page, 1)


def test_the_pen_has_a_width(visit, explorer):
    page = visit(explorer.local_url)
    amounts = []
    for width in ("8", "36"):
        page.get_by_label("Pen width").fill(width)
        page.get_by_role("button", name="Clear").click()
        draw(page, ONE)
        amounts.append(ink(page, ".pad"))
    assert amounts[1] > 3 * amounts[0]


def test_a_drawing_survives_a_look_at_another_tab(visit, explorer):
    page = visit(explorer.local_url)
    draw(page, ONE)
    reads(page, 1)
    before = ink(page, ".pad")
    page.get_by_role("tab", name="All results").click()
    page.get_by_role("tab", name="Draw").click()
    reads(page, 1)
    assert ink(page, ".pad") == before


def test_a_link_reopens_a_drawing_and_its_grouping(visit, explorer):
    page = visit(explorer.local_url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Clear").click()
    draw(page, ONE)
    reads(page, 1)
    page.get_by_label("Batch size").check()
    drawn = inked(page)
    page.get_by_role("button", name="Copy link").first.click()
    link = page.evaluate("navigator.clipboard.readText()")
    query, fragment = urlsplit(link).query, urlsplit(link).fragment
    assert "drawing" not in query and "by=batch" in query
    assert fragment.startswith("drawing=")
    assert page.url == link  # the bar took it up
    again = visit(link)
    reads(again, 1)
    expect(again.get_by_label("Batch size")).to_be_checked()
    assert abs(inked(again) - drawn).max() <= 8  # strokes are smoothed as they grow


@pytest.mark.parametrize("text", ["zz", "0k<script>", "0k1111~", "0k" + "1" * 8000])
def test_a_link_to_no_drawing_opens_a_digit(visit, explorer, text):
    divides(visit(f"{explorer.local_url}#drawing={text}"))


BAR = "0k3w123w7i"  # a 1


def test_an_old_link_is_read_and_its_drawing_leaves_the_query(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=draw&by=batch&drawing={BAR}")
    reads(page, 1)
    expect(page.get_by_label("Batch size")).to_be_checked()
    assert page.url == f"{explorer.local_url}?tab=draw&by=batch#drawing={BAR}"


def test_a_drawing_in_the_address_is_shown_and_leaves_it_when_another_is_drawn(
    visit, explorer
):
    page = visit(f"{explorer.local_url}#drawing={BAR}")
    reads(page, 1)
    page.evaluate("location.hash = 'drawing=0k1y1o5m1o~0k5m1o3e6o'")
    reads(page, 7)
    assert "#drawing=0k1y1o5m1o" in page.url
    page.get_by_role("button", name="Clear").click()
    draw(page, ONE)
    reads(page, 1)
    assert "#" not in page.url
