"""A norm that only the registry knows: every tab opens with networks of it, alone and beside the committed ones, and a visitor trains one."""

import pytest
from playwright.sync_api import expect

from tests.browser.new_norm import NEW
from tests.browser.pad import SEVEN, draw
from tests.browser.screens import QUIET
from tests.browser.test_restart import Server
from tests.browser.test_retrain import SMALL, opened, train
from tests.browser.test_screens import SHOWN
from train.checkpoint import FOLDER
from train.norms import BY_KEY

KEYS = [*BY_KEY, NEW.key]
# What a tab shows last without networks of a study.
ALONE = SHOWN | {
    "findings": "#findings .found p",
    "table": "#results .lines tbody tr",
    "trust": "code:has-text('--study grid')",
}


@pytest.fixture(scope="module", params=["alone", "beside the committed"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    if request.param != "alone":
        for path in FOLDER.glob("*.safetensors"):
            (folder / path.name).symlink_to(path)
    home = tmp_path_factory.mktemp("home")
    served = Server(folder, home, ("-m", "tests.browser.new_norm"))
    served.is_alone = request.param == "alone"
    served.start()
    yield served
    served.stop()


@pytest.mark.parametrize("tab", SHOWN)
def test_every_tab_opens(visit, server, tab):
    page = visit(server.url)
    page.goto(f"{server.url}?tab={tab}")
    shown = ALONE if server.is_alone else SHOWN
    page.locator(shown[tab]).first.wait_for(state="attached")
    page.evaluate(QUIET)
    expect(page.locator("[role=alert]").filter(visible=True)).to_have_count(0)


def test_its_networks_vote_where_no_study_does(visit, server):
    page = visit(server.url)
    draw(page, SEVEN)
    expect(page.locator("[data-votes]")).to_have_attribute("data-votes", "device")
    key = page.locator("#pad .bars .keys")
    expect(key).to_contain_text("BN")
    expect(key.get_by_text(NEW.key)).to_have_count(int(server.is_alone))


def test_inside_shows_what_every_norm_takes_together(visit, server):
    name = f"{NEW.key}_l1=0_l2=0_batch=16_lr=0.02_epochs=1_train_images=4000_seed=1"
    page = visit(f"{server.url}?tab=inside&trial={name}")
    captions = page.locator("#inside .cube figcaption")
    expect(captions).to_have_count(len(KEYS))
    expect(captions.last).to_have_text("instance norm: a channel, one image")
    words = page.locator("#inside .side .words")
    expect(words.first).to_contain_text("IN takes every channel by itself")
    taken = page.locator("#inside .cube").nth(KEYS.index("none")).locator(".taken")
    expect(taken).to_have_count(0)


def test_a_visitor_trains_every_norm(visit, server):
    page = opened(visit(server.url))
    for times, key in enumerate(("none", "RMS", NEW.key), 1):
        train(page, times, Norm=key, **SMALL)
    own = page.locator("#retrain .own .network")
    expect(own).to_have_count(3)
    for label in ("no norm", "RMS", NEW.key):
        expect(own.filter(has_text=f"{label}, batch 16")).to_have_count(1)


def test_curves_offer_the_norms_of_the_runs(visit, server):
    page = visit(f"{server.url}?tab=curves")
    box = page.locator("fieldset").filter(has=page.get_by_text("Norm", exact=True))
    norms = KEYS if server.is_alone else [*BY_KEY]
    expect(box.locator("label")).to_have_text(norms)
