"""Checks of the folder before its upload to the Hub; every problem is a one-line sentence with its remedy."""

import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from space import header, imports, links, requirements, secrets
from space.folder import ATTRIBUTES, ROOTS, FolderError, files, is_binary, leads

MIB = 2**20
# The Hub rejects larger files outside of LFS and Xet: "Your push was rejected because it contains files larger than 10 MiB".
PLAIN = 10 * MIB
# The project's own limit: every start of a Space fetches all files, and the app needs none of this size.
LARGEST = 50 * MIB
# By public reports the Hub refuses a Space's repository above 1 GB ("Repository storage limit reached").
TOTAL = 1000**3
# A folder has fewer entries than this: https://huggingface.co/docs/hub/storage-limits.
ENTRIES = 10_000


def check(folder: Path) -> list[str]:
    """Sentences about content that the Hub refuses or the app lacks; empty if the folder passes all checks."""
    with ThreadPoolExecutor() as pool:  # the other checks run while pip waits
        resolved = pool.submit(requirements.unresolved, folder)
        problems = [
            *contents(folder),
            *header.problems(folder),
            *dead_links(folder),
            *sizes(folder),
            *uncovered(folder),
            *published(folder),
            *imports.unnamed(folder),
        ]
        return [*problems, *resolved.result()]


def contents(folder: Path) -> list[str]:
    """Sentences about missing parts, parts that are none of a Space's, and symbolic links."""
    names = {path.name for path in folder.iterdir()}
    missing = [
        f"{name} is missing: restore it with git."
        for name in ROOTS
        if name not in names
    ]
    others = [
        f"{name} is no part of a Space: remove it from the folder."
        for name in sorted(names - {*ROOTS, ATTRIBUTES})
    ]
    symbolic = [
        f"{path.relative_to(folder)} is a symbolic link: put the file itself there."
        for path in files(folder)
        if path.is_symlink()
    ]
    return missing + others + symbolic


def regular(folder: Path) -> list[Path]:
    return [path for path in files(folder) if not path.is_symlink()]


def dead_links(folder: Path) -> list[str]:
    """Sentences about relative links of Markdown pages to files that are not in the folder."""
    return [
        f"{page.relative_to(folder)} links to {href}, which is not in the folder: correct the link or drop it."
        for page in regular(folder)
        if page.suffix == ".md" and not is_binary(page)
        for href in dict.fromkeys(links.addresses(page.read_text("utf-8")))
        if not leads(folder, page, href)
    ]


def sizes(folder: Path) -> list[str]:
    """Sentences about files, folders and a total size above the limits."""
    problems, total = [], 0
    for path in regular(folder):
        size, name = path.stat().st_size, path.relative_to(folder)
        total += size
        if size > LARGEST:
            problems.append(
                f"{name} has {size / MIB:.1f} MiB, the limit for a file is {LARGEST // MIB}: make it smaller or leave it out."
            )
        elif size > PLAIN and not is_binary(path):
            problems.append(
                f"{name} has {size / MIB:.1f} MiB, the Hub's limit for text is {PLAIN // MIB}: compress, split or drop it."
            )
    if total > TOTAL:
        problems.append(
            f"All files have {total:,} bytes, the limit for a Space is {TOTAL:,}: drop what the app does not read."
        )
    for path in sorted({path.parent for path in files(folder)}):
        if (count := len(list(path.iterdir()))) >= ENTRIES:
            problems.append(
                f"{path.relative_to(folder)} has {count:,} entries, the Hub wants fewer than {ENTRIES:,}: use subfolders."
            )
    return problems


def uncovered(folder: Path) -> list[str]:
    """Sentences about binary files that no rule of .gitattributes sends to LFS, as git evaluates the rules."""
    paths = regular(folder)
    lfs = sent_to_lfs(folder, [path.relative_to(folder).as_posix() for path in paths])
    problems = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if is_binary(path) and name not in lfs:
            problems.append(
                f"{name} is binary and in no rule of {ATTRIBUTES}: add one with filter=lfs."
            )
    return problems


def sent_to_lfs(folder: Path, names: list[str]) -> set[str]:
    """Names of files with filter=lfs by the .gitattributes of the folder."""
    with tempfile.TemporaryDirectory() as empty:  # a repository without rules
        git = ["git", f"--git-dir={empty}/.git", f"--work-tree={folder.resolve()}"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        subprocess.run(["git", "init", "-q", empty], check=True, env=environment)
        result = subprocess.run(
            [*git, "check-attr", "-z", "--stdin", "filter"],
            input="\0".join(names).encode(),
            capture_output=True,
            cwd=folder,
            env=environment,
        )
    if result.returncode:
        reason = " ".join(result.stderr.decode("utf-8", "replace").split())
        raise FolderError(f"git does not read {ATTRIBUTES} ({reason}): correct it.")
    fields = result.stdout.decode().split("\0")
    return {
        name
        for name, value in zip(fields[::3], fields[2::3], strict=False)
        if value == "lfs"
    }


def published(folder: Path) -> list[str]:
    """Sentences about files with secrets, which do not quote them."""
    kinds = (
        (path, secrets.first_secret(path.name, path.read_bytes()))
        for path in regular(folder)
    )
    return [
        f"{path.relative_to(folder)} has {kind}: take it out, and revoke it if it was real."
        for path, kind in kinds
        if kind
    ]
