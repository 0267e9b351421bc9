"""Pages as ES modules: where one fails, where the explorer lies behind a proxy or in a frame, and when a page ends."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from explorer.web import documents
from explorer.web.assets import ADDRESS, bundles

READS = "networks read "


def test_a_module_that_throws_says_so_and_leaves_the_other_tabs_alive(
    visit, explorer, context
):
    module = '"./retrain.js"] = (() => {'
    throws = f"{module} return {{ mount: () => {{ throw new Error('on purpose'); }} }};"
    broken = bundles()["later.js"].decode().replace(module, throws)
    pattern = f"**/{ADDRESS}/later.js"
    context().route(
        pattern,
        lambda route: route.fulfill(content_type="text/javascript", body=broken),
    )
    page = visit(explorer.local_url)
    page.get_by_role("tab", name="Train").click()
    expect(page.locator("#retrain [role=alert]")).to_contain_text("could not start")
    page.get_by_role("tab", name="Inside").click()
    expect(page.locator("#inside .side")).to_have_count(3)
    page.get_by_role("tab", name="Draw", exact=True).click()
    expect(page.locator("#pad .verdict")).to_contain_text(READS)
    assert any("on purpose" in error for error in page.errors)
    page.errors.clear()
    context().unroute(pattern)


def test_it_works_under_a_path_of_a_proxy_and_asks_no_other_host(
    browser, serve, monkeypatch
):
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/mnist")
    served = serve()
    asked = set()

    def forward(route):
        url = urlsplit(route.request.url)
        asked.add(url.netloc)
        if url.netloc != "explorer.test" or "heartbeat" in url.path:
            return route.abort()
        assert url.path.startswith("/mnist/")
        path = url.path.removeprefix("/mnist/")
        query = f"?{url.query}" if url.query else ""
        target = f"http://127.0.0.1:{served.server_port}/{path}{query}"
        headers = route.request.headers | {"x-forwarded-host": url.netloc}
        return route.fulfill(response=route.fetch(url=target, headers=headers))

    context = browser.new_context()
    context.route("**/*", forward)
    page = context.new_page()
    page.goto("http://explorer.test/mnist/")
    expect(page.locator("#pad .verdict")).to_contain_text(READS)
    page.get_by_role("tab", name="Inside").click()
    expect(page.locator("#inside .side")).to_have_count(3)
    assert asked == {"explorer.test"}
    context.close()


def test_it_works_in_a_frame_of_another_origin(explorer, context):
    page = context().new_page()
    page.set_content(f'<iframe src="{explorer.local_url}" width="1200" height="800">')
    expect(page.frame_locator("iframe").locator("#pad .verdict")).to_contain_text(READS)
    page.close()


def test_what_a_page_watches_ends_with_it(visit, explorer):
    page = visit(explorer.local_url)
    calls = page.evaluate(
        """async (address) => {
            const { get, set, watch } = await import(new URL(`${address}/store.js`, document.baseURI));
            const end = document.createElement("page-end"), calls = [];
            document.body.append(end);
            watch("lookInside", () => calls.push(get("lookInside").call), end.controller.signal);
            set("lookInside", { call: 1 });
            document.body.prepend(end); // it only moves
            await Promise.resolve();
            set("lookInside", { call: 2 });
            end.remove();
            await Promise.resolve();
            set("lookInside", { call: 3 });
            return calls;
        }""",
        ADDRESS,
    )
    assert calls == [1, 2]
    expect(page.locator("page-end").first).to_be_attached()


def test_a_marked_term_shows_its_definition_and_documents_open(visit, explorer):
    page = visit(f"{explorer.local_url}?tab=trust")
    terms, tip = page.locator("dfn"), page.get_by_role("tooltip")
    terms.filter(has_text=re.compile("^seed$")).hover()
    expect(tip).to_contain_text("determines all chance in a training")
    terms.filter(has_text="calibration error").focus()
    expect(tip).to_contain_text("Mean gap between confidence and accuracy")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Report").click()
    report = opened.value
    expect(report.get_by_role("table").first).to_be_visible()
    assert report.url == f"{explorer.local_url}{documents.REPORT}"
    report.close()
