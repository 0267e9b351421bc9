"""Images of a data set as uint8 tensors, their normalisation, and the rotation that augments them."""

import gzip
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from train.data_sets import MNIST, MNIST_PIXELS, DataSet, Pixels
from train.errors import UserError
from train.study import TRAIN_IMAGES

ROOT = Path(__file__).resolve().parent.parent / "data"
MEAN, STD = MNIST_PIXELS
FILL = 1  # grey level of pixels from outside of the image, as in the published rotation
CLASSES = 10
TEST_IMAGES = 10_000


class DataError(UserError):
    """Error for files of a data set that cannot be read; the message is one line with file, folder and remedy."""


@dataclass(frozen=True)
class Split:
    """Images (N, 28, 28) uint8, from 0 (paper) to 255 (ink), labels (N,) int64, and what the images are standardised by."""

    images: Tensor
    labels: Tensor
    pixels: Pixels = MNIST_PIXELS

    def to(self, device: str | torch.device) -> "Split":
        return replace(
            self, images=self.images.to(device), labels=self.labels.to(device)
        )

    def first(self, count: int) -> "Split":
        return replace(self, images=self.images[:count], labels=self.labels[:count])

    def share(self) -> "Split":
        """Copy in shared memory, which worker processes use without copying it again.

        The tensors themselves are not moved, because NumPy views of them would keep pointing to the freed memory.
        """
        return replace(
            self,
            images=self.images.clone().share_memory_(),
            labels=self.labels.clone().share_memory_(),
        )


Arrays = tuple[tuple[np.ndarray, np.ndarray, Pixels], ...]  # of each split


@dataclass(frozen=True)
class Mnist:
    train: Split
    test: Split

    def arrays(self) -> Arrays:
        """The images for a process that shares no tensors with this one."""
        return tuple(
            (split.images.numpy(), split.labels.numpy(), split.pixels)
            for split in (self.train, self.test)
        )

    @classmethod
    def of(cls, arrays: Arrays) -> "Mnist":
        return cls(
            *(
                Split(torch.from_numpy(images), torch.from_numpy(labels), pixels)
                for images, labels, pixels in arrays
            )
        )


def load(root: str | Path = ROOT, data_set: DataSet = MNIST) -> Mnist:
    """Training and test images of a data set in `root`, see `load_split`; raises `DataError`."""
    train = load_split(root, data_set, train=True)
    return Mnist(train, load_split(root, data_set, train=False, pixels=train.pixels))


def load_split(
    root: str | Path = ROOT,
    data_set: DataSet = MNIST,
    *,
    train: bool,
    pixels: Pixels | None = None,
) -> Split:
    """The first 60,000 training or 10,000 test images of a data set.

    Verified archives are read as they are, in torchvision's folder in `root` or in that of a package of the system. Else
    torchvision reads or downloads the images. `pixels` are by default those of the data set, or measured of the images,
    which is right for training images only. Raises `DataError`.
    """
    raw = Path(root) / data_set.reader / "raw"
    try:
        images, labels = _from_archives(raw, data_set, train) or _by_torchvision(
            Path(root), data_set, train
        )
    except (RuntimeError, URLError) as error:  # no intact archive, no mirror
        raise DataError(_explain(raw, data_set, train, str(error))) from error
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"{data_set.name} could not be unpacked in {raw.resolve()}: {reason}. Make the folder writable, or name another"
        ) from error
    return Split(images, labels, pixels or data_set.pixels or measured(images))


def measured(images: Tensor) -> Pixels:
    """Mean and deviation of all pixels of images (N, H, W) uint8, exact, then rounded to four digits as published ones are."""
    counts = torch.bincount(images.flatten(), minlength=256).double()
    levels = torch.arange(256).double() / 255
    mean = (counts * levels).sum() / counts.sum()
    variance = (counts * (levels - mean) ** 2).sum() / counts.sum()
    return Pixels(round(mean.item(), 4), round(variance.sqrt().item(), 4))


def _names(data_set: DataSet, train: bool) -> list[str]:
    """Names of the archives with the images and with the labels."""
    prefix = "train" if train else "t10k"
    return [name for name in data_set.archives if name.startswith(prefix)]


def _from_archives(
    raw: Path, data_set: DataSet, train: bool
) -> tuple[Tensor, Tensor] | None:
    """Images and labels of the first folder whose archives are whole; without importing torchvision, which takes seconds and 160 MB."""
    names = _names(data_set, train)
    for folder in (raw, data_set.packaged):
        if not (folder and names and all((folder / name).is_file() for name in names)):
            continue
        contents = {name: (folder / name).read_bytes() for name in names}
        if all(_digest(contents[name]) in data_set.archives[name] for name in names):
            images, labels = map(_values, contents.values())
            return images.view(-1, 28, 28), labels.long()
    return None


def _digest(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _values(archive: bytes) -> Tensor:
    """Values of an archived IDX file, one after another: after a magic number, 0x080000 + dimensions, and an int32 per dimension."""
    content = bytearray(gzip.decompress(archive))
    return torch.frombuffer(content, dtype=torch.uint8)[4 + 4 * content[3] :]


def _by_torchvision(
    root: Path, data_set: DataSet, train: bool
) -> tuple[Tensor, Tensor]:
    """Images and labels as torchvision's class reads them, upright, as many as MNIST has."""
    from torchvision import datasets

    reader = getattr(datasets, data_set.reader)
    part = data_set.parts[0] if train else data_set.parts[1]
    read = reader(root, download=True, **part)
    count = TRAIN_IMAGES if train else TEST_IMAGES
    images, labels = read.data[:count], read.targets[:count]
    if data_set.transposed:
        images = images.transpose(1, 2)
    # QMNIST's labels are rows: the class, and who wrote it where.
    return images.contiguous(), labels[:, 0].contiguous() if labels.ndim > 1 else labels


def _explain(raw: Path, data_set: DataSet, train: bool, error: str) -> str:
    """Sentence that names the first missing or damaged archive, with a remedy."""
    restored = "restore it with `git checkout -- data`"
    if data_set is not MNIST:
        package = f" or install Debian's package {data_set.package}," if data_set.package else ""  # fmt: skip
        restored = f"get torchvision's files of {data_set.name} there,{package}"
    for name in _names(data_set, train):
        path = raw / name
        if not path.exists():
            return (
                f"{name} was looked for in {raw.resolve()} and is missing, and it could not be downloaded: "
                f"{restored}, or name a folder that has it"
            )
        if _digest(path.read_bytes()) not in data_set.archives[name]:
            return (
                f"{name} in {raw.resolve()} is damaged (its MD5 is not {data_set.archives[name][0]}), and it could not be downloaded again: "
                f"{restored}"
            )
    reason = " ".join(error.split())
    return f"{data_set.name} in {raw.resolve()} could not be read: {reason}"


def normalise(images: Tensor, pixels: Pixels) -> Tensor:
    """Standardised images (N, 1, 28, 28) float32, from grey levels 0 to 255 (N, 28, 28)."""
    return images.unsqueeze(1).float().div(255).sub_(pixels.mean).div_(pixels.std)


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
