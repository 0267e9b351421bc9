"""Sets of digits as a visitor meets them: saved, loaded again, read on the device, and the same figures in the terminal."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.network import evaluate
from explorer.web import assets
from tests.browser.screens import PHONE

SAVE = """async ([address, form, images, labels]) => {
  const sets = await import(new URL(`${address}/digit_sets.js`, document.baseURI));
  const blob = await sets[form]({ images: Uint8Array.from(images), labels: Uint8Array.from(labels) });
  return [...new Uint8Array(await blob.arrayBuffer())];
}"""


def opened(visit, explorer, **options):
    page = visit(f"{explorer.local_url}?tab=draw&part=set", **options)
    expect(page.get_by_role("button", name="Choose a set")).to_be_in_viewport()
    return page


def choose(page, path):
    page.locator("#sets input[type=file]").set_input_files(path)


def rows_of(text: str) -> dict[str, list[str]]:
    """Lines of the terminal's table: percent, interval and networks in Draw, by name."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
    return {line[0]: line[1:4] for line in lines if len(line) == 7}


@pytest.mark.parametrize(("form", "suffix"), [("toNpz", "npz"), ("toZip", "zip")])
def test_a_set_has_the_same_figures_after_saving_and_in_the_terminal(
    visit, explorer, mnist, tmp_path, capsys, saved_table, form, suffix
):
    page = opened(visit, explorer)
    # Hard ones among them, and one with a wrong label: not all networks read all.
    chosen = [0, 1, 2, 247, 321, 340, 445, 582, 659, 947, 1014, 2130]
    images, labels = mnist.test.images[chosen], mnist.test.labels[chosen].clone()
    labels[0] = 1
    given = [assets.ADDRESS, form, images.flatten().tolist(), labels.tolist()]
    path = tmp_path / f"hand.{suffix}"
    path.write_bytes(bytes(page.evaluate(SAVE, given)))
    choose(page, path)
    expect(page.locator("#sets .about")).to_have_text(
        re.compile(rf"^hand\.{suffix}: 12 digits, read by \d+ networks\.$")
    )
    expect(page.locator("#sets .some canvas")).to_have_count(12)
    saved = saved_table(page, "Scores as CSV", "draw-set.csv")[1:]
    evaluate.main([str(path)])
    rows = rows_of(capsys.readouterr().out)
    assert len(saved) > 50 and saved[0][0] == "BN"
    for name, _, networks, digits, share, low, high in saved:
        assert rows[name] == [share, f"{low} to {high}", networks]
        assert digits == "12" and share != "100.0"
    assert len({share for *_, share, _, _ in saved}) > 5


def test_the_table_is_sorted_and_fits_a_phone(visit, explorer, mnist, tmp_path):
    page = opened(visit, explorer, **PHONE)
    path = tmp_path / "hand.npz"
    chosen = [247, 321, 340, 445, 582]
    np.savez_compressed(
        path,
        images=mnist.test.images[chosen].numpy(),
        labels=mnist.test.labels[chosen].numpy(),
    )
    choose(page, path)
    shares = page.locator("#sets tbody.configurations td:nth-child(2)")
    expect(shares.first).to_be_visible()
    page.get_by_role("button", name="sort by Read, %").click()
    for direction in ("descending", "ascending"):
        head = page.locator("#sets th[aria-sort]").nth(1)
        expect(head).to_have_attribute("aria-sort", direction)
        values = [float(text) for text in shares.all_inner_texts()]
        assert values == sorted(values, reverse=direction == "descending")
        page.get_by_role("button", name="sort by Read, %").click()
    expect(page.locator("#sets tbody.norms th")).to_have_text(["BN", "GN", "LN"])
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["viewport"]["width"]
    table = page.locator("#sets .scroll")
    assert table.evaluate("node => node.scrollWidth <= node.clientWidth + 1")


def test_a_bad_set_gets_the_sentence_of_the_terminal_and_the_next_is_read(
    visit, explorer, tmp_path, capsys
):
    page = opened(visit, explorer)
    path = tmp_path / "wide.npz"
    np.savez(path, images=np.zeros((3, 32, 32), np.uint8), labels=np.zeros(3, np.uint8))
    choose(page, path)
    with pytest.raises(SystemExit) as end:
        evaluate.main([str(path)])
    assert end.value.code == 2
    sentence = capsys.readouterr().err.strip()
    expect(page.locator("#sets .error")).to_have_text(sentence)
    expect(page.locator("#sets .result")).to_be_hidden()
    np.savez(path, images=np.zeros((3, 28, 28), np.uint8), labels=np.zeros(3, np.uint8))
    choose(page, path)
    expect(page.locator("#sets .about")).to_contain_text("3 digits")
    expect(page.locator("#sets .error")).to_be_empty()


def test_a_large_set_shows_its_progress_and_is_cancelled(
    visit, explorer, mnist, tmp_path
):
    page = opened(visit, explorer)
    path = tmp_path / "large.npz"
    np.savez(
        path,
        images=mnist.test.images[:5000].numpy(),
        labels=mnist.test.labels[:5000].numpy(),
    )
    choose(page, path)
    expect(page.locator("#sets .left")).to_have_text(
        re.compile(r"^[\d,]+ of 5,000, \d+ s left$")
    )
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#sets .running")).to_be_hidden()
    expect(page.locator("#sets .error")).to_have_text("Cancelled.")
    expect(page.locator("#sets .result")).to_be_hidden()
    expect(page.get_by_role("button", name="Choose a set")).to_be_focused()


def test_without_the_device_the_page_names_the_terminals_command(
    visit, explorer, tmp_path
):
    page = opened(visit, explorer, script="delete window.Worker;")
    path = tmp_path / "hand.npz"
    np.savez(path, images=np.zeros((1, 28, 28), np.uint8), labels=np.zeros(1, np.uint8))
    choose(page, path)
    expect(page.locator("#sets .error")).to_contain_text(
        "python -m explorer.network.evaluate SET"
    )
