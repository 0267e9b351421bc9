"""Curves: what is shown, and what is saved of it."""

import re
from xml.etree import ElementTree

from PIL import Image
from playwright.sync_api import expect

from explorer.runs.results import Selection
from train.study import CORE, STUDIES, Trial


def test_curves_show_the_chosen_runs_beside_the_published(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Learning curves").click()
    charts = page.locator("#curves .charts svg")
    entries = page.locator("#curves .legend li")
    expect(charts).to_have_count(3)
    largest = int(found.trials.batch_size.max())

    def shown(norms: str, published_runs: int):
        chosen = found.choose(
            Selection([*CORE], norms.split(), ["none"], [largest], [Trial.lr])
        )
        words = f"{chosen.name.nunique()} of {len(found.trials)} networks shown."
        expect(page.get_by_text(words)).to_be_visible()
        expect(entries).to_have_count(chosen.config.nunique() + published_runs)

    shown("BN GN LN", 3)
    page.get_by_label("GN", exact=True).uncheck()
    shown("BN LN", 2)
    page.get_by_label("Published runs").uncheck()
    shown("BN LN", 0)
    page.get_by_label("Loss").check()
    expect(page.locator("#curves h3").first).to_have_text("Test loss")
    page.get_by_label("logarithmic").check()
    page.get_by_label("singly").check()
    shown("BN LN", 0)
    lines = charts.first.locator(".line")

    def seeds(*norms: str) -> int:
        chosen = Selection([*CORE], [*norms], ["none"], [largest], [Trial.lr])
        return found.choose(chosen).name.nunique()

    expect(lines).to_have_count(seeds("BN", "LN"))
    entry = entries.filter(has_text="LN").get_by_role("button")
    entry.click()
    expect(lines).to_have_count(seeds("BN"))
    entry.click()
    expect(lines).to_have_count(seeds("BN", "LN"))
    charts.first.hover(position={"x": 200, "y": 200})
    readout = page.locator("#curves .readout")
    expect(readout).to_have_text(
        re.compile(r".*seed \d+: epoch \d+, .* \(loss, nats\)")
    )
    for norm in ("BN", "LN"):
        page.get_by_label(norm, exact=True).uncheck()
    expect(page.get_by_text("tick more of them")).to_be_visible()


def test_the_curves_are_saved_as_pictures_and_as_numbers(
    visit, explorer, found, saved, saved_table
):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Learning curves").click()
    legend = page.locator("#curves .legend")
    expect(legend.locator("li").first).to_be_visible()
    path, name = saved(page, "Plots as SVG")
    text = path.read_text("utf-8")
    assert name == "curves.svg"
    root = ElementTree.fromstring(text)
    charts = page.locator("#curves .charts svg")
    first, second, _ = (charts.nth(index).bounding_box() for index in range(3))
    below = legend.bounding_box()
    assert float(root.get("width")) >= second["x"] + second["width"] - first["x"]
    assert float(root.get("height")) >= below["y"] + below["height"] - first["y"]
    assert text.count("<svg") == 1 + 3 + legend.locator("li").count()
    for word in ("Test", "Train", "accuracy", "rate", "epoch"):
        assert f">{word}<" in text
    path, name = saved(page, "Plots as PNG")
    assert name == "curves.png"
    with Image.open(path) as picture:
        assert picture.width == 2 * int(root.get("width"))
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 3  # it is not blank
    lines = saved_table(page, "Epochs as CSV", "curves-epochs.csv")
    largest = int(found.trials.batch_size.max())
    norms = [*STUDIES["grid"].norms]
    chosen = found.choose(Selection([*CORE], norms, ["none"], [largest], [Trial.lr]))
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
    page.get_by_role("tab", name="Learning curves").click()
    expect(page.locator("#curves .charts svg").first).to_be_visible()
    chart = page.locator("#curves figure").first
    assert chart.bounding_box()["y"] < 500
    assert page.evaluate("document.documentElement.scrollWidth") == 360
