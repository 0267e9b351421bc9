"""A page's drawing and trained networks, which outlive links, reloads and restarts of the server; each tab has its own."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.awaiting import wait
from tests.browser.address import follow
from tests.browser.pad import SEVEN, complete, draw, reads
from tests.browser.test_retrain import SMALL, choose, opened, train
from train.checkpoint import FOLDER

ROOT = Path(__file__).parents[2]
NOTICE = ".notice"
OWN = "#retrain .own .network"


class Server:
    """The explorer in a process of its own, which can be ended and started again on its port."""

    def __init__(
        self, folder: Path, home: Path, program: tuple[str, ...] = ("app.py",)
    ):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._environment = {
            **os.environ,
            "PORT": str(self.port),
            "CHECKPOINTS": str(folder),
            "XDG_CACHE_HOME": str(home),
            "GRADIO_ANALYTICS_ENABLED": "False",
        }
        self._log = home / "log"
        self._program = program
        self._process = None

    def start(self, key: str = "a key"):
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program],
                cwd=ROOT,
                env=self._environment | {"SIGNING_KEY": key},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait(self._answers)

    def stop(self):
        if self._process:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return urllib.request.urlopen(self.url, timeout=30).status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    for path in sorted(FOLDER.glob("*batch=128_seed=1.safetensors"))[:6]:
        shutil.copy(path, folder)
    served = Server(folder, tmp_path_factory.mktemp("home"))
    served.start()
    yield served
    served.stop()


def tab(page, name: str):
    page.get_by_role("tab", name=name, exact=True).click()


def seven(page):
    complete(page)
    reads(page, 7)


def own_readings(page) -> list[str]:
    tab(page, "Draw")
    complete(page)
    return page.locator("#pad .own li").all_inner_texts()


def test_a_network_and_a_drawing_outlive_links_reloads_and_restarts(visit, server):
    page = visit(server.url)
    page.get_by_role("button", name="Clear").click()
    draw(page, SEVEN)
    seven(page)
    opened(page)
    train(page, 1, **SMALL)
    expect(page.locator(OWN)).to_contain_text("trained here")
    said = own_readings(page)
    assert len(said) == 1 and "yours 1: GN" in said[0]

    # A link inside, and a reload, after which Draw asks the server for nothing.
    follow(page, "?tab=mistakes")
    assert own_readings(page) == said
    page.reload()
    seven(page)
    assert own_readings(page) == said

    # While the server is away Draw goes on, and the rest waits.
    opened(page)
    choose(page, Epochs="25", **{"Training digits": "60000"})
    page.get_by_role("button", name="Train", exact=True).click()
    status = page.locator("#retrain .status")
    expect(status).to_contain_text("of 93,750")
    server.stop()
    expect(page.locator(NOTICE)).to_contain_text("does not answer")
    page.get_by_role("button", name="Inside: yours 1").click()
    assert own_readings(page) == said
    page.get_by_role("button", name="Clear").click()
    draw(page, SEVEN)
    seven(page)

    # After a restart all goes on by itself, the training too.
    server.start()
    expect(page.locator(NOTICE)).to_contain_text("was restarted", timeout=60_000)
    tab(page, "Inside")
    expect(page.locator("#inside .side h3")).to_contain_text("yours 1")
    tab(page, "Learning curves")
    legend = page.locator("#curves .legend li")
    expect(legend.filter(has_text="yours 1")).to_have_count(1)
    tab(page, "Train")
    expect(status).to_contain_text(re.compile("Batch .* of 93,750"), timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(OWN)).to_have_count(2)
    expect(page.locator(OWN).last).to_contain_text("yours 2")
    page.reload()
    assert len(own_readings(page)) == 2
    seven(page)

    # With another key the server cannot tell who trained it.
    server.stop()
    server.start("another key")
    page.goto(f"{server.url}?tab=retrain")
    opened(page)
    expect(page.locator(OWN)).to_have_count(2)
    page.get_by_role("button", name="Mistakes: yours 1").click()
    expect(page.locator("#mistakes .words").first).to_contain_text("of the")
    tab(page, "Train")
    expect(page.locator(OWN).first).to_contain_text("the file says so")
    expect(page.locator(OWN).last).to_contain_text("trained here")
    page.errors.clear()  # questions while the server was away


def test_a_copy_of_a_tab_gets_a_session_of_its_own_and_the_same_networks(visit, server):
    page = opened(visit(server.url))
    train(page, 1, **SMALL)
    expect(page.locator(OWN)).to_have_count(1)
    with page.context.expect_page() as copying:
        page.evaluate("void window.open(location.href)")
    copy = copying.value
    opened(copy)
    expect(copy.locator(OWN)).to_have_count(1)
    secrets = [each.evaluate("sessionStorage.visit") for each in (page, copy)]
    assert len({*secrets}) == 2 and all(
        re.fullmatch("[0-9a-f]{32}", secret) for secret in secrets
    )
    train(copy, 1, Seed="12", **SMALL)
    expect(copy.locator(OWN).last).to_contain_text("yours 2")
    copy.get_by_role("button", name="Remove: yours 1").click()
    expect(copy.locator(OWN)).to_have_count(1)
    for each, count in ((page, "yours 1"), (copy, "yours 2")):
        each.reload()
        opened(each)
        expect(each.locator(OWN)).to_have_count(1)
        expect(each.locator(OWN)).to_contain_text(count)
    assert [each.evaluate("sessionStorage.visit") for each in (page, copy)] == secrets
    copy.close()
