"""MNIST as uint8 tensors, their normalisation, and the rotation that augments them."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.errors import UserError

ROOT = Path(__file__).resolve().parent.parent / "data"
MEAN, STD = 0.1307, 0.3081  # of the training pixels scaled to [0, 1], as published
FILL = 1  # grey level of pixels from outside of the image, as in the published rotation
CLASSES = 10


class DataError(UserError):
    """Error for MNIST files that cannot be read; the message is one line with file, folder and remedy."""


@dataclass(frozen=True)
class Split:
    """Images (N, 28, 28) uint8, from 0 (paper) to 255 (ink), and labels (N,) int64."""

    images: Tensor
    labels: Tensor

    def to(self, device: str | torch.device) -> "Split":
        return Split(self.images.to(device), self.labels.to(device))

    def first(self, count: int) -> "Split":
        return Split(self.images[:count], self.labels[:count])

    def share(self) -> "Split":
        """Copy in shared memory, which worker processes use without copying it again.

        The tensors themselves are not moved, because NumPy views of them would keep pointing to the freed memory.
        """
        return Split(
            self.images.clone().share_memory_(), self.labels.clone().share_memory_()
        )


Arrays = tuple[tuple[np.ndarray, np.ndarray], ...]  # images and labels of each split


@dataclass(frozen=True)
class Mnist:
    train: Split
    test: Split

    def arrays(self) -> Arrays:
        """The digits for a process that shares no tensors with this one."""
        return tuple((it.images.numpy(), it.labels.numpy()) for it in (self.train, self.test))  # fmt: skip

    @classmethod
    def of(cls, arrays: Arrays) -> "Mnist":
        return cls(*(Split(*map(torch.from_numpy, split)) for split in arrays))


def load(root: str | Path = ROOT) -> Mnist:
    """MNIST from `root`/MNIST/raw; raises `DataError`."""
    return Mnist(load_split(root, train=True), load_split(root, train=False))


# MD5 of the archives, as torchvision has them; its import, which is not needed where they are whole, takes seconds and 160 MB.
ARCHIVES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}


def load_split(root: str | Path = ROOT, *, train: bool) -> Split:
    """The 60,000 training or the 10,000 test digits of the archives in `root`/MNIST/raw, verified.

    Where an archive is absent or damaged, torchvision reads or downloads the digits. Raises `DataError`.
    """
    raw = Path(root) / "MNIST" / "raw"
    prefix = "train" if train else "t10k"
    packed = {
        name: raw / name
        for name in ARCHIVES
        if name.startswith(prefix) and (raw / name).is_file()
    }
    try:
        if len(packed) == 2:
            contents = {name: path.read_bytes() for name, path in packed.items()}
            if all(_digest(contents[name]) == ARCHIVES[name] for name in contents):
                images, labels = map(_values, contents.values())
                return Split(images.view(-1, 28, 28), labels.long())
        return _by_torchvision(Path(root), train)
    except RuntimeError as error:  # of torchvision: no intact archive, no mirror
        raise DataError(_explain(raw, str(error))) from error
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"MNIST could not be unpacked in {raw.resolve()}: {reason}. Make the folder writable, or name another"
        ) from error


def _digest(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _values(archive: bytes) -> Tensor:
    """Values of an archived IDX file, one after another: after a magic number, 0x080000 + dimensions, and an int32 per dimension."""
    content = bytearray(gzip.decompress(archive))
    return torch.frombuffer(content, dtype=torch.uint8)[4 + 4 * content[3] :]


def _by_torchvision(root: Path, train: bool) -> Split:
    from torchvision.datasets import MNIST

    dataset = MNIST(root, train=train, download=True)
    return Split(dataset.data, dataset.targets)


def _explain(raw: Path, error: str) -> str:
    """Sentence that names the first missing or damaged archive, with a remedy."""
    for name, md5 in ARCHIVES.items():
        path = raw / name
        if not path.exists():
            return (
                f"{name} was looked for in {raw.resolve()} and is missing, and it could not be downloaded: "
                f"restore it with `git checkout -- data`, or name a folder that has it"
            )
        if _digest(path.read_bytes()) != md5:
            return (
                f"{name} in {raw.resolve()} is damaged (its MD5 is not {md5}), and it could not be downloaded again: "
                f"restore it with `git checkout -- data`"
            )
    return f"MNIST in {raw.resolve()} could not be read: {' '.join(error.split())}"


def normalise(images: Tensor) -> Tensor:
    """Standardised images (N, 1, 28, 28) float32, from grey levels 0 to 255 (N, 28, 28)."""
    return images.unsqueeze(1).float().div(255).sub_(MEAN).div_(STD)


def rotation_steps(degrees: Tensor, size: int = 28) -> Tensor:
    """Pillow's fixed-point coefficients for rotating a square image: (N, 4) int32 for angles (N,).

    Columns are x0, y0 (source position of the first output pixel), cos and sin (steps per column), in 1/65536 pixel.
    Follows Pillow's `Image.rotate` (matrix) and `affine_fixed` in Geometry.c (rounding).
    """
    radians = -torch.deg2rad(degrees.double().cpu())
    cos, sin = radians.cos(), radians.sin()
    centre = size / 2
    x0 = centre - centre * cos - centre * sin + (cos + sin) / 2
    y0 = centre + centre * sin - centre * cos + (cos - sin) / 2
    return torch.stack([x0, y0, cos, sin], 1).mul_(65536).add_(0.5).floor_().int()


def rotate(images: Tensor, steps: Tensor) -> Tensor:
    """Images (N, S, S) uint8 rotated about their centre by `rotation_steps`, nearest neighbour, filled with `FILL`.

    Equals torchvision's `RandomRotation(fill=(1,))` of the PIL image in every pixel.
    """
    size = images.shape[-1]
    x0, y0, cos, sin = steps.to(images.device).view(-1, 4, 1, 1).unbind(1)
    column = torch.arange(size, dtype=torch.int32, device=images.device)
    row = column.view(-1, 1)
    # Coordinates are clamped to a border of FILL, one pixel wide; + 1 counts them from that border.
    x = ((x0 + sin * row + cos * column) >> 16).clamp_(-1, size).add_(1)
    y = ((y0 + cos * row - sin * column) >> 16).clamp_(-1, size).add_(1)
    source = y.mul_(size + 2).add_(x).flatten(1).long()
    return (
        F.pad(images, (1, 1, 1, 1), value=FILL)
        .flatten(1)
        .gather(1, source)
        .view_as(images)
    )
