"""Order of the packages: an import goes from a later one to an earlier one, never back, and gradio stays in the tabs."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# A level's packages import those of the levels above it here, and not each other.
LEVELS = (
    ("train.errors",),
    ("train.norms", "train.data_sets"),
    ("train.normalisation",),
    ("train.study",),
    ("train.data",),
    ("train.model",),
    ("train.validation",),
    ("train.checkpoint",),
    ("train.index", "train.hub"),
    ("train.evaluate",),
    ("train.loop",),
    ("train.cpu", "train.cuda"),
    ("train.engines",),
    ("train.lock", "train.cores", "train.shard", "train.merge", "train.pace"),
    ("train.options",),
    ("train.sweep",),
    ("train.on_ray",),
    ("train.card",),
    ("train.repository",),
    ("train.show",),
    ("train.on_jobs",),
    ("train.all",),
    ("explorer.digits", "explorer.web"),
    ("explorer.runs",),
    ("explorer.study",),
    ("explorer.network",),
    ("explorer.retrain", "explorer.charts"),
    ("explorer.report", "explorer.tabs"),
    (
        "explorer.batches",
        "explorer.robustness",
        "explorer.likeness",
        "explorer.divided",
    ),  # commands
    ("app",),
)
LEVEL = {package: level for level, names in enumerate(LEVELS) for package in names}
SHARED_BY_TABS = {
    "explorer.tabs.takeaway",
    "explorer.tabs.answers",
    "explorer.tabs.gradio_private",
    "explorer.tabs.voting",
}
ONLY_IN_TABS = {"gradio"}
NOT_IN_TABS = {"torch", "safetensors", "pandas"}  # no tensors, no files, no arithmetic
FILES = [ROOT / "app.py", *ROOT.glob("train/**/*.py"), *ROOT.glob("explorer/**/*.py")]


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imports(text: str) -> set[str]:
    """Modules, and names of modules, that a source imports, dotted."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def with_parents(name: str) -> set[str]:
    parts = name.split(".")
    return {".".join(parts[:size]) for size in range(1, len(parts) + 1)}


def package(name: str) -> str | None:
    """The entry of `LEVELS` that a module, or a name in it, belongs to."""
    parts = name.split(".")
    tops = (".".join(parts[:size]) for size in (1, 2))
    return next((top for top in tops if top in LEVEL), None)


def faults(module: str, text: str) -> list[str]:
    """Imports of a source that its place in `LEVELS` does not allow."""
    own = package(module)
    names = imports(text)
    wrong = [
        name
        for name in names
        if (other := package(name)) and other != own and LEVEL[other] >= LEVEL[own]
    ]
    tops = {name.split(".")[0] for name in names}
    if own == "explorer.tabs":
        tabs = {".".join(name.split(".")[:3]) for name in names if package(name) == own}
        wrong += sorted(tabs - SHARED_BY_TABS) + sorted(tops & NOT_IN_TABS)
    elif own != "app":
        wrong += sorted(tops & ONLY_IN_TABS)
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_its_level_may_know(path):
    module = module_of(path)
    assert module in ("train", "explorer") or package(module), (
        f"{module} is in no package of LEVELS"
    )
    assert not path.read_text() or not faults(module, path.read_text())


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("train.data", "from train import loop"),
        ("train.cpu.engine", "from train.cuda.stack import Stack"),
        ("train.study", "import explorer.digits"),
        ("explorer.digits.png", "from explorer.runs import results"),
        ("explorer.study.claims", "def later():\n    from explorer.charts import figures"),
        ("explorer.charts.figures", "from explorer.retrain import session"),
        ("explorer.retrain.jobs", "import gradio as gr"),
        ("explorer.tabs.draw", "from explorer.tabs import curves"),
        ("explorer.tabs.draw", "import torch"),
        ("explorer.report.draft", "from explorer.batches import main"),
    ],
)  # fmt: skip
def test_an_import_that_is_turned_round_is_a_fault(module, line):
    assert faults(module, line)


def test_modules_import_each_other_in_no_circle():
    modules = {module_of(path): path.read_text() for path in FILES}
    graph = {
        module: {
            own
            for name in imports(text)
            for own in with_parents(name)  # an import runs the parents' `__init__`, too
            if own in modules and own not in with_parents(module)
        }
        for module, text in modules.items()
    }
    assert list(TopologicalSorter(graph).static_order())


def test_every_file_says_in_one_sentence_what_it_owns():
    for path in FILES:
        text = path.read_text()
        assert not text.strip() or ast.get_docstring(ast.parse(text)), path


def test_no_file_and_no_function_is_too_long():
    for path in (*FILES, *ROOT.glob("space/*.py"), *ROOT.glob("benchmarks/*.py")):
        text = path.read_text()
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                is_excepted = path.name == "winograd.py"  # it says why
                assert lines <= 60 or is_excepted, f"{path}: {node.name}"


def test_nothing_unpickles():
    for path in FILES:
        text = path.read_text()
        assert not {"pickle", "torch.load"} & imports(text)
        assert "torch.load(" not in text
