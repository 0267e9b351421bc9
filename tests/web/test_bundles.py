"""Bundles of ES modules, run by node."""

import subprocess

import pytest

from explorer.web import assets, bundles

MODULES = {
    "a": 'import * as b from "./b.js";\nimport {\n  y as z,\n} from "./c.js"; // named here\nimport "./d.js";\n\n'
    '/** Shown. */\nexport const mount = async () => {\n  const late = await import(`./${"e"}.js?1`);\n'
    "  return [b.x, z, globalThis.d, late.w, new b.Box().x].join();\n};\n",
    "b": 'import { y } from "./c.js";\nconst hidden = 1;\nexport const x = y + hidden;\nexport class Box {\n'
    "  x = /** @type {number} */ (x);\n}\n/** The end. */\nexport { y };\n",
    "c": "const hidden = await 2; // a name that b has, too\nexport const y = hidden;\n",
    "d": "globalThis.d = (globalThis.d ?? 0) + 1;\nexport {};\n",
    "e": 'import { y } from "./c.js";\nexport async function w() {}\nexport const v = y;\n',
}


@pytest.fixture
def folder(tmp_path):
    for name, text in MODULES.items():
        (tmp_path / f"{name}.js").write_text(text.replace("late.w", "late.v"))
    return tmp_path


def test_bundled_modules_do_what_they_do_one_by_one(folder):
    first = bundles.in_order([folder / "a.js"])
    assert [path.stem for path in first] == ["c", "b", "d", "a"]
    built = folder / "built"
    built.mkdir()
    (built / "package.json").write_text('{"type": "module"}')
    (folder / "package.json").write_text('{"type": "module"}')
    (built / "first.js").write_bytes(bundles.bundle(first, later="later.js"))
    later = bundles.bundle([folder / "e.js"], ("first.js", first))
    (built / "later.js").write_bytes(later)
    assert b"hidden" not in later and b"Shown" not in (built / "first.js").read_bytes()
    alone = f'import {{ mount }} from "{folder}/a.js"; console.log(await mount());'
    together = f'import {{ modules }} from "{built}/first.js"; console.log(await modules["./a.js"].mount());'
    said = [
        subprocess.run(
            ["node", "--input-type=module", "-e", script],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for script in (alone, together)
    ]
    assert said == ["3,2,1,2,3\n"] * 2


def test_modules_that_import_each_other_are_refused_by_name(tmp_path):
    for name, other in ("ab", "ba"):
        (tmp_path / f"{name}.js").write_text(f'import "./{other}.js";\n')
    with pytest.raises(ValueError, match="a.js -> b.js -> a.js"):
        bundles.in_order([tmp_path / "a.js"])


def test_every_module_is_in_one_bundle_of_the_page_but_the_worker():
    texts = assets.bundles()
    for path in assets.MODULES:
        scope = f'$modules["./{path.name}"] = '.encode()
        holding = [name for name, text in texts.items() if scope in text]
        pages = [name for name in holding if name != assets.WORKER.name]
        assert len(pages) == (path != assets.WORKER), path.name
