"""The test of the visitor's hand: digits that the page asks for, its score, and the files that keep them."""

import re
import zipfile

import numpy as np
import pytest
from playwright.sync_api import expect
from torchvision.datasets import MNIST

from explorer.digits import sets
from explorer.network import evaluate
from explorer.runs import device_files
from explorer.study import set_scores
from tests.browser.pad import SEVEN, draw, draw_digit, ink, reads, settled
from tests.browser.screens import PHONE

TEN = "?tab=draw&test=10"
WITHOUT_WEBASSEMBLY = "delete globalThis.WebAssembly"


def asked(page) -> int:
    """The digit that the page asks for."""
    return int(re.findall(r"\d", page.locator(".wish").inner_text())[0])


def answered(page, place: int):
    """The digit of that place, counted from 1, is confirmed."""
    expect(page.locator(f".so-far li:nth-child({place}) canvas")).to_have_count(1)


def draw_ten(page, wrong: int | None = None) -> list[int]:
    """Draws the ten digits that are asked for, at the place `wrong` another one; gives the labels."""
    labels = []
    for place in range(10):
        expect(page.locator(".progress")).to_have_text(f"{place + 1} of 10")
        labels.append(asked(page))
        draw_digit(page, (labels[-1] + 1) % 10 if place == wrong else labels[-1])
        page.locator(".next").click()
    expect(page.locator(".score")).to_be_visible()
    return labels


def test_the_page_asks_with_its_votes_hidden(visit, explorer):
    page = visit(explorer.local_url + TEN)
    expect(page.locator(".task")).to_have_attribute("role", "status")
    expect(page.locator(".task")).to_have_text(re.compile(r"^1 of 10: draw an? \d$"))
    expect(page.locator(".next")).to_be_disabled()  # the pad is blank
    for hidden in (".verdict", ".bars", ".strip", ".seen", ".divided", ".laboratory"):
        expect(page.locator(f"#pad {hidden}")).to_be_hidden()
    expect(page.get_by_text("a hand that sees the answer adapts to it")).to_be_visible()
    expect(page.locator("#pad .sent")).to_contain_text("is not sent")


@pytest.fixture(scope="module")
def finished(context, explorer):
    """A page with the score of ten digits, the third of them another than its label, and the labels."""
    page = context().new_page()
    page.goto(explorer.local_url + TEN)
    page.wait_for_selector("[data-hand=asking]")
    settled(page)
    yield page, draw_ten(page, wrong=2)
    page.close()


def test_ten_digits_are_scored_by_norm_configuration_and_digit(finished, found):
    page, labels = finished
    assert sorted(labels) == list(range(10))
    scores = page.locator(".norm-scores .sentence").all_inner_texts()
    assert len(scores) == 3
    for text in scores:
        words = r"Of 10 digits (BN|GN|LN) read \d+\.\d on average; with other digits of your hand between \d+ % and \d+ %\."
        assert re.fullmatch(words, text)
    buttons = page.locator(".drawn button")
    expect(buttons).to_have_count(10)
    networks = len(found.voters)
    expect(buttons.nth(2)).to_have_accessible_name(
        re.compile(rf"^Your {labels[2]}: \d+ of {networks} networks read it")
    )
    expect(page.locator(".differ")).to_contain_text("The norms ")
    expect(page.locator(".look")).to_contain_text("PCA reconstruction error")
    buttons.nth(2).click()
    reads(page, (labels[2] + 1) % 10)
    page.locator(".score .leave-test").click()
    expect(page.locator(".score")).to_be_hidden()
    page.get_by_role("button", name="Back to the score").click()
    expect(buttons).to_have_count(10)


def test_the_digits_are_saved_for_numpy(finished, saved):
    page, labels = finished
    path, name = saved(page, "Digits as .npz")
    assert name == "my-digits.npz"
    with np.load(path, allow_pickle=False) as arrays:
        images = arrays["images"]
        assert arrays["labels"].tolist() == labels
    assert images.shape == (10, 28, 28) and images.dtype == np.uint8
    shown = "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]"
    for place, image in enumerate(images):
        canvas = page.locator(".drawn canvas").nth(place)
        grey = np.array(canvas.evaluate(shown)).reshape(28, 28, 4)[..., 0]
        assert np.array_equal(image, grey) and image.max() > 200


def test_the_terminal_gives_the_figures_of_the_page(finished, found, saved):
    page, labels = finished
    split = sets.read(saved(page, "Digits as .npz")[0])
    read = evaluate.correct(found.voters, split)
    scores = set_scores.scores([one.trial for one in found.voters], read, len(labels))
    sentences = page.locator(".norm-scores .sentence")
    for norm, sentence in zip(scores.norms, sentences.all_inner_texts(), strict=True):
        low, high = (
            f"{100 * end:.0f} %" for end in (norm.interval.low, norm.interval.high)
        )
        assert sentence == (
            f"Of 10 digits {norm.name} read {10 * norm.share:.1f} on average; "
            f"with other digits of your hand between {low} and {high}."
        )
    rows = page.locator(".score .configurations tbody tr")
    cells = (
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    shown = {name: text for name, _, text, _ in rows.evaluate_all(cells)}
    assert shown == {one.name: f"{10 * one.share:.1f}" for one in scores.configurations}


def test_the_digits_are_saved_for_torchvision(finished, saved, tmp_path):
    page, labels = finished
    path, name = saved(page, "Digits as .zip")
    assert name == "my-digits.zip"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    for train in (False, True):
        digits = MNIST(tmp_path, train=train)
        assert digits.targets.tolist() == labels
        assert digits.data.shape == (10, 28, 28)


def test_the_sheet_and_the_tables_are_saved(finished, found, saved_view, saved_table):
    page, labels = finished
    saved_view(page, "Sheet as PNG", "my-digits.png", ".sheet")
    page.get_by_text("Every digit", exact=True).click()
    header, *rows = saved_table(page, "Digits as CSV", "my-digits-digits.csv")
    assert header[:5] == ["digit", "read by", "BN", "GN", "LN"]
    assert [int(row[0]) for row in rows] == labels
    page.get_by_text("Every configuration", exact=True).click()
    button = "Configurations as CSV"
    _, *rows = saved_table(page, button, "my-digits-configurations.csv")
    assert len(rows) == len({voter.trial.config for voter in found.voters}) and all(
        row[1] == "5" for row in rows
    )


def test_the_test_is_taken_with_the_keyboard_alone(visit, explorer):
    page = visit(explorer.local_url + TEN)
    page.locator(".pad").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".complaint")).to_contain_text("The pad is blank: draw a")
    page.keyboard.down("Space")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.up("Space")
    expect(page.locator(".complaint")).to_have_text("")
    first = page.locator(".wish").text_content()
    page.keyboard.press("Enter")
    expect(page.locator(".task")).to_have_text(re.compile(r"^2 of 10: draw an? \d$"))
    expect(page.locator(".pad")).to_be_focused()
    assert not ink(page, ".pad")
    page.keyboard.down("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.up("Space")
    page.get_by_role("button", name="Back", exact=True).press("Enter")
    expect(page.locator(".wish")).to_have_text(first)
    drawn = ink(page, ".pad")
    page.get_by_role("button", name="Next").press("Enter")  # as it was
    expect(page.locator(".progress")).to_have_text("2 of 10")
    expect(page.locator(".pad")).to_be_focused()
    assert 0 < ink(page, ".pad") < drawn  # what was begun


def test_a_digit_that_cannot_be_framed_gets_a_sentence(visit, explorer):
    page = visit(explorer.local_url + TEN)
    page.get_by_label("Pen width").fill("36")
    for row in range(15):
        draw(page, [(0, row / 14), (1, row / 14)])
    page.locator(".next").click()
    expect(page.locator(".complaint")).to_contain_text("nearly all ink")
    expect(page.locator(".progress")).to_have_text("1 of 10")


def test_a_test_under_way_survives_other_tabs_and_test_images(visit, explorer):
    page = visit(explorer.local_url + TEN)
    draw_digit(page, asked(page))
    page.locator(".next").click()
    answered(page, 1)
    draw(page, SEVEN)
    task, drawn = page.locator(".task").inner_text(), ink(page, ".pad")
    page.get_by_role("tab", name="Mistakes").click()
    page.keyboard.press("Enter")  # confirms nothing while another tab is open
    page.get_by_role("tab", name="Draw").click()
    expect(page.locator(".task")).to_have_text(task, use_inner_text=True)
    assert ink(page, ".pad") == drawn
    page.get_by_role("tab", name="Mistakes").click()
    page.locator(".grid button").first.click()
    page.get_by_role("button", name="Send to Draw").click()
    expect(page.locator("#pad .label")).to_contain_text("Test image")
    page.get_by_role("button", name="Go on with the test: 2 of 10").click()
    expect(page.locator(".task")).to_have_text(task, use_inner_text=True)
    assert ink(page, ".pad") == drawn
    page.get_by_role("button", name="Leave the test").click()
    expect(page.locator("#pad .label")).to_contain_text("Test image")


def test_a_free_test_takes_any_digit_with_what_was_meant(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("button", name="Any digits").click()
    finish = page.locator(".finish")
    expect(finish).to_be_disabled()
    draw(page, SEVEN)
    page.get_by_role("button", name="I meant a 7").click()
    answered(page, 1)
    draw_digit(page, 4)
    page.keyboard.press("Enter")
    expect(page.locator(".complaint")).to_have_text("Say which digit you meant.")
    page.keyboard.press("4")
    answered(page, 2)
    finish.click()
    expect(page.locator(".score-title")).to_contain_text("Your 2 digits")
    assert page.locator(".drawn b").all_inner_texts() == ["7", "4"]


def test_a_phone_shows_the_task_the_pad_and_the_button_at_once(visit, explorer):
    page = visit(explorer.local_url, **PHONE)
    page.get_by_role("button", name="10 digits").tap()
    for name in (".task", ".pad", ".next", ".undo"):
        expect(page.locator(f"#pad {name}")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_wasm_the_server_reads_and_the_page_says_so(visit, explorer, found):
    page = visit(explorer.local_url + TEN, WITHOUT_WEBASSEMBLY)
    expect(page.locator("#pad .sent")).to_contain_text("is sent to it")
    labels = draw_ten(page)
    assert sorted(labels) == list(range(10))
    expect(page.locator(".score-title")).to_contain_text(
        f"{len(found.voters)} networks"
    )
    expect(page.locator(".look")).to_contain_text("PCA reconstruction error")


def test_networks_that_arrive_later_read_the_digits_too(context, explorer, found):
    first, *others = device_files.files(found)["steps"]
    later = tuple(step["address"] for step in others)
    held, is_holding = [], True

    def hold(route):
        if is_holding:
            held.append(route)
        else:
            route.continue_()

    page = context().new_page()
    page.route(lambda url: url.endswith(later), hold)
    with page.expect_request(lambda one: one.url.endswith(later)):
        page.goto(explorer.local_url + "?tab=draw&test=free")
    draw(page, SEVEN)
    page.get_by_role("button", name="I meant a 7").click()
    answered(page, 1)
    page.locator(".finish").click()
    title = page.locator(".score-title")
    some, everyone = len(first["networks"]), len(found.voters)
    expect(title).to_have_text(f"Your digit, read by {some} networks")
    is_holding = False
    for route in held:
        route.continue_()
    expect(title).to_have_text(f"Your digit, read by {everyone} networks")
    page.close()


def test_a_link_opens_the_test_that_was_copied(visit, explorer):
    page = visit(explorer.local_url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="20 digits").click()
    page.locator(".aside .link-test").click()
    expect(page).to_have_url(re.compile(r"\?tab=draw&test=20$"))
    again = visit(page.url)
    expect(again.locator(".progress")).to_have_text("1 of 20")
