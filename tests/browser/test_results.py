"""Results as a visitor meets them: configurations on a common axis, and all pairs of a study."""

import re
import subprocess
import sys

import torch
from playwright.sync_api import expect

from explorer.runs import results
from explorer.runs.descriptions import describe
from explorer.study import comparison, pair_matrix, published_table, tables, wording
from train.checkpoint import FOLDER


def opened(visit, explorer, query: str = "", **options):
    page = visit(f"{explorer.local_url}?tab=table{query}", **options)
    expect(page.locator("#results .coverage")).not_to_be_empty()
    return page


def test_every_configuration_has_a_line_with_its_interval(
    visit, explorer, found, saved_table
):
    page = opened(visit, explorer)
    lines = published_table.lines(found)
    best = published_table.best(found, lines)
    for sentence in wording.published_table.best(best, None):
        expect(page.get_by_text(sentence)).to_be_visible()
    rows = page.locator("#results .lines tbody tr:not(.more)")
    expect(rows).to_have_count(len(lines))
    expect(rows.first.get_by_role("button")).to_have_accessible_name(
        describe(lines[0].trial)
    )
    expect(rows.first.locator("circle, path")).to_have_count(1)  # its mean
    third = next(line for line in lines if line.row and line.row.number == 3)
    row = rows.filter(has=page.locator(".row", has_text=re.compile("^3$")))
    expect(row.locator(".mean")).to_have_text(f"{third.labelled.mean:.2f}")
    expect(row.locator(".published")).to_have_text("99.44")
    expect(row.locator("path")).to_have_count(3)  # with as run, and as published
    expect(rows.last.locator(".axis")).to_have_text("collapsed")
    saved = saved_table(page, "Results as CSV", "table-results.csv")
    assert saved[0] == list(tables.published(lines).columns)
    assert len(saved) == 1 + len(lines)


def test_lines_are_filtered_and_sorted_and_a_link_keeps_that(visit, explorer, found):
    page = opened(visit, explorer, permissions=["clipboard-read", "clipboard-write"])
    rows = page.locator("#results .lines tbody tr:not(.more)")
    page.locator("#results select.norm").select_option("LN")
    page.locator("#results select.study").select_option("published")
    expect(rows).to_have_count(4)
    page.get_by_role("button", name="sort by Batch").click()
    expect(page.locator("#results th.batch")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(rows.locator(".batch")).to_have_text(["16", "32", "128", "128"])
    page.locator("#results .link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page = visit(link)
    rows = page.locator("#results .lines tbody tr:not(.more)")
    expect(rows.locator(".batch")).to_have_text(["16", "32", "128", "128"])
    page.locator("#results .search").fill("collapsed 128")
    expect(rows).to_have_count(0)
    page.locator("#results .search").fill("0.006604 128")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(len(published_table.lines(found)))


def test_a_line_leads_to_its_curves_and_mistakes(visit, explorer):
    page = opened(visit, explorer)
    page.get_by_role("button", name="GN, L1 0.0994554, batch 123").press("Enter")
    more = page.locator("#results .more")
    expect(more).to_contain_text("row 2, published with 99.32 %")
    expect(more.get_by_role("link", name="its curves")).to_be_visible()
    expect(
        more.get_by_role("link", name="with and without its penalty")
    ).to_be_visible()
    more.get_by_role("link", name="its mistakes").click()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Mistakes")
    expect(page.locator("#mistakes select.trial")).to_have_value(
        re.compile("batch=123_seed=1")
    )


def test_a_pair_is_read_by_the_keyboard_and_leads_to_its_comparison(
    visit, explorer, found
):
    page = opened(visit, explorer, "&pairs=dose")
    matrices = {one.study: one for one in pair_matrix.matrices(found)}
    summary = page.locator("#results .pairs .summary")
    expect(summary).to_have_text(wording.pair_matrix.summary(matrices["dose"]))
    page.locator("#results select.matrix").select_option("published")
    expect(summary).to_have_text(wording.pair_matrix.summary(matrices["published"]))
    counted = {
        outcome: sum(one.outcome == outcome for one in matrices["published"].decisions)
        for outcome in wording.pair_matrix.PAIR
    }
    for outcome, count in counted.items():
        expect(page.locator(f"#results .pairs a.{outcome}")).to_have_count(count)
    page.locator("#results .pairs a[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    a, b = matrices["published"].configs[1:3]
    first = describe(comparison.compare(found, a, b).a.trial)
    expect(page.locator("#results .readout")).to_contain_text(first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Compare")
    verdict = wording.comparison.verdict(comparison.compare(found, a, b))
    expect(page.get_by_role("heading", name=verdict)).to_be_visible()


def test_a_phone_shows_every_line_in_its_width(visit, explorer):
    page = opened(visit, explorer, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row = page.locator("#results .lines tbody tr").first
    assert row.bounding_box()["height"] < 80
    scroll = page.locator("#results .scroll.lines")
    assert scroll.evaluate("(node) => node.scrollWidth - node.clientWidth") <= 0
    expect(row.locator(".mean")).to_be_visible()
    expect(row.locator(".axis > svg")).to_be_visible()
    page.get_by_role("button", name="Filter and sort").click()
    page.locator("#results select.sort").select_option("published")
    expect(row.get_by_role("button")).to_have_accessible_name(
        re.compile("GN, L1 0.0001")
    )


def test_a_networks_file_is_loaded_by_the_lines_beside_it(
    visit, explorer, found, tmp_path
):
    page = opened(visit, explorer)
    files = page.locator("#results .more .network-files")  # the best row is open
    files.locator("summary").click()
    best = published_table.lines(found)[0].labelled.trials[2]
    files.get_by_role("combobox", name="Network").select_option(best.name)
    images = results.test_split().images[:200]
    torch.save(images, tmp_path / "images")
    expected = found.answers[found.index[best.name], :200]
    for way, suffix in zip(
        files.locator(".way").all(), ("safetensors", "pt"), strict=True
    ):
        with page.expect_download() as download:
            way.get_by_role("link").click()
        assert download.value.suggested_filename == f"{best.name}.{suffix}"
        download.value.save_as(tmp_path / download.value.suggested_filename)
        lines = way.locator("code").text_content()
        # A clean process, with nothing but the file, the pictures and a link to the project.
        folder = re.search(r'insert\(0, "(.+?)"\)', lines)
        if folder:
            (tmp_path / folder[1]).symlink_to(FOLDER.parent)
        pictures = "import torch; images = torch.load('images')\n"
        script = f"{pictures}{lines}\nprint(*digits.tolist())"
        ran = subprocess.run(
            [sys.executable, "-I", "-W", "ignore", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert ran.stdout.split() == list(map(str, expected)), ran.stderr
