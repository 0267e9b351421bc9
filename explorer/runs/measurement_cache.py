"""CSV cache of slow per-network measurements, in data/.

The key of a row is the network's name and a fingerprint of its test predictions, so a retrained network of the same name is
measured again.
"""

import hashlib
from collections.abc import Callable, Iterable
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pandas as pd

from train.checkpoint import Checkpoint


def fingerprint(checkpoint: Checkpoint) -> str:
    """First 8 hexadecimal digits of the SHA-256 of a network's test predictions."""
    return hashlib.sha256(checkpoint.test_digits.encode()).hexdigest()[:8]


def read(file: Path, networks: Iterable[Checkpoint]) -> pd.DataFrame:
    """Cached rows of these networks, indexed by name; a network that is not measured has none."""
    if not file.exists():
        return pd.DataFrame(index=pd.Index([], name="name"))
    rows = pd.read_csv(file, dtype={"fingerprint": str})
    known = {checkpoint.trial.name: fingerprint(checkpoint) for checkpoint in networks}
    rows = rows[rows.name.map(known).eq(rows.fingerprint)]
    return rows.drop(columns="fingerprint").set_index("name")


def missing(file: Path, networks: Iterable[Checkpoint]) -> list[Checkpoint]:
    """Networks that are not in the cache."""
    networks = list(networks)
    cached = set(read(file, networks).index)
    return [
        checkpoint for checkpoint in networks if checkpoint.trial.name not in cached
    ]


def add(file: Path, checkpoint: Checkpoint, values: dict[str, float]):
    """Adds a row, or replaces the row of that name; the file is replaced atomically."""
    row = pd.DataFrame(
        [
            {
                "name": checkpoint.trial.name,
                "fingerprint": fingerprint(checkpoint),
                **values,
            }
        ]
    )
    if file.exists():
        rows = pd.read_csv(file, dtype={"fingerprint": str})
        row = pd.concat([rows[rows.name != checkpoint.trial.name], row])
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
    """Measures the missing networks in `workers` threads, shows the progress, and adds every network's row once it is measured."""
    from rich.progress import track  # here, because only this command needs it

    remaining = missing(file, networks)
    with ThreadPool(workers) as pool:
        done = pool.imap_unordered(lambda one: (one, values(one)), remaining)
        for checkpoint, row in track(
            done, f"{len(remaining)} networks", len(remaining)
        ):
            add(file, checkpoint, row)
