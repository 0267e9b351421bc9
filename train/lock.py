"""Locks of trials in a folder, so that two sweeps train each once; the system releases the locks of a process that ends."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows has no such locks: two sweeps train a trial twice there
    fcntl = None

SUFFIX = ".lock"


@contextmanager
def held(path: Path) -> Iterator[str]:
    """Context that holds the lock of a checkpoint's file; yields "", or who holds it already: "process 12 on host"."""
    if not fcntl:
        yield ""
        return
    file, is_ours = _opened(path.with_name(f".{path.name}{SUFFIX}"))
    with file:
        if not is_ours:
            file.seek(0)
            yield file.read(200).strip() or "another process"
            return
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}")
        file.flush()
        try:
            yield ""
        finally:
            Path(file.name).unlink(missing_ok=True)  # before others can lock it


def _opened(lock: Path) -> tuple[IO[str], bool]:
    """The opened file of a lock, and whether this process holds it now."""
    assert fcntl
    while True:
        file = lock.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return file, False
        try:
            if os.path.samestat(os.fstat(file.fileno()), lock.stat()):
                return file, True
        except FileNotFoundError:
            pass
        file.close()  # its holder removed it meanwhile


def remove_left(folder: str | Path):
    """Removes the files of locks whose processes have ended."""
    for lock in Path(folder).glob(f".*{SUFFIX}") if fcntl else ():
        with held(lock.with_name(lock.name[1 : -len(SUFFIX)])):
            pass
