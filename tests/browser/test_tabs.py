"""Results and Curves as a visitor meets them."""

import pytest
from playwright.sync_api import expect

from explorer import comparison, results


@pytest.fixture(scope="module")
def found() -> results.Results:
    """What the served explorer was built from."""
    return results.load()


def test_results_show_the_14_rows_with_ours_beside_the_published(
    visit, explorer, found
):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Results").click()
    expect(page.get_by_text(found.coverage().split(". ")[0])).to_be_visible()
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="0.0994554")).to_have_count(1)
    first = found.against_published().iloc[0]
    ours = rows.filter(has_text=first["Published best"]).filter(
        has_text=first["As labelled, last"]
    )
    expect(ours).to_have_count(1)


def test_two_configurations_are_compared_in_words_first(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Is it real?").click()
    first = comparison.compare(found, *comparison.opening(found))
    expect(page.get_by_role("heading", name=first["verdict"])).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    expect(page.get_by_text("Layer norm takes more epochs")).to_be_visible()
    other = next(
        trial
        for trial in found.comparable
        if trial.config not in comparison.opening(found)
    )
    page.get_by_label("B", exact=True).click()
    page.get_by_role("option", name=results.describe(other), exact=True).click()
    second = comparison.compare(found, comparison.opening(found)[0], other.config)
    expect(page.get_by_role("heading", name=second["verdict"])).to_be_visible()


def lines(page) -> list[str]:
    return (
        page.locator(".js-plotly-plot").first.locator(".legendtext").all_text_contents()
    )


def test_curves_show_the_chosen_runs_beside_the_published(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Curves").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)

    def shown(norms: str):
        count = found.trials.norm.isin(norms.split()).sum()
        words = f"{count} of {len(found.trials)} trials shown."
        expect(page.get_by_text(words)).to_be_visible()

    configs = found.trials.groupby("norm").config.nunique()
    shown("BN GN LN")
    assert len(lines(page)) == configs.sum() + 3
    page.get_by_label("GN", exact=True).uncheck()
    shown("BN LN")
    assert len(lines(page)) == configs.sum() - configs["GN"] + 2
    page.get_by_label("The published runs").uncheck()
    left = page.locator(".js-plotly-plot").first.locator(".legendtext")
    expect(left).to_have_count(int(configs["BN"] + configs["LN"]))
    page.get_by_label("Loss").check()
    expect(page.locator(".js-plotly-plot").first).to_contain_text("Test loss")
    for norm in ("BN", "LN"):
        page.get_by_label(norm, exact=True).uncheck()
    shown("")


def test_a_phone_shows_the_first_curve_before_the_choices(visit, explorer):
    page = visit(
        explorer.local_url,
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
    )
    page.get_by_label("More tabs").click()
    page.get_by_role("button", name="Curves").click()
    plot = page.locator(".js-plotly-plot").first
    expect(plot).to_be_visible()
    assert plot.bounding_box()["y"] < 500
    assert page.evaluate("document.documentElement.scrollWidth") == 360
