"""The address bar: opened tabs enter the history, settings replace it, Back, Forward and a reload restore the view."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from explorer.study import comparison
from tests.browser.address import expect_query, follow
from tests.browser.pad import SEVEN, draw, reads

TABS = (
    "draw",
    "table",
    "compare",
    "findings",
    "curves",
    "mistakes",
    "inside",
    "trust",
    "retrain",
)


def query_of(page) -> dict[str, str]:
    query = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    return {name: values[0] for name, values in query.items()}


def open_tab(page, slug: str):
    page.locator(f"[role=tab][data-tab-id={slug}]").click()
    page.wait_for_function(
        "(slug) => new URLSearchParams(location.search).get('tab') === slug", arg=slug
    )


def expect_tab(page, slug: str):
    expect(page.locator("[role=tab][aria-selected=true]")).to_have_attribute(
        "data-tab-id", slug
    )


def test_back_and_forward_lead_through_the_opened_tabs(visit, explorer):
    page = visit(f"{explorer.local_url}?__theme=light&class=3b")
    for slug in TABS[1:]:
        open_tab(page, slug)
    for slug in TABS[-2::-1]:
        page.go_back()
        expect_tab(page, slug)
    assert query_of(page)["class"] == "3b"
    page.go_forward()
    expect_tab(page, "table")
    assert query_of(page)["class"] == "3b"


@pytest.mark.parametrize("slug", TABS)
def test_a_reload_stays_at_the_tab(visit, explorer, slug):
    page = visit(explorer.local_url)
    if slug != "draw":
        open_tab(page, slug)
    page.reload()
    expect_tab(page, slug)


def test_a_setting_replaces_and_a_link_inside_keeps_the_page(visit, explorer, found):
    page = visit(f"{explorer.local_url}?tab=table")
    page.evaluate("globalThis.here = true")
    lines = page.locator("#results .lines tbody tr")
    expect(lines.first).to_be_visible()
    length = page.evaluate("history.length")
    page.locator("#results select.norm").select_option("GN")
    page.locator("#results select.batch").select_option("64")
    expect_query(page, norm="GN", batch="64")
    assert page.evaluate("history.length") == length
    lines.first.click()
    page.get_by_role("link", name="against the best").click()
    expect_tab(page, "compare")
    assert query_of(page).keys() == {"tab", "a", "b"}
    assert "batch=64" in query_of(page)["a"]
    page.go_back()
    expect_tab(page, "table")
    expect(page.locator("#results select.norm")).to_have_value("GN")
    assert page.evaluate("globalThis.here")


def test_back_restores_the_pair_that_was_compared(visit, explorer, found):
    names = [trial.config for trial in found.comparable]
    a, b = comparison.opening(found)
    page = visit(f"{explorer.local_url}?tab=compare&a={a}&b={b}")
    verdict = page.locator("#compare .verdict")
    expect(verdict).not_to_be_empty()
    first = verdict.inner_text()
    other = next(name for name in names if name not in (a, b))
    follow(page, f"?tab=compare&a={other}&b={b}&margin=0.3")
    expect(verdict).not_to_have_text(first)
    expect(page.locator("#compare .margin")).to_have_value("0.3")
    page.go_back()
    expect(verdict).to_have_text(first)
    assert query_of(page) == {"tab": "compare", "a": a, "b": b}


def test_a_page_of_an_image_closes_with_back_and_is_restored_by_a_reload(
    visit, explorer
):
    page = visit(f"{explorer.local_url}?tab=mistakes")
    page.locator("#mistakes .grid button").first.click()
    dialog = page.locator("#mistakes dialog.image")
    expect(dialog).to_be_visible()
    page.wait_for_function("new URLSearchParams(location.search).has('image')")
    page.reload()
    expect(dialog).to_be_visible()
    page.locator("#mistakes dialog .close").click()
    expect(dialog).to_be_hidden()
    assert "image" not in query_of(page)
    page.locator("#mistakes .grid button").nth(1).click()
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    expect_tab(page, "mistakes")


def test_a_page_of_an_image_is_left_behind_with_its_tab(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=draw&image=6625")
    page.get_by_role("button", name="See it in Mistakes").click()
    expect(page.locator("#mistakes dialog.image")).to_be_visible()
    page.go_back()
    expect_tab(page, "draw")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#pad .verdict")).to_have_text("Draw a digit.")


def test_back_and_forward_go_on_with_a_test(visit, explorer):
    page = visit(explorer.local_url)
    open_tab(page, "table")
    open_tab(page, "draw")
    page.get_by_role("button", name="10 digits").click()
    draw(page, SEVEN)
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".progress")).to_have_text("2 of 10")
    page.go_back()
    expect_tab(page, "table")
    page.go_forward()
    expect_tab(page, "draw")
    expect(page.locator(".progress")).to_have_text("2 of 10")


def test_inside_takes_up_the_drawing_once(visit, explorer):
    page = visit(f"{explorer.local_url}?image=0")
    reads(page, 7)
    page.get_by_role("button", name="Look inside").click()
    expect(page.locator("#inside select.digit")).to_have_value("drawn")
    page.wait_for_function("new URLSearchParams(location.search).has('drawn')")
    page.locator("#inside select.digit").select_option("3")
    page.wait_for_function("!new URLSearchParams(location.search).has('drawn')")
    image = query_of(page)["image"]
    open_tab(page, "table")
    page.go_back()
    expect_tab(page, "inside")
    expect(page.locator("#inside .words", has_text=f"Image {image}")).to_be_visible()
    assert query_of(page)["image"] == image


def test_an_image_that_was_sent_to_the_pad_leads_back(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=mistakes")
    page.locator("#mistakes .grid button").first.click()
    page.locator("#mistakes dialog .send").click()
    expect_tab(page, "draw")
    page.wait_for_function("new URLSearchParams(location.search).get('tab') === 'draw'")
    page.go_back()
    expect_tab(page, "mistakes")
    expect(page.locator("#mistakes .grid").first).to_be_visible()


def test_back_restores_choices_of_the_curves(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=curves")
    scale = page.get_by_label("linear")
    expect(scale).to_be_visible()
    open_tab(page, "table")
    follow(page, "?tab=curves&scale=linear&norm=BN")
    expect_tab(page, "curves")
    expect(scale).to_be_checked()
    expect(page.get_by_label("GN", exact=True)).not_to_be_checked()
    page.go_back()
    expect_tab(page, "table")
    page.go_back()
    expect_tab(page, "curves")
    expect(scale).not_to_be_checked()
    expect(page.get_by_label("GN", exact=True)).to_be_checked()


def test_the_recipe_stands_in_the_address(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=retrain&norm=LN&batch_size=nonsense")
    form = page.locator("#retrain .recipe")
    expect(form.locator("#retrain-norm")).to_have_value("LN")
    form.locator("#retrain-seed").fill("5")
    form.locator("#retrain-seed").blur()
    expect_query(page, norm="LN", seed="5")
    page.reload()
    expect(form.locator("#retrain-seed")).to_have_value("5")
    open_tab(page, "draw")
    page.reload()  # the address no longer has the recipe
    open_tab(page, "retrain")
    expect(form.locator("#retrain-seed")).to_have_value("5")
    expect_query(page, norm="LN", seed="5")


def test_a_token_of_a_private_space_stays_out_of_links(visit, explorer):
    page = visit(
        f"{explorer.local_url}?tab=table&class=3b",
        """parent.told ??= [];
        parent.postMessage = (message, origin) => {
          if (message.queryString) parent.told.push([message, origin]);
        };""",
    )
    page.evaluate(
        """(address) => {
          const frame = document.createElement("iframe");
          frame.src = address;
          document.body.replaceChildren(frame);
          window.told = [];
        }""",
        f"{explorer.local_url}?tab=table&class=3b&__sign=secret",
    )
    inner = page.frame_locator("iframe")
    expect(inner.get_by_role("tab", name="All results")).to_have_attribute(
        "aria-selected", "true"
    )
    inner.get_by_role("tab", name="Compare").click()
    page.wait_for_function("frames[0].location.search.includes('a=') && told.length")
    assert "__sign=secret" in page.evaluate("frames[0].location.search")
    told = page.evaluate("told")
    for message, origin in told:
        assert origin == "https://huggingface.co"
        assert "secret" not in message["queryString"]
    assert "tab=compare" in told[-1][0]["queryString"]
    assert "class=3b" in told[-1][0]["queryString"]


def test_a_reload_keeps_the_drawing(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("button", name="Clear").click()
    draw(page, SEVEN)
    reads(page, 7)
    expect(page.locator("#pad .unkept")).to_be_hidden()
    page.reload()
    reads(page, 7)
    expect(page.locator("#pad .about")).to_be_hidden()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".verdict")).to_have_text("Draw a digit.")
    page.reload()
    expect(page.locator("#pad .about")).to_be_visible()


@pytest.mark.parametrize(
    "refused", ["Storage.prototype.setItem", "IDBFactory.prototype.open"]
)
def test_a_page_without_storage_draws_and_says_that_it_keeps_nothing(
    visit, explorer, refused
):
    error = 'new DOMException("full", "QuotaExceededError")'
    page = visit(explorer.local_url, f"{refused} = () => {{ throw {error}; }};")
    page.get_by_role("button", name="Clear").click()
    draw(page, SEVEN)
    reads(page, 7)
    expect(page.locator("#pad .unkept")).to_be_visible()
    open_tab(page, "retrain")
    expect(page.locator("#retrain .own .unkept")).to_be_visible()
