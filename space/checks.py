"""Checks of the folder before it goes to the Hub: a line for each that failed, with what to do."""

import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from space import header, imports, links, requirements, secrets
from space.folder import ATTRIBUTES, ROOTS, FolderError, files, is_binary, leads

MIB = 2**20
# The Hub's hook: "Your push was rejected because it contains files larger than 10 MiB" outside of LFS and Xet.
PLAIN = 10 * MIB
# The project's own: no file that the app reads is near it, and every start of a Space fetches all files.
LARGEST = 50 * MIB
# By public reports a Space's repository is refused above 1 GB ("Repository storage limit reached").
TOTAL = 1000**3
# https://huggingface.co/docs/hub/storage-limits: fewer than 10,000 entries a folder.
ENTRIES = 10_000


def check(folder: Path) -> list[str]:
    """Sentences about what the Hub would refuse or the app would miss; none where the folder is in order."""
    with ThreadPoolExecutor() as pool:  # pip waits for the index
        resolved = pool.submit(requirements.unresolved, folder)
        found = [
            *contents(folder),
            *header.problems(folder),
            *dead_links(folder),
            *sizes(folder),
            *uncovered(folder),
            *published(folder),
            *imports.unnamed(folder),
        ]
        return [*found, *resolved.result()]


def contents(folder: Path) -> list[str]:
    """Sentences about parts that are missing or too many, and about symbolic links."""
    there = {path.name for path in folder.iterdir()}
    missing = [
        f"{name} is missing: restore it with git."
        for name in ROOTS
        if name not in there
    ]
    others = [
        f"{name} is no part of a Space: remove it from the folder."
        for name in sorted(there - {*ROOTS, ATTRIBUTES})
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
    """Sentences about relative links of Markdown pages to what is not in the folder."""
    return [
        f"{page.relative_to(folder)} links to {href}, which is not in the folder: correct the link or drop it."
        for page in regular(folder)
        if page.suffix == ".md" and not is_binary(page)
        for href in dict.fromkeys(links.addresses(page.read_text("utf-8")))
        if not leads(folder, page, href)
    ]


def sizes(folder: Path) -> list[str]:
    """Sentences about files, folders and a total above the limits."""
    found, total = [], 0
    for path in regular(folder):
        size, name = path.stat().st_size, path.relative_to(folder)
        total += size
        if size > LARGEST:
            found.append(
                f"{name} has {size / MIB:.1f} MiB, the limit for a file is {LARGEST // MIB}: make it smaller or leave it out."
            )
        elif size > PLAIN and not is_binary(path):
            found.append(
                f"{name} has {size / MIB:.1f} MiB, the Hub's limit for text is {PLAIN // MIB}: compress, split or drop it."
            )
    if total > TOTAL:
        found.append(
            f"All files have {total:,} bytes, the limit for a Space is {TOTAL:,}: drop what the app does not read."
        )
    for path in sorted({path.parent for path in files(folder)}):
        if (count := len(list(path.iterdir()))) >= ENTRIES:
            found.append(
                f"{path.relative_to(folder)} has {count:,} entries, the Hub wants fewer than {ENTRIES:,}: use subfolders."
            )
    return found


def uncovered(folder: Path) -> list[str]:
    """Sentences about binary files without a rule of .gitattributes that sends them to LFS, as git reads the rules."""
    paths = regular(folder)
    lfs = sent_to_lfs(folder, [path.relative_to(folder).as_posix() for path in paths])
    found = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if is_binary(path) and name not in lfs:
            found.append(
                f"{name} is binary and in no rule of {ATTRIBUTES}: add one with filter=lfs."
            )
    return found


def sent_to_lfs(folder: Path, names: list[str]) -> set[str]:
    """Names whose `filter` is lfs by the .gitattributes of the folder."""
    with tempfile.TemporaryDirectory() as empty:  # no other repository's rules
        git = ["git", f"--git-dir={empty}/.git", f"--work-tree={folder.resolve()}"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        subprocess.run(["git", "init", "-q", empty], check=True, env=environment)
        told = subprocess.run(
            [*git, "check-attr", "-z", "--stdin", "filter"],
            input="\0".join(names).encode(),
            capture_output=True,
            cwd=folder,
            env=environment,
        )
    if told.returncode:
        reason = " ".join(told.stderr.decode("utf-8", "replace").split())
        raise FolderError(f"git does not read {ATTRIBUTES} ({reason}): correct it.")
    fields = told.stdout.decode().split("\0")
    return {
        name
        for name, value in zip(fields[::3], fields[2::3], strict=False)
        if value == "lfs"
    }


def published(folder: Path) -> list[str]:
    """Sentences about secrets, without the secrets."""
    told = (
        (path, secrets.found(path.name, path.read_bytes())) for path in regular(folder)
    )
    return [
        f"{path.relative_to(folder)} has {kind}: take it out, and revoke it if it was real."
        for path, kind in told
        if kind
    ]
