"""Decorator of the kernels, and the cache folder of their compiled code."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba.core import caching

PREFIX = "kernels-"  # of the names of cache folders
HERE = Path(__file__).parent
NO_KERNELS = {"__init__.py", "cache.py", "engine.py"}
SOURCES = (
    *sorted({path.name for path in HERE.glob("*.py")} - NO_KERNELS),
    "../model.py",
    "../data.py",
)


def build_name(*sources: str) -> str:
    """Name of the cache folder for these source files, whose paths are relative to `HERE`: a hash of their contents.

    Numba's own cache only checks the file of the compiled function, and would keep outdated code of functions that it
    calls from other files.
    """
    digest = hashlib.sha256(
        b"".join((HERE / source).read_bytes() for source in sources)
    )
    return f"{PREFIX}{digest.hexdigest()[:16]}"


def choose_folder(build: str) -> Path | None:
    """First writable cache folder for compiled kernels; None where none is writable.

    Candidates in order: `NUMBA_CACHE_DIR` or else `__pycache__` beside the code, the user's ~/.cache, a private folder
    below the temporary folder. Kernels already compiled in the first are copied to the chosen one.
    """
    first = Path(os.environ.get("NUMBA_CACHE_DIR") or HERE / "__pycache__" / build)
    folder = next(filter(_can_be_written, chain([first], _elsewhere(build))), None)
    if folder and folder != first:
        _copy(first, folder)
    return folder


def kernels_in(folder: Path | None) -> Callable:
    """Decorator that compiles kernels with `folder` as cache, or with None without one; other functions' cache is unchanged."""
    compile_later = numba.njit(error_model="numpy", nogil=True)
    if folder is None:
        return compile_later

    class Locator(caching.InTreeCacheLocator):
        def __init__(self, function, file):
            super().__init__(function, file)
            self._cache_path = str(folder / self.get_suitable_cache_subpath(file))

    class Implementation(caching.CompileResultCacheImpl):
        _locator_classes = (Locator,)

    class Cache(caching.FunctionCache):
        _impl_class = Implementation

    def decorate(function):
        dispatcher: Any = compile_later(function)
        # What `cache=True` does, but its folder is a global setting: Numba 0.68 has no public way to choose one.
        dispatcher._cache = Cache(function)
        return dispatcher

    return decorate


def _elsewhere(name: str) -> Iterator[Path]:
    """Cache folders below folders that only the user can write to, so that nobody else can plant code."""
    with suppress(OSError, RuntimeError):  # RuntimeError: a user without a home
        home = Path.home()
        if _only_we_write(home):
            yield home / ".cache" / "numba" / name
    with suppress(OSError):
        user = os.getuid() if hasattr(os, "getuid") else "user"
        private = Path(tempfile.gettempdir()) / f"numba-{user}"
        private.mkdir(mode=0o700, exist_ok=True)
        if _only_we_write(private):
            yield private / name


def _only_we_write(folder: Path) -> bool:
    if not hasattr(os, "getuid"):  # Windows: both folders are the user's
        return True
    status = folder.lstat()  # of a link itself, not of its target
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return ours and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _copy(source: Path, folder: Path):
    """Copies compiled kernels that are missing in `folder` from `source`, every file atomically."""
    # An unreadable file is compiled again. Numba's index files (.nbi) are copied after the code (.nbc) that they name.
    with suppress(OSError):
        for path in sorted(source.glob("*/*.nb[ci]"), key=lambda path: path.suffix):
            target = folder / path.relative_to(source)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
                shutil.copyfile(path, partial)
                partial.replace(target)


def is_whole() -> bool:
    """True if the cache has all kernels, compiled by this release of Numba for this processor."""
    return bool(FOLDER and _mark(FOLDER).exists())


def mark_whole():
    """Records that the cache has all kernels, and removes the cache folders of earlier sources."""
    if not FOLDER or _mark(FOLDER).exists():
        return
    with suppress(OSError):
        _mark(FOLDER).touch()
    if FOLDER.name == BUILD:  # not in a folder that a user chose
        for folder in FOLDER.parent.glob(f"{PREFIX}*"):
            if folder != FOLDER:
                shutil.rmtree(folder, ignore_errors=True)


def _mark(folder: Path) -> Path:
    processor = llvmlite.binding.get_host_cpu_name()
    return folder / f"whole-{numba.__version__}-{processor}"


BUILD = build_name(*SOURCES)
FOLDER = choose_folder(BUILD)
kernel = kernels_in(FOLDER)
