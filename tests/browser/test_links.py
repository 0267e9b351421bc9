"""Links: views that they reopen, and the buttons that copy them."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from explorer.runs.results import Selection
from explorer.study import claims, comparison, tables, wording
from train.study import CORE, Trial


def test_a_link_reopens_the_same_view_after_a_restart(visit, serve, found):
    names = [trial.config for trial in found.comparable]
    a, b = names[-1], names[0]
    verdict = wording.comparison.verdict(comparison.compare(found, a, b, 0.1))
    for _ in range(2):
        served = serve()
        page = visit(f"{served.local_url}?tab=compare&a={a}&b={b}&margin=0.1")
        expect(page.get_by_role("heading", name=verdict)).to_be_visible()
        page.close()  # before its server goes away
        served.close()


def test_a_link_to_what_is_not_there_opens_what_is(visit, explorer, found):
    page = visit(f"{explorer.local_url}?tab=compare&a=nonsense&b=<script>&margin=9")
    first = comparison.compare(found, *comparison.opening(found))
    expect(
        page.get_by_role("heading", name=wording.comparison.verdict(first))
    ).to_be_visible()
    page = visit(f"{explorer.local_url}?tab=nonsense")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Draw")


def test_a_link_that_names_what_is_not_here_says_so_until_another_choice(
    visit, explorer, found
):
    b = "BN_l1=0_l2=0_batch=16"
    page = visit(f"{explorer.local_url}?tab=compare&a=nope&b={b}&margin=7")
    notice = page.locator("#compare .error")
    expect(notice).to_have_text(
        "The link asks for nope and a margin of 7, which are not here. Shown instead:"
    )
    opening, _ = comparison.opening(found)
    shown = comparison.compare(found, opening, b)
    verdict = wording.comparison.verdict(shown)
    expect(page.locator("#compare .verdict")).to_have_text(verdict)
    page.locator("#compare .margin").fill("0.1")
    page.locator("#compare .margin").blur()
    expect(notice).to_be_empty()


GN = Trial("GN", 0.0, 0.0, 16).config


def test_a_link_to_curves_sets_its_choices(visit, explorer, found):
    page = visit(
        f"{explorer.local_url}?tab=curves&norm=BN|LN|x&regulariser=none&batch=16|32&scale=linear&epochs=after+the+rate+falls&baseline={GN}&published=true"
    )
    chosen = found.choose(
        Selection([*CORE], ["BN", "LN"], ["none"], [16, 32], [Trial.lr])
    )
    count = chosen.name.nunique()
    expect(page.get_by_text(f"{count} of {len(found.trials)} networks")).to_be_visible()
    expect(page.get_by_label("linear")).to_be_checked()
    expect(page.get_by_label("after the rate falls")).to_be_checked()
    expect(page.locator("#curves h3").last).to_have_text(
        "Test error less that of GN, batch 16"
    )
    entry = page.locator("#curves .legend button").filter(has_text="published")
    expect(entry).to_have_attribute("aria-pressed", "true")
    entry.click()
    expect(entry).to_have_attribute("aria-pressed", "false")
    page.wait_for_function("location.search.includes('published=false')")


def test_a_link_is_copied_and_a_table_saved(visit, explorer, found, saved_table):
    page = visit(explorer.local_url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("tab", name="Compare").click()
    compare = page.locator("#compare")
    expect(compare.locator(".charts svg")).to_be_visible()
    compare.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    a, b = comparison.opening(found)
    query = parse_qs(urlsplit(link).query)
    assert query == {"tab": ["compare"], "a": [a], "b": [b]}
    lines = saved_table(page, "Table as CSV", "compare-table.csv")
    expected = tables.comparison(comparison.compare(found, a, b))
    assert lines == [list(expected.columns), *expected.to_numpy().tolist()]
    page.get_by_role("tab", name="Claims").click()
    expect(page.locator("#findings .card").first).to_be_visible()
    lines = saved_table(page, "Parts as CSV", "findings-parts.csv")
    expected = tables.all_parts(claims.judge(found.core))
    assert lines[0] == list(expected.columns)
    assert [line[2] for line in lines[1:]] == expected.part.tolist()


def test_a_link_opens_a_test_image_on_the_pad(visit, explorer, found, mnist):
    page = visit(f"{explorer.local_url}?tab=draw&image=1")
    label = int(mnist.test.labels[1])
    expect(page.locator(".verdict")).to_contain_text(f"networks read {label}")


def test_links_to_curves_keep_what_is_not_ticked(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=curves&norm=")
    expect(page.get_by_text("tick more of them")).to_be_visible()
    expect(page.get_by_label("GN", exact=True)).not_to_be_checked()
    expect(page.locator("#trust-reliability")).to_be_hidden()


def test_a_button_says_that_the_link_is_copied_and_then_its_own_words(visit, explorer):
    page = visit(explorer.local_url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("tab", name="All results").click()
    button = page.get_by_role("button", name=re.compile("^(Copy link|Link copied)$"))
    expect(button).to_be_enabled()
    for _ in range(2):
        button.evaluate("(button) => { button.blur(); button.click(); }")
        expect(button).to_have_text("Link copied")
    expect(button).to_have_text("Copy link")
