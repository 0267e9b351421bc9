"""Networks of an index: what their rows have is at hand, and what only a file has is read when it is needed."""

import json
from collections.abc import Callable
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
from torch import Tensor

from train import checkpoint, index
from train.checkpoint import Checkpoint, CheckpointError, Setup
from train.data_sets import Pixels
from train.study import Trial

KEPT = 128  # files whose content stays in memory
FROM_FILE = {"state", "history", "test_digits"}
NUMBERS = [
    name
    for name in index.SCHEMA.names
    if name.endswith(("_acc", "_loss", "_epoch", "_nll", "_error", "diverged"))
]


class Rows:
    """Rows of an index of a folder, as columns: 14,000 dictionaries would take a hundred megabytes.

    `forget` is called with the path of a file that is not the one of its row any more.
    """

    def __init__(
        self, table: pa.Table, folder: Path, forget: Callable[[str], None] | None = None
    ):
        self.folder, self.forget = folder, forget
        self.paths: list[str] = table["path"].to_pylist()
        self._hashes = table["sha256"].combine_chunks()
        # Own rows are of files that were validated, those of the Hub are what somebody wrote.
        self._is_own = table["modified"].is_valid().to_pylist()
        self._numbers = {name: table[name].to_numpy() for name in NUMBERS}
        self._bins = {
            key: np.array(table[f"{index.BINS}{key}"].to_pylist(), float)
            for key in index.QUANTITIES
        }
        self.engines = table["engine"].to_pylist()
        self.trials = _trials(table)
        self._pixels = table.select(["pixel_mean", "pixel_std"])

    def setup(self, row: int) -> Setup:
        """Data set and architecture of a network."""
        data_set = self.trials[row].data
        measured = Pixels(*(column[row].as_py() for column in self._pixels.columns))
        return Setup.of(data_set, data_set.pixels or measured)

    def sha256(self, row: int) -> str:
        return self._hashes[row].as_py()

    def diverged(self, row: int) -> int | None:
        return self._whole("diverged", row)

    def summary(self, row: int) -> dict:
        """Summary of a network, as its file has it, see `loop.summarise`."""
        number = {name: float(values[row]) for name, values in self._numbers.items()}
        best = {"epoch": self._whole("best_epoch", row), "test_acc": number["best_acc"]}
        return {
            "last": {
                "epoch": self._whole("last_epoch", row),
                "test_acc": number["last_acc"],
                "test_loss": number["last_loss"],
            },
            "best": None if best["epoch"] is None else best,
            "clean_train_acc": number["clean_train_acc"],
            "clean_train_loss": number["clean_train_loss"],
            "test_nll": number["test_nll"],
            "reliability": {
                key: bins[row].tolist() for key, bins in self._bins.items()
            },
            "calibration_error": number["calibration_error"],
            "diverged": self._whole("diverged", row),
        }

    def _whole(self, name: str, row: int) -> int | None:
        value = self._numbers[name][row]
        return None if np.isnan(value) else int(value)

    def content(self, row: int) -> bytes:
        """Content of the file of a row. Raises `CheckpointError` where it is not the one that was indexed."""
        path = self.paths[row]
        try:
            content = checkpoint.read(self.folder / path)
            if sha256(content).hexdigest() != self.sha256(row):
                raise CheckpointError(
                    f"{path}: damaged or replaced since it was indexed; start the explorer again to read it anew"
                )
        except CheckpointError:
            if self.forget:
                self.forget(path)
            raise
        return content

    def load(self, row: int) -> "Checkpoint | Known":
        """Checkpoint in the file of a row, validated as a whole, or its parts where that was done when the row was written. Raises `CheckpointError`."""
        name, content = Path(self.paths[row]).name, self.content(row)
        if self._is_own[row]:
            return Known(content)
        loaded = checkpoint.from_bytes(content, name)
        said = self.trials[row], self.setup(row), self.summary(row)
        if (loaded.trial, loaded.setup, loaded.summary) != said:
            raise CheckpointError(f"{name}: {index.NAME} says other things of it")
        return loaded

    def networks(self) -> list["Indexed"]:
        return [Indexed.of(self, row) for row in range(len(self.paths))]


class Known:
    """Content of a file that was validated before, its parts read when they are needed: validation takes most of the time."""

    def __init__(self, content: bytes):
        self._content = content
        self._header = checkpoint.header_of(content)

    @property
    def test_digits(self) -> str:
        return self._header["test_digits"]

    @cached_property
    def history(self) -> list[dict]:
        return json.loads(self._header["history"])

    @cached_property
    def state(self) -> dict[str, Tensor]:
        return checkpoint.tensors_of(self._content)


class Indexed(Checkpoint):
    """Checkpoint of a row: its summary comes from the row, and history, digits and weights from its file, of which `KEPT` are kept."""

    rows: Rows
    row: int

    def __new__(cls, *values, **fields) -> Checkpoint:
        """Checkpoint of its own, as `dataclasses.replace` makes one: its values are not the row's."""
        return Checkpoint(*values, **fields)

    @classmethod
    def of(cls, rows: Rows, row: int) -> "Indexed":
        network = object.__new__(cls)
        trial, engine = rows.trials[row], rows.engines[row]
        network.__dict__.update(trial=trial, engine=engine, rows=rows, row=row)
        return network

    def __getattr__(self, name: str):
        """Attributes that the instance has not: those of the row's summary, and those of the file. Raises `CheckpointError`."""
        if name == "summary":
            return self.rows.summary(self.row)
        if name in FROM_FILE:
            return getattr(_loaded(self.rows, self.row), name)
        raise AttributeError(name)

    @property
    def setup(self) -> Setup:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.rows.setup(self.row)

    @property
    def fingerprint(self) -> str:
        return self.rows.sha256(self.row)

    @property
    def path(self) -> str:
        """Path of its file from the folder of the index."""
        return self.rows.paths[self.row]

    @property
    def content(self) -> bytes:
        """Content of its file. Raises `CheckpointError`."""
        return self.rows.content(self.row)


@lru_cache(maxsize=KEPT)
def _loaded(rows: Rows, row: int) -> Checkpoint | Known:
    return rows.load(row)


def _trials(table: pa.Table) -> list[Trial]:
    """Trials of the rows. Raises `ValueError` for one that cannot be trained."""
    names = [field.name for field in index.TRIAL_FIELDS]
    columns = [table[name].to_pylist() for name in names]
    return [
        Trial(**dict(zip(names, values, strict=True)))
        for values in zip(*columns, strict=True)
    ]
