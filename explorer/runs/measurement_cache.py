"""CSV cache of slow per-network measurements, in data/.

The key of a row is the network's name and a fingerprint of its test predictions, so a retrained network of the same name is
measured again.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
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
    measured = set(rows.name)
    known = {
        checkpoint.trial.name: fingerprint(checkpoint)
        for checkpoint in networks
        if checkpoint.trial.name in measured
    }
    rows = rows[rows.name.map(known).eq(rows.fingerprint)]
    return rows.drop(columns="fingerprint").set_index("name")


def missing(
    file: Path, networks: Iterable[Checkpoint], columns: Sequence[str] = ()
) -> list[Checkpoint]:
    """Networks that are not in the cache, or lack a value in one of `columns`."""
    networks = list(networks)
    rows = read(file, networks).reindex(columns=columns)
    cached = set(rows.dropna().index)
    return [
        checkpoint for checkpoint in networks if checkpoint.trial.name not in cached
    ]


def add(file: Path, checkpoint: Checkpoint, values: dict[str, float]):
    """Adds values to a network's row; the file is replaced atomically.

    A row of another network of that name is dropped.
    """
    key = {"name": checkpoint.trial.name, "fingerprint": fingerprint(checkpoint)}
    known = read(file, [checkpoint]).to_dict("records")
    row = pd.DataFrame([key | (known[0] if known else {}) | values])
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
    columns: Sequence[str] = (),
):
    """Measures networks that are `missing` in `workers` threads, shows the progress, and adds a network's values once they are measured."""
    from rich.progress import track  # here, because only this command needs it

    remaining = missing(file, networks, columns)
    with ThreadPool(workers) as pool:
        done = pool.imap_unordered(lambda one: (one, values(one)), remaining)
        for checkpoint, row in track(
            done, f"{len(remaining)} networks", len(remaining)
        ):
            add(file, checkpoint, row)
