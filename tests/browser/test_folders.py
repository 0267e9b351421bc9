"""Every tab with a folder of checkpoints that is empty or damaged."""

import shutil

from playwright.sync_api import expect

from train import checkpoint

SAYS_NOTHING = {
    "Draw": "No network has been trained yet",
    "All results": "Too few seeds are trained",
    "Compare": "Nothing can be compared yet",
    "Claims": "Too few seeds yet",
    "Learning curves": "No network has been trained yet",
    "Mistakes": "No network has been trained yet",
    "Inside": "No network has been trained yet",
    "Robustness": "too few seeds",
}


def test_without_checkpoints_every_tab_says_what_is_missing(visit, serve, tmp_path):
    page = visit(serve(tmp_path).local_url)
    for name, words in SAYS_NOTHING.items():
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel").get_by_text(words).first).to_be_visible()


def test_with_a_damaged_file_every_tab_shows_the_rest_and_one_names_it(
    visit, serve, folder, trained, tmp_path
):
    copy = shutil.copytree(folder, tmp_path / "checkpoints")
    damaged = checkpoint.path_of(trained[0].trial, copy)
    damaged.write_bytes(damaged.read_bytes()[:999])
    page = visit(serve(copy).local_url)
    expect(page.locator(".strip .dot")).to_have_count(2)
    for name in SAYS_NOTHING:
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_text(f"Skipped {damaged.name}")).to_be_visible()
    page.get_by_role("tab", name="Compare").click()
    expect(page.get_by_text("Nothing can be compared yet")).to_be_visible()
    page.get_by_role("tab", name="Learning curves").click()
    expect(page.get_by_text("of 2 networks shown")).to_be_visible()
    page.get_by_role("tab", name="Mistakes").click()
    expect(page.locator("#mistakes select.trial option")).to_have_count(2)
