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
    answer = client.get(f"/{assets.ADDRESS}/pad.js")
    assert answer.content == (assets.FOLDER / "pad.js").read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "max-age=31536000, immutable" in answer.headers["cache-control"]
    for name in ("none.js", "..%2Fguard.py", "%2e%2e/guard.py"):
        assert client.get(f"/{assets.ADDRESS}/{name}").status_code == 404


def test_the_route_of_every_module_is_open():
    names = [path.name for path in assets.MODULES]
    assert names and all(
        guard.USED.fullmatch(f"/{assets.ADDRESS}/{each}") for each in names
    )


def test_modules_are_found_behind_a_proxy_that_strips_its_path():
    app = Starlette(routes=assets.ROUTES)
    client = TestClient(app, root_path="/mnist")
    for path in (f"/{assets.ADDRESS}/pad.js", f"/mnist/{assets.ADDRESS}/pad.js"):
        assert client.get(path).status_code == 200


def test_what_a_module_imports_is_known_with_what_that_imports(tmp_path):
    texts = {
        "a": 'import { x } from "./b.js";\nimport "./c.js";\nimport("./d.js");',
        "b": 'import { y } from "./c.js";\nimport { z } from "./e.js";',
    }
    for name in "abcde":
        (tmp_path / f"{name}.js").write_text(texts.get(name, ""))
    found = assets.imports(tmp_path / "a.js")
    assert [path.stem for path in found] == ["a", "b", "c", "e"]


def test_files_are_preloaded_as_what_they_are():
    links = assets.preload(["web/0/pad.js", "theme.css?v=1", "files/0"]).split("><")
    assert [
        word in link
        for word, link in zip(("modulepreload", "style", "fetch"), links, strict=True)
    ] == [True] * 3
