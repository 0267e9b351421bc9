"""Modules of the pages as static files."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.web import assets, guard


def test_the_address_changes_with_any_module(tmp_path):
    (tmp_path / "a.js").write_text("1")
    paths = [tmp_path / "a.js"]
    before = assets.digest(paths)
    assert assets.digest(paths) == before
    (tmp_path / "a.js").write_text("2")
    assert assets.digest(paths) != before


def test_modules_are_kept_for_a_year_and_nothing_else_is_served():
    client = TestClient(Starlette(routes=assets.ROUTES))
    bundles = assets.bundles()
    for name in bundles:
        answer = client.get(f"/{assets.ADDRESS}/{name}")
        assert answer.content == bundles[name]
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "max-age=31536000, immutable" in answer.headers["cache-control"]
    answer = client.get(f"/{assets.ADDRESS}/pad.js")
    assert answer.content == (assets.FOLDER / "pad.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "max-age=31536000, immutable" in answer.headers["cache-control"]
    for name in ("none.js", "..%2Fguard.py", "%2e%2e/guard.py"):
        assert client.get(f"/{assets.ADDRESS}/{name}").status_code == 404


def test_the_route_of_every_module_is_open():
    names = [*assets.bundles(), *(path.name for path in assets.MODULES)]
    assert names and all(
        guard.USED.fullmatch(f"/{assets.ADDRESS}/{each}") for each in names
    )


def test_modules_are_found_behind_a_proxy_that_strips_its_path():
    app = Starlette(routes=assets.ROUTES)
    client = TestClient(app, root_path="/mnist")
    for path in (f"/{assets.ADDRESS}/pad.js", f"/mnist/{assets.ADDRESS}/pad.js"):
        assert client.get(path).status_code == 200


def test_files_are_preloaded_as_what_they_are():
    links = assets.preload(["web/0/pad.js", "theme.css?v=1", "files/0"]).split("><")
    assert [
        word in link
        for word, link in zip(("modulepreload", "style", "fetch"), links, strict=True)
    ] == [True] * 3


def test_a_kept_style_sheet_is_served_as_one_at_an_open_address():
    address = assets.keep([b"a {}"], lambda: b"a {}", ".css")
    answer = TestClient(Starlette(routes=assets.ROUTES)).get(f"/{address}")
    assert answer.content == b"a {}"
    assert answer.headers["content-type"].startswith("text/css")
    assert guard.USED.fullmatch(f"/{address}")
