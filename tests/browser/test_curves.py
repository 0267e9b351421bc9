"""Curves: what is shown, and what is saved of it."""

from xml.etree import ElementTree

from PIL import Image
from playwright.sync_api import expect

from explorer.runs.results import Selection
from train.study import CORE, STUDIES, Trial


def test_curves_show_the_chosen_runs_beside_the_published(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Curves").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    largest = int(found.trials.batch_size.max())

    def shown(norms: str, published_runs: int):
        chosen = found.choose(
            Selection([*CORE], norms.split(), ["none"], [largest], [Trial.lr])
        )
        words = f"{chosen.name.nunique()} of {len(found.trials)} networks shown."
        expect(page.get_by_text(words)).to_be_visible()
        texts = page.locator(".js-plotly-plot").first.locator(".legendtext")
        expect(texts).to_have_count(chosen.config.nunique() + published_runs)

    shown("BN GN LN", 3)
    page.get_by_label("GN", exact=True).uncheck()
    shown("BN LN", 2)
    page.get_by_label("Published runs").uncheck()
    shown("BN LN", 0)
    page.get_by_label("Loss").check()
    expect(page.locator(".js-plotly-plot").first).to_contain_text("Test loss")
    page.get_by_label("logarithmic").check()
    page.get_by_label("singly").check()
    shown("BN LN", 0)
    for norm in ("BN", "LN"):
        page.get_by_label(norm, exact=True).uncheck()
    expect(page.get_by_text("tick more of them")).to_be_visible()


def test_the_curves_are_saved_as_pictures_and_as_numbers(
    visit, explorer, found, saved, saved_table
):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Curves").click()
    expect(page.locator(".legendtext").first).to_be_visible()
    path, name = saved(page, "Plots as SVG")
    text = path.read_text("utf-8")
    assert name == "curves-test.svg"
    root = ElementTree.fromstring(text)
    plots = page.locator(".js-plotly-plot")
    expect(plots).to_have_count(3)
    first, second, rate = (plots.nth(place).bounding_box() for place in range(3))
    assert float(root.get("width")) >= second["x"] + second["width"] - first["x"]
    assert float(root.get("height")) >= rate["y"] + rate["height"] - first["y"]
    for words in ("Test accuracy", "Train accuracy", "learning rate"):
        assert f">{words}<" in text
    path, name = saved(page, "Plots as PNG")
    assert name == "curves-test.png"
    with Image.open(path) as picture:
        assert picture.width == 2 * int(root.get("width"))
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 3  # it is not blank
    lines = saved_table(page, "Epochs as CSV", "curves-epochs.csv")
    largest = int(found.trials.batch_size.max())
    chosen = found.choose(
        [*CORE], [*STUDIES["grid"].norms], ["none"], [largest], [Trial.lr]
    )
    assert len(lines) - 1 == chosen.groupby("config").epoch.nunique().sum()
    page.get_by_text("The curves in numbers").first.click()
    expect(page.get_by_role("columnheader", name="test_acc_std").first).to_be_visible()


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
