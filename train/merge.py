"""Merge of folders of checkpoints, such as those of shards, into one, with its index."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch

from train import checkpoint, index
from train.checkpoint import SUFFIX, Checkpoint, CheckpointError


@dataclass
class Merged:
    """Outcome of a merge: numbers of files, and a line for each file that was left out."""

    added: int = 0
    there: int = 0  # whose network the folder had already
    problems: list[str] = field(default_factory=list)


def merge(folders: Iterable[Path], out: Path) -> Merged:
    """Copies the checkpoints of `folders` and their subfolders to `out`, each verified and written atomically.

    A network that `out` already has stays as it is. A file that is damaged, or has another network of a trial that is
    there, is left out and reported.
    """
    merged = Merged()
    for folder in folders:
        for path in sorted(folder.rglob(f"[!.]*{SUFFIX}")):
            try:
                is_new = _add(path, out)
            except CheckpointError as error:
                merged.problems.append(f"{folder}: {error}")
                continue
            merged.added += is_new
            merged.there += not is_new
    return merged


def _add(path: Path, out: Path) -> bool:
    """Copies a checkpoint; False if its network is there. Raises `CheckpointError`."""
    content = checkpoint.read(path)
    brought = checkpoint.from_bytes(content, path.name)
    if path.name != brought.name + SUFFIX:
        raise CheckpointError(f"{path.name}: holds another trial, {brought.name}")
    target = out / path.name
    try:
        there = checkpoint.read(target) if target.exists() else b""
        present = brought if there == content else checkpoint.from_bytes(there, path.name)  # fmt: skip
    except CheckpointError:  # none, or a damaged file, which is replaced
        checkpoint.write(content, target)
        return True
    if not _is_same(present, brought):
        raise CheckpointError(
            f"{path.name}: another network than in {out.name}, by {brought.engine}, there by {present.engine}"
        )
    return False


def _is_same(one: Checkpoint, other: Checkpoint) -> bool:
    """True if both have the same weights; only the time that training took may differ between them."""
    return one.trial == other.trial and all(
        torch.equal(one.state[name], other.state[name]) for name in one.state
    )


def write_index(folder: Path) -> tuple[int, list[str]]:
    """Writes the index of a folder's checkpoints; their number, and a line for each file that is none."""
    problems: list[str] = []
    rows = list(_rows(folder, problems))
    index.write(rows, folder)
    return len(rows), problems


def _rows(folder: Path, problems: list[str]) -> Iterator[dict]:
    for path in sorted(folder.glob(f"[!.]*{SUFFIX}")):
        try:
            content = checkpoint.read(path)
            network = checkpoint.from_bytes(content, path.name)
        except CheckpointError as error:
            problems.append(str(error))
            continue
        modified = path.stat().st_mtime_ns
        yield index.row(network, content, path.name, modified)
