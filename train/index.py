"""Index of checkpoints: one Parquet file with a row per network, in the folder that has the files."""

import os
from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from train.checkpoint import PARTIAL, SUFFIX, Checkpoint, header_of
from train.errors import UserError
from train.study import Trial

NAME = "index.parquet"
TRIAL_FIELDS = fields(Trial)
TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
}
BINS = "reliability_"  # prefix of the columns of the bins of the reliability diagram
QUANTITIES = ("count", "confidence", "correct")  # of a bin
SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),  # of the trial
        pa.field("config", pa.string(), nullable=False),
        *(
            pa.field(field.name, TYPES[field.type], nullable=False)
            for field in TRIAL_FIELDS
        ),
        pa.field("test_set", pa.string(), nullable=False),
        # What images are standardised by; null where the data set has constants of its own.
        pa.field("pixel_mean", pa.float64()),
        pa.field("pixel_std", pa.float64()),
        pa.field("format", pa.string(), nullable=False),  # of the file
        pa.field("engine", pa.string(), nullable=False),
        # Figures, see `loop.summarise`; accuracies are fractions of the test set, or of the training set where they are clean.
        pa.field("last_epoch", pa.int64(), nullable=False),
        pa.field("last_acc", pa.float64(), nullable=False),
        pa.field("last_loss", pa.float64(), nullable=False),
        pa.field("best_epoch", pa.int64()),  # null without a finite epoch
        pa.field("best_acc", pa.float64()),
        pa.field("clean_train_acc", pa.float64(), nullable=False),
        pa.field("clean_train_loss", pa.float64(), nullable=False),
        pa.field("test_nll", pa.float64(), nullable=False),
        pa.field("calibration_error", pa.float64(), nullable=False),
        pa.field("diverged", pa.int64()),  # epoch; null for a network that did not
        pa.field("path", pa.string(), nullable=False),  # from the index's folder
        pa.field("size", pa.int64(), nullable=False),  # bytes
        pa.field("sha256", pa.string(), nullable=False),  # of the whole file
        # Null in an index of the first format, which lacks these columns.
        *(
            pa.field(f"{BINS}{quantity}", pa.list_(pa.float64()))
            for quantity in QUANTITIES
        ),
        # When the file was last written, ns since the epoch; null on the Hub, whose copies have times of their own.
        pa.field("modified", pa.int64()),
    ],
    {"format": "mnist-norm-study-index/2"},
)


class IndexFileError(UserError):
    """Error for a file that is no index of checkpoints; the message names the file and the reason."""


def row(
    checkpoint: Checkpoint, content: bytes, path: str, modified: int | None = None
) -> dict:
    """Row of a checkpoint, whose file has this content and this path from the index's folder, with / between its parts."""
    summary, pixels = checkpoint.summary, checkpoint.setup.pixels
    best = summary["best"] or {"epoch": None, "test_acc": None}
    same = {"clean_train_acc", "clean_train_loss", "test_nll", "calibration_error"}
    return {
        "name": checkpoint.name,
        "config": checkpoint.trial.config,
        **checkpoint.trial.to_dict(),
        "data_set": checkpoint.setup.data_set,
        "test_set": checkpoint.setup.test_set,
        "pixel_mean": None if checkpoint.trial.data.pixels else pixels.mean,
        "pixel_std": None if checkpoint.trial.data.pixels else pixels.std,
        "format": header_of(content)["format"],
        "engine": checkpoint.engine,
        "last_epoch": summary["last"]["epoch"],
        "last_acc": summary["last"]["test_acc"],
        "last_loss": summary["last"]["test_loss"],
        "best_epoch": best["epoch"],
        "best_acc": best["test_acc"],
        **{key: summary[key] for key in same},
        "diverged": summary["diverged"],
        "path": path,
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
        **{f"{BINS}{key}": summary["reliability"][key] for key in QUANTITIES},
        "modified": modified,
    }


def write(rows: Iterable[dict], folder: str | Path) -> Path:
    """Writes the index of a folder, see `write_table`, from its rows."""
    return write_table(table_of(rows), folder)


def table_of(rows: Iterable[dict]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), SCHEMA)


def write_table(table: pa.Table, folder: str | Path) -> Path:
    """Writes the index of a folder atomically, its rows sorted by path; equal rows give equal bytes with one release of pyarrow."""
    from pyarrow import parquet  # here, as `--help` and the like need none of it

    path = Path(folder) / NAME
    table = table.sort_by("path").replace_schema_metadata(SCHEMA.metadata)
    partial = path.with_name(f".{NAME}.{os.getpid()}{PARTIAL}")
    try:
        parquet.write_table(table, partial, compression="zstd")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def read(path: str | Path) -> pa.Table:
    """Table of an index, with the columns of `SCHEMA`: further ones are ignored, and those that may be null may be missing. Raises `IndexFileError`."""
    from pyarrow import parquet

    path = Path(path)
    try:
        # One thread and no memory map: the file is small, and may be replaced meanwhile.
        table = parquet.read_table(path, use_threads=False)
        for field in SCHEMA:
            if field.nullable and field.name not in table.column_names:
                empty = pa.nulls(len(table), field.type)
                table = table.append_column(field, empty)
        table = table.select(SCHEMA.names).cast(SCHEMA)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise IndexFileError(
            f"{path.name}: no index of this project's checkpoints ({reason})"
        ) from error
    paths = table["path"].to_pylist()
    if wrong := next((one for one in paths if not can_have(one)), None):
        raise IndexFileError(
            f"{path.name}: a path leads out of its folder, or to no checkpoint ({wrong[:200]!r})"
        )
    if len(set(paths)) < len(paths):
        raise IndexFileError(f"{path.name}: two networks have the same path")
    return table


def can_have(path: str) -> bool:
    """True if a path leads to a checkpoint in the index's folder or a subfolder, none of them hidden, and can be written as UTF-8."""
    parts = PurePosixPath(path).parts
    return (
        path == "/".join(parts)
        and path.lower().endswith(SUFFIX)
        and path.isprintable()
        and not any(part.startswith((".", "/")) for part in parts)
        and not {"\\", ":"} & set(path)
    )
