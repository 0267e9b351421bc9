"""What takes long to measure of a network: measured once, kept as a table in data/, read from there.

A row stands for a network, by its name and by what it read in the test images: that of another network with the same name
does not count.
"""

import hashlib
from collections.abc import Callable, Iterable
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pandas as pd

from train.checkpoint import Checkpoint


def fingerprint(found: Checkpoint) -> str:
    return hashlib.sha256(found.test_digits.encode()).hexdigest()[:8]


def read(file: Path, networks: Iterable[Checkpoint]) -> pd.DataFrame:
    """The rows of these networks, as far as they were measured, by name."""
    if not file.exists():
        return pd.DataFrame(index=pd.Index([], name="name"))
    rows = pd.read_csv(file, dtype={"fingerprint": str})
    known = {found.trial.name: fingerprint(found) for found in networks}
    rows = rows[rows.name.map(known).eq(rows.fingerprint)]
    return rows.drop(columns="fingerprint").set_index("name")


def missing(file: Path, networks: Iterable[Checkpoint]) -> list[Checkpoint]:
    """Those of the networks that were not measured yet."""
    networks = list(networks)
    there = set(read(file, networks).index)
    return [found for found in networks if found.trial.name not in there]


def add(file: Path, found: Checkpoint, values: dict[str, float]):
    """Adds a row, in the place of an earlier one of that name; a kill at any moment leaves the old table or the new one."""
    row = pd.DataFrame(
        [{"name": found.trial.name, "fingerprint": fingerprint(found), **values}]
    )
    if file.exists():
        rows = pd.read_csv(file, dtype={"fingerprint": str})
        row = pd.concat([rows[rows.name != found.trial.name], row])
    partial = file.with_name(f".{file.name}.partial")
    row.sort_values("name").to_csv(
        partial, index=False, lineterminator="\n", float_format="%.6g"
    )
    partial.replace(file)


def measure(
    file: Path,
    networks: Iterable[Checkpoint],
    values: Callable[[Checkpoint], dict[str, float]],
    workers: int,
):
    """Measures what is missing, several at once, shows how far it is, and keeps each network as it is done."""
    from rich.progress import track  # here: only those who measure wait for it

    left = missing(file, networks)
    with ThreadPool(workers) as pool:
        done = pool.imap_unordered(lambda found: (found, values(found)), left)
        for found, row in track(done, f"{len(left)} networks", len(left)):
            add(file, found, row)
