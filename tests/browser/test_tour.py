"""The tour: five questions above the tabs, each on the tab that answers it."""

import pytest
from playwright.sync_api import expect

from explorer.tabs.opening import STEPS
from tests.browser.screens import SCREENS

TABS = ["Draw", "Compare", "Learning curves", "Robustness", "Train"]


@pytest.mark.parametrize("screen", SCREENS)
def test_the_tour_leads_through_the_tabs_and_ends_where_it_is_left(
    visit, explorer, screen
):
    page = visit(explorer.local_url, **SCREENS[screen])
    shown = page.locator(".tour li:visible")
    selected = page.get_by_role("tab", selected=True)
    expect(shown).to_have_count(0)
    page.get_by_role("link", name="A tour in five questions").press("Enter")
    for number, (step, tab) in enumerate(zip(STEPS, TABS, strict=True), 1):
        expect(shown).to_have_count(1)
        expect(shown).to_contain_text(f"{number} of 5: {step.question}")
        expect(selected).to_have_text(tab)
        expect(shown).to_be_in_viewport(ratio=1)
        assert (
            page.evaluate("document.documentElement.scrollWidth")
            <= (SCREENS[screen]["viewport"]["width"])
        )
        if number < len(STEPS):
            shown.get_by_role("link", name="Next").press("Enter")
    expect(shown.get_by_role("link")).to_have_count(0)
    page.go_back()
    expect(shown).to_contain_text("4 of 5")
    expect(selected).to_have_text("Robustness")
    page.get_by_role("tab", name="Mistakes").click()
    expect(shown).to_contain_text("4 of 5")  # a look beside the way
    shown.get_by_role("button", name="End the tour").press("Enter")
    expect(shown).to_have_count(0)
    assert "tour" not in page.url
    page.reload()
    expect(selected).to_have_text("Mistakes")
    expect(shown).to_have_count(0)


def test_a_link_opens_a_step_and_one_to_no_step_shows_none(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=trust&tour=4")
    expect(page.locator(".tour li:visible")).to_contain_text(STEPS[3].do)
    page.goto(f"{explorer.local_url}?tab=trust&tour=6")
    expect(page.get_by_role("tab", name="Robustness")).to_be_visible()
    expect(page.locator(".tour :visible")).to_have_count(0)
