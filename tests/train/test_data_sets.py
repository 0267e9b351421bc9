"""Data sets: their constants, the files that each class of torchvision reads, and a network trained on one of them."""

import gzip
import hashlib
import json
import struct
from dataclasses import replace
from urllib.error import URLError

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torchvision import datasets
from torchvision.datasets import mnist as mnist_module

from explorer.runs import listing, results
from train import checkpoint, data, engines, loop
from train.all import main
from train.data_sets import (
    DATA_SETS,
    EMNIST_DIGITS,
    FASHION,
    KMNIST,
    MNIST,
    MNIST_PIXELS,
    QMNIST,
)
from train.merge import write_index
from train.options import parse
from train.study import STUDIES, Trial, rows_of, studies_of

TRAINING, TESTING = 96, 10_000
packaged = pytest.mark.skipif(
    not (FASHION.packaged and FASHION.packaged.is_dir()),
    reason=f"{FASHION.package} is not installed",
)


def idx(values: np.ndarray) -> bytes:
    """File of an array as MNIST's are: two zeros, the type, the number of dimensions, their sizes, the values, big-endian."""
    kind = {"uint8": 8, "int32": 12}[values.dtype.name]
    sizes = struct.pack(f">{values.ndim}I", *values.shape)
    big = values.astype(values.dtype.newbyteorder(">"))
    return bytes([0, 0, kind, values.ndim]) + sizes + big.tobytes()


@pytest.fixture(scope="module")
def drawn() -> dict[bool, tuple[np.ndarray, np.ndarray]]:
    """Random pictures and labels, by whether they are for training; those for training are darker."""
    draw = np.random.default_rng(1)
    return {
        train: (
            draw.integers(0, 200 if train else 256, (count, 28, 28), dtype=np.uint8),
            draw.integers(0, 10, count, dtype=np.uint8),
        )
        for train, count in ((True, TRAINING), (False, TESTING))
    }


def written(data_set, drawn, root):
    """Writes the pictures as the data set's class of torchvision has its files."""
    raw = root / data_set.reader / "raw"
    raw.mkdir(parents=True)
    for train, (images, labels) in drawn.items():
        part = "train" if train else "test"
        if data_set is QMNIST:  # labels are rows: the class, and who wrote it where
            rows = np.zeros((len(labels), 8), np.int32)
            rows[:, 0], rows[:, 1:] = labels, 1000
            names = f"qmnist-{part}-images-idx3-ubyte", f"qmnist-{part}-labels-idx2-int"
            contents = images, rows
        elif data_set is EMNIST_DIGITS:
            names = [f"emnist-digits-{part}-{kind}" for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]  # fmt: skip
            contents = images.transpose(0, 2, 1), labels
        else:
            part = "train" if train else "t10k"
            names = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
            contents = images, labels
        for name, content in zip(names, contents, strict=True):
            (raw / name).write_bytes(idx(content))


@pytest.mark.parametrize(
    "data_set", [one for one in DATA_SETS if one is not FASHION], ids=lambda one: one.key
)  # fmt: skip
def test_files_in_torchvisions_layout_are_read(data_set, drawn, tmp_path):
    written(data_set, drawn, tmp_path)
    loaded = data.load(tmp_path, data_set)
    for split, (images, labels) in ((loaded.train, drawn[True]), (loaded.test, drawn[False])):  # fmt: skip
        assert np.array_equal(split.images.numpy(), images)
        assert split.labels.tolist() == labels.tolist()
        assert split.labels.dtype == torch.int64 and split.labels.ndim == 1
    levels = drawn[True][0] / 255
    measured = round(levels.mean(), 4), round(levels.std(), 4)
    assert loaded.train.pixels == (data_set.pixels or measured)
    assert loaded.test.pixels == loaded.train.pixels


def test_files_of_fashion_without_the_package_are_read(drawn, tmp_path):
    bare = replace(FASHION, packaged=None)
    written(bare, drawn, tmp_path)
    loaded = data.load(tmp_path, bare)
    assert np.array_equal(loaded.test.images.numpy(), drawn[False][0])
    assert loaded.test.pixels == FASHION.pixels


def test_a_larger_set_gives_as_many_images_as_mnist(drawn, tmp_path, monkeypatch):
    """EMNIST has 240,000 and 40,000 images; the numbers are made smaller here instead."""
    written(EMNIST_DIGITS, drawn, tmp_path)
    monkeypatch.setattr(data, "TRAIN_IMAGES", 50)
    monkeypatch.setattr(data, "TEST_IMAGES", 20)
    loaded = data.load(tmp_path, EMNIST_DIGITS)
    assert (len(loaded.train.labels), len(loaded.test.images)) == (50, 20)
    assert np.array_equal(loaded.test.images.numpy(), drawn[False][0][:20])


@packaged
def test_fashion_is_read_from_the_package_and_has_the_constants_of_its_training_images(
    tmp_path,
):
    fashion = data.load(tmp_path, FASHION)
    assert list(tmp_path.iterdir()) == []
    assert fashion.train.images.shape == (60_000, 28, 28)
    assert torch.bincount(fashion.test.labels).tolist() == [1000] * 10
    assert data.measured(fashion.train.images) == FASHION.pixels
    values = fashion.train.images.double() / 255
    exact = values.mean().item(), values.std(correction=0).item()
    assert exact == pytest.approx(FASHION.pixels, abs=5e-5)
    assert FASHION.packaged
    for name, (_, ours) in FASHION.archives.items():
        content = (FASHION.packaged / name).read_bytes()
        assert hashlib.md5(content).hexdigest() == ours
        # The same as torchvision unpacks.
        assert gzip.decompress(content)[:3] == b"\0\0\x08"


def test_the_registry_names_torchvisions_classes_and_archives():
    assert dict(datasets.FashionMNIST.resources) == {
        name: md5s[0] for name, md5s in FASHION.archives.items()
    }
    for one in DATA_SETS:
        assert issubclass(getattr(datasets, one.reader), datasets.MNIST)
        assert len(set(one.classes)) == data.CLASSES
    for unique in ("key", "name", "folder", "test_name"):
        assert len({getattr(one, unique) for one in DATA_SETS}) == len(DATA_SETS)
    assert KMNIST.classes == tuple(datasets.KMNIST.classes)
    assert MNIST.folder == checkpoint.FOLDER.name


@pytest.mark.parametrize("data_set", DATA_SETS, ids=lambda one: one.key)
def test_without_files_and_network_the_error_names_the_data_set(
    data_set, tmp_path, monkeypatch
):
    def away(*_, **__):
        raise URLError("no network")

    monkeypatch.setattr(mnist_module, "download_and_extract_archive", away)
    with pytest.raises(data.DataError, match=data_set.name) as error:
        data.load_split(tmp_path, replace(data_set, packaged=None), train=True)
    assert "\n" not in str(error.value)
    assert str(tmp_path) in str(error.value)


@pytest.fixture(scope="module")
def out(drawn, tmp_path_factory):
    """Folder of networks that the command line trained for an epoch on made-up files of KMNIST."""
    root, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("out")
    written(KMNIST, drawn, root)
    quick = ("--train-images", str(TRAINING), "--epochs", "1", "--out", str(out))
    chosen = ("--dataset", "kmnist", "--only", "row7", "row11")
    assert main([*chosen, *quick, "--data", str(root)]) == 0
    return out


def test_a_network_says_its_data_set_and_its_constants(out, drawn):
    name = "LN_l1=0_l2=2e-05_batch=128_epochs=1_train_images=96_data=kmnist_seed=1"
    path = out / f"{name}{checkpoint.SUFFIX}"
    with safe_open(path, "pt") as file:
        header = file.metadata()
    levels = drawn[True][0] / 255
    pixels = [round(float(levels.mean()), 4), round(float(levels.std()), 4)]
    setup = json.loads(header["setup"])
    assert (setup["data_set"], setup["pixels"]) == ("KMNIST", pixels)
    assert setup["classes"] == list(KMNIST.classes)
    assert setup["test_set"] == "KMNIST test"
    assert json.loads(header["trial"])["data_set"] == "KMNIST"
    network = checkpoint.load(path)
    assert network.setup.pixels == tuple(pixels)
    assert studies_of(network.trial) == () and not rows_of(network.trial)


def test_the_index_says_the_data_set_and_its_constants(out):
    assert write_index(out) == (2, [])
    networks, problems = listing.read(out)
    assert not problems
    for indexed in networks:
        network = checkpoint.load(out / f"{indexed.name}{checkpoint.SUFFIX}")
        assert (indexed.setup, indexed.trial) == (network.setup, network.trial)


def test_engines_and_votes_use_the_constants_of_the_header(out, drawn):
    images = torch.from_numpy(drawn[False][0])
    wrong = data.Split(images, torch.from_numpy(drawn[False][1]).long())  # of MNIST
    found = results.load(out).checkpoints
    assert len(found) == 2
    votes = results.Results(out, found, []).stack.probs(images[:50])
    for network, probs in zip(found, votes, strict=True):
        mean, std = network.setup.pixels
        inputs = (images[:, None].float() / 255 - mean) / std
        with torch.inference_mode():
            expected = network.network()(inputs)
        torch.testing.assert_close(probs, expected[:50].exp(), rtol=1e-4, atol=1e-5)
        for device in ("cpu", "reference"):
            read = engines.reader(network, device)(wrong)
            torch.testing.assert_close(read.log_probs, expected, rtol=1e-3, atol=1e-4)
            assert read.digits == network.test_digits


def test_the_engines_train_alike_on_other_constants(drawn):
    """Without dropout, as its masks differ; the kernels round otherwise."""
    trial = Trial("GN", 1e-4, 0.0, 16, dropout=0.0, epochs=1, train_images=TRAINING, data_set="KMNIST")  # fmt: skip

    def weights(device: str, pixels: data.Pixels) -> torch.Tensor:
        splits = (
            data.Split(torch.from_numpy(images), torch.from_numpy(labels).long(), pixels)
            for images, labels in drawn.values()
        )  # fmt: skip
        digits = data.Mnist(*splits)
        learner = engines.learner(trial, digits, device)
        state = loop.finish(loop.run(trial, digits, learner)).state
        return torch.cat([values.flatten() for values in state.values()])

    kernels, reference = (
        weights(device, data.Pixels(0.2, 0.25)) for device in ("cpu", "reference")
    )
    torch.testing.assert_close(kernels, reference, rtol=0, atol=1e-3)
    others = weights("cpu", MNIST_PIXELS)
    assert (others - reference).abs().max() > 1e-2  # the constants do matter


def test_a_header_that_names_another_data_set_than_its_trial_is_refused(out):
    network = checkpoint.load(next(out.glob(f"*{checkpoint.SUFFIX}")))
    with pytest.raises(ValueError, match="data_set must be 'MNIST'"):
        checkpoint.to_bytes(
            replace(network, trial=replace(network.trial, data_set="MNIST"))
        )
    for pixels in (None, [0.1], [0.1, 0.0], [0.1, "b"], [float("nan"), 0.1]):
        with pytest.raises(ValueError, match="pixels"):
            checkpoint.Setup.from_dict(
                network.setup.to_dict() | {"pixels": pixels}, KMNIST
            )


def chosen(*arguments):
    options, trials, _ = parse(list(arguments))
    return options, trials


def test_all_are_the_studies_of_the_data_set():
    for arguments in ((), ("--study", "all"), ("--dataset", "mnist")):
        options, trials = chosen(*arguments)
        assert {trial.data_set for trial in trials} == {"MNIST"}
        assert options.out == checkpoint.FOLDER
    replication = STUDIES["replication"].runs
    assert len(replication) == 80
    for arguments in (("--study", "replication"), ("--dataset", "fashion")):
        options, trials = chosen(*arguments)
        assert set(trials) == replication
        assert options.out.name == "checkpoints-fashion"
    assert {name for trial in replication for name in studies_of(trial)} == {"replication"}  # fmt: skip


def test_a_data_set_without_a_study_takes_the_published_rows():
    options, trials = chosen("--dataset", "emnist-digits", "--seeds", "2")
    assert len(trials) == 14 * 2
    assert {trial.data_set for trial in trials} == {"EMNIST digits"}
    assert options.out.name == "checkpoints-emnist-digits"


def test_rows_of_a_study_on_another_data_set_are_chosen_by_number():
    _, trials = chosen("--study", "replication", "--only", "row7", "--seeds", "1")
    assert [trial.name for trial in trials] == [  # as run, and as labelled
        "LN_l1=0_l2=0_batch=128_data=fashion_seed=1",
        "LN_l1=0_l2=2e-05_batch=128_data=fashion_seed=1",
    ]
    _, trials = chosen("--dataset", "qmnist", "--only", "row11", "--batch-size", "32")
    assert [trial.name for trial in trials] == [
        "BN_l1=4e-06_l2=1e-06_batch=32_data=qmnist_seed=1"
    ]
