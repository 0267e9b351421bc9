"""Sets of digits as files: every form, and a sentence for every bad one, which the page says alike."""

import gzip
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from explorer.digits import sets
from train.data import ROOT, load_split

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
LABELS = np.array([3, 0, 9, 1, 9], np.uint8)
RAW = "MNIST/raw/{}-{}-ubyte"


def npz(images=IMAGES, labels=LABELS, save=np.savez, **more) -> bytes:
    file = io.BytesIO()
    save(file, images=images, labels=labels, **more)
    return file.getvalue()


def npy(array, **options) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def idx(array: np.ndarray) -> bytes:
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def archive(files: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file.getvalue()


def raw(images=IMAGES, labels=LABELS, split="t10k") -> dict[str, bytes]:
    return {
        RAW.format(split, "images-idx3"): idx(images),
        RAW.format(split, "labels-idx1"): idx(labels),
    }


def packed(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(content) for name, content in files.items()}


def bomb() -> bytes:
    """Archive whose images claim few bytes and unpack to more than may be read."""
    zeros = npy(np.zeros((sets.MOST_BYTES // 784 + 1, 28, 28), np.uint8))
    return archive({"images.npy": zeros, "labels.npy": npy(LABELS)})


GOOD = {
    "npz": npz(),
    "packed npz": npz(save=np.savez_compressed),
    "further arrays": npz(names=np.array(["a", "b"])),
    "int64": npz(labels=LABELS.astype(np.int64)),
    "big-endian": npz(labels=LABELS.astype(">i2")),
    "uint32": npz(labels=LABELS.astype(np.uint32)),
    "Fortran's order": npz(np.asfortranarray(IMAGES)),
    "zip": archive(raw()),
    "stored zip": archive(raw(), zipfile.ZIP_STORED),
    "zip of gzip": archive(packed(raw())),
    "in a folder": archive({f"mine/{name}": file for name, file in raw().items()}),
    "Finder's zip": archive(
        {f"__MACOSX/{name}": b"" for name in raw()} | raw() | {".DS_Store": b"x"}
    ),
    "training digits only": archive(raw(split="train")),
    "test and training digits": archive(raw(IMAGES[:1], LABELS[:1], "train") | raw()),
    "NumPy 2.0's header": archive(
        {
            "images.npy": npy(IMAGES)[:6]
            + b"\2\0"
            + npy(IMAGES)[8:10]
            + b"\0\0"
            + npy(IMAGES)[10:],
            "labels.npy": npy(LABELS),
        }
    ),
}
BAD = {
    "empty file": b"",
    "text": b"digit,label\n1,2\n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "foreign zip": archive({"readme.txt": b"hello"}),
    "empty zip": archive({}),
    "no labels": archive({"images.npy": npy(IMAGES)}),
    "no images": archive({"labels.npy": npy(LABELS)}),
    "no labels in MNIST/raw": archive(dict([*raw().items()][:1])),
    "no digits": npz(IMAGES[:0], LABELS[:0]),
    "no digits in MNIST/raw": archive(raw(IMAGES[:0], LABELS[:0])),
    "32 x 32": npz(np.zeros((5, 32, 32), np.uint8)),
    "colours": npz(np.zeros((5, 28, 28, 3), np.uint8)),
    "flat": npz(IMAGES.reshape(5, 784)),
    "fractions": npz(IMAGES.astype(np.float32) / 255),
    "int64 images": npz(IMAGES.astype(np.int64)),
    "32 x 32 in MNIST/raw": archive(raw(np.zeros((5, 32, 32), np.uint8))),
    "one hot": npz(labels=np.eye(10, dtype=np.uint8)[LABELS]),
    "labels as fractions": npz(labels=LABELS.astype(float)),
    "labels as text": npz(labels=LABELS.astype(str)),
    "labels as truths": npz(labels=LABELS > 3),
    "labels as records": npz(labels=np.zeros(5, [("digit", "u1"), ("writer", "u1")])),
    "a label missing": npz(labels=LABELS[1:]),
    "label 10": npz(labels=LABELS + np.uint8(7)),
    "label -1": npz(labels=LABELS.astype(np.int64) - 1),
    "label 2^63": npz(labels=np.full(5, 2**63, np.uint64)),
    "letters of EMNIST": archive(raw(labels=np.arange(20, 25, dtype=np.uint8))),
    "pickled": npz(labels=np.array([3, 0, 9, 1, None], object)),
    "cut off": npz()[:-30],
    "cut images": archive({"images.npy": npy(IMAGES)[:-1], "labels.npy": npy(LABELS)}),
    "cut raw images": archive(raw() | {RAW.format("t10k", "images-idx3"): idx(IMAGES)[:-1]}),
    "cut gzip": archive({name: file[:-9] for name, file in packed(raw()).items()}),
    "no array": archive({"images.npy": b"hello", "labels.npy": npy(LABELS)}),
    "damaged": npz().replace(IMAGES[2].tobytes(), IMAGES[3].tobytes()),
    "LZMA": archive(raw(), zipfile.ZIP_LZMA),
    "huge claim": archive(
        raw() | {RAW.format("t10k", "images-idx3"): b"\0\0\x08\3" + b"\xff" * 12}
    ),
    "bomb": bomb(),
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sets")
    paths = {name: folder / f"{place}" for place, name in enumerate(GOOD | BAD)}
    for name, path in paths.items():
        path.write_bytes((GOOD | BAD)[name])
    return paths


def sentence_of(path: Path) -> str:
    with pytest.raises(sets.SetError) as error:
        sets.read(path)
    return str(error.value)


@pytest.mark.parametrize("name", GOOD)
def test_every_form_is_read(files, name):
    split = sets.read(files[name])
    assert np.array_equal(split.images.numpy(), IMAGES)
    assert split.labels.tolist() == LABELS.tolist()
    split.images[0] = 0  # it may be written to


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("picture", "no set of digits"),
        ("foreign zip", "no set of digits"),
        ("no labels", "no labels"),
        ("no images", "no images"),
        ("no labels in MNIST/raw", "no labels"),
        ("no digits", "has no digits"),
        ("32 x 32", "5 x 32 x 32 of kind uint8"),
        ("fractions", "5 x 28 x 28 of kind float32"),
        ("one hot", "5 x 10 of kind uint8"),
        ("a label missing", "5 images, but 4 labels"),
        ("label 10", "one is 10"),
        ("label -1", "one is -1"),
        ("pickled", "labels.npy holds Python objects"),
        ("cut images", "images.npy is damaged or cut off"),
        ("bomb", "At most 100 MB"),
    ],
)
def test_a_bad_set_gets_its_sentence(files, name, words):
    assert words in sentence_of(files[name])


def test_every_bad_set_gets_one_sentence(files):
    for name in BAD:
        sentence = sentence_of(files[name])
        assert sentence[0].isalpha() and sentence.endswith(".") and "\n" not in sentence


def test_a_large_file_is_not_opened(tmp_path):
    path = tmp_path / "large.npz"
    with path.open("wb") as file:
        file.truncate(sets.MOST_BYTES + 1)
    assert sentence_of(path) == sets.LARGE
    assert "No such file" in sentence_of(tmp_path / "absent.npz")


def test_a_folder_is_read_with_and_without_mnist_raw(tmp_path):
    for name, content in packed(raw()).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for folder in (tmp_path, tmp_path / "MNIST", tmp_path / "MNIST" / "raw"):
        if folder.name == "MNIST":
            assert sentence_of(folder) == sets.NOT_SET
        else:
            assert np.array_equal(sets.read(folder).images.numpy(), IMAGES)


def test_the_projects_own_test_digits_are_a_set():
    split, test = sets.read(ROOT), load_split(train=False)
    assert split.images.equal(test.images) and split.labels.equal(test.labels)


SCRIPT = """
import { openAsBlob } from "node:fs";
import { readSet } from "./explorer/web/js/digit_sets.js";
const read = [];
for (const path of process.argv.slice(1)) {
  const answer = await readSet(await openAsBlob(path)).then(
    ({ images, labels }) => [[...images], [...labels]], (error) => error.message,
  );
  read.push(answer);
}
console.log(JSON.stringify(read));
"""


def node(script: str, *arguments: str) -> str:
    command = ["node", "--no-warnings", "--input-type=module", "-e", script]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, check=True, cwd=ROOT.parent
    )
    return done.stdout.decode()


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
def test_the_page_reads_the_same_sets_and_says_the_same_sentences(files):
    read = json.loads(node(SCRIPT, *map(str, files.values())))
    for (name, path), got in zip(files.items(), read, strict=True):
        if name in BAD:
            assert got == sentence_of(path), name
        else:
            assert got == [IMAGES.ravel().tolist(), LABELS.tolist()], name


WRITE = """
import { writeFileSync } from "node:fs";
import { toNpz, toZip } from "./explorer/web/js/digit_sets.js";
const [folder, text] = process.argv.slice(1);
const { images, labels } = JSON.parse(text);
const set = { images: Uint8Array.from(images), labels: Uint8Array.from(labels) };
const write = async (name, blob) =>
  writeFileSync(`${folder}/${name}`, new Uint8Array(await blob.arrayBuffer()));
await write("set.npz", toNpz(set));
await write("set.zip", await toZip(set));
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Folder with the set as the page saves it."""
    if not shutil.which("node"):
        pytest.skip("needs node")
    folder = tmp_path_factory.mktemp("written")
    given = {"images": IMAGES.ravel().tolist(), "labels": LABELS.tolist()}
    node(WRITE, str(folder), json.dumps(given))
    return folder


def test_numpy_and_python_read_what_the_page_saves(written):
    with np.load(written / "set.npz", allow_pickle=False) as saved:
        assert sorted(saved) == ["images", "labels"]
        assert saved["images"].dtype == saved["labels"].dtype == np.uint8
        assert np.array_equal(saved["images"], IMAGES)
        assert np.array_equal(saved["labels"], LABELS)
    for name in ("set.npz", "set.zip"):
        with zipfile.ZipFile(written / name) as made:
            assert made.testzip() is None
        split = sets.read(written / name)
        assert np.array_equal(split.images.numpy(), IMAGES)
        assert split.labels.tolist() == LABELS.tolist()


def test_torchvision_reads_the_zip_and_the_lines_of_its_readme_run(
    written, tmp_path, capsys
):
    from torchvision.datasets import MNIST

    with zipfile.ZipFile(written / "set.zip") as made:
        made.extractall(tmp_path / "digits")
    for is_training in (False, True):
        digits = MNIST(tmp_path / "digits", train=is_training)
        assert np.array_equal(digits.data.numpy(), IMAGES)
        assert digits.targets.tolist() == LABELS.tolist()
    readme = (tmp_path / "digits" / "README.md").read_text()
    lines = readme.split("```python\n")[1].split("```")[0].splitlines()
    assert len(lines) == 4
    code = "\n".join(lines).replace('"digits"', repr(str(tmp_path / "digits")))
    assert (ROOT.parent / code.split('load("')[1].split('"')[0]).exists()
    exec(code.replace('"checkpoints/', f'"{ROOT.parent}/checkpoints/'), {})
    assert 0 <= float(capsys.readouterr().out) <= 1
