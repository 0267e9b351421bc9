"""Curves: what is shown, and what is saved of it."""

import re
from xml.etree import ElementTree

from PIL import Image
from playwright.sync_api import expect

from explorer.runs.results import Selection
from explorer.study import epochs
from train.study import CORE, STUDIES, Trial

# For each line of a chart: its key, and its band and zero where it ends, in pixels.
ENDS = """(svg) => [...svg.querySelectorAll(".series")].map((series) => {
  const corners = series.querySelector(".band").getAttribute("d").match(/[\\d.]+/g).map(Number);
  const xs = corners.filter((_, index) => !(index % 2)), ys = corners.filter((_, index) => index % 2);
  const edge = Math.max(...xs), at = ys.filter((_, index) => xs[index] === edge);
  const zero = Number(svg.querySelector(".zero").getAttribute("d").match(/ ([\\d.]+)H/)[1]);
  return { key: series.dataset.key, high: Math.min(...at), low: Math.max(...at), zero };
})"""
# Boxes of the labels at the ends of the lines of a chart.
LABELS = """(svg) => [...svg.querySelectorAll(".series text")].map((text) => text.getBoundingClientRect().toJSON())"""


def test_curves_open_on_a_difference_and_show_the_chosen_runs(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Learning curves").click()
    charts = page.locator("#curves .charts svg")
    entries = page.locator("#curves .legend li")
    expect(charts).to_have_count(3)
    size, regulariser = epochs.telling(found)
    penalties = ["none", regulariser]

    def chosen(norms: str):
        return found.choose(
            Selection([*CORE], norms.split(), penalties, [size], [Trial.lr])
        )

    def shown(norms: str):
        rows = chosen(norms)
        words = f"{rows.name.nunique()} of {len(found.trials)} networks shown."
        expect(page.get_by_text(words)).to_be_visible()
        expect(entries).to_have_count(rows.config.nunique() + 1)  # the published

    shown("BN GN LN")
    # What is drawn differs: at the last epoch the intervals of these lie above 0.
    baseline, *others = chosen("BN GN LN").config.unique()
    gaps = epochs.differences(found, "test_acc", others, baseline)
    last = gaps[gaps.epoch == Trial.epochs].set_index("config")
    drawn = charts.nth(1).evaluate(ENDS)
    assert [end["key"] for end in drawn] == others
    apart = {end["key"] for end in drawn if end["low"] < end["zero"] - 1}
    assert apart == {*last.index[last.low > 0.01]} and apart
    for chart in (charts.nth(0), charts.nth(1)):
        boxes = sorted(chart.evaluate(LABELS), key=lambda box: box["y"])
        assert len(boxes) >= len(others)
        for above, below in zip(boxes, boxes[1:], strict=False):
            assert below["y"] - above["y"] >= 12
        assert max(box["right"] for box in boxes) <= 1280
    # The keyboard lights a line, in both charts.
    entries.nth(1).get_by_role("button").focus()
    lit = page.locator("#curves .lit .series.on")
    expect(lit).to_have_count(2)
    expect(lit.first).to_have_attribute("data-key", others[0])
    # Published single runs are off until their entry is pressed.
    lines = charts.first.locator(".line")
    expect(lines).to_have_count(1 + len(others))
    single = entries.filter(has_text="published").get_by_role("button")
    single.click()
    expect(single).to_have_attribute("aria-pressed", "true")
    expect(lines).to_have_count(1 + len(others) + 3)
    single.click()
    expect(lines).to_have_count(1 + len(others))
    page.get_by_label("after the rate falls").check()
    start = epochs.fall(chosen("BN GN LN"))
    first = charts.first.locator("text[text-anchor=middle]").first
    expect(first).to_have_text(str(start))
    page.get_by_label("GN", exact=True).uncheck()
    shown("BN LN")
    page.get_by_label("Loss").check()
    expect(page.locator("#curves h3").first).to_have_text("Test loss")
    page.get_by_label("singly").check()
    both = chosen("BN LN").name.nunique()
    expect(lines).to_have_count(both)
    key = chosen("LN").config.iloc[0]
    entry = entries.filter(has_text="LN").first.get_by_role("button")
    entry.click()
    seeds = found.history[found.history.config == key].name.nunique()
    expect(lines).to_have_count(both - seeds)
    entry.click()
    expect(lines).to_have_count(both)
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
    first, _, third = (charts.nth(index).bounding_box() for index in range(3))
    below = legend.bounding_box()
    assert float(root.get("width")) >= third["x"] + third["width"] - first["x"]
    assert float(root.get("height")) >= below["y"] + below["height"] - first["y"]
    assert text.count("<svg") == 1 + 3 + legend.locator("li").count()
    for word in (
        "Test",
        "less",
        "difference, points",
        "learning rate",
        "epoch",
        "GN, L1",
    ):
        assert f">{word}<" in text
    path, name = saved(page, "Plots as PNG")
    assert name == "curves.png"
    with Image.open(path) as picture:
        assert picture.width == 2 * int(root.get("width"))
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 3  # it is not blank
    lines = saved_table(page, "Epochs as CSV", "curves-epochs.csv")
    size, regulariser = epochs.telling(found)
    norms, penalties = [*STUDIES["grid"].norms], ["none", regulariser]
    chosen = found.choose(Selection([*CORE], norms, penalties, [size], [Trial.lr]))
    assert len(lines) - 1 == chosen.groupby("config").epoch.nunique().sum()
    gaps = saved_table(page, "Differences as CSV", "curves-differences.csv")
    assert len(gaps) - 1 == Trial.epochs * (chosen.config.nunique() - 1)
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
    assert chart.bounding_box()["y"] < 600  # in the first view
    assert page.evaluate("document.documentElement.scrollWidth") == 360
