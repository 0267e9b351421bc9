"""The decorator of the kernels, and the folder in which Numba keeps what it compiles of them."""

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

PREFIX = "kernels-"  # of a build's folder
HERE = Path(__file__).parent
NO_KERNELS = {"__init__.py", "cache.py", "engine.py"}
SOURCES = (
    *sorted({path.name for path in HERE.glob("*.py")} - NO_KERNELS),
    "../model.py",
    "../data.py",
)


def build_name(*sources: str) -> str:
    """The name of the folder of what is compiled from these files, relative to this one's folder.

    It follows their contents: Numba itself looks only at the file of the function that it compiles, and would go on
    using old inner loops.
    """
    digest = hashlib.sha256(
        b"".join((HERE / source).read_bytes() for source in sources)
    )
    return f"{PREFIX}{digest.hexdigest()[:16]}"


def choose_folder(build: str) -> Path | None:
    """A folder for compiled kernels that can be written; None where there is none.

    The folder is `NUMBA_CACHE_DIR` or lies beside the code; where that cannot be written it lies at home, and else it is
    a private one among the temporary folders. Kernels that were compiled in the first are then copied, not compiled again.
    """
    first = Path(os.environ.get("NUMBA_CACHE_DIR") or HERE / "__pycache__" / build)
    folder = next(filter(_can_be_written, chain([first], _elsewhere(build))), None)
    if folder and folder != first:
        _copy(first, folder)
    return folder


def kernels_in(folder: Path | None) -> Callable:
    """The decorator of kernels that are kept in `folder`, or with None nowhere; other functions' cache stays Numba's."""
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
        # As `cache=True` does, whose folder is a global setting; a public way to name one is missing (Numba 0.68).
        dispatcher._cache = Cache(function)
        return dispatcher

    return decorate


def _elsewhere(name: str) -> Iterator[Path]:
    """Folders of the user's in which nobody else can plant code."""
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
    found = folder.lstat()  # not of what a link points to, which somebody else may set
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return ours and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _can_be_written(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _copy(source: Path, folder: Path):
    """Copies the kernels in `source` that `folder` has not, each of them whole or not at all."""
    # What cannot be read is compiled again. Numba's indices (.nbi) come after the code (.nbc) that they name.
    with suppress(OSError):
        for path in sorted(source.glob("*/*.nb[ci]"), key=lambda path: path.suffix):
            target = folder / path.relative_to(source)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
                shutil.copyfile(path, partial)
                partial.replace(target)


def is_whole() -> bool:
    """Whether all kernels are kept, compiled by this release of Numba for this processor."""
    return bool(FOLDER and _mark(FOLDER).exists())


def mark_whole():
    """Notes that all kernels are kept, and removes the builds of earlier sources that lie beside them."""
    if not FOLDER or _mark(FOLDER).exists():
        return
    with suppress(OSError):
        _mark(FOLDER).touch()
    if FOLDER.name == BUILD:  # else a user chose it, and its neighbours are not ours
        for folder in FOLDER.parent.glob(f"{PREFIX}*"):
            if folder != FOLDER:
                shutil.rmtree(folder, ignore_errors=True)


def _mark(folder: Path) -> Path:
    processor = llvmlite.binding.get_host_cpu_name()
    return folder / f"whole-{numba.__version__}-{processor}"


BUILD = build_name(*SOURCES)
FOLDER = choose_folder(BUILD)
kernel = kernels_in(FOLDER)
