"""Folder that a Space accepts: its files, its links and its LFS rules."""

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

from space import links
from train.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "space"
ROOTS = (
    "app.py",
    "requirements.txt",
    "README.md",
    "RESULTS.md",
    "LICENSE",
    "checkpoints",
    "data",
    "docs",
    "explorer",
    "train",
)
ATTRIBUTES = ".gitattributes"
LFS = "filter=lfs diff=lfs merge=lfs -text"


class FolderError(UserError):
    """A folder that cannot be prepared."""


def prepare(root: Path = ROOT, folder: Path = FOLDER):
    """Makes `folder` anew from the files of `root` that git tracks or would track; raises FolderError without git."""
    names = tracked(root)
    if folder.exists():
        shutil.rmtree(folder)
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # A symbolic link stays one, so that nothing outside the project is copied; a check refuses it.
        shutil.copyfile(root / name, target, follow_symlinks=False)
    for page in sorted(folder.rglob("*.md")):
        if not page.is_symlink() and not is_binary(page):
            text = page.read_bytes().decode("utf-8")
            kept = links.drop(text, lambda href, page=page: leads(folder, page, href))
            page.write_bytes(kept.encode("utf-8"))
    (folder / ATTRIBUTES).write_text("".join(f"{rule}\n" for rule in rules(folder)))


def tracked(root: Path) -> list[str]:
    """Names of the files below ROOTS that git tracks or does not ignore, without hidden ones and those deleted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run([*command, "--", *ROOTS], cwd=root, capture_output=True)
    except FileNotFoundError:
        raise FolderError(
            "git is missing, and it says which files are the project's: install git."
        ) from None
    if listed.returncode:
        reason = " ".join(listed.stderr.decode("utf-8", "replace").split())
        raise FolderError(
            f"git does not list the files of {root} ({reason}): work in a clone of the project."
        )
    names = sorted(set(filter(None, listed.stdout.decode("utf-8").split("\0"))))
    return [
        name
        for name in names
        if not any(part.startswith(".") for part in Path(name).parts)
        and ((root / name).is_symlink() or (root / name).is_file())
    ]


def files(folder: Path) -> list[Path]:
    """Files of a folder, symbolic links included, in order."""
    return sorted(
        path for path in folder.rglob("*") if path.is_symlink() or path.is_file()
    )


def leads(folder: Path, page: Path, href: str) -> bool:
    """Whether a link on `page` leads anywhere: out to the web, within the page, or to something in `folder`."""
    path = links.relative(href)
    if path is None:
        return True
    target = (page.parent / path).resolve()
    return target.is_relative_to(folder.resolve()) and target.exists()


def is_binary(path: Path) -> bool:
    """Whether a file is no UTF-8 text: whatever else it is, Git would store it as a binary file."""
    content = path.read_bytes()
    try:
        return "\0" in content.decode("utf-8")
    except UnicodeDecodeError:
        return True


def rules(folder: Path) -> list[str]:
    """LFS rules for the binary files: one a suffix, and one a file whose suffix text files have too or that has none."""
    kinds = defaultdict(dict)
    for path in files(folder):
        if not path.is_symlink() and path.name != ATTRIBUTES:
            kinds[path.suffix][path] = is_binary(path)
    patterns = set()
    for suffix, found in kinds.items():
        if suffix and all(found.values()):
            patterns.add(quoted(f"*{escaped(suffix)}"))
        else:
            names = (
                path.relative_to(folder).as_posix() for path in found if found[path]
            )
            patterns |= {quoted(f"/{escaped(name)}") for name in names}
    return [f"{pattern} {LFS}" for pattern in sorted(patterns)]


def escaped(name: str) -> str:
    """A name whose wildcards stand for themselves in .gitattributes."""
    return "".join(f"\\{each}" if each in "\\*?[" else each for each in name)


def quoted(pattern: str) -> str:
    """A pattern of .gitattributes, in quotes where white space would end it."""
    if not any(each.isspace() or each == '"' for each in pattern):
        return pattern
    inner = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
