"""Compare, Claims and Robustness as a visitor meets them."""

import csv
import re

import pytest
from playwright.sync_api import expect

from explorer.study import (
    calibration,
    claims,
    comparison,
    ensembles,
    family_records,
    robustness,
    robustness_tables,
    tables,
    wording,
)
from explorer.tabs import trust
from tests.browser.screens import PHONE
from train.study import ROWS


def test_two_configurations_are_compared_in_words_first(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Compare").click()
    first = comparison.compare(found, *comparison.opening(found))
    expect(
        page.get_by_role("heading", name=wording.comparison.verdict(first))
    ).to_be_visible()
    part = page.locator("#compare")
    chart = part.locator(".charts svg")
    expect(chart).to_be_visible()
    a, b = map(str, comparison.opening(found))
    other = next(t for t in found.comparable if t.config == a)
    side = part.locator("[data-side=b]")
    for setting, value in (
        ("norm", other.norm),
        ("penalty", other.regulariser),
        ("rate", f"{other.lr:g}"),
    ):
        side.locator(f"select.{setting}").select_option(value)
    side.locator("select.batch").select_option(str(other.batch_size))
    expect(part.get_by_text("Choose two different configurations")).to_be_visible()
    expect(chart).to_be_hidden()
    part.locator("[data-side=a] select.batch").select_option("16")
    chosen = f"{other.norm}_l1=0_l2=0_batch=16"
    part.locator(".margin").fill("0.2")
    part.locator(".gap").fill("0.2")
    part.locator(".gap").blur()
    second = comparison.compare(found, chosen, a, 0.2)
    expect(
        page.get_by_role("heading", name=wording.comparison.verdict(second))
    ).to_be_visible()
    expect(part.locator(".notes")).to_have_text(wording.comparison.notes(second))
    expect(part.locator(".plan")).to_have_text(wording.comparison.plan(second, 0.2))


def test_the_observations_have_a_card_a_part_and_lead_to_a_pair(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Claims").click()
    judged = claims.judge(found.core)
    for claim in judged:
        expect(page.get_by_role("heading", name=claim.observation)).to_be_visible()
        sentence = wording.observations.sentence(claim.grid)
        expect(page.get_by_text(sentence, exact=True)).to_be_visible()
    cards = page.locator("#findings .found .card")
    of_grid = [part for claim in judged for part in claim.grid.parts]
    expect(cards.locator(".word")).to_have_text([part.word for part in of_grid])
    expect(cards.locator(".says")).to_have_text(
        [wording.observations.of_part(part) for part in of_grid]
    )
    expect(cards.locator("svg[role=img]")).to_have_count(len(of_grid))
    page.get_by_label("as labelled").check()
    expect(page.get_by_text("compares penalties as well")).to_be_visible()
    labelled = [part for claim in judged for part in claim.arms[0].parts]
    expect(cards.locator(".word")).to_have_text([part.word for part in labelled])
    cards.get_by_role("link", name="Look at a pair").first.click()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Compare")
    first = labelled[0].plan.strata[0][0][0]
    side = page.locator("#compare [data-side=a]")
    expect(side.locator("select.norm")).to_have_value(first.norm)
    expect(side.locator("select.batch")).to_have_value(str(first.batch_size))


def test_the_factors_and_the_further_studies_are_drawn(visit, explorer, found):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Claims").click()
    for factor in family_records.factors(found):
        cards = page.locator(f"#findings [data-part={factor['key']}] .card")
        says = [card["says"] for card in factor["cards"]]
        expect(cards.locator(".says")).to_have_text(says)
        lines = sum(len(card["rows"]) for card in factor["cards"])
        expect(cards.locator("svg[role=img]")).to_have_count(lines)
    for study in family_records.studies(found):
        part = page.locator(f"#findings [data-part={study['key']}]")
        expect(part.get_by_text(study["sentence"], exact=True)).to_be_visible()
        expect(part.locator("figure svg")).to_have_count(len(study["charts"]))
        for title in (box["title"] for box in study["families"] if study["charts"]):
            part.get_by_text(title, exact=True).click()
        rows = [row["label"] for box in study["families"] for row in box["rows"]]
        expect(part.locator(".row .label")).to_have_text(rows)
        expect(part.locator(".row").last).to_be_visible()


@pytest.mark.parametrize("part", ["votes", "robustness"])
def test_a_link_of_the_finding_scrolls_to_its_part_of_trust(visit, explorer, part):
    page = visit(f"{explorer.local_url}?tab=trust&harder=contrast&part={part}")
    expect(page.locator(f"#trust-{part}")).to_be_in_viewport(timeout=30_000)
    expect(page.get_by_role("radio", name="contrast")).to_be_checked()


def test_a_phone_folds_the_numbers_and_a_link_opens_its_study(visit, explorer):
    page = visit(
        f"{explorer.local_url}?tab=findings&part=learning-rate",
        viewport={"width": 390, "height": 800},
    )
    part = page.locator("#findings [data-part=learning-rate]")
    expect(part.locator("figure").first).to_be_in_viewport()
    expect(page.locator("#findings [data-part=dose] .row").first).to_be_hidden()
    first, card = (page.locator("#findings .found .card").nth(at) for at in (0, 1))
    expect(first.locator("svg")).to_be_visible()
    expect(card.locator(".says")).to_be_visible()
    expect(card.locator("svg")).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator("svg")).to_be_visible()


def test_a_link_opens_the_observations_on_an_arm(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=findings&arm=as-run")
    expect(page.get_by_label("as run")).to_be_checked()
    expect(page.get_by_text("As run: the published rows")).to_be_visible()


def test_trust_shows_how_sure_they_may_be(visit, explorer, found):
    page = visit(f"{explorer.local_url}?tab=trust&by=Regulariser&above=93.38")
    levels = calibration.calibrated(found.core, calibration.EDGES[-1])["regulariser"]
    expect(page.get_by_text(wording.grid.calibration(levels))).to_be_visible()
    plot = page.locator("#trust-reliability")
    expect(plot).to_contain_text("L1 + L2 (n =")
    answered = tables.calibration(levels)["right, %"].iloc[0]
    expect(page.get_by_role("gridcell", name=answered).first).to_be_visible()
    page.get_by_label("Batch size", exact=True).last.check()
    expect(page.get_by_role("gridcell", name="batch 128").first).to_be_visible()


def test_trust_shows_which_networks_read_digits_that_are_made_harder(
    visit, explorer, found, saved
):
    page = visit(f"{explorer.local_url}?tab=trust&harder=noise")
    rows = robustness.read(found.core)
    compared = robustness.compared(found.core, rows, "norm")
    expect(page.get_by_text(wording.grid.ranked(compared, "noise"))).to_be_visible()
    plot = page.locator("#trust-robustness")
    expect(plot).to_contain_text("Accuracy over noise")
    expect(plot.locator(".legend li")).to_have_count(4)
    expect(plot).to_contain_text("BN, re-estimated (n =")
    page.get_by_label("blur", exact=True).check()
    expect(plot).to_contain_text("Accuracy over blur")
    page.get_by_label("Regulariser", exact=True).last.check()
    by_penalty = robustness.compared(found.core, rows, "regulariser")
    expect(page.get_by_text(wording.grid.ranked(by_penalty, "blur"))).to_be_visible()
    path, name = saved(page, "Differences as CSV")
    assert name == "trust-differences.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 1 + len(by_penalty)
    path, _ = saved(page, "Accuracies as CSV")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 4 * 6
    path, _ = saved(page, "Strengths as CSV")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 6 * 30
    path, _ = saved(page, "Diagram as CSV")
    assert "L1 + L2" in path.read_text("utf-8-sig")
    path, name = saved(page, "Plots as SVG", 1)
    assert name == "trust-robustness.svg"
    assert "blur" in path.read_text("utf-8")
    said = plot.get_by_role("img").first.get_attribute("aria-label") or ""
    assert said.startswith("Accuracy over blur (accuracy, %): none (n = ")


def test_trust_opens_on_a_difference_to_a_norm_and_takes_another(
    visit, explorer, found
):
    page = visit(f"{explorer.local_url}?tab=trust")
    plot = page.locator("#trust-robustness")
    strengths = robustness.by_strength(found.core, robustness.read(found.core), "norm")

    def drawn(baseline: str):
        rows = robustness_tables.less(strengths, trust.OPENS_ON, baseline)
        chart = plot.locator("svg[role=img]").nth(1)
        title = f"Accuracy over {trust.OPENS_ON}, less that of {baseline}"
        expect(chart).to_have_attribute("aria-label", re.compile(f"^{title} "))
        expect(chart.locator(".zero")).to_have_count(1)
        expect(chart.locator(".series")).to_have_count(rows.level.nunique())
        said = chart.get_attribute("aria-label") or ""
        for level, own in rows.groupby("level"):
            first = own.sort_values("strength").iloc[0]
            assert f"{level} (n = " in said and f"from {first.points:.4g} to" in said
        return rows

    rows = drawn(trust.BASELINE)
    assert ((rows.low > 0) | (rows.high < 0)).any()  # it shows a difference
    choice = page.locator("fieldset", has_text="Difference to").filter(visible=True)
    choice.get_by_label("LN", exact=True).check()
    drawn("LN")
    page.get_by_label("Regulariser", exact=True).last.check()
    expect(plot).to_contain_text("less that of none")
    expect(choice).to_have_count(0)


def test_the_threshold_moves_rings_on_the_curve_of_answers(visit, explorer, found):
    rings = "#trust-reliability svg[role=img] >> nth=1"
    places = []
    for above in (0, 93.38):
        page = visit(f"{explorer.local_url}?tab=trust&above={above}")
        chart = page.locator(rings)
        edge = calibration.edge(above / 100)
        words = f"surer than {100 * edge:.0f} %"
        expect(chart).to_have_attribute("aria-label", re.compile(words))
        levels = calibration.calibrated(found.core, edge)["norm"]
        said = chart.get_attribute("aria-label") or ""
        for level in levels:
            assert f"{words} from {level.selective.accuracy:.4g} to" in said
        ring = chart.locator(".symbols[fill=none]").first
        places.append(ring.get_attribute("d"))
    assert places[0] != places[1]


def test_trust_draws_what_several_networks_gain_and_saves_it(
    visit, explorer, found, saved
):
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Robustness").click()
    chart = page.get_by_role("img", name="Gain of a vote over one network")
    expect(chart).to_be_visible()
    votes = ensembles.ensembles(found.core)
    expect(page.get_by_text(wording.ensembles.votes(votes))).to_be_visible()
    # Two lines, of which the second has a symbol for each number of voters.
    drawn = chart.locator(".symbols").get_attribute("d") or ""
    assert drawn.count("M") == len(votes.votes)
    path, name = saved(page, "Plots as SVG", 2)
    assert name == "voting.svg"
    assert "gain over one network" in path.read_text("utf-8")


def test_published_rows_are_compared_by_their_numbers(visit, explorer, found):
    page = visit(f"{explorer.local_url}?tab=compare")
    part = page.locator("#compare")
    trials = {row.number: row.trial for row in ROWS}
    for side, number in (("a", 3), ("b", 11)):
        part.locator(f"[data-side={side}] select.row").select_option(str(number))
    result = comparison.compare(found, trials[3].config, trials[11].config)
    verdict = wording.comparison.verdict(result)
    expect(page.get_by_role("heading", name=verdict)).to_be_visible()
    part.locator("[data-side=a] select.batch").select_option("16")
    expect(part.locator("[data-side=a] select.row")).to_have_value("")


def test_a_link_leads_to_the_top_of_its_view(visit, explorer):
    page = visit(explorer.local_url, **PHONE)
    door = page.get_by_role("link", name="Draw a digit")
    door.scroll_into_view_if_needed()
    page.wait_for_function("scrollY > 500")
    steps = page.evaluate("history.length")
    door.click()
    page.wait_for_function("scrollY === 0")
    assert page.evaluate("history.length") == steps
    page.get_by_role("link", name="More").click()
    expect(door).to_be_in_viewport()
