"""All tabs for everybody: axe's rules, the keyboard, and a page that does not move where that is asked for."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.pad import settled
from tests.browser.screens import DESKTOP, PHONE

# Of `npm ci`, as the other tools for the pages; AXE names another copy.
AXE = Path(
    os.environ.get("AXE")
    or Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
)
# The light page is held against every rule, the dark one, whose markup is the same, against that of colours.
RULES = {
    "light": {},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
# What is Gradio's own and cannot be mended here, by rule and selector, with the reason.
GRADIO: dict[tuple[str, str], str] = {}
BUSY = "[aria-busy=true], .generating, .pending"
VIOLATIONS = """async ([slug, rules]) => {
  const shown = [...document.querySelectorAll("[role=tabpanel]")].find((it) => it.offsetParent);
  const { violations } = await axe.run(slug ? shown : { exclude: [["[role=tabpanel]"]] },
    { resultTypes: ["violations"], ...rules });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, failureSummary }) =>
    [id, target.join(" "), html.slice(0, 160), failureSummary]));
}"""
UNFOLD = """() => {
  const shown = [...document.querySelectorAll("[role=tabpanel]")].find((it) => it.offsetParent);
  for (const fold of shown.querySelectorAll("details")) fold.open = true;
  for (const fold of shown.querySelectorAll("button.label-wrap:not(.open)")) if (fold.offsetParent) fold.click();
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(f"no axe-core at {AXE}: run npm ci")
        pytest.skip("no axe-core: run npm ci")
    return AXE.read_text("utf-8")


@pytest.mark.parametrize(
    ("screen", "theme"),
    [(DESKTOP, "light"), (PHONE, "light"), (DESKTOP, "dark")],
    ids=["desktop-light", "phone-light", "desktop-dark"],
)
def test_no_tab_violates_a_rule_of_axe(visit, explorer, axe, screen, theme):
    page = visit(f"{explorer.local_url}?__theme={theme}", **screen)
    settled(page)
    page.evaluate(axe)

    def violations(slug: str, rules: dict) -> list:
        found = page.evaluate(VIOLATIONS, [slug, rules])
        return [one for one in found if (one[0], one[1]) not in GRADIO]

    assert violations("", RULES[theme]) == []
    tabs = page.get_by_role("tab").evaluate_all(
        "all => all.map(it => it.dataset.tabId)"
    )
    for slug in filter(None, tabs):
        page.locator(f"[role=tab][data-tab-id={slug}]").click()
        panel = page.get_by_role("tabpanel").filter(visible=True)
        expect(panel.locator(BUSY)).to_have_count(0)
        page.evaluate(UNFOLD)
        expect(panel.locator(BUSY)).to_have_count(0)
        assert violations(slug, RULES[theme]) == [], slug


def test_a_keyboard_skips_the_tabs_and_moves_between_them(visit, explorer):
    page = visit(explorer.local_url)
    cursor = page.locator("#pad .cursor")
    page.locator("#pad .pad").click()
    expect(cursor).to_be_hidden()
    page.evaluate(
        "document.activeElement.blur(), document.querySelector('.skip').focus()"
    )
    skip = page.get_by_role("button", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tabpanel").filter(visible=True)).to_be_focused()
    page.locator("#pad .pad").focus()
    expect(cursor).to_be_visible()
    page.get_by_role("tab", name="Draw", exact=True).focus()
    for key, name in (
        ("ArrowRight", "Claims"),
        ("End", "Train"),
        ("ArrowRight", "Draw"),
        ("ArrowLeft", "Train"),
        ("Home", "Draw"),
    ):
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=name, exact=True)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
    tab = page.get_by_role("tab", name="Draw", exact=True)
    assert tab.evaluate("it => getComputedStyle(it).outlineStyle") != "none"


def test_nothing_moves_where_that_is_asked_for(visit, explorer):
    page = visit(explorer.local_url, reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter((node) => {
      const { transitionDuration, animationDuration } = getComputedStyle(node);
      return [transitionDuration, animationDuration].some((each) => parseFloat(each) > 0.001);
    }).map((node) => node.outerHTML.slice(0, 100))"""
    assert page.evaluate(moving) == []
