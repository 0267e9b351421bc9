"""Checkpoints: one safetensors file per trial, saved atomically, and validated as a whole when it is loaded."""

import hashlib
import json
import os
import platform
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from stat import S_ISREG

import safetensors
import safetensors.torch
import torch
from safetensors.torch import load as load_tensors
from torch import Tensor

from train.data_sets import MNIST, MNIST_PIXELS, DataSet, Pixels
from train.errors import UserError
from train.model import CHANNELS, Network
from train.study import Trial
from train.validation import (
    STOPPED,
    check_digits,
    check_history,
    check_summary,
    check_tensors,
    same_keys,
)

FOLDER = Path(__file__).resolve().parent.parent / "checkpoints"
FORMAT = "mnist-norm-study/2"
FIRST_FORMAT = "mnist-norm-study/1"  # of the study's files, without `ADDED_ENTRIES`
HEADER_ENTRIES = {
    "format",
    "trial",
    "history",
    "test_digits",
    "summary",
    "engine",
    "versions",
    "sha256",
}
ADDED_ENTRIES = {"setup", "epoch"}
SIGNATURE = (
    "signature"  # an entry of some files, made of the checksum; who signs also verifies
)
SUFFIX = ".safetensors"
MAX_BYTES = 20_000_000  # of a file that is read; a network of the study has 60,000
PARTIAL = ".partial"  # suffix of a file that is being written


class CheckpointError(UserError):
    """Error for a file that is no valid checkpoint of this project; the message names the file and the reason."""


@dataclass(frozen=True)
class Setup:
    """Data set and architecture of a checkpoint; by default MNIST and the recipe's, as in the first format."""

    data_set: str = MNIST.name
    classes: tuple[str, ...] = MNIST.classes  # names
    test_set: str = MNIST.test_name  # the images of `test_digits`
    blocks: int = len(CHANNELS) - 1
    channels: tuple[int, ...] = CHANNELS  # of the input and after each block
    pixels: Pixels = MNIST_PIXELS  # what images are standardised by

    @classmethod
    def of(cls, data_set: DataSet, pixels: Pixels) -> "Setup":
        return cls(data_set.name, data_set.classes, data_set.test_name, pixels=pixels)

    def to_dict(self) -> dict:
        """Its fields for JSON, `pixels` only where the data set is not MNIST."""
        values = asdict(self)
        if self.data_set == MNIST.name:
            del values["pixels"]
        return values

    @classmethod
    def from_dict(cls, values: dict, data_set: DataSet) -> "Setup":
        """Inverse of `to_dict`, after JSON. Raises `ValueError` for any setup but the recipe's on this data set."""
        setup = cls.of(data_set, _pixels(values, data_set))
        same_keys("setup", values, setup.to_dict())
        for name, expected in json.loads(json.dumps(setup.to_dict())).items():
            if (type(values[name]), values[name]) != (type(expected), expected):
                raise ValueError(
                    f"setup: {name} must be {expected!r}; got {values[name]!r}"
                )
        return setup


def _pixels(values: dict, data_set: DataSet) -> Pixels:
    """Constants of a setup: those of the data set, or what was measured when it was trained. Raises `ValueError`."""
    if data_set.pixels:
        return data_set.pixels
    given = values.get("pixels") if isinstance(values, dict) else None
    if not (
        isinstance(given, list)
        and len(given) == len(Pixels._fields)
        and all(type(value) is float and 0 < value < 1 for value in given)
    ):
        raise ValueError(f"setup: pixels must be mean and deviation; got {given!r}")
    return Pixels(*given)


@dataclass(frozen=True)
class Outcome:
    """Figures of a trained network, all that a sweep keeps of it: a hundred thousand checkpoints would take 12 GB."""

    last: dict
    best: dict | None
    diverged: int | None  # the epoch
    seconds: float  # of training and tests


@dataclass(frozen=True, eq=False)  # compared by identity, because of the tensors
class Checkpoint:
    """A trained trial: the return value of the engines and the content of a file."""

    trial: Trial
    state: dict[str, Tensor]  # on the CPU; for `Network(trial).load_state_dict(state)`
    history: list[dict]  # one row per epoch, see `loop.run`
    test_digits: str  # predicted digits of the 10,000 test images
    summary: dict  # see `loop.summarise`
    engine: str  # name of the engine that trained it, such as "reference-cpu"
    setup: Setup = Setup()
    # True for a file from outside: nobody here saw that its recipe and its history are true.
    claimed: bool = False

    @property
    def epoch(self) -> int:
        """Epoch of the weights: the last whose losses and weights were finite."""
        return self.summary["last"]["epoch"]

    @property
    def is_midway(self) -> bool:
        """True for a network as it was after an epoch before the last: it is in no study, vote or table."""
        is_whole = self.summary["diverged"] or self.summary.get(STOPPED)
        return not is_whole and self.epoch < self.trial.epochs

    @property
    def name(self) -> str:
        """Name of the trial; with the number of batches where it was stopped early, with the epoch where it is midway: its network is another one."""
        batches = self.summary.get(STOPPED)
        if self.is_midway:
            return name_at(self.trial, self.epoch)
        return self.trial.name + (f"_{STOPPED}={batches}" if batches else "")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its trial, weights and digits."""
        header = {"trial": repr(self.trial), "test_digits": self.test_digits}
        return _digest(self.state, header)

    @property
    def outcome(self) -> Outcome:
        """Its figures alone."""
        figures = {key: self.summary[key] for key in ("last", "best", "diverged")}
        return Outcome(**figures, seconds=sum(row["seconds"] for row in self.history))

    def network(self) -> Network:
        network = Network(self.trial)
        network.load_state_dict(self.state, strict=True)
        return network.eval()


def name_at(trial: Trial, epoch: int) -> str:
    """Name of the network of a trial after an epoch before its last."""
    return f"{trial.name}_epoch={epoch}"


def path_of(
    trial: Trial, folder: str | Path = FOLDER, epoch: int | None = None
) -> Path:
    """Path of a trial's file, or of the one that has the network after an epoch before the last."""
    name = name_at(trial, epoch) if epoch else trial.name
    return Path(folder) / (name + SUFFIX)


def save(checkpoint: Checkpoint, folder: str | Path = FOLDER) -> Path:
    """Saves atomically (write to a temporary file, fsync, rename): a kill at any moment leaves no file or a whole one."""
    path = Path(folder) / (checkpoint.name + SUFFIX)
    write(to_bytes(checkpoint), path)
    return path


def write(content: bytes, path: Path):
    """Writes a checkpoint's file as atomically as `save`."""
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def to_bytes(checkpoint: Checkpoint, sign: Callable[[str], str] | None = None) -> bytes:
    """Content of a checkpoint's file; `sign` makes its signature of its checksum, which covers every weight and every entry."""
    header = {
        "format": FORMAT,
        "trial": json.dumps(checkpoint.trial.to_dict()),
        "history": json.dumps(checkpoint.history, allow_nan=False),
        "test_digits": checkpoint.test_digits,
        "summary": json.dumps(checkpoint.summary, allow_nan=False),
        "engine": checkpoint.engine,
        "setup": json.dumps(checkpoint.setup.to_dict()),
        "epoch": json.dumps(checkpoint.epoch),
        "versions": json.dumps(
            {"python": platform.python_version(), "torch": str(torch.__version__)}
        ),
    }
    header["sha256"] = _digest(checkpoint.state, header)
    if sign:
        header[SIGNATURE] = sign(header["sha256"])
    _validate(checkpoint)
    return safetensors.torch.save(checkpoint.state, header)


def load(path: str | Path) -> Checkpoint:
    """Loads a checkpoint and validates all of it; raises `CheckpointError`."""
    path = Path(path)
    return from_bytes(read(path), path.name)


def read(path: Path) -> bytes:
    """Content of a file; raises `CheckpointError`."""
    try:
        known = path.stat()
        if not S_ISREG(known.st_mode):  # reading a pipe would wait for ever
            raise CheckpointError(f"{path.name}: not a file")
        if known.st_size > MAX_BYTES:
            raise CheckpointError(f"{path.name}: larger than {MAX_BYTES:,} bytes")
        # Not mapped into memory: a file that is cut off later would end the process.
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(_not_whole(path.name, error)) from error


def from_bytes(content: bytes, name: str) -> Checkpoint:
    """Checkpoint from the content of a file, validated as a whole; raises `CheckpointError`, which calls it `name`."""
    try:
        state = tensors_of(content)
        header = header_of(content)
    except (safetensors.SafetensorError, ValueError) as error:
        raise CheckpointError(_not_whole(name, error)) from error
    try:
        return _read(state, header)
    except ValueError as error:
        raise CheckpointError(f"{name}: {error}") from error
    except (KeyError, TypeError, OverflowError, RecursionError) as error:
        raise CheckpointError(
            f"{name}: a value in its header is of the wrong kind ({error})"
        ) from error


def _not_whole(name: str, error: Exception) -> str:
    return f"{name}: not a whole safetensors file ({' '.join(str(error).split())})"


def tensors_of(content: bytes) -> dict[str, Tensor]:
    """Tensors of the content of a safetensors file, sorted by name, as it has no order."""
    return dict(sorted(load_tensors(content).items()))


def header_of(content: bytes) -> dict[str, str]:
    """Header entries of the content of a safetensors file."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]).get("__metadata__", {})


def _read(state: dict[str, Tensor], header: dict[str, str]) -> Checkpoint:
    if header.get("format") not in (FORMAT, FIRST_FORMAT):
        raise ValueError(
            f"a foreign file, its format is {header.get('format')!r} and not {FORMAT!r}"
        )
    added = ADDED_ENTRIES if header["format"] == FORMAT else set()
    same_keys("header", header, HEADER_ENTRIES | added, {SIGNATURE})
    try:
        values = {
            key: json.loads(header[key])
            for key in ("trial", "history", "summary", "versions", *sorted(added))
        }
    except ValueError as error:
        raise ValueError(f"its header is no JSON ({error})") from error
    if not re.fullmatch("[a-z0-9-]{1,40}", header["engine"]):
        raise ValueError("engine: expected a name")
    trial = Trial.from_dict(values["trial"])
    checkpoint = Checkpoint(
        trial,
        state,
        values["history"],
        header["test_digits"],
        values["summary"],
        header["engine"],
        Setup.from_dict(values["setup"], trial.data) if added else Setup(),
    )
    _validate(checkpoint)
    if checkpoint.is_midway and not added:
        raise ValueError("history: it ends before the last epoch")
    if added and values["epoch"] != checkpoint.epoch:
        raise ValueError("epoch: it is not the last one of the summary")
    if header["sha256"] != _digest(state, header):
        raise ValueError("changed after it was written, its checksum differs")
    return checkpoint


def _validate(checkpoint: Checkpoint):
    """Checks tensors and header against the trial; raises `ValueError` or `TypeError`."""
    if checkpoint.setup.data_set != checkpoint.trial.data_set:
        raise ValueError(
            f"setup: data_set must be {checkpoint.trial.data_set!r}; got {checkpoint.setup.data_set!r}"
        )
    check_tensors(checkpoint.trial, checkpoint.state)
    check_summary(checkpoint.summary)
    check_history(checkpoint.trial, checkpoint.history, checkpoint.summary)
    check_digits(checkpoint.test_digits)


def _digest(state: dict[str, Tensor], header: dict[str, str]) -> str:
    """SHA-256 of the names and bytes of all tensors and header entries, sorted by name, but for the entry "sha256" itself and the signature."""
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(
            name.encode() + b"\0" + state[name].contiguous().numpy().tobytes()
        )
    for key in sorted(header.keys() - {"sha256", SIGNATURE}):
        digest.update(key.encode() + b"\0" + header[key].encode())
    return digest.hexdigest()


def remove_partial(folder: str | Path, older_than: float):
    """Removes partial files of killed processes, last written before `older_than` (seconds since the epoch)."""
    for path in Path(folder).glob(f".*{SUFFIX}.*{PARTIAL}"):
        if path.stat().st_mtime < older_than:
            path.unlink(missing_ok=True)
