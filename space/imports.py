"""Check that the modules imported in the folder are part of it or of a package in requirements.txt."""

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path


def unnamed(folder: Path) -> list[str]:
    """Sentences about imported modules that are neither in the folder nor of a package in requirements.txt, or in that of a part that is optional."""
    listed = sorted(folder.glob("requirements*.txt"))
    text = "\n".join(path.read_text("utf-8") for path in listed)
    # The builder of Spaces installs the package spaces without an entry.
    names = {
        simple(name) for name in re.findall(r"^\s*([A-Za-z0-9][\w.-]*)", text, re.M)
    } | {"spaces"}
    packages, problems = installed(), []
    for path in sorted(folder.rglob("*.py")):
        for module in sorted(modules(path)):
            top, source = module.split(".")[0], folder.joinpath(*module.split("."))
            if (folder / top).exists() or (folder / f"{top}.py").exists():
                if not source.exists() and not source.with_suffix(".py").exists():
                    problems.append(
                        f"{path.relative_to(folder)} imports {module}, which is not in the folder: add it to git."
                    )
            elif top not in sys.stdlib_module_names and not names & {
                simple(name) for name in packages.get(top, [top])
            }:
                problems.append(
                    f"{path.relative_to(folder)} imports {top}, which requirements.txt does not name: add it, or drop the import."
                )
    return list(dict.fromkeys(problems))


@cache
def installed() -> Mapping[str, list[str]]:
    """Names of the installed packages by module."""
    return packages_distributions()


def modules(path: Path) -> set[str]:
    """Modules that a file imports; empty if it is not valid Python."""
    try:
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
    except (SyntaxError, ValueError):
        return set()
    return {
        alias.name
        for node in nodes
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        node.module
        for node in nodes
        if isinstance(node, ast.ImportFrom) and not node.level
    }


def simple(name: str) -> str:
    """Normalised name of a package, by which indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()
