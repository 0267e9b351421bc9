"""Results and Curves as a visitor meets them."""

from playwright.sync_api import expect


def test_results_show_the_14_rows_with_ours_beside_the_published(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Results").click()
    expect(page.get_by_text("They cover 3 of the 14 published rows")).to_be_visible()
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="0.0994554")).to_have_count(1)
    expect(rows.filter(has_text="99.31").filter(has_text="99.47 (1)")).to_have_count(1)


def lines(page) -> list[str]:
    return (
        page.locator(".js-plotly-plot").first.locator(".legendtext").all_text_contents()
    )


def test_curves_show_the_chosen_runs_beside_the_published(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Curves").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.get_by_text("3 of 3 trials shown.")).to_be_visible()
    assert len(lines(page)) == 6
    page.get_by_label("GN", exact=True).uncheck()
    expect(page.get_by_text("2 of 3 trials shown.")).to_be_visible()
    assert len(lines(page)) == 4
    page.get_by_label("The published runs").uncheck()
    expect(page.locator(".js-plotly-plot").first.locator(".legendtext")).to_have_count(
        2
    )
    page.get_by_label("Loss").check()
    expect(page.locator(".js-plotly-plot").first).to_contain_text("Test loss")
    for norm in ("BN", "LN"):
        page.get_by_label(norm, exact=True).uncheck()
    expect(page.get_by_text("0 of 3 trials shown.")).to_be_visible()


def test_a_phone_shows_the_first_curve_before_the_choices(visit, explorer):
    page = visit(
        explorer.local_url,
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
    )
    page.get_by_role("tab", name="Curves").click()
    plot = page.locator(".js-plotly-plot").first
    expect(plot).to_be_visible()
    assert plot.bounding_box()["y"] < 500
    assert page.evaluate("document.documentElement.scrollWidth") == 360
