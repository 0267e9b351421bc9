"""Which room may know which: the flow goes from train to explorer to tabs to app, never back."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [ROOT / "app.py", *ROOT.glob("train/*.py"), *ROOT.glob("explorer/**/*.py")]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_its_room_may_know(path):
    room = path.relative_to(ROOT).parts
    names = imports(path)
    tops = {name.split(".")[0] for name in names}
    if room[0] == "train":
        assert not tops & {"explorer", "app", "gradio"}
    elif room[:2] == ("explorer", "tabs"):
        assert "app" not in tops
        tabs = {name for name in names if name.startswith("explorer.tabs")}
        assert tabs <= {"explorer.tabs.takeaway"}  # no tab knows another
        assert not tops & {
            "torch",
            "safetensors",
            "pandas",
        }  # no tensors, no files, no arithmetic
    elif room[0] == "explorer":
        assert not tops & {"app", "gradio"}
        assert not any(name.startswith("explorer.tabs") for name in names)


def test_every_file_says_in_one_sentence_what_it_owns():
    for path in FILES:
        text = path.read_text()
        assert not text.strip() or ast.get_docstring(ast.parse(text)), path


def test_nothing_unpickles():
    for path in FILES:
        assert not {"pickle", "torch.load"} & imports(path)
        assert "torch.load(" not in path.read_text()
