"""A folder of networks of FashionMNIST: every tab opens or says why it cannot, in the words of the data set."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.runs import results
from tests.browser.screens import QUIET, SCREENS
from tests.browser.test_restart import Server
from train import checkpoint, data, engines, loop
from train.data_sets import FASHION
from train.study import STUDIES

SHOWN = {  # what a tab shows last, or why it shows nothing
    "draw": "#pad .strip .dot",
    "findings": "text=These networks were trained on FashionMNIST >> visible=true",
    "compare": "#compare .charts svg",
    "table": "#results .lines tbody tr",
    "curves": "#curves .legend li",
    "mistakes": "#mistakes .grid button",
    "inside": "#inside .side",
    "trust": "text=which these networks of FashionMNIST are not >> visible=true",
    "retrain": "text=--dataset fashion >> visible=true",
}
SHOWN["findings"] = "text=these networks were trained on FashionMNIST >> visible=true"
ATTRIBUTES = """[...document.querySelectorAll("#pad, #pad *, [role=tabpanel] *")]
    .flatMap((node) => ["aria-label", "title", "alt", "placeholder"].map((name) => node.getAttribute(name)))
    .filter(Boolean).join("\\n")"""


@pytest.fixture(scope="module")
def networks():
    """Two seeds of three configurations of the replication, trained for an epoch on test images: those are committed, training images are not."""
    test = data.load_split(data_set=FASHION, train=False)
    digits = data.Mnist(test.first(4000), test)
    return [
        loop.finish(loop.run(trial, digits, engines.learner(trial, digits, "cpu")))
        for first in STUDIES["replication"].trials[:3]
        for seed in (1, 2)
        for trial in [replace(first, seed=seed, epochs=1, train_images=4000)]
    ]


@pytest.fixture(scope="module")
def server(networks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / FASHION.folder
    folder.mkdir()
    for network in networks:
        checkpoint.save(network, folder)
    served = Server(folder, tmp_path_factory.mktemp("home"))
    served.start()
    yield served
    served.stop()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("tab", SHOWN)
def test_every_tab_opens_in_the_words_of_the_data_set(context, server, screen, tab):
    page = context(**SCREENS[screen]).new_page()
    failed = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{server.url}?tab={tab}")
    page.locator(SHOWN[tab]).first.wait_for(state="attached")
    page.evaluate(QUIET)
    expect(page.locator("[role=alert]").filter(visible=True)).to_have_count(0)
    said = page.evaluate("document.body.innerText") + page.evaluate(ATTRIBUTES)
    assert "These networks are of no study of this project, trained on FashionMNIST" in said  # fmt: skip
    assert not re.findall(r".*\bdigits?\b.*", said, re.IGNORECASE)
    width = SCREENS[screen]["viewport"]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not failed
    page.close()


def test_a_chosen_test_image_is_read_as_the_networks_read_it(visit, server, networks):
    page = visit(server.url)
    page.get_by_role("button", name="Show a test picture sneaker").click()
    split = results.test_split(FASHION)
    index = int(np.flatnonzero(split.labels.numpy() == FASHION.classes.index("sneaker"))[0])  # fmt: skip
    expect(page.locator("#pad .about .label")).to_have_text(
        f"Test image {index}, labelled sneaker."
    )
    read = [FASHION.classes[int(network.test_digits[index])] for network in networks]
    most = max(set(read), key=read.count)
    counts = {
        f"{sum(answer == name for answer in read[start : start + 2])} read {name}"
        for start in (0, 2, 4)
        for name in set(read[start : start + 2])
    }
    expect(page.locator("#pad .verdict")).to_contain_text(f"read {most}")
    shown = ", ".join(page.locator("#pad .strip .count").all_text_contents())
    assert set(shown.split(", ")) == counts
    expect(page.locator("#pad .tools")).to_be_hidden()
    expect(page.locator("#pad .laboratory")).to_be_hidden()
    expect(page.get_by_role("tab", name="Pictures")).to_be_visible()


def test_no_published_row_and_no_collapse_stands_in_the_table(visit, server, networks):
    page = visit(f"{server.url}?tab=table")
    lines = page.locator("#results .lines tbody tr")
    expect(page.get_by_text("6 trials of 3 configurations are trained.")).to_be_visible()  # fmt: skip
    expect(page.locator("#results").get_by_text("Published")).to_have_count(0)
    expect(page.locator("#results").get_by_text("not trained")).to_have_count(0)
    assert lines.count() >= 3


def test_a_link_to_mistakes_names_classes(visit, server):
    page = visit(f"{server.url}?tab=mistakes&image=0")
    heading = page.locator("#mistakes dialog h3")
    expect(heading).to_contain_text("Image 0, labelled ankle boot")
    kinds = page.locator("#mistakes select.kind option")
    assert not any("label" in text for text in kinds.all_text_contents())
