"""ES modules in one file: on a slow line the round trips of many files cost more than their bytes."""

import re
from collections.abc import Iterable
from pathlib import Path

IMPORT = re.compile(
    r'^import (?:(\{[^}]*\}|\* as \w+) from )?"\./([\w.-]+\.js)";(?: //.*)?\n', re.M
)
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function) (\w+))", re.M)
LIST = re.compile(r"^export \{([^}]*)\};\n", re.M)
COMMENT = re.compile(r"^ *(?:/\*\*(?:(?!\*/)[\s\S])*\*/|//.*)\n", re.M)
ALIAS = re.compile(r"(\w+) as (\w+)")
AWAITS = re.compile(r"^(?!.*\basync\b)\S.*\bawait\b", re.M)  # outside of functions
FIRST = "const $modules = {};\n"
LATER = 'import { modules as $modules } from "./%s";\n'
# A module that is named while another runs is there, or comes with a later bundle.
DYNAMIC = """const $import = async (address) => {
  const [name, again] = address.split("?");
  if (!(name in $modules)) await import(`./%s${again ? `?${again}` : ""}`);
  return $modules[name];
};
"""


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Modules and all that they import, each after those that it imports. Raises `ValueError` where modules import each other."""
    order: list[Path] = []
    under_way: list[Path] = []

    def add(path: Path):
        if path in under_way:
            names = " -> ".join(each.name for each in [*under_way, path])
            raise ValueError(f"These modules import each other: {names}.")
        if path in order:
            return
        under_way.append(path)
        for _, name in IMPORT.findall(path.read_text("utf-8")):
            add(path.with_name(name))
        order.append(under_way.pop())

    for path in paths:
        add(path)
    return order


def bundle(
    paths: Iterable[Path], before: tuple[str, list[Path]] | None = None, later: str = ""
) -> bytes:
    """One module that runs `paths` and all that they import, and exports the exports of each as `modules["./name.js"]`, without comments.

    `before` has the name and the modules of a bundle that runs first, whose modules are left out; `later` is the name of one that has those that
    are imported dynamically. The modules are written as eslint and prettier leave them: imports by name, exports of declarations or of a list.
    """
    name, known = before or ("", [])
    begin = LATER % name if before else FIRST
    parts = [_scope(path) for path in in_order(paths) if path not in known]
    end = "export { $modules as modules };\n"
    return "".join([begin, DYNAMIC % later, *parts, end]).encode()


def _scope(path: Path) -> str:
    """Code of a module in a scope of its own, whose exports are kept under its name."""
    code = COMMENT.sub("", path.read_text("utf-8"))
    exports = EXPORT.findall(code)
    for names in LIST.findall(code):
        exports += [name.strip() for name in names.split(",") if name.strip()]
    code = LIST.sub("", EXPORT.sub("", IMPORT.sub(_assign, code)))
    code = code.replace("import(`", "$import(`")
    exported = f"return {{ {', '.join(exports)} }};"
    begin = "await (async () => {" if AWAITS.search(code) else "(() => {"
    return f'$modules["./{path.name}"] = {begin}\n{code}{exported}\n}})();\n'


def _assign(match: re.Match) -> str:
    names, module = match.groups()
    if not names:
        return ""
    names = names.removeprefix("* as ")
    names = ALIAS.sub(r"\1: \2", names)
    return f'const {names} = $modules["./{module}"];\n'
