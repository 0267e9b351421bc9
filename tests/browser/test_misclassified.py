"""The Mistakes tab as a visitor meets it."""

import csv
import re

import pytest
from playwright.sync_api import expect

from explorer.digits import typicality
from explorer.network import misclassified, poll, predictions, vote_wording, wording
from explorer.study import comparison, hard_images


@pytest.fixture
def page(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Mistakes").click()
    expect(page.locator(".grid button").first).to_be_visible()
    return page


def test_the_tab_opens_on_images_that_divide_the_norms(page, found):
    """The first image is read by one norm far more than by another."""
    rows = hard_images.hardest(found.core, hard_images.DIVIDED)
    first = page.locator(".grid button").first
    norms = [*found.core.norms]
    shares = rows.iloc[0][norms].astype(float)
    assert shares.max() - shares.min() > 40
    said = ", ".join(f"{shares[norm]:.0f} % of {norm}" for norm in norms)
    expect(first).to_have_accessible_name(re.compile(re.escape(said)))


def test_a_comparison_leads_to_the_digits_that_one_side_reads(visit, explorer, found):
    page = visit(f"{explorer.local_url}?tab=compare")
    page.get_by_role("link", name="The digits that more seeds").click()
    a, b = comparison.opening(found)
    only_a, only_b = hard_images.read_by_one(found, a, b)
    expect(page.locator("#mistakes .words")).to_contain_text(
        [f"More seeds of A read {len(only_a)}", f"More seeds of B read {len(only_b)}"]
    )
    first = page.locator(".part").first.locator("button").first
    row = only_a.iloc[0]
    expect(first).to_contain_text(f"{row.missed_a:.0f} : {row.missed_b:.0f} %")
    page.go_back()
    expect(page.locator("#compare .verdict")).to_be_visible()


def test_from_a_mistake_to_its_image_to_the_pad(page, found):
    page.get_by_label("One network").check()
    expect(page.locator(".matrix")).to_be_visible()
    rows = misclassified.of_network(found.finished[0])
    shown = page.locator(".grid button")
    expect(shown).to_have_count(min(100, len(rows)))
    first = rows.iloc[0]
    expect(shown.first).to_contain_text(f"{first.label:.0f} → {first.read:.0f}")
    shown.first.click()
    dialog = page.locator("dialog.image")
    about = misclassified.readings(found.core, int(first["index"]))
    expect(dialog).to_contain_text(
        f"Image {first['index']:.0f}, labelled {first.label:.0f}: "
        f"{about.missing} of {about.networks} networks of {found.core.scope} miss it"
    )
    expect(dialog.locator("caption")).to_have_text(
        ["by norm", "by regulariser", "by batch size"]
    )
    dialog.get_by_role("button", name="Send to Draw").click()
    expect(page.locator(".pad")).to_be_visible()
    digit = predictions.image(int(first["index"]))
    unlike = wording.unlike(typicality.judge(digit))
    words = vote_wording.verdict(poll.poll(found, digit).vote, unlike)
    expect(page.locator(".verdict")).to_have_text(words)


def test_a_click_in_the_matrix_filters_the_grid(page, found):
    page.get_by_label("One network").check()
    cell = page.locator(".matrix td button").first
    count = int(cell.inner_text())
    words = re.search(r"of (\d) read as (\d)", cell.get_attribute("aria-label"))
    cell.click()
    expect(page.locator(".grid button")).to_have_count(count)
    for caption in page.locator(".grid b").all_inner_texts():
        assert caption == f"{words[1]} → {words[2]}"
    expect(page.locator("#mistakes .words")).to_contain_text(f"{count} of the ")
    everything = page.get_by_role("button", name="Show all")
    expect(everything).to_be_focused()
    everything.press("Enter")
    misses = len(misclassified.of_network(found.finished[0]))
    expect(page.locator(".grid button")).to_have_count(min(100, misses))


def test_two_networks_and_all_networks(page, found, saved):
    page.get_by_label("Two networks").check()
    expect(page.locator(".part")).to_have_count(3)
    pair = misclassified.against(found.finished[0], found.finished[-1])
    expect(page.locator("#mistakes .words").first).to_contain_text(
        f"Only A misses {len(pair.only_a)}"
    )
    gaps = page.evaluate(
        "[...document.querySelectorAll('#mistakes .part')].map((part) => part.offsetHeight - part.querySelector('.grid').offsetHeight)"
    )
    assert max(gaps) < 100  # nothing but words beside the images
    page.get_by_label("All networks").check()
    page.locator("select.kind").select_option(hard_images.ALWAYS)
    expect(page.locator(".part")).to_have_count(1)
    count = len(hard_images.hardest(found.core, hard_images.ALWAYS))
    expect(page.locator("#mistakes .words")).to_contain_text(
        f"{count} images are always wrong"
    )
    page.locator("select.kind").select_option(hard_images.LABEL)
    expect(page.locator(".grid .flagged")).to_have_count(15)
    page.locator("select.kind").select_option(hard_images.SEED)
    hardest = hard_images.hardest(found.core, hard_images.SEED)
    expect(page.locator("#mistakes .words")).to_contain_text(
        f"{len(hardest)} images are"
    )
    path, _ = saved(page, "Table as CSV")
    with path.open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["index"]) for line in lines] == hardest["index"].tolist()
    shares = [float(line["missed"]) for line in lines]
    assert shares == pytest.approx(hardest.missed.tolist(), abs=0.06)


def test_the_grid_is_saved_as_a_picture(page, saved_view):
    page.locator("select.kind").select_option(hard_images.LABEL)
    expect(page.locator(".grid .flagged")).to_have_count(15)
    saved_view(page, "Picture as PNG", "misclassified.png", "#mistakes .found")


def test_without_checkpoints_the_page_says_what_to_do(visit, serve, tmp_path):
    page = visit(serve(tmp_path).local_url)
    page.get_by_role("tab", name="Mistakes").click()
    expect(page.locator("#mistakes .error")).to_contain_text(
        "No network has been trained yet"
    )
