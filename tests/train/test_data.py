import errno
import gzip
import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms
from torchvision.datasets import MNIST
from torchvision.datasets import mnist as mnist_module
from torchvision.transforms import functional

from train import data, data_sets
from train.data_sets import MNIST_PIXELS

RAW = data.ROOT / "MNIST" / "raw"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with the four archives, and no network."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in RAW.glob("*.gz"):
        shutil.copy(path, raw)
    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    return tmp_path


def test_the_archives_are_the_canonical_ones():
    assert len(MNIST.resources) == 4
    archives = data_sets.MNIST.archives
    assert dict(MNIST.resources) == {name: md5s[0] for name, md5s in archives.items()}
    for name, md5 in MNIST.resources:
        assert hashlib.md5((RAW / name).read_bytes()).hexdigest() == md5


def test_mnist_is_loaded_whole(mnist):
    assert mnist.train.images.shape == (60_000, 28, 28)
    assert mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.train.images.dtype == torch.uint8
    assert torch.bincount(mnist.test.labels).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]
    pixels = mnist.train.images.double() / 255
    assert pixels.mean().item() == pytest.approx(data.MEAN, abs=1e-4)
    assert pixels.std().item() == pytest.approx(data.STD, abs=1e-4)


def test_the_archives_are_read_in_a_folder_that_nobody_writes(root, mnist):
    before = sorted(root.rglob("*"))
    split = data.load_split(root, train=False)
    assert torch.equal(split.images, mnist.test.images)
    assert torch.equal(split.labels, mnist.test.labels)
    assert sorted(root.rglob("*")) == before


def test_the_digits_are_those_that_torchvision_reads(root):
    for train in (True, False):
        split = data.load_split(root, train=train)
        dataset = MNIST(root, train=train, download=True)  # of the same archives
        assert torch.equal(split.images, dataset.data)
        assert torch.equal(split.labels, dataset.targets)


def test_other_digits_of_the_same_size_are_not_taken_for_mnist(root):
    archive = root / "MNIST" / "raw" / "t10k-labels-idx1-ubyte.gz"
    other = bytearray(gzip.decompress(archive.read_bytes()))
    other[8:] = bytes(10_000)
    archive.write_bytes(gzip.compress(other))
    assert "damaged" in refused(root)


def test_unpacked_files_without_archives_are_read_by_torchvision(root, mnist):
    MNIST(root, train=False, download=True)
    for path in root.rglob("*.gz"):
        path.unlink()
    split = data.load_split(root, train=False)
    assert torch.equal(split.images, mnist.test.images)


def test_the_served_explorer_does_not_import_torchvision():
    code = "import sys, app; app.warm(); assert 'torchvision' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=data.ROOT.parent, check=True)


def refused(root) -> str:
    with pytest.raises(data.DataError) as error:
        data.load_split(root, train=False)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_damaged_archive_is_named_with_its_folder_and_a_remedy(root):
    archive = root / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    archive.write_bytes(archive.read_bytes()[:-100])
    message = refused(root)
    assert archive.name in message
    assert str(archive.parent) in message
    assert "damaged" in message
    assert "git checkout" in message


def test_a_missing_archive_is_named_with_its_folder_and_a_remedy(root):
    archive = root / "MNIST" / "raw" / "t10k-labels-idx1-ubyte.gz"
    archive.unlink()
    message = refused(root)
    assert archive.name in message
    assert str(archive.parent) in message
    assert "missing" in message
    assert "git checkout" in message


def test_without_any_writable_folder_the_error_names_the_folder(root, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    (root / "MNIST" / "raw" / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setattr(mnist_module, "download_and_extract_archive", denied)
    message = refused(root)
    assert str(root) in message
    assert "Permission denied" in message
    assert "writable" in message


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "data").write_text("")
    assert str(tmp_path / "data") in refused(tmp_path / "data")


def test_normalise_is_totensor_and_normalize(mnist):
    published = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    )
    images = mnist.test.images[:20]
    expected = torch.stack(
        [published(Image.fromarray(image.numpy())) for image in images]
    )
    torch.testing.assert_close(data.normalise(images, MNIST_PIXELS), expected)


def test_rotation_gives_the_pixels_of_torchvision_on_the_pil_image(mnist):
    generator = torch.Generator().manual_seed(0)
    degrees = torch.cat(
        [
            torch.empty(500).uniform_(-7, 7, generator=generator),
            torch.empty(200).uniform_(-180, 180, generator=generator),
            torch.tensor([0.0, -7.0, 7.0, 45.0, 90.0, -90.0, 180.0]),
        ]
    )
    images = mnist.train.images[: len(degrees)]
    ours = data.rotate(images, data.rotation_steps(degrees))
    nearest = transforms.InterpolationMode.NEAREST
    for image, angle, turned in zip(images, degrees.tolist(), ours, strict=True):
        pil = functional.rotate(
            Image.fromarray(image.numpy()), angle, nearest, fill=(1,)
        )
        assert np.array_equal(np.asarray(pil), turned.numpy()), angle


def test_sharing_digits_keeps_numpy_views_of_the_original_valid():
    split = data.Split(
        torch.arange(784, dtype=torch.uint8).view(1, 28, 28), torch.tensor([7])
    )
    images, labels = split.images.numpy(), split.labels.numpy()
    shared = split.share()
    assert shared.images.is_shared() and shared.labels.is_shared()
    assert not split.images.is_shared()
    assert images.ctypes.data == split.images.data_ptr()
    assert labels.ctypes.data == split.labels.data_ptr()
