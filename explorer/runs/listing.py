"""List of the checkpoints of a folder, by its index: made and checked by the files' sizes and times, so that only new files are read.

The index lies beside the files, and is no part of the repository: Git gives the files of a clone new times. Where it cannot be written, every start
reads all files.
"""

import logging
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import compute

from explorer.runs.checkpoint_files import files, is_pointer, printable
from explorer.runs.indexed import Rows
from train import checkpoint, index
from train.checkpoint import Checkpoint, CheckpointError
from train.index import IndexFileError

AT_ONCE = 500  # rows that become a part of the table

Stamp = tuple[int, int]  # bytes of a file, and when it was last written, in ns
log = logging.getLogger(__name__)


def read(folder: Path) -> tuple[list[Checkpoint], list[str]]:
    """Networks of a folder and its subfolders by path, and a sentence for every file that cannot be read."""
    names = [path.relative_to(folder).as_posix() for path in files(folder)]
    odd = [name for name in names if not _is_text(name)]
    stamps = {name: _stamp(folder / name) for name in names if _is_text(name)}
    known = _known(folder)
    current = known.filter(_mask(known, stamps))
    rest = stamps.keys() - set(current["path"].to_pylist())
    new = _New(folder, [path for path in stamps if path in rest], stamps, known)
    table = pa.concat_tables([current, *_parts(new.rows())])
    if len(table) > len(current) or len(current) < len(known):
        _write(table, folder)
    networks = Rows(table, folder, partial(forget, folder)).networks()
    by_path = {network.path: network for network in networks} | new.unnamed
    unread = [f"{printable(name)}: its name is not UTF-8" for name in odd]
    return [
        by_path[path] for path in stamps if path in by_path
    ], unread + new.problems()


def _is_text(name: str) -> bool:
    """Whether a file's name is UTF-8; Python reads the bytes of others as lone surrogates."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def read_all(folder: Path, paths: list[str]) -> tuple[list[Checkpoint], list[str]]:
    """Networks of these files of a folder, by a table that is kept nowhere, and a sentence for every file that cannot be read."""
    new = _New(
        folder,
        paths,
        {path: _stamp(folder / path) for path in paths},
        index.table_of([]),
    )
    table = pa.concat_tables([index.table_of([]), *_parts(new.rows())])
    return [*Rows(table, folder).networks(), *new.unnamed.values()], new.problems()


class _New:
    """Files that the index has not, or not as they are now."""

    def __init__(
        self, folder: Path, paths: list[str], stamps: dict[str, Stamp], known: pa.Table
    ):
        self.folder, self.paths, self.stamps = folder, paths, stamps
        self._known = known.filter(
            compute.is_in(known["path"], pa.array(paths, pa.string()))
        )
        self.unnamed: dict[
            str, Checkpoint
        ] = {}  # networks whose paths no index can have
        self._problems: list[str] = []
        self._pointers: list[str] = []

    def rows(self) -> Iterator[dict]:
        """Rows of the valid files; `unnamed` and `problems` are whole after the last one."""
        known = {row["path"]: row for row in self._known.to_pylist()}
        for path in self.paths:
            if is_pointer(self.folder / path):
                self._pointers.append(printable(Path(path).name))
                continue
            try:
                row = self._row(path, known.get(path))
            except CheckpointError as error:
                self._problems.append(printable(str(error)))
                continue
            if row:
                yield row

    def _row(self, path: str, known: dict | None) -> dict | None:
        """Row of a file; None for a network that goes to `unnamed`. Raises `CheckpointError`."""
        _, modified = self.stamps[path]
        content = checkpoint.read(self.folder / path)
        # Copied, or cloned again: the bytes were validated before.
        if known and sha256(content).hexdigest() == known["sha256"]:
            return known | {"modified": modified}
        name = Path(path).name
        network = checkpoint.from_bytes(content, name)
        if network.name != network.trial.name and not network.is_midway:
            raise CheckpointError(f"{name}: a trial that was stopped midway")
        if not index.can_have(path):
            self.unnamed[path] = network
            return None
        return index.row(network, content, path, modified)

    def problems(self) -> list[str]:
        if not self._pointers:
            return self._problems
        first = ", ".join(self._pointers[:3]) + " and so on" * (len(self._pointers) > 3)
        return [
            *self._problems,
            f"{len(self._pointers)} files that are pointers of Git LFS, not networks ({first}): `git lfs pull` gets what they point to",
        ]


def _parts(rows: Iterator[dict]) -> Iterator[pa.Table]:
    while part := list(islice(rows, AT_ONCE)):
        yield index.table_of(part)


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:  # reading it says why
        return -1, 0
    return stat.st_size, stat.st_mtime_ns


def _known(folder: Path) -> pa.Table:
    """Rows that an earlier start wrote; an index of somebody else's, such as the Hub's, has none."""
    try:
        table = index.read(folder / index.NAME)
    except IndexFileError as error:
        if (folder / index.NAME).exists():
            log.warning("made anew: %s", error)
        return index.table_of([])
    return table.filter(table["modified"].is_valid())


def _mask(known: pa.Table, stamps: dict[str, Stamp]) -> pa.Array:
    """Whether the rows are of files with the same size and time."""
    columns = (known[name].to_pylist() for name in ("path", "size", "modified"))
    same = [
        stamps.get(path) == tuple(stamp) for path, *stamp in zip(*columns, strict=True)
    ]
    return pa.array(same, pa.bool_())


def _write(table: pa.Table, folder: Path):
    """Writes the index, where that is possible."""
    try:
        index.write_table(table, folder)
    except OSError as error:
        log.info("no index in %s: %s", folder, error.strerror)


def forget(folder: Path, path: str):
    """Takes a file out of the index, so that the next start reads it and says what is wrong with it."""
    known = _known(folder)
    _write(known.filter(compute.not_equal(known["path"], path)), folder)
