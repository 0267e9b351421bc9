"""Votes by the visitor's device, and by the server where the device cannot vote, against the answers of /predict."""

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.network import predictions
from explorer.runs import device_files
from tests.browser.pad import EIGHT, SEVEN, WITHOUT_WEBASSEMBLY, draw, settled
from tests.browser.votes import NOTED, agree

WITHOUT_SIMD = "--js-flags=--no-enable-sse4-1"  # V8 takes no SIMD without SSE 4.1
# Only the first weights come, not those of the other steps and of networks beside the voters.
FEW_WEIGHTS = """
  const send = Worker.prototype.postMessage;
  const nowhere = new URL("files/0000000000000000", location.href).href;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.kind === "add") message = { ...message, weights: nowhere };
    if (message.kind === "open") {
      const [first, ...later] = message.steps;
      message = { ...message, steps: [first, ...later.map((step) => ({ ...step, address: nowhere }))] };
    }
    return send.call(this, message, ...rest);
  };
"""
QUESTION = "component_server"  # in the address of a question to the server


def note(sent: list[str], request):
    """Notes a request, but for the page's heartbeat, which holds nothing of what is drawn."""
    if not request.url.endswith("/visit"):
        sent.append(request.url)
    else:
        assert set(request.post_data_json) == {"view", "visit", "own"}


def everyone_voted(page, found, computer: str):
    root = page.locator("[data-votes]")
    expect(page.locator(".networks")).to_have_attribute("aria-busy", "false")
    expect(root).to_have_attribute("data-votes", computer)
    expect(root).to_have_attribute("data-networks", str(len(found.voters)))
    expect(page.locator(".networks")).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize("points", [SEVEN, EIGHT])
def test_the_device_votes_without_the_server_as_predict_does(
    visit, serve, found, points
):
    served = serve()
    page = visit(served.local_url, script=NOTED)
    everyone_voted(page, found, "device")
    served.close()
    page.get_by_role("button", name="Clear").click()
    draw(page, points)
    everyone_voted(page, found, "device")
    expect(page.locator("#pad .sent")).to_contain_text("is not sent")
    agree(found, page.evaluate("noted"), page.locator(".verdict").inner_text())
    page.close()
    page.errors.clear()  # the heartbeat's, which the server does not answer


@pytest.mark.parametrize(
    ("without", "points"),
    [
        ({"script": WITHOUT_WEBASSEMBLY}, SEVEN),
        ({"script": WITHOUT_WEBASSEMBLY}, EIGHT),
        ({"arguments": [WITHOUT_SIMD]}, EIGHT),
    ],
)
def test_the_server_votes_without_webassembly_or_its_simd_as_predict_does(
    visit, explorer, found, without, points
):
    script = NOTED + without.get("script", "")
    page = visit(explorer.local_url, **{**without, "script": script})
    if "script" not in without:
        assert page.evaluate("typeof WebAssembly") == "object"
    everyone_voted(page, found, "server")
    page.get_by_role("button", name="Clear").click()
    draw(page, points)
    everyone_voted(page, found, "server")
    expect(page.locator("#pad .sent")).to_contain_text("is sent")
    agree(found, page.evaluate("noted"), page.locator(".verdict").inner_text())


def test_nothing_is_sent_while_the_device_votes(visit, explorer, found):
    page = visit(explorer.local_url)
    everyone_voted(page, found, "device")
    sent = []
    page.on("request", lambda request: note(sent, request))
    page.get_by_role("button", name="Clear").click()
    page.locator(".laboratory summary").press("Enter")
    draw(page, EIGHT)
    everyone_voted(page, found, "device")
    expect(page.locator(".stage .picture")).to_have_count(5)
    for name in ("right, pixels", "down, pixels", "contrast", "noise"):
        slider = page.locator(".sliders").get_by_label(name)
        slider.focus()
        page.keyboard.press("ArrowLeft")
    page.get_by_role("checkbox", name="normalised").uncheck()
    page.get_by_label("Fade the digit").fill("0.5")
    everyone_voted(page, found, "device")
    assert sent == []
    page.get_by_label("turn, degrees").fill("20")
    everyone_voted(page, found, "server")
    expect(page.locator("#pad .sent")).to_contain_text("is sent")
    assert [url for url in sent if QUESTION in url]


def test_the_laboratory_of_the_device_shows_what_the_servers_does(visit, explorer):
    shown = []
    for script in ("", WITHOUT_WEBASSEMBLY):
        page = visit(f"{explorer.local_url}?image=0&off=smooth&right=2", script=script)
        computer = "server" if script else "device"
        expect(page.locator("[data-votes]")).to_have_attribute("data-votes", computer)
        expect(page.locator("#pad .sent")).not_to_contain_text("arrived")
        expect(page.locator(".networks")).to_have_attribute("aria-busy", "false")
        expect(page.locator(".stage .picture")).to_have_count(5)
        captions = page.locator(".stage figcaption").all_inner_texts()
        rows = page.locator(".measures tbody tr").all_inner_texts()
        pictures = page.locator(".stage .picture").evaluate_all(PIXELS)
        shown.append((captions, rows, np.array(pictures)))
    (captions, rows, pictures), (others, other_rows, other_pictures) = shown
    assert [words.split("\n")[0] for words in captions] == [
        words.split("\n")[0] for words in others
    ]
    assert rows == other_rows
    assert np.abs(pictures - other_pictures).max() <= 8


PIXELS = """(nodes) => Promise.all(nodes.map(async (node) => {
  const image = new Image();
  image.src = node.style.backgroundImage.slice(5, -2);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, 28, 28);
  return [...context.getImageData(0, 0, 28, 28).data];
}))"""


def test_a_device_that_fails_leaves_the_votes_to_the_server(visit, explorer, found):
    page = visit(explorer.local_url, script="delete globalThis.Worker")
    draw(page, SEVEN)
    everyone_voted(page, found, "server")


@pytest.fixture
def other(found):
    """A network that does not vote."""
    voting = {each.trial.name for each in found.voters}
    return next(each for each in found.finished if each.trial.name not in voting)


def test_further_networks_are_read_on_the_device(visit, explorer, found, other):
    page = visit(f"{explorer.local_url}?image=0")
    everyone_voted(page, found, "device")
    page.locator(".further select").select_option(other.trial.name)
    line = page.locator(".own li")
    probs = predictions.probs(predictions.stacked((other,)), predictions.image(0))[0]
    expect(line).to_contain_text(f"reads {probs.argmax()}")
    sent = []
    page.on("request", lambda request: note(sent, request))
    page.get_by_role("button", name="Clear").click()
    draw(page, SEVEN)
    everyone_voted(page, found, "device")
    expect(line).to_contain_text("reads")
    assert sent == []


def test_the_first_networks_vote_though_all_others_are_missing(
    visit, explorer, found, other
):
    page = visit(f"{explorer.local_url}?image=0", script=FEW_WEIGHTS)
    first, *_ = device_files.files(found)["steps"]
    arrived, total = len(first["networks"]), len(found.voters)
    root = page.locator("[data-votes=device]")
    expect(root).to_have_attribute("data-networks", str(arrived))
    words = f"{arrived} of {total} networks have arrived; some could not be loaded."
    expect(page.locator("#pad .sent")).to_contain_text(words)
    page.locator(".further select").select_option(other.trial.name)
    line = page.locator(".own li")
    expect(line).to_contain_text("its weights could not be loaded")
    draw(page, SEVEN)
    settled(page)
    expect(root).to_have_attribute("data-networks", str(arrived))
    line.get_by_role("button", name="Remove").click()
    expect(line).to_have_count(0)
    page.errors.clear()  # the browser's own, of addresses where nothing is


def test_a_further_network_that_the_server_does_not_give_can_be_chosen_again(
    visit, explorer, found, other
):
    page = visit(f"{explorer.local_url}?image=0")
    everyone_voted(page, found, "device")
    page.route(f"**/{QUESTION}/**", lambda route: route.abort())
    select, lost = page.locator(".further select"), page.locator("#pad .lost")
    select.select_option(other.trial.name)
    expect(lost).to_contain_text("could not be loaded")
    everyone_voted(page, found, "device")
    page.unroute(f"**/{QUESTION}/**")
    select.select_option(other.trial.name)
    expect(page.locator(".own li")).to_contain_text("reads")
    expect(lost).to_have_text("")
    page.errors.clear()  # of the request that was broken off
