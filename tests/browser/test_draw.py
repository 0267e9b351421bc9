"""The Draw tab as a visitor meets it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.network import ablation, predictions, wording
from explorer.runs import results
from train.study import STUDIES

NORMS = STUDIES["grid"].norms
ONE = [(0.5, 0.15), (0.5, 0.4), (0.5, 0.85)]
SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.6, 0.5), (0.45, 0.85)]
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}


def on_paper(page, points) -> list[tuple[float, float]]:
    box = page.locator(".pad").bounding_box()
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


def says(page, words: str):
    settled(page)
    expect(page.locator(".verdict")).to_have_text(words)


def settled(page):
    """Waits until what is on the paper was answered: half a stroke may already read as the digit."""
    expect(page.locator(".networks")).to_have_attribute("aria-busy", "false")


def reads(page, digit: int):
    """Most networks read the digit, or all."""
    settled(page)
    words = re.compile(rf"^(All|\d+ of) \d+ networks read {digit}\b")
    expect(page.locator(".verdict")).to_have_text(words)


def test_a_test_digit_is_there_on_arrival_with_every_networks_vote(
    visit, explorer, found
):
    page = visit(explorer.local_url)
    reads(page, 7)
    voters = [each.trial for each in found.voters]
    expect(page.locator(".strip .dot")).to_have_count(len(voters))
    groups = page.locator(".group")
    norms = [sum(trial.norm == norm for trial in voters) for norm in NORMS]
    assert [
        sum(map(int, re.findall(r"(\d+) read", words)))
        for words in groups.locator(".count").all_inner_texts()
    ] == norms
    assert groups.locator(".digit").first.inner_text() == "7"


def test_votes_are_grouped_as_the_visitor_likes_and_told_in_a_table(
    visit, explorer, found
):
    page = visit(explorer.local_url)
    reads(page, 7)
    trials = [each.trial for each in found.voters]
    page.get_by_label("Batch size").check()
    sizes = sorted({trial.batch_size for trial in trials})
    names = page.locator(".group .name").all_inner_texts()
    assert names == [f"batch {size}" for size in sizes]
    page.get_by_label("Regulariser").check()
    kinds = {trial.regulariser for trial in trials}
    expect(page.locator(".group")).to_have_count(len(kinds))
    page.get_by_text("Votes of every configuration").click()
    lines = page.locator(".every tbody tr")
    expect(lines).to_have_count(len({results.describe(trial) for trial in trials}))
    cells = page.locator(".every tbody td:nth-child(2)").all_inner_texts()
    assert sum(map(int, cells)) == len(trials)
    page.locator(".strip .dot").first.hover()
    expect(page.locator(".strip .dot").first).to_have_attribute(
        "title", re.compile(r"seed \d+: reads 7, \d+ % sure")
    )


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
    expect(page.locator(".spoken")).to_have_text("row 12, column 8, inked")
    before = ink(page, ".pad")
    page.keyboard.press("ArrowLeft")  # the pen is up
    assert ink(page, ".pad") == before


def test_a_network_that_has_no_vote_is_asked_on_request(visit, explorer, found):
    page = visit(explorer.local_url)
    reads(page, 7)
    voting = {each.trial.name for each in found.voters}
    other = next(each for each in found.finished if each.trial.name not in voting)
    page.locator(".further select").select_option(other.trial.name)
    line = page.locator(".own li")
    words = f"{results.describe(other.trial)}, seed {other.trial.seed}: reads"
    expect(line).to_contain_text(words)
    expect(page.locator(".strip .dot")).to_have_count(len(voting))
    again = visit(f"{explorer.local_url}?tab=draw&image=0&further={other.trial.name}|x")
    expect(again.locator(".own li")).to_contain_text(words)
    line.get_by_role("button", name="Remove").click()
    expect(line).to_have_count(0)


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
    touch = page.context.new_cdp_session(page)
    (first, *rest) = on_paper(page, [(0.5, 0.15 + 0.05 * step) for step in range(15)])

    def send(kind, *points):
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    send("touchStart", first)
    for point in rest:
        send("touchMove", point)
    send("touchEnd")
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
    page = visit(explorer.local_url)
    undo = page.get_by_role("button", name="Undo")
    draw(page, ONE)
    reads(page, 1)
    page.get_by_role("button", name="Clear").click()
    says(page, "Draw a digit.")
    undo.click()
    reads(page, 1)
    undo.click()
    reads(page, 7)
    undo.click()  # there is nothing more to take back
    reads(page, 7)


def ink(page, selector: str) -> int:
    return page.evaluate(
        """selector => {
          const paper = document.querySelector(selector);
          const { data } = paper.getContext('2d').getImageData(0, 0, paper.width, paper.height);
          return data.filter((value, index) => index % 4 === 0 && value > 128).length;
        }""",
        selector,
    )


def test_the_pen_has_a_width(visit, explorer):
    page = visit(explorer.local_url)
    amounts = []
    for width in ("8", "36"):
        page.get_by_label("Pen width").fill(width)
        page.get_by_role("button", name="Clear").click()
        draw(page, ONE)
        amounts.append(ink(page, ".pad"))
    assert amounts[1] > 3 * amounts[0]


def test_what_the_networks_see_is_shown(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("button", name="Clear").click()
    says(page, "Draw a digit.")
    assert ink(page, ".seen") == 0
    draw(page, ONE)
    reads(page, 1)
    assert 20 <= ink(page, ".seen") <= 120


def test_a_test_digit_is_chosen_with_the_keyboard(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("button", name="Show a test digit 0").focus()
    page.keyboard.press("Enter")
    reads(page, 0)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    reads(page, 1)


def test_a_drawing_survives_a_look_at_another_tab(visit, explorer):
    page = visit(explorer.local_url)
    draw(page, ONE)
    reads(page, 1)
    before = ink(page, ".pad")
    page.get_by_role("tab", name="Results").click()
    page.get_by_role("tab", name="Draw").click()
    reads(page, 1)
    assert ink(page, ".pad") == before


def test_a_server_that_does_not_answer_is_said_and_the_next_stroke_asks_again(
    visit, explorer
):
    page = visit(explorer.local_url)
    page.route(re.compile("component_server"), lambda route: route.abort())
    draw(page, ONE)
    expect(page.locator(".verdict.error")).to_contain_text("does not answer")
    page.unroute(re.compile("component_server"))
    draw(page, [(0.5, 0.5), (0.5, 0.6)])
    reads(page, 1)
    page.errors.clear()  # the refused requests


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_pad_and_verdict_without_scrolling(visit, explorer, theme):
    page = visit(f"{explorer.local_url}?__theme={theme}", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for selector in (".pad", ".verdict"):
        box = page.locator(selector).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 740
    red = page.locator(".verdict").evaluate(
        "it => getComputedStyle(it).color.match(/[0-9]+/)[0]"
    )
    assert (int(red) > 128) == (theme == "dark")  # bright words on a dark page


def test_without_checkpoints_the_verdict_says_what_to_do(visit, serve, tmp_path):
    page = visit(serve(tmp_path).local_url)
    says(page, wording.NOTHING)


def test_the_votes_are_saved_as_a_picture(visit, explorer, saved_view):
    page = visit(explorer.local_url)
    reads(page, 7)
    page.get_by_text("files to save").click()
    saved_view(page, "Picture as PNG", "votes.png", ".pad", ".said", ".strip")


def test_a_link_reopens_a_drawing_and_its_grouping(visit, explorer):
    page = visit(explorer.local_url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Clear").click()
    draw(page, ONE)
    reads(page, 1)
    page.get_by_label("Batch size").check()
    drawn = inked(page)
    page.get_by_role("button", name="Copy link").first.click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "drawing=" in link and "by=batch" in link
    again = visit(link)
    reads(again, 1)
    expect(again.get_by_label("Batch size")).to_be_checked()
    assert abs(inked(again) - drawn).max() <= 8  # strokes are smoothed as they grow


def inked(page) -> np.ndarray:
    """The grey levels of what the networks see."""
    read = "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]"
    return np.array(page.locator(".seen").evaluate(read)).reshape(28, 28, 4)[..., 0]


@pytest.mark.parametrize("text", ["zz", "0k<script>", "0k1111~", "0k" + "1" * 8000])
def test_a_link_to_no_drawing_opens_a_digit(visit, explorer, text):
    reads(visit(f"{explorer.local_url}?drawing={text}"), 7)


def test_the_laboratory_shows_each_step_and_makes_the_digit_harder(
    visit, explorer, found, saved, saved_view
):
    page = visit(explorer.local_url)
    reads(page, 7)
    page.locator(".laboratory summary").press("Enter")
    expect(page.locator(".stage .picture")).to_have_count(5)
    expect(page.locator(".badge")).to_contain_text("Like MNIST")
    image = predictions.image(predictions.sample(7, 0))
    changes = ablation.changes(found, image, True)
    expect(page.locator(".stage figcaption").last).to_contain_text("off: ")
    said = page.locator(".stage figcaption").all_inner_texts()[1:]
    assert [int(re.search(r"off: (\d+)", words)[1]) for words in said] == list(
        changes.values()
    )
    page.get_by_label("turn, degrees").fill("60")
    page.get_by_label("right, pixels").fill("5")
    expect(page.locator(".badge")).to_contain_text("Unlike MNIST")
    settings = ablation.Settings.of({"off": [], "sliders": {"rotate": 60, "right": 5}})
    harder = ablation.digit(image, True, settings)
    probs = predictions.predict(found, harder)
    words = wording.verdict(predictions.vote(found, probs))
    says(page, words)
    expect(page.locator(".said-again")).to_have_text(words)
    page.get_by_role("checkbox", name="normalised").uncheck()
    page.get_by_role("button", name="Copy link").focus()
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    page.keyboard.press("Enter")
    again = visit(page.evaluate("window.copied"))
    expect(again.get_by_role("checkbox", name="normalised")).not_to_be_checked()
    expect(again.get_by_label("turn, degrees")).to_have_value("60")
    expect(again.locator(".verdict")).to_have_text(
        page.locator(".verdict").inner_text()
    )
    expect(again.locator(".stage .picture")).to_have_count(5)
    path, name = saved(again, "Laboratory as CSV")
    assert name == "laboratory.csv"
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 4 + 4 + 6 + 1
    parts = (".stages", ".badge", ".measures")
    saved_view(again, "Laboratory as PNG", "laboratory.png", *parts)
    page.get_by_role("button", name="Reset").press("Enter")
    reads(page, 7)
    page.get_by_role("button", name="Clear").press("Enter")
    expect(page.locator(".stage .picture")).to_have_count(0)
    expect(page.locator(".badge")).to_be_empty()
    expect(page.get_by_role("checkbox", name="normalised")).to_be_checked()


def test_the_laboratory_fits_a_phone(visit, explorer):
    page = visit(f"{explorer.local_url}?off=box&thicken=2", **PHONE)
    expect(page.locator(".stage .picture")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
