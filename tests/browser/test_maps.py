"""The Inside tab as a visitor meets it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.network import (
    ablation,
    activations,
    attribution,
    batch_statistics,
    misclassified,
    predictions,
    weights,
    wording,
)
from explorer.runs import results
from explorer.runs.descriptions import describe
from explorer.study import regularisation
from explorer.tabs import inside
from train.norms import BY_KEY


@pytest.fixture
def page(visit, explorer, found):
    """Inside with the first network alone."""
    first = found.finished[0].trial.name
    page = visit(f"{explorer.local_url}?tab=inside&trial={first}")
    expect(page.locator(".side")).to_have_count(1)
    return page


def test_it_opens_on_a_network_of_each_norm_and_on_what_they_take_together(
    visit, explorer, found
):
    page = visit(f"{explorer.local_url}?tab=inside")
    names = page.locator("#inside .side h3")
    expect(names).to_have_count(3)
    chosen = [misclassified.find(found, name) for name in inside.opening(found)]
    assert [each.trial.norm for each in chosen] == ["BN", "GN", "LN"]
    assert {each.trial.seed for each in chosen} == {1}
    for name, each in zip(names.all_inner_texts(), chosen, strict=True):
        assert name == f"{describe(each.trial)}, seed {each.trial.seed}"
    taken = page.locator("#inside .cube")
    channels, images = activations.DRAWN

    def cells():
        """Numbers of the filled cells of each diagram."""
        return taken.evaluate_all(
            "(cubes) => cubes.map((cube) => [...cube.querySelectorAll('i')].flatMap((cell, at) => cell.matches('.taken') ? [at] : []))"
        )

    before = cells()
    extents = [activations.extent(norm) for norm in BY_KEY.values()]
    assert list(map(len, before)) == [each.channels * each.images for each in extents]
    page.get_by_role("slider", name="Channel").press("End")
    page.get_by_role("slider", name="Image").press("End")
    after = cells()
    batch, group, layer = range(3)
    row = [*range((channels - 1) * images, channels * images)]
    assert after[batch] == row
    assert after[layer] == [*range(images - 1, channels * images, images)]
    assert after[group] != before[group] and len(after[group]) == len(before[group])
    taken.first.locator("i").first.hover()
    assert cells()[batch] == [*range(images)]


def labels(page) -> list[str]:
    """Accessible names of all maps."""
    maps = page.locator("#inside .maps button")
    return maps.evaluate_all("(maps) => maps.map((map) => map.ariaLabel)")


def test_a_map_says_its_moments_and_enlarges_with_before_after_and_scale(page, found):
    image = predictions.image(predictions.sample(7, 0))
    network = found.finished[0]
    maps = activations.blocks(network, image)
    table = activations.xray(network, maps)
    said = table[table.block == 2].reset_index()
    block = page.locator("#inside .block").nth(1)
    third = block.get_by_role("button").nth(2)
    third.hover()
    after = wording.moments(said.mean_after[2], said.var_after[2])
    expect(block.locator("small")).to_have_text(f"channel 3: {after}")
    block.get_by_role("button").first.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(third).to_be_focused()
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    expect(window.get_by_role("heading")).to_have_text("Block 2, channel 3")
    expect(window.locator("figure .words")).to_have_text(
        [wording.moments(said["mean"][2], said["var"][2]), after]
    )
    scales = window.locator(".scale span:last-child").all_inner_texts()
    for when, scale in zip(("before", "after"), scales, strict=True):
        assert float(scale) == pytest.approx(
            float(np.abs(getattr(maps[1], when)).max()), rel=5e-3
        )
    page.keyboard.press("ArrowRight")
    expect(window.get_by_role("heading")).to_have_text("Block 2, channel 4")
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(third).to_be_focused()


def test_the_maps_before_the_norm_are_linked_and_the_bars_are_the_answer(
    page, visit, found
):
    after = labels(page)
    page.get_by_label("Maps").select_option("before")
    expect(page.locator("#inside .maps").first).to_have_accessible_name(
        "Block 1, before the norm"
    )
    assert labels(page) != after
    network = found.finished[0]
    image = predictions.image(predictions.sample(7, 0))
    (probs,) = predictions.probs(predictions.stacked((network,)), image)
    expect(page.locator(".side .bars svg")).to_have_accessible_name(
        re.compile(rf": {probs.argmax()} {round(100 * probs.max())}%")
    )
    again = visit(page.url)
    expect(again.get_by_label("Maps")).to_have_value("before")
    expect(again.locator("#inside .maps").first).to_be_visible()
    assert labels(again) == labels(page)


def test_two_networks_stand_side_by_side_with_their_numbers(page, found):
    expect(page.locator(".side .picture")).to_have_count(72)
    page.get_by_label("beside").select_option(found.finished[-1].trial.name)
    expect(page.locator(".side")).to_have_count(2)
    index = predictions.sample(7, 0)
    for each in (found.finished[0], found.finished[-1]):
        table = activations.xray(
            each, activations.blocks(each, predictions.image(index))
        )
        words = wording.norm_statistics(each.trial, activations.shift(table))
        expect(page.get_by_text(words)).to_be_visible()
    page.get_by_text("The means and variances of every channel").click()
    expect(page.locator(".numbers tbody tr")).to_have_count(2 * 72)
    cells = page.locator(".numbers tbody tr").last.locator("td").all_inner_texts()
    last = [round(value, 4) for value in table.iloc[-1].tolist()]
    assert [float(cell) for cell in cells[1:]] == pytest.approx(last)


def test_batch_norm_moves_with_the_batch_and_group_norm_does_not(page, found):
    beside = next(each for each in found.finished if each.trial.norm == "GN")
    page.locator("#inside select.other").select_option(beside.trial.name)
    page.get_by_text("What if batch norm used").press("Enter")
    rows = page.locator(".batches tbody tr")
    expect(rows).to_have_count(2 + 3)  # and the means of the three norms
    split = results.test_split()
    for place, each in enumerate((found.finished[0], beside)):
        seen = list(map(float, rows.nth(place).locator("td").all_inner_texts()[1:]))
        expected = [
            *activations.accuracy_by_batch(each, split).values(),
            activations.usual_accuracy(each, split),
        ]
        assert seen == pytest.approx(expected, abs=0.06)
    expect(page.locator(".chart .line")).to_have_count(2 + 3)
    kept = batch_statistics.read(found.core)
    for place, norm in enumerate(batch_statistics.by_norm(found.core, kept)):
        cells = rows.nth(2 + place).locator("td").all_inner_texts()
        means = [*norm.means.accuracies, norm.means.usual]
        assert [float(cell.split()[0]) for cell in cells[1:]] == pytest.approx(
            means, abs=0.06
        )


def test_another_digit_and_a_link_that_reopens_it(page, visit, explorer, found):
    page.locator("select.digit").select_option("3")
    second = predictions.sample(3, 1)
    expect(page.get_by_text(f"Image {predictions.sample(3, 0)} of the")).to_be_visible()
    page.get_by_role("button", name="Another digit").press("Enter")
    expect(page.get_by_text(f"Image {second} of the")).to_be_visible()
    name = found.finished[5].trial.name
    again = visit(f"{explorer.local_url}?tab=inside&trial={name}&image={second}")
    expect(again.get_by_text(f"Image {second} of the")).to_be_visible()
    expect(again.locator("#inside select.trial")).to_have_value(name)
    expect(again.locator(".side h3")).to_have_text(
        f"{describe(found.finished[5].trial)}, seed {found.finished[5].trial.seed}"
    )


def test_the_maps_are_saved_as_a_picture_and_a_table(page, saved, saved_view):
    saved_view(page, "Picture as PNG", "inside.png", "#inside .found")
    path, name = saved(page, "Table as CSV")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 72


def test_four_networks_say_which_pixels_speak_for_the_digit(
    page, found, saved, saved_view
):
    names = [found.finished[place].trial.name for place in (0, 100, -1, -2)]
    page.get_by_text("Which pixels speak").press("Enter")
    expect(page.locator(".salient figure")).to_have_count(1)
    for select, name in zip(("other", "third", "fourth"), names[1:], strict=True):
        page.locator(f"#inside select.{select}").select_option(name)
    rows = page.locator(".saliency tbody tr")
    expect(rows).to_have_count(4)
    expect(page.locator(".saliency progress")).to_be_hidden()
    image = predictions.image(predictions.sample(7, 0))
    for place, name in enumerate(names):
        made = attribution.explain(
            misclassified.find(found, name), image, attribution.GRADIENTS
        )
        cells = rows.nth(place).locator("td").all_inner_texts()
        assert cells[1] == str(made.digit)
        assert float(cells[3]) == pytest.approx(made.total, abs=2e-3)
        assert float(cells[3]) == pytest.approx(float(cells[4]), rel=0.02)
    page.locator("select.target").select_option("3")
    expect(page.locator(".salient figcaption").first).to_contain_text("for 3, ")
    page.locator("select.method").select_option(attribution.CAM)
    expect(page.locator(".saliency .words")).to_contain_text("Grad-CAM")
    path, name = saved(page, "Pixels as CSV")
    assert name == "pixels.csv"
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 784
    saved_view(page, "Pixels as PNG", "saliency.png", ".salient", ".bar")
    path, _ = saved(page, "Sums as CSV")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 4


def test_the_weights_say_whether_the_penalty_acted(page, found, saved):
    page.get_by_text("Did the regulariser act?").press("Enter")
    expect(page.locator(".histograms figure")).to_have_count(7)
    expect(page.locator(".growth svg")).to_have_count(2)  # no penalty, no share
    beside = next(each for each in found.finished if each.trial.regulariser == "L1")
    page.locator("#inside select.other").select_option(beside.trial.name)
    acted = regularisation.acted(found.core)
    expect(page.get_by_text(wording.penalty(beside, acted))).to_be_visible()
    expect(page.locator(".growth svg")).to_have_count(3)
    rows = weights.histograms([found.finished[0], beside])
    cells = page.locator(".weights tbody tr").last.locator("td").all_inner_texts()
    assert cells[:2] == ["head", "160"]
    shares = [each.near_zero for each in rows[-1].networks]
    assert list(map(float, cells[2:4])) == pytest.approx(shares, abs=0.06)
    path, _ = saved(page, "Weights as SVG")
    assert (
        path.read_text("utf-8").count('class="line"') == 2 + 7 * 2 + 2 * 7 + 2 + 2 + 7
    )
    path, _ = saved(page, "Epochs as CSV")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 25 + 25
    path, _ = saved(page, "Layers as CSV")
    assert len(path.read_text("utf-8-sig").splitlines()) == 1 + 13


def test_the_x_ray_draws_every_channel_before_and_after_the_norm(page, saved):
    page.get_by_text("Norm X-ray").press("Enter")
    expect(page.locator(".ray svg")).to_have_count(6 * 2)
    expect(page.locator(".ray circle")).to_have_count(2 * 72)
    expect(page.locator(".ray .taken")).to_have_count(72)
    path, name = saved(page, "X-ray as SVG")
    assert name == "xray.svg"
    assert path.read_text("utf-8").count("<circle ") == 2 * 72


def test_what_is_drawn_is_looked_into_and_linked(visit, explorer):
    page = visit(explorer.local_url)
    page.get_by_role("button", name="Clear").click()
    pad = page.locator(".pad")
    pad.focus()
    page.keyboard.down(" ")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.up(" ")
    page.get_by_role("button", name="Look inside").click()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Inside")
    expect(page.get_by_text("Your digit", exact=True)).to_be_visible()
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    page.locator("#inside").get_by_role("button", name="Copy link").click()
    again = visit(page.evaluate("window.copied"))
    expect(again.get_by_text("Your digit", exact=True)).to_be_visible()
    assert labels(again) == labels(page)
    page.get_by_role("tab", name="Draw").click()
    page.get_by_role("button", name="Show a test digit 3").click()
    page.get_by_role("tab", name="Inside").click()
    expect(page.get_by_text(f"Image {predictions.sample(3, 0)} of the")).to_be_visible()


def test_a_digit_made_harder_is_looked_into_as_it_is_and_the_view_is_linked(
    visit, explorer, found
):
    index = predictions.sample(7, 0)
    page = visit(f"{explorer.local_url}?image={index}&noise=0.5&rotate=abc")
    page.get_by_role("button", name="Look inside").click()
    expect(page.locator(".side")).to_have_count(3)
    asked = {"image": index, "lab": {"off": [], "sliders": {"noise": 0.5}}}
    image, _ = ablation.digit_of(asked)
    first = misclassified.find(found, inside.opening(found)[0])
    table = activations.xray(first, activations.blocks(first, image))
    words = wording.norm_statistics(first.trial, activations.shift(table))
    expect(page.get_by_text(words)).to_be_visible()
    page.get_by_text("Which pixels speak").press("Enter")
    page.locator("select.target").select_option("2")
    page.locator("#inside select.fourth").select_option(found.finished[-1].trial.name)
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    page.locator("#inside").get_by_role("button", name="Copy link").click()
    again = visit(page.evaluate("window.copied"))
    expect(again.get_by_text(words)).to_be_visible()
    expect(again.locator(".salient figcaption")).to_have_count(4)
    expect(again.locator(".salient figcaption").first).to_contain_text("for 2, ")


def test_a_phone_shows_the_maps_without_scrolling_sideways(visit, explorer):
    page = visit(
        f"{explorer.local_url}?tab=inside",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
    )
    expect(page.locator(".side")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    blocks = page.locator(".side").first.locator("details")
    opened = blocks.evaluate_all("(blocks) => blocks.map(({ open }) => open)")
    assert opened == [True, *[False] * 4, True]
    blocks.nth(1).locator("summary").click()
    second = page.locator(".side details:nth-of-type(2)[open]")
    expect(second).to_have_count(3)  # of every network


def test_networks_that_were_kept_while_they_learned_are_watched(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=inside")
    expect(page.get_by_role("slider", name="after epoch")).to_be_hidden()
    page.get_by_role("link", name="Watch networks learn").click()
    slider = page.get_by_role("slider", name="after epoch")
    expect(slider).to_have_attribute("aria-valuetext", "epoch 1")
    names = page.locator("#inside .side h3")
    expect(names).to_have_count(3)
    for each in names.all():
        expect(each).to_contain_text("after epoch 1")
    early = page.locator("#inside .side").first.inner_html()
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "epoch 25")
    for each in names.all():
        expect(each).not_to_contain_text("after epoch")
    late = page.locator("#inside .side").first.inner_html()
    assert late != early
