"""Results and Curves as a visitor meets them."""

import csv
import re
import shutil
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from PIL import Image
from playwright.sync_api import expect

from explorer import (
    calibration,
    claims,
    comparison,
    overview,
    results,
    robustness,
)
from train import checkpoint


def test_results_show_the_14_rows_with_ours_beside_the_published(
    visit, explorer, found
):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Results").click()
    expect(page.get_by_text(overview.coverage(found).split(". ")[0])).to_be_visible()
    rows = page.get_by_role("row")
    expect(rows.filter(has_text="0.0994554")).to_have_count(1)
    first = overview.against_published(found).iloc[0]
    ours = rows.filter(has_text=f"{first['Published best']:.2f}").filter(
        has_text=first["As labelled, last"]
    )
    expect(ours).to_have_count(1)


def test_two_configurations_are_compared_in_words_first(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Is it real?").click()
    first = comparison.compare(found, *comparison.opening(found))
    expect(page.get_by_role("heading", name=first["verdict"])).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    other = next(
        trial
        for trial in found.comparable
        if trial.config not in comparison.opening(found)
    )
    page.get_by_label("B", exact=True).click()
    page.get_by_role("option", name=results.describe(other), exact=True).click()
    second = comparison.compare(found, comparison.opening(found)[0], other.config)
    expect(page.get_by_role("heading", name=second["verdict"])).to_be_visible()
    page.get_by_label("A", exact=True).click()
    page.get_by_role("option", name=results.describe(other), exact=True).click()
    expect(page.get_by_text("Choose two different trials")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_hidden()
    page.get_by_label("Difference to see, points").fill("0.2")
    expect(page.get_by_text(comparison.plan(found, 0.2))).to_be_visible()


def test_the_observations_are_judged_and_lead_to_a_pair(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="What holds?").click()
    judged = claims.judge(found)
    expect(page.get_by_text(claims.summary(judged))).to_be_visible()
    for claim in judged:
        expect(page.get_by_role("heading", name=claim.observation)).to_be_visible()
    page.get_by_text("Evidence", exact=True).first.click()
    first = judged[0].arms[0].comparisons[0]
    expect(page.get_by_role("cell", name=first.words).first).to_be_visible()
    page.get_by_role("link", name="Look at a pair").first.click()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Is it real?")
    expect(page.get_by_label("A", exact=True)).to_have_value("GN, batch 32")


def test_curves_show_the_chosen_runs_beside_the_published(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Curves").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    largest = int(found.trials.batch_size.max())

    def shown(norms: str, published: int):
        chosen = found.choose(norms.split(), ["none"], [largest])
        words = f"{chosen.name.nunique()} of {len(found.trials)} trials shown."
        expect(page.get_by_text(words)).to_be_visible()
        texts = page.locator(".js-plotly-plot").first.locator(".legendtext")
        expect(texts).to_have_count(chosen.config.nunique() + published)

    shown("BN GN LN", 3)
    page.get_by_label("GN", exact=True).uncheck()
    shown("BN LN", 2)
    page.get_by_label("The published runs").uncheck()
    shown("BN LN", 0)
    page.get_by_label("Loss").check()
    expect(page.locator(".js-plotly-plot").first).to_contain_text("Test loss")
    page.get_by_label("logarithmic").check()
    page.get_by_label("singly").check()
    shown("BN LN", 0)
    for norm in ("BN", "LN"):
        page.get_by_label(norm, exact=True).uncheck()
    expect(page.get_by_text("tick more of them")).to_be_visible()


def test_a_click_on_a_row_leads_to_its_curves_and_mistakes(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Results").click()
    page.get_by_role("row").filter(has_text="0.0994554").get_by_text("123").click()
    expect(page.get_by_role("link", name="its curves")).to_be_visible()
    page.get_by_role("link", name="its mistakes").click()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Misclassified")
    expect(page.locator("#mistakes select.trial")).to_have_value(
        re.compile("batch=123_seed=1")
    )


def test_a_link_reopens_the_same_view_after_a_restart(visit, serve, found):
    names = [trial.config for trial in found.comparable]
    a, b = names[-1], names[0]
    verdict = comparison.compare(found, a, b)["verdict"]
    for _ in range(2):
        served = serve()
        page = visit(f"{served.local_url}?tab=compare&a={a}&b={b}")
        expect(page.get_by_role("heading", name=verdict)).to_be_visible()
        page.close()  # before its server goes away
        served.close()


def test_a_link_to_what_is_not_there_opens_what_is(visit, explorer, found):
    page = visit(f"{explorer.local_url}?tab=compare&a=nonsense&b=<script>")
    first = comparison.compare(found, *comparison.opening(found))
    expect(page.get_by_role("heading", name=first["verdict"])).to_be_visible()
    page = visit(f"{explorer.local_url}?tab=nonsense")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Draw")


def test_a_link_to_curves_sets_its_choices(visit, explorer, found):
    page = visit(
        f"{explorer.local_url}?tab=curves&norm=BN|LN|x&regulariser=none&batch=16|32&scale=logarithmic"
    )
    chosen = found.choose(["BN", "LN"], ["none"], [16, 32]).name.nunique()
    expect(page.get_by_text(f"{chosen} of {len(found.trials)} trials")).to_be_visible()
    expect(page.get_by_label("logarithmic")).to_be_checked()


def test_a_link_is_copied_and_a_table_saved(visit, explorer, found, saved):
    page = visit(explorer.local_url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("tab", name="Is it real?").click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    a, b = comparison.opening(found)
    query = parse_qs(urlsplit(link).query)
    assert query == {"tab": ["compare"], "a": [a], "b": [b]}
    lines = read_csv(saved(page, "Table as CSV"), "compare-table.csv")
    expected = comparison.table(comparison.compare(found, a, b))
    assert lines == [list(expected.columns), *expected.to_numpy().tolist()]
    page.get_by_role("tab", name="What holds?").click()
    expect(page.get_by_text(claims.summary(claims.judge(found)))).to_be_visible()
    lines = read_csv(saved(page, "Evidence as CSV"), "findings-evidence.csv")
    expected = claims.table(claims.judge(found))
    assert lines[0] == list(expected.columns)
    assert [line[2] for line in lines[1:]] == expected.comparison.tolist()


def read_csv(file, name: str) -> list[list[str]]:
    path, called = file
    assert called == name
    return list(csv.reader(path.open(encoding="utf-8-sig")))


def test_the_curves_are_saved_as_pictures_and_as_numbers(visit, explorer, found, saved):
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
    lines = read_csv(saved(page, "Epochs as CSV"), "curves-epochs.csv")
    largest = int(found.trials.batch_size.max())
    chosen = found.choose(["BN", "GN", "LN"], ["none"], [largest])
    assert len(lines) - 1 == chosen.groupby("config").epoch.nunique().sum()
    page.get_by_text("The curves in numbers").first.click()
    expect(page.get_by_role("columnheader", name="test_acc_std").first).to_be_visible()


def test_trust_shows_how_sure_they_may_be(visit, explorer, found):
    page = visit(f"{explorer.local_url}?tab=trust&by=Regulariser&above=93.38")
    records = calibration.records(found, calibration.EDGES[-1])["regulariser"]
    expect(page.get_by_text(calibration.words(records))).to_be_visible()
    plot = page.locator("#trust-reliability .js-plotly-plot")
    expect(plot).to_contain_text("L1 + L2 (n =")
    answered = calibration.table(records)["right, %"].iloc[0]
    expect(page.get_by_role("gridcell", name=answered).first).to_be_visible()
    page.get_by_label("Batch size", exact=True).last.check()
    expect(page.get_by_role("gridcell", name="batch 128").first).to_be_visible()


def test_trust_shows_which_networks_read_digits_that_are_made_harder(
    visit, explorer, found, saved
):
    page = visit(f"{explorer.local_url}?tab=trust&harder=noise")
    rows = robustness.read(found)
    compared = robustness.compared(found, rows, "norm")
    expect(page.get_by_text(robustness.words(compared))).to_be_visible()
    plot = page.locator("#trust-robustness .js-plotly-plot")
    expect(plot).to_contain_text("Accuracy over noise")
    expect(plot.locator(".legendtext")).to_have_count(3)
    page.get_by_label("blur", exact=True).check()
    expect(plot).to_contain_text("Accuracy over blur")
    page.get_by_label("Regulariser", exact=True).last.check()
    by_penalty = robustness.compared(found, rows, "regulariser")
    expect(page.get_by_text(robustness.words(by_penalty))).to_be_visible()
    path, name = saved(page, "Differences as CSV")
    assert name == "trust-differences.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + len(by_penalty)
    path, _ = saved(page, "Accuracies as CSV")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 4 * 6
    path, _ = saved(page, "Diagram as CSV")
    assert "L1 + L2" in path.read_text("utf-8-sig")


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


SAYS_NOTHING = {
    "Draw": "No network has been trained yet",
    "Results": "Too few seeds are trained",
    "Is it real?": "Nothing can be compared yet",
    "What holds?": "are undecided",
    "Curves": "No network has been trained yet",
    "Misclassified": "No network has been trained yet",
    "Inside": "No network has been trained yet",
    "Trust": "too few seeds",
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
    page.get_by_role("tab", name="Is it real?").click()
    expect(page.get_by_text("Nothing can be compared yet")).to_be_visible()
    page.get_by_role("tab", name="Curves").click()
    expect(page.get_by_text("of 2 trials shown")).to_be_visible()
    page.get_by_role("tab", name="Misclassified").click()
    expect(page.locator("#mistakes select.trial option")).to_have_count(2)


def test_a_link_opens_a_test_image_on_the_pad(visit, explorer, found, mnist):
    page = visit(f"{explorer.local_url}?tab=draw&image=1")
    label = int(mnist.test.labels[1])
    expect(page.locator(".verdict")).to_contain_text(f"networks read {label}")


def test_links_to_curves_keep_what_is_not_ticked(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=curves&norm=&published=false")
    expect(page.get_by_text("tick more of them")).to_be_visible()
    expect(page.get_by_label("The published runs")).not_to_be_checked()
    expect(page.get_by_label("GN", exact=True)).not_to_be_checked()
    expect(page.locator(".js-plotly-plot").first).to_be_hidden()


def test_a_button_says_that_the_link_is_copied_and_then_its_own_words(visit, explorer):
    page = visit(explorer.local_url, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("tab", name="Results").click()
    button = page.get_by_role("button", name=re.compile("^(Copy link|Link copied)$"))
    for _ in range(2):
        button.evaluate("(button) => { button.blur(); button.click(); }")
        expect(button).to_have_text("Link copied")
    expect(button).to_have_text("Copy link")
