"""Sets of digits with labels, as files: NumPy's .npz, and torchvision's MNIST as a zip or a folder. web/js/digit_sets.js reads the same files.

Nothing is unpickled, and at most `MOST_BYTES` are unpacked of a file.
"""

import gzip
import io
import math
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import numpy as np
import torch

from train.data import CLASSES, Split
from train.errors import UserError

MOST_BYTES = 100_000_000  # of a file, and of each of its arrays
SIDE = 28
NUMPY = ("images.npy", "labels.npy")
SPLITS = ("t10k", "train")  # the first that a set has is read
PAIRS = [
    NUMPY,
    *(
        (f"{split}-images-idx3-ubyte{end}", f"{split}-labels-idx1-ubyte{end}")
        for split in SPLITS
        for end in ("", ".gz")
    ),
]
KINDS = "biufc"  # of numbers, whose names NumPy and the page share
BYTES = 8  # the kind of MNIST's arrays
UNPACKING = (
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,
    RuntimeError,  # encrypted
)

Files = dict[str, Callable[[], IO[bytes]]]  # what opens a file, by its name


class SetError(UserError):
    """Error for a file that is no set of digits; the message is one sentence for the user."""


NOT_SET = "This is no set of digits: expected is an .npz file with images and labels, or a zip with MNIST/raw/ in it."
LARGE = "At most 100 MB are read, packed and unpacked: take fewer digits."
DAMAGED = "The file is damaged or cut off: it cannot be unpacked."
EMPTY = "The set has no digits."
NO_IMAGES = "The set has labels but no images."
NO_LABELS = "The set has images but no labels."
CUT = "{} is damaged or cut off."
PICKLED = "{} holds Python objects, which are not read: save plain numbers."
SHAPE = "Images must be n x 28 x 28 of kind uint8; these are {} of kind {}."
LABELS = "Labels must be one whole number per image; these are {} of kind {}."
UNEQUAL = "There are {:,} images, but {:,} labels."
RANGE = "Labels must be from 0 to 9; one is {}."


def read(path: str | Path) -> Split:
    """Set of an .npz file, of a zip, or of a folder that has MNIST's files itself or in MNIST/raw.

    Of a folder or zip with test and training digits, the test digits. Raises `SetError`.
    """
    path = Path(path)
    if path.is_dir():
        raw = path / "MNIST" / "raw"
        folder = raw if raw.is_dir() else path
        return _split({file.name: _opener(file) for file in folder.iterdir()})
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SetError(LARGE)
        with path.open("rb") as file:
            return _read_archive(file)
    except OSError as error:
        raise SetError(f"{path}: {error.strerror}.") from error


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _read_archive(file: IO[bytes]) -> Split:
    if file.read(2) != b"PK":
        raise SetError(NOT_SET)
    try:
        archive = zipfile.ZipFile(file)
    except (*UNPACKING, ValueError) as error:
        raise SetError(DAMAGED) from error
    entries = [
        entry
        for entry in archive.infolist()
        if not entry.filename.startswith("__MACOSX/")
    ]

    def opener(entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
        def open_entry() -> IO[bytes]:
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise NotImplementedError("a compression that the page does not know")
            return archive.open(entry)

        return open_entry

    return _split({entry.filename.split("/")[-1]: opener(entry) for entry in entries})


def _split(files: Files) -> Split:
    """Set of the first pair of images and labels among the files. Raises `SetError`."""
    whole = next((pair for pair in PAIRS if files.keys() >= {*pair}), None)
    if not whole:
        raise SetError(_missing(files))
    images, labels = (_array(name, files[name]) for name in whole)
    return _checked(images, labels)


def _missing(names: Iterable[str]) -> str:
    some = next((pair for pair in PAIRS if not {*pair}.isdisjoint(names)), None)
    if not some:
        return NOT_SET
    return NO_LABELS if some[0] in names else NO_IMAGES


def _array(name: str, opener: Callable[[], IO[bytes]]) -> np.ndarray:
    """Array of a file of NumPy's or MNIST's. Raises `SetError`."""
    try:
        with opener() as file:
            if not name.endswith(".gz"):
                content = file.read(MOST_BYTES + 1)
            else:
                with gzip.open(file) as unpacked:
                    content = unpacked.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise SetError(LARGE)
        return _npy(content, name) if name in NUMPY else _idx(content)
    except (*UNPACKING, ValueError) as error:
        raise SetError(CUT.format(name)) from error


def _npy(content: bytes, name: str) -> np.ndarray:
    """Array of a file of NumPy's; raises `SetError` for objects, and `ValueError` for damage."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read_header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, is_fortran, kind = read_header(file)
    if kind.hasobject:
        raise SetError(PICKLED.format(name))
    count = math.prod(shape)
    if kind.itemsize * count > len(content) - file.tell():
        raise ValueError("fewer numbers than the header says")
    numbers = np.frombuffer(content, kind, count, file.tell())
    return numbers.reshape(shape, order="F" if is_fortran else "C")


def _idx(content: bytes) -> np.ndarray:
    """Array in MNIST's format: a zero, a zero, 8 for bytes, the number of dimensions, their sizes, the bytes. Raises `ValueError`."""
    if content[:3] != bytes([0, 0, BYTES]) or len(content) < 4 + 4 * content[3]:
        raise ValueError("another format")
    sizes = np.frombuffer(content, ">u4", content[3], 4).tolist()
    start = 4 + 4 * content[3]
    if math.prod(sizes) > len(content) - start:
        raise ValueError("fewer numbers than the header says")
    return np.frombuffer(content, np.uint8, math.prod(sizes), start).reshape(sizes)


def _checked(images: np.ndarray, labels: np.ndarray) -> Split:
    """The set, if it is one. Raises `SetError`."""
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise SetError(SHAPE.format(*_described(images)))
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise SetError(LABELS.format(*_described(labels)))
    if len(images) != len(labels):
        raise SetError(UNEQUAL.format(len(images), len(labels)))
    if not len(images):
        raise SetError(EMPTY)
    wrong = labels[(labels < 0) | (labels >= CLASSES)]
    if len(wrong):
        raise SetError(RANGE.format(wrong[0]))
    pixels = np.array(images, order="C")  # a copy, because a buffer cannot be written
    return Split(torch.from_numpy(pixels), torch.from_numpy(labels.astype(np.int64)))


def _described(numbers: np.ndarray) -> tuple[str, str]:
    """Sizes and kind of an array, in words."""
    kind = numbers.dtype
    name = kind.name if kind.kind in KINDS else "records" if kind.fields else "text"
    return " x ".join(map(str, numbers.shape)), name
