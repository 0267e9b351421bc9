"""Preparation of the folder of a Space: its files, links and LFS rules."""

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

from space import links
from train.data_sets import FASHION, MNIST
from train.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "space"
ROOTS = (
    "app.py",
    "requirements.txt",
    "requirements-ray.txt",
    "README.md",
    "CITATION.cff",
    "RESULTS.md",
    "LICENSE",
    MNIST.folder,
    FASHION.folder,
    "data",
    "docs",
    "explorer",
    "train",
)
ATTRIBUTES = ".gitattributes"
LFS = "filter=lfs diff=lfs merge=lfs -text"


class FolderError(UserError):
    """Error for a folder that cannot be prepared."""


def prepare(root: Path = ROOT, folder: Path = FOLDER):
    """Recreates `folder` from the files of `root` that git tracks or does not ignore; raises FolderError without git."""
    names = tracked(root)
    if folder.exists():
        shutil.rmtree(folder)
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Symbolic links are copied as links, so that no file outside the project is copied; a check refuses them.
        shutil.copyfile(root / name, target, follow_symlinks=False)
    for page in sorted(folder.rglob("*.md")):
        if not page.is_symlink() and not is_binary(page):
            text = page.read_bytes().decode("utf-8")
            kept = links.drop(text, lambda href, page=page: leads(folder, page, href))
            page.write_bytes(kept.encode("utf-8"))
    (folder / ATTRIBUTES).write_text("".join(f"{rule}\n" for rule in rules(folder)))


def tracked(root: Path) -> list[str]:
    """Names of the files in ROOTS that git tracks or does not ignore, without hidden and deleted files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        result = subprocess.run([*command, "--", *ROOTS], cwd=root, capture_output=True)
    except FileNotFoundError:
        raise FolderError(
            "git is missing, and it says which files are the project's: install git."
        ) from None
    if result.returncode:
        reason = " ".join(result.stderr.decode("utf-8", "replace").split())
        raise FolderError(
            f"git does not list the files of {root} ({reason}): work in a clone of the project."
        )
    names = sorted(set(filter(None, result.stdout.decode("utf-8").split("\0"))))
    return [
        name
        for name in names
        if not any(part.startswith(".") for part in Path(name).parts)
        and ((root / name).is_symlink() or (root / name).is_file())
    ]


def files(folder: Path) -> list[Path]:
    """Sorted paths of the files in a folder and its subfolders, symbolic links included."""
    return sorted(
        path for path in folder.rglob("*") if path.is_symlink() or path.is_file()
    )


def leads(folder: Path, page: Path, href: str) -> bool:
    """True if the target of a link on `page` exists: any address on the web or in the page, or a file in `folder`."""
    path = links.relative(href)
    if path is None:
        return True
    target = (page.parent / path).resolve()
    return target.is_relative_to(folder.resolve()) and target.exists()


def is_binary(path: Path) -> bool:
    """True if a file is not UTF-8 text, so that Git stores it as binary."""
    content = path.read_bytes()
    try:
        return "\0" in content.decode("utf-8")
    except UnicodeDecodeError:
        return True


def rules(folder: Path) -> list[str]:
    """LFS rules for binary files: one per suffix, or per file where the suffix is missing or shared with text files."""
    binary = defaultdict(dict)
    for path in files(folder):
        if not path.is_symlink() and path.name != ATTRIBUTES:
            binary[path.suffix][path] = is_binary(path)
    patterns = set()
    for suffix, paths in binary.items():
        if suffix and all(paths.values()):
            patterns.add(quoted(f"*{escaped(suffix)}"))
        else:
            names = (
                path.relative_to(folder).as_posix() for path in paths if paths[path]
            )
            patterns |= {quoted(f"/{escaped(name)}") for name in names}
    return [f"{pattern} {LFS}" for pattern in sorted(patterns)]


def escaped(name: str) -> str:
    """Name with its wildcards escaped for .gitattributes."""
    return "".join(f"\\{c}" if c in "\\*?[" else c for c in name)


def quoted(pattern: str) -> str:
    """Pattern for .gitattributes, in quotes if it has white space or quotes."""
    if not any(c.isspace() or c == '"' for c in pattern):
        return pattern
    inner = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
