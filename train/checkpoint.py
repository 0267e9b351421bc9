"""One safetensors file per trial: saved whole or not at all, loaded whole or refused with the reason."""

import hashlib
import json
import math
import os
import platform
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from train.model import Network, layers
from train.study import Trial

FOLDER = Path(__file__).resolve().parent.parent / "checkpoints"
FORMAT = "mnist-norm-study/1"
SUFFIX = ".safetensors"
PARTIAL = ".partial"  # of the file while it is written
TEST_IMAGES = 10_000
BINS = 15  # of the reliability diagram
ROW_KEYS = {
    "epoch",
    "lr",
    "train_loss",
    "train_acc",
    "test_loss",
    "test_acc",
    "seconds",
    "abs_sums",
    "square_sums",
}
ADDED_KEYS = {"near_zero"}  # not in the rows of the first checkpoints
STOPPED = (
    "stopped"  # in the summary where a trial was ended early: after how many batches
)
SUMMARY_KEYS = {
    "last",
    "best",
    "clean_train_acc",
    "clean_train_loss",
    "test_nll",
    "reliability",
    "calibration_error",
    "diverged",
}


class CheckpointError(Exception):
    """A file is not a whole checkpoint of this project; the message names the file and the reason."""


@dataclass(frozen=True, eq=False)  # tensors have no equality; as a key it is itself
class Checkpoint:
    """A trained trial, as the engines return it and as its file holds it."""

    trial: Trial
    state: dict[str, Tensor]  # on the CPU; for `Network(trial).load_state_dict(state)`
    history: list[dict]  # one row per epoch, see `loop.train`
    test_digits: str  # the digit read in each of the 10,000 test images
    summary: dict  # see `loop.summarise`
    engine: str  # what trained it: "reference-cpu"

    @property
    def name(self) -> str:
        """The trial's name, and after how many batches it was stopped where it was: such a network is none of the trial's."""
        batches = self.summary.get(STOPPED)
        return self.trial.name + (f"_{STOPPED}={batches}" if batches else "")

    def network(self) -> Network:
        network = Network(self.trial)
        network.load_state_dict(self.state, strict=True)
        return network.eval()


def path_of(trial: Trial, folder: str | Path = FOLDER) -> Path:
    return Path(folder) / (trial.name + SUFFIX)


def save(checkpoint: Checkpoint, folder: str | Path = FOLDER) -> Path:
    """Writes beside, flushes to disk, renames: a kill at any moment leaves no file or a whole one."""
    path = Path(folder) / (checkpoint.name + SUFFIX)
    content = to_bytes(checkpoint)
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """The content of its file."""
    header = {
        "format": FORMAT,
        "trial": json.dumps(checkpoint.trial.to_dict()),
        "history": json.dumps(checkpoint.history, allow_nan=False),
        "test_digits": checkpoint.test_digits,
        "summary": json.dumps(checkpoint.summary, allow_nan=False),
        "engine": checkpoint.engine,
        "versions": json.dumps(
            {"python": platform.python_version(), "torch": str(torch.__version__)}
        ),
    }
    header["sha256"] = _digest(checkpoint.state, header)
    _check(checkpoint)
    return safetensors.torch.save(checkpoint.state, header)


def load(path: str | Path) -> Checkpoint:
    """Reads a checkpoint and checks all of it; raises `CheckpointError`."""
    path = Path(path)
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{path.name}: not a whole safetensors file ({' '.join(str(error).split())})"
        ) from error
    try:
        return _read(state, header)
    except ValueError as error:
        raise CheckpointError(f"{path.name}: {error}") from error
    except (KeyError, TypeError, OverflowError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name}: a value in its header is of the wrong kind ({error})"
        ) from error


def from_bytes(content: bytes, name: str) -> Checkpoint:
    """As `load`, of a file's content that comes from elsewhere; `name` is for the reader of an error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "content"  # never the name: it may be anything
        path.write_bytes(content)
        try:
            return load(path)
        except CheckpointError as error:
            words = str(error).removeprefix(f"{path.name}: ")
            raise CheckpointError(f"{name}: {words}") from error


def _read(state: dict[str, Tensor], header: dict[str, str]) -> Checkpoint:
    if header.get("format") != FORMAT:
        raise ValueError(
            f"a foreign file, its format is {header.get('format')!r} and not {FORMAT!r}"
        )
    _same_keys(
        "header",
        header,
        {
            "format",
            "trial",
            "history",
            "test_digits",
            "summary",
            "engine",
            "versions",
            "sha256",
        },
    )
    try:
        trial, history, summary, _ = (
            json.loads(header[key])
            for key in ("trial", "history", "summary", "versions")
        )
    except ValueError as error:
        raise ValueError(f"its header is no JSON ({error})") from error
    if not re.fullmatch("[a-z0-9-]{1,40}", header["engine"]):
        raise ValueError("engine: expected a name")
    checkpoint = Checkpoint(
        Trial.from_dict(trial),
        state,
        history,
        header["test_digits"],
        summary,
        header["engine"],
    )
    _check(checkpoint)
    if header["sha256"] != _digest(state, header):
        raise ValueError("changed after it was written, its checksum differs")
    return checkpoint


def _check(checkpoint: Checkpoint):
    """Raises `ValueError` where tensors or header are not those of this trial's network."""
    expected = _expected(checkpoint.trial.norm)
    _same_keys("tensors", checkpoint.state, expected)
    for name, tensor in checkpoint.state.items():
        if (tensor.shape, tensor.dtype) != (expected[name].shape, expected[name].dtype):
            raise ValueError(
                f"tensor {name} is {tensor.dtype} {tuple(tensor.shape)}, "
                f"expected {expected[name].dtype} {tuple(expected[name].shape)}"
            )
        if not tensor.isfinite().all():
            raise ValueError(f"tensor {name} has values that are not finite")
        if name.endswith("running_var") and (tensor < 0).any():
            raise ValueError(f"tensor {name} has variances below 0")
    _check_summary(checkpoint.summary)
    _check_history(checkpoint)
    if not re.fullmatch(f"[0-9]{{{TEST_IMAGES}}}", checkpoint.test_digits):
        raise ValueError(
            f"test_digits: expected {TEST_IMAGES} digits, got {len(checkpoint.test_digits)} characters"
        )


def _check_summary(summary: dict):
    """Raises `ValueError` and `TypeError` where a value is not of its kind."""
    _same_keys("summary", summary, SUMMARY_KEYS, {STOPPED})
    _same_keys("summary, last", summary["last"], {"epoch", "test_acc", "test_loss"})
    if summary["best"] is not None:
        _same_keys("summary, best", summary["best"], {"epoch", "test_acc"})
    bins = summary["reliability"]
    _same_keys("summary, reliability", bins, {"count", "confidence", "correct"})
    numbers = {
        **{name: summary[name] for name in ("test_nll", "calibration_error")},
        **{name: summary[name] for name in ("clean_train_acc", "clean_train_loss")},
        **summary["last"],
    }
    if not (
        _ranged(numbers | (summary["best"] or {}))
        and all(len(counts) == BINS and _amounts(counts) for counts in bins.values())
        and all(
            type(summary[name]) is int and summary[name] > 0
            for name in ("diverged", STOPPED)
            if summary.get(name) is not None
        )
    ):
        raise ValueError("summary: a value is not a finite number of its kind")


def _check_history(checkpoint: Checkpoint):
    trial, summary, history = checkpoint.trial, checkpoint.summary, checkpoint.history
    batches = math.ceil(trial.train_images / trial.batch_size)
    stopped = math.ceil(summary.get(STOPPED, 0) / batches)
    if [row["epoch"] for row in history] != list(range(1, len(history) + 1)):
        raise ValueError("history: its epochs are not 1, 2, 3, ...")
    if len(history) != (summary["diverged"] or stopped or trial.epochs):
        raise ValueError(f"history: {len(history)} rows for {trial.epochs} epochs")
    count = len(layers(checkpoint.state))
    for row in history:
        where = f"history, epoch {row['epoch']}"
        _same_keys(where, row, ROW_KEYS, ADDED_KEYS)
        sums = {key for key in row if key in ("abs_sums", "square_sums", *ADDED_KEYS)}
        if any(len(row[key]) != count for key in sums):
            raise ValueError(f"{where}: expected one weight sum for each layer")
        known = row
        if row["epoch"] == summary["diverged"]:  # there some are no number: None
            known = {
                key: [each for each in value if each is not None]
                if key in sums
                else value
                for key, value in row.items()
                if value is not None
            }
        singles = {key: value for key, value in known.items() if key not in sums}
        if not _ranged(singles) or not all(_amounts(known[key]) for key in sums):
            raise ValueError(f"{where}: a value is not a finite number of its kind")
    if (
        not summary["diverged"]
        and summary["last"]["test_acc"] != history[-1]["test_acc"]
    ):
        raise ValueError("summary: its last accuracy is not that of the last epoch")


def _ranged(values: dict) -> bool:
    """Whether all are finite and not negative, accuracies at most 1, epochs whole."""
    return _amounts(list(values.values())) and all(
        value <= 1 if name.endswith("acc") else name != "epoch" or type(value) is int
        for name, value in values.items()
    )


def _amounts(values: list) -> bool:
    return all(_finite(value) and value >= 0 for value in values)


@cache
def _expected(norm: str) -> dict[str, Tensor]:
    """The state dict of a network with this norm, for its names, shapes and types."""
    return Network(Trial(norm, 0.0, 0.0, 1)).state_dict()


def _same_keys(what: str, found, expected, optional=()):
    if not isinstance(found, dict):
        raise TypeError(f"{what}: expected a table of keys, got {type(found).__name__}")
    missing, unknown = (
        sorted(set(expected) - set(found)),
        sorted(set(found) - set(expected) - set(optional)),
    )
    if missing or unknown:
        raise ValueError(
            f"{what}: missing {', '.join(missing) or 'nothing'}; unknown {', '.join(unknown) or 'nothing'}"
        )


def _finite(value) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )


def _digest(state: dict[str, Tensor], header: dict[str, str]) -> str:
    """SHA-256 of every tensor's name and bytes and of every other entry of the header, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(
            name.encode() + b"\0" + state[name].contiguous().numpy().tobytes()
        )
    for key in sorted(header.keys() - {"sha256"}):
        digest.update(key.encode() + b"\0" + header[key].encode())
    return digest.hexdigest()


def remove_partial(folder: str | Path, older_than: float):
    """Removes what killed processes left half written before `older_than` (seconds since the epoch)."""
    for path in Path(folder).glob(f".*{SUFFIX}.*{PARTIAL}"):
        if path.stat().st_mtime < older_than:
            path.unlink(missing_ok=True)
