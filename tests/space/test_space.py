"""The folder of a Space and its checks, on a small fake project; no test reaches a package index."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from space import __main__ as command
from space import checks, folder, header, imports, links, requirements, secrets

ROOT = Path(__file__).parents[2]
PAGE = """{header}
# Page

[kept](docs/protocol.md#part) and [dropped](tests/README.md), ![kept](docs/a.png), ![text of a picture](bench/b.png),
[![a](docs/a.png)](tests/), [a reference][tests], [tests], [web](https://example.org), [part](#page), `[code](tests/x)`.

    [code](tests/README.md)

[tests]: tests/README.md
"""


@pytest.fixture
def project(tmp_path):
    """A project of a few files in git, with the header of the real one."""
    root = tmp_path / "project"
    texts = {
        ".gitignore": "ignored/\n*.log\n",
        "app.py": "import gradio\n\nfrom explorer import tabs\nfrom train.study import Trial\n",
        "requirements.txt": "gradio>=6,<7\n",
        "requirements-ray.txt": "ray>=2,<3\n",
        "README.md": PAGE.format(header=front((ROOT / "README.md").read_text())),
        "RESULTS.md": "# Results\n",
        "LICENSE": "MIT\n",
        "CITATION.cff": "title: Results\n",
        "docs/protocol.md": "[up](../README.md) [out](../../secret.md) [gone](../tests/README.md)\n",
        "docs/.hidden": "hidden\n",
        "docs/build.log": "ignored\n",
        "explorer/__init__.py": "",
        "explorer/tabs.py": "import json\n",
        "train/study.py": "class Trial: pass\n",
        "data/table.csv": "a,b\n",
        "tests/README.md": "# Tests\n",
        "Makefile": "all:\n",
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in (
        "docs/a.png",
        "checkpoints/a.safetensors",
        "checkpoints-fashion/a.safetensors",
        "data/digits.gz",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"\0\1\2\xff" * 20)
    git(root, "init", "-q")
    git(root, "add", "-A")
    (root / "docs/new.md").write_text("# Not yet added\n")
    return root


def front(text: str) -> str:
    return text[: text.index("---", 3) + 3]


def git(root: Path, *arguments: str):
    subprocess.run(["git", *arguments], cwd=root, check=True)


@pytest.fixture
def prepared(project, tmp_path, monkeypatch):
    """The prepared folder of the project, with a dry run of pip that succeeds."""
    monkeypatch.setattr(requirements, "dry_run", lambda arguments: None)
    folder.prepare(project, tmp_path / "prepared")
    return tmp_path / "prepared"


def test_the_folder_has_what_a_space_needs_and_nothing_else(prepared):
    names = {path.relative_to(prepared).as_posix() for path in folder.files(prepared)}
    assert names == {
        ".gitattributes",
        "CITATION.cff",
        "LICENSE",
        "README.md",
        "RESULTS.md",
        "app.py",
        "checkpoints/a.safetensors",
        "checkpoints-fashion/a.safetensors",
        "data/digits.gz",
        "data/table.csv",
        "docs/a.png",
        "docs/new.md",
        "docs/protocol.md",
        "explorer/__init__.py",
        "explorer/tabs.py",
        "requirements-ray.txt",
        "requirements.txt",
        "train/study.py",
    }
    assert checks.check(prepared) == []


def test_the_folder_is_recreated(project, prepared):
    (prepared / "left.txt").write_text("of the last time")
    (project / "RESULTS.md").write_text("# Other results\n")
    folder.prepare(project, prepared)
    assert not (prepared / "left.txt").exists()
    assert (prepared / "RESULTS.md").read_text() == "# Other results\n"


def test_deleted_files_that_git_still_tracks_are_left_out(project, prepared):
    (project / "data/table.csv").unlink()
    folder.prepare(project, prepared)
    assert not (prepared / "data/table.csv").exists()


def test_relative_links_out_of_the_folder_become_text(prepared):
    text = (prepared / "README.md").read_text()
    assert "[kept](docs/protocol.md#part) and dropped, ![kept](docs/a.png)" in text
    assert "text of a picture,\n![a](docs/a.png), a reference, tests," in text
    assert "[web](https://example.org), [part](#page), `[code](tests/x)`." in text
    assert "    [code](tests/README.md)\n" in text
    assert (
        prepared / "docs/protocol.md"
    ).read_text() == "[up](../README.md) out gone\n"


def test_links_in_html_and_in_angles_are_dropped():
    page = '<a href="gone/a">a</a> <img src="gone/b.png"> [c](<gone/c d>) [e](kept "f")'
    kept = links.drop(page, lambda href: not href.startswith("gone"))
    assert kept == 'a  c [e](kept "f")'
    assert list(links.addresses(page)) == ["gone/a", "gone/b.png", "gone/c%20d", "kept"]


def test_lfs_has_rules_for_binary_suffixes_and_for_files_without_one(prepared):
    (prepared / "data/mixed.csv").write_bytes(b"\0\xff")
    (prepared / "data/bare name").write_bytes(b"\0\xff")
    (prepared / "docs/star*.md").write_bytes(b"\0\xff")
    rules = folder.rules(prepared)
    assert [rule.removesuffix(f" {folder.LFS}") for rule in rules] == [
        '"/data/bare name"',
        "*.gz",
        "*.png",
        "*.safetensors",
        "/data/mixed.csv",
        "/docs/star\\*.md",
    ]
    (prepared / ".gitattributes").write_text("\n".join(rules))
    assert checks.uncovered(prepared) == []


def test_a_folder_that_is_no_clone_gets_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(folder.FolderError, match="work in a clone"):
        folder.prepare(tmp_path, tmp_path / "prepared")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(folder.FolderError, match="install git"):
        folder.prepare(tmp_path, tmp_path / "prepared")


def without(field: str):
    def damage(prepared: Path):
        page = prepared / "README.md"
        lines = page.read_text().splitlines(keepends=True)
        start = next(i for i, line in enumerate(lines) if line.startswith(f"{field}:"))
        stop = start + 1
        while lines[stop].startswith(" "):
            stop += 1
        page.write_text("".join(lines[:start] + lines[stop:]))

    return damage


def replaced(name: str, old: str, new: str):
    def damage(prepared: Path):
        text = (prepared / name).read_text()
        assert old in text
        (prepared / name).write_text(text.replace(old, new))

    return damage


def written(name: str, content: str | bytes):
    def damage(prepared: Path):
        data = content if isinstance(content, bytes) else content.encode()
        (prepared / name).write_bytes(data)

    return damage


def removed(name: str):
    return lambda prepared: (prepared / name).unlink()


def large(name: str, size: int):
    def damage(prepared: Path):
        with (prepared / name).open("wb") as file:
            file.write(b"text\n")
            file.seek(size)
            file.write(b"\n")
        (prepared / ".gitattributes").write_text("* filter=lfs")

    return damage


DAMAGES = {
    "title": (without("title"), "set title"),
    "description": (without("short_description"), "set short_description"),
    "long": (
        replaced(
            "README.md", "short_description: ", f"short_description: {'long ' * 12}"
        ),
        "at most 60 characters",
    ),
    "tags": (without("tags"), "set tags"),
    "MNIST": (replaced("README.md", "  - mnist\n", ""), "a tag that says MNIST"),
    "range": (
        replaced("README.md", "sdk_version: 6", "sdk_version: '>=6' #"),
        "one exact",
    ),
    "python": (without("python_version"), "set python_version"),
    "number": (replaced("README.md", '"3.12.12"', "3.12"), "3.12.12 in quotes"),
    "hardware": (replaced("README.md", "cpu-basic", "huge"), "set suggested_hardware"),
    "app": (
        replaced("README.md", "app_file: app.py", "app_file: main.py"),
        "set app_file",
    ),
    "no header": (written("README.md", "# Page\n"), "no header"),
    "no YAML": (written("README.md", "---\na: [\n---\n"), "no header"),
    "missing": (removed("LICENSE"), "LICENSE is missing"),
    "too many": (written("notes.txt", "-"), "notes.txt is no part of a Space"),
    "symbolic": (
        lambda prepared: (prepared / "docs/all").symlink_to("/etc"),
        "docs/all is a symbolic link",
    ),
    "link": (written("docs/new.md", "[a](gone.md)"), "docs/new.md links to gone.md"),
    "binary": (written("data/new.bin", b"\0\xff"), "data/new.bin is binary"),
    "large": (large("data/large.bin", 3 * checks.MIB), "data/large.bin has 3.0 MiB"),
    "large text": (
        lambda prepared: (prepared / "data/all.csv").write_text("a,b\n" * 300_000),
        "data/all.csv has 1.1 MiB",
    ),
    "token": (
        written("data/table.csv", f"hf_{'aB3' * 12}"),
        "data/table.csv has a Hug",
    ),
    "UTF-16": (
        written("docs/new.md", f"ghp_{'aB3' * 12}".encode("utf-16")),
        "docs/new.md has a GitHub token",
    ),
    "key file": (written("docs/my.pem", "-"), "docs/my.pem has a name"),
    "import": (written("explorer/tabs.py", "import httpx\n"), "imports httpx, which"),
    "no module": (removed("train/study.py"), "imports train.study, which is not"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_gets_one_line_with_a_remedy(prepared, name, monkeypatch):
    monkeypatch.setattr(checks, "LARGEST", 2 * checks.MIB)
    monkeypatch.setattr(checks, "PLAIN", checks.MIB)
    damage, message = DAMAGES[name]
    damage(prepared)
    if name == "UTF-16":
        (prepared / ".gitattributes").write_text("* filter=lfs")
    lines = [line for line in checks.check(prepared) if not line.startswith("train is")]
    assert len(lines) == 1, lines
    assert message in lines[0] and "\n" not in lines[0]


KEY = "-----BEGIN OPENSSH PRIVATE KEY-----"  # without a key


@pytest.mark.parametrize(
    "text",
    [
        f"token: hf_{'abcDEF12' * 5}",
        f"github_pat_{'a1B2' * 10}",
        f"AKIA{'A1B2' * 4}",
        f"AIza{'abC-e_7' * 5}",
        f"key = 'sk-ant-api03-{'aB3_' * 10}'",
        f"sk-proj-{'aB3_' * 10}",
        "xoxb-123456789012-abcdefABCDEF",
        f"pypi-{'aB3_' * 12}",
        KEY.replace("OPENSSH ", ""),
        KEY,
        "https://me:pass" + "word1@example.org/x",
        'password = "correct7horse9battery"',
        '{"api_key": "0123456789abcdef"}',
        "HF_TOKEN=abcdef0123456789\n",
    ],
)
def test_secrets_are_recognised_by_their_shape(text):
    assert secrets.first_secret("a.txt", f"before\n{text}\nafter\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "hf_hub_download(repo_id)",
        "task-specific-learning-rates-of-2021-and-later",
        "secret = takeaway.secret()",
        'token = "the token of the page"',
        "https://example.org/a:b@c",
        "KEY = os.environ[name]",
    ],
)
def test_prose_and_code_are_no_secrets(text):
    assert secrets.first_secret("a.txt", text.encode()) is None


def test_the_projects_own_header_and_requirements_pass(tmp_path):
    for name in ("README.md", "app.py", "requirements.txt", "requirements-ray.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    assert header.problems(tmp_path) == []
    for name in ("explorer", "train", "space"):
        shutil.copytree(ROOT / name, tmp_path / name)
    assert imports.unnamed(tmp_path) == []


def wheel(folder: Path, name: str, version: str, requires: str = ""):
    """A wheel with nothing but metadata."""
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        info = f"{name}-{version}.dist-info"
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        file.writestr(f"{info}/METADATA", about)
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A local package index, without the machine's settings of pip and the constraints of a test run."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONSTRAINT", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    wheel(tmp_path, "upper", "1.0", "lower<2")
    for version in ("1.0", "2.0"):
        wheel(tmp_path, "lower", version)


def test_the_reason_of_a_conflict_is_one_line(index):
    assert requirements.dry_run(["upper", "lower>=1"]) is None
    reason = requirements.dry_run(["upper", "lower>=2"])
    assert "upper 1.0 depends on lower<2" in reason and "\n" not in reason
    assert "nothing-like-it" in requirements.dry_run(["nothing-like-it"])


def test_an_index_out_of_reach_is_named_as_the_reason(index, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert "cannot be reached" in requirements.dry_run(["nothing-like-it"])


def test_a_conflict_is_reported_with_its_hardware(prepared, monkeypatch):
    capped = "torch<=2.13.0"
    monkeypatch.setattr(
        requirements,
        "dry_run",
        lambda arguments: "No." if capped in arguments else None,
    )
    assert requirements.unresolved(prepared) == [
        "requirements.txt cannot be installed on ZeroGPU: No."
    ]
    monkeypatch.setattr(requirements, "dry_run", lambda arguments: "No.")
    assert requirements.unresolved(prepared) == [
        "requirements.txt cannot be installed on a CPU and on ZeroGPU: No."
    ]


def test_the_command_lists_the_folder_or_the_problems(
    project, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(folder, "ROOT", tmp_path)
    monkeypatch.setattr(folder, "FOLDER", tmp_path / "build")
    monkeypatch.setattr(folder.prepare, "__defaults__", (project, tmp_path / "build"))
    monkeypatch.setattr(requirements, "dry_run", lambda arguments: None)
    monkeypatch.setattr(sys, "argv", ["space"])
    command.main()
    *_, last = capsys.readouterr().out.splitlines()
    assert last.split()[:2] == ["18", "files"] and "every check passed" in last
    (project / "LICENSE").unlink()
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == "LICENSE is missing: restore it with git."
