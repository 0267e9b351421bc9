"""Modules that the code of the folder imports: in the folder, or of a package that requirements.txt names."""

import ast
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path


def unnamed(folder: Path) -> list[str]:
    """Sentences about modules that the folder's code imports and neither has nor names in requirements.txt."""
    listed = folder / "requirements.txt"
    text = listed.read_text("utf-8") if listed.is_file() else ""
    # The builder installs the package spaces unasked.
    names = {
        simple(name) for name in re.findall(r"^\s*([A-Za-z0-9][\w.-]*)", text, re.M)
    } | {"spaces"}
    packages, found = installed(), []
    for path in sorted(folder.rglob("*.py")):
        for module in sorted(modules(path)):
            top, place = module.split(".")[0], folder.joinpath(*module.split("."))
            if (folder / top).exists() or (folder / f"{top}.py").exists():
                if not place.exists() and not place.with_suffix(".py").exists():
                    found.append(
                        f"{path.relative_to(folder)} imports {module}, which is not in the folder: add it to git."
                    )
            elif top not in sys.stdlib_module_names and not names & {
                simple(name) for name in packages.get(top, [top])
            }:
                found.append(
                    f"{path.relative_to(folder)} imports {top}, which requirements.txt does not name: add it, or drop the import."
                )
    return list(dict.fromkeys(found))


@cache
def installed() -> Mapping[str, list[str]]:
    """Names of the packages that have each module."""
    return packages_distributions()


def modules(path: Path) -> set[str]:
    """Modules that a file imports; none where it is no Python."""
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
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
