"""Text out of files and fields is shown as text in every tab; and the page may be framed by another origin."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from playwright.sync_api import expect
from safetensors.torch import save_file

import app

MARKUP = (
    '"><img src=http://elsewhere.example/x.png onerror="window.pwned=1"><script>window.pwned=1</script>'
    "![x](http://elsewhere.example/y.png) [a](javascript:window.pwned=1) <form action=http://elsewhere.example><input></form>"
    "${window.pwned=1} {{7*7}} $$x$$"
)
FOREIGN = """() => [...document.querySelectorAll("img, form, a, iframe, script, link, object")]
  .map((node) => node.src || node.action || node.href || node.data || "")
  .filter((address) => /elsewhere|javascript:/.test(address))"""


@pytest.fixture
def hostile_folder(folder, tmp_path):
    """The checkpoints of `folder`, and a file with markup in its name, and in every entry of its header."""
    for path in folder.glob("*.safetensors"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    named = '<img src=x onerror="window.pwned=1">![x](y).safetensors'
    header = {"format": MARKUP, "trial": MARKUP, MARKUP: MARKUP}
    save_file({"weight": torch.zeros(1)}, tmp_path / named, header)
    return tmp_path


def test_markup_in_every_file_and_field_is_text_in_every_tab(
    visit, serve, hostile_folder, folder, tmp_path_factory
):
    explorer = serve(hostile_folder)
    page = visit(explorer.local_url)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.get_by_text("a foreign file, its format is")).to_contain_text(
        "![x](http://elsewhere.example/y.png)"
    )
    for module in app.TABS:
        page.get_by_role("tab", name=module.TITLE, exact=True).click()
        expect(page.get_by_role("tabpanel")).to_be_visible()
        assert page.evaluate(FOREIGN) == []
    # A visitor's own numbers: names of columns, of files and of runs.
    page.goto(f"{explorer.local_url}?tab=compare&own=1")
    field = page.locator("#own_numbers textarea")
    name = MARKUP.replace(",", ";").replace("\t", " ")
    field.fill(f"{name}\tb{name}\n1\t2\n1.1\t2.2\n1.2\t2.1\n")
    expect(page.locator("#own_numbers .verdict")).to_contain_text("onerror")
    # Names of files: of a network, a picture and a set.
    source = tmp_path_factory.mktemp("files") / "<img src=x onerror=window.pwned=1>"
    source.write_bytes(next(folder.glob("*.safetensors")).read_bytes()[:-1])
    page.goto(f"{explorer.local_url}?tab=retrain")
    expect(page.locator("#retrain [inert]")).to_have_count(0)
    page.locator("#retrain .load input").set_input_files(source)
    expect(
        page.locator("#retrain").get_by_text("not a whole safetensors")
    ).to_be_visible()
    assert page.evaluate(FOREIGN) == []
    assert page.evaluate("window.pwned") is None
    assert not [address for address in asked if "elsewhere" in address]


class Embedding(BaseHTTPRequestHandler):
    """Page of another origin that frames the address of its query."""

    def do_GET(self):
        address = self.path.partition("?")[2]
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(
            f'<iframe src="{address}" width=900 height=600></iframe>'.encode()
        )

    def log_message(self, *values):
        pass


def test_a_page_of_another_origin_may_frame_the_explorer(context, serve, folder):
    explorer = serve(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Embedding)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = context().new_page()
    page.goto(f"http://localhost:{server.server_port}/?{explorer.local_url}")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#pad .pad")).to_be_visible(timeout=120_000)
    expect(frame.locator("[data-answers]").first).to_be_attached()
    page.close()
    server.shutdown()
    server.server_close()
