"""The Draw tab as a visitor meets it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.digits import typicality
from explorer.network import (
    ablation,
    divided,
    poll,
    predictions,
    vote_wording,
    wording,
)
from explorer.runs.descriptions import describe
from explorer.study.hard_images import label_errors
from explorer.study.wording import hard_images
from tests.browser.pad import (
    ONE,
    SEVENTH,
    WITHOUT_WEBASSEMBLY,
    complete,
    divides,
    draw,
    ink,
    inked,
    on_paper,
    reads,
    says,
    settled,
)
from tests.browser.screens import PHONE
from train.study import STUDIES

NORMS = STUDIES["grid"].norms


def test_a_linked_digit_is_there_on_arrival_with_every_networks_vote(
    visit, explorer, found
):
    page = visit(explorer.local_url + SEVENTH)
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


def test_a_digit_that_divides_the_networks_greets_the_visitor(visit, explorer, found):
    page = visit(explorer.local_url)
    greeting = divides(page)
    assert greeting == divided.measured()[0]
    contrast = {"sliders": {"contrast": greeting.contrast}, "off": []}
    settings = ablation.Settings.of(contrast)
    digit = ablation.digit(predictions.image(greeting.index), True, settings)
    asked = poll.poll(found, digit, settings)
    expect(page.locator(".dissent")).to_have_text(vote_wording.dissent(asked.vote))
    assert asked.consensus.share < 0.9
    expect(page.get_by_label("Fade the digit")).to_have_value(str(greeting.contrast))
    page.get_by_role("button", name="A digit that divides them").click()
    following = divided.measured()[1]
    expect(page.locator("#pad .label")).to_contain_text(f"image {following.index},")
    page.get_by_role("button", name="Show a test digit 0").click()
    reads(page, 0)
    expect(page.get_by_label("Fade the digit")).to_have_value("1")


def test_the_ten_bars_are_the_means_of_all_networks_and_of_each_norm(
    visit, explorer, found
):
    page = visit(f"{explorer.local_url}?tab=draw&image=6625")
    everyone = page.locator(f"[data-networks='{len(found.voters)}']")
    everyone.wait_for()
    reads(page, 1)
    asked = poll.poll(found, predictions.image(6625))
    top = page.locator(".bars .prob.top")
    digit = int(asked.means.all.argmax())
    heights = page.locator(".bars .prob").evaluate_all(
        "bars => bars.map((bar) => Number(bar.getAttribute('height')))"
    )
    np.testing.assert_allclose(heights, 70 * asked.means.all, atol=70 * 5e-3)
    expect(top).to_have_count(1)
    marks = page.locator(".bars .mark")
    expect(marks).to_have_count(10 * len(NORMS))
    placed = marks.evaluate_all(
        "marks => marks.map((mark) => mark.transform.baseVal[0].matrix.f)"
    )
    expected = [76 - 70 * asked.means.norms[norm] for norm in NORMS]
    np.testing.assert_allclose(placed, np.ravel(expected, "F"), atol=70 * 5e-3)
    label = page.locator(".bars > svg").get_attribute("aria-label")
    assert f"{digit} {round(100 * asked.means.all[digit])}%" in label


def test_a_dot_shows_its_networks_own_bars_and_the_ways_to_it(visit, explorer, found):
    page = visit(explorer.local_url + SEVENTH)
    complete(page)
    reads(page, 7)
    answers = predictions.predict(found, predictions.image(0))
    words = page.locator(".one .whose")

    def told(place: int) -> str:
        trial, row = found.voters[place].trial, answers[place]
        sure = f"reads {row.argmax()}, {round(100 * float(row.max()))} % sure"
        return f"{describe(trial)}, seed {trial.seed}: {sure}"

    dots = page.locator(".strip .dot")
    dots.nth(5).hover()
    expect(words).to_have_text(told(5))
    expect(page.locator(".own-bars .prob.top")).to_have_count(1)
    dots.nth(9).click()
    dots.nth(12).hover()
    expect(words).to_have_text(told(9))  # which was pressed, and so is kept
    page.locator(".strip").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(words).to_have_text(told(11))
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Mistakes")
    name = found.voters[11].trial.name
    expect(page.locator("#mistakes select.trial")).to_have_value(name)
    page.get_by_role("tab", name="Draw").click()
    page.get_by_role("button", name="Its inside").click()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Inside")
    expect(page.locator("#inside select.trial")).to_have_value(name)
    expect(page.locator("#inside select.digit")).to_have_value("drawn")


def test_a_finger_beside_a_dot_means_the_nearest(visit, explorer):
    page = visit(explorer.local_url + SEVENTH, **PHONE)
    complete(page)
    reads(page, 7)
    dot = page.locator(".strip .dot").nth(3)
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    page.touchscreen.tap(box["x"] + 4, box["y"] - 5)
    expect(dot).to_have_class(re.compile("chosen"))
    expect(page.locator(".one .whose")).to_be_visible()


def test_a_dot_and_two_digits_get_no_confident_answer(visit, explorer):
    page = visit(explorer.local_url)
    one = [(0.25, 0.15), (0.25, 0.85)]
    three = [(0.5, 0.2), (0.85, 0.2), (0.65, 0.45), (0.85, 0.6), (0.5, 0.85)]
    for strokes in ([[(0.5, 0.5), (0.505, 0.5)]], [one, three]):
        page.get_by_role("button", name="Clear").click()
        for stroke in strokes:
            draw(page, stroke)
        settled(page)
        expect(page.locator(".verdict")).to_have_text(re.compile("^Perhaps"))
        expect(page.locator(".badge")).to_contain_text("be careful")
        expect(page.locator(".doubt")).to_contain_text("says little")


def test_a_faded_digit_is_seen_faded_and_the_link_keeps_that(visit, explorer, found):
    page = visit(explorer.local_url + SEVENTH)
    reads(page, 7)
    page.get_by_label("Fade the digit").fill("0.2")
    settings = ablation.Settings.of({"off": [], "sliders": {"contrast": 0.2}})
    faded = ablation.digit(predictions.image(0), True, settings)
    asked = poll.poll(found, faded, settings)
    expect(page.locator(".dissent")).to_have_text(vote_wording.dissent(asked.vote))
    settled(page)
    assert np.array_equal(inked(page), faded)
    expect(page.locator("[data-networks]")).to_have_attribute(
        "data-networks", str(len(found.voters))
    )
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    page.get_by_role("button", name="Copy link").click()
    again = visit(page.evaluate("window.copied"))
    expect(again.get_by_label("Fade the digit")).to_have_value("0.2")
    expect(again.locator(".dissent")).to_have_text(vote_wording.dissent(asked.vote))


@pytest.mark.parametrize("computer", ["device", "server"])
def test_one_seed_of_each_configuration_votes_while_the_pen_moves(
    visit, explorer, found, computer
):
    script = WITHOUT_WEBASSEMBLY if computer == "server" else ""
    page = visit(explorer.local_url, script=script)
    divides(page)
    root = page.locator("[data-votes]")
    expect(root).to_have_attribute("data-votes", computer)
    sent = "is sent" if computer == "server" else "is not sent"
    expect(page.locator("#pad .sent")).to_contain_text(sent)
    expect(root).to_have_attribute("data-networks", str(len(found.voters)))
    page.mouse.move(*on_paper(page, [(0.5, 0.15)])[0])
    page.mouse.down()
    page.mouse.move(*on_paper(page, [(0.5, 0.85)])[0], steps=10)
    some = len(predictions.polled(found, True))
    expect(root).to_have_attribute("data-networks", str(some))
    expect(page.locator(".strip .dot")).to_have_count(some)
    reads(page, 1)
    page.mouse.up()
    expect(root).to_have_attribute("data-networks", str(len(found.voters)))


def test_a_test_digit_shows_its_label_and_the_way_back(visit, explorer, mnist):
    wrong = int(label_errors().index[0])
    page = visit(f"{explorer.local_url}?tab=mistakes&image={wrong}")
    page.locator("dialog .send").click()
    label = int(mnist.test.labels[wrong])
    words = hard_images.test_image(wrong, label)
    assert "A known label error" in words
    expect(page.locator("#pad .label")).to_have_text(words)
    page.get_by_role("button", name="Back to Mistakes").click()
    heading = page.locator("#mistakes dialog h3")
    expect(heading).to_contain_text(f"Image {wrong}, labelled {label}")


def test_votes_are_grouped_as_the_visitor_likes_and_told_in_a_table(
    visit, explorer, found
):
    page = visit(explorer.local_url + SEVENTH)
    complete(page)
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
    expect(lines).to_have_count(len({describe(trial) for trial in trials}))
    cells = page.locator(".every tbody td:nth-child(2)").all_inner_texts()
    assert sum(map(int, cells)) == len(trials)


def test_a_network_that_has_no_vote_is_asked_on_request(visit, explorer, found):
    page = visit(explorer.local_url + SEVENTH)
    reads(page, 7)
    voting = {each.trial.name for each in found.voters}
    other = next(each for each in found.finished if each.trial.name not in voting)
    page.locator(".further select").select_option(other.trial.name)
    line = page.locator(".own li")
    words = f"{describe(other.trial)}, seed {other.trial.seed}: reads"
    expect(line).to_contain_text(words)
    expect(page.locator(".strip .dot")).to_have_count(len(voting))
    again = visit(f"{explorer.local_url}?tab=draw&image=0&further={other.trial.name}|x")
    expect(again.locator(".own li")).to_contain_text(words)
    line.get_by_role("button", name="Remove").click()
    expect(line).to_have_count(0)


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


def test_a_server_that_does_not_answer_is_said_and_the_next_stroke_asks_again(
    visit, explorer
):
    page = visit(explorer.local_url, script=WITHOUT_WEBASSEMBLY)
    page.route(re.compile("component_server"), lambda route: route.abort())
    draw(page, ONE)
    expect(page.locator(".verdict.error")).to_contain_text("does not answer")
    page.unroute(re.compile("component_server"))
    draw(page, [(0.5, 0.5), (0.5, 0.6)])
    reads(page, 1)
    page.errors.clear()  # the refused requests


def test_without_checkpoints_the_verdict_says_what_to_do(visit, serve, tmp_path):
    page = visit(serve(tmp_path).local_url)
    says(page, wording.NOTHING)


def test_the_votes_are_saved_as_a_picture(visit, explorer, saved_view):
    page = visit(explorer.local_url + SEVENTH)
    complete(page)
    reads(page, 7)
    page.get_by_text("files to save").click()
    saved_view(page, "Picture as PNG", "votes.png", ".pad", ".said", ".bars", ".strip")


def test_the_laboratory_shows_each_step_and_makes_the_digit_harder(
    visit, explorer, found, saved, saved_view
):
    page = visit(explorer.local_url + SEVENTH)
    complete(page)
    reads(page, 7)
    page.locator(".laboratory summary").press("Enter")
    expect(page.locator(".stage .picture")).to_have_count(5)
    expect(page.locator(".badge")).to_have_text("It looks like MNIST's digits.")
    image = predictions.image(predictions.sample(7, 0))
    changes = ablation.changes(found, image, True)
    expect(page.locator(".stage figcaption").last).to_contain_text("off: ")
    said = page.locator(".stage figcaption").all_inner_texts()[1:]
    assert [int(re.search(r"off: (\d+)", words)[1]) for words in said] == list(
        changes.values()
    )
    page.get_by_label("turn, degrees").fill("60")
    page.get_by_label("right, pixels").fill("5")
    expect(page.locator(".badge")).to_contain_text("does not look like a digit")
    settings = ablation.Settings.of({"off": [], "sliders": {"rotate": 60, "right": 5}})
    harder = ablation.digit(image, True, settings)
    probs = predictions.predict(found, harder)
    trials = [voter.trial for voter in found.voters]
    unlike = wording.unlike(typicality.judge(harder))
    words = vote_wording.verdict(predictions.vote(trials, probs), unlike)
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
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 5 + 4 + 6 + 1
    parts = (".stages", ".measures")
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
    assert page.evaluate("document.documentElement.scrollWidth") == 390
