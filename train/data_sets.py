"""Data sets of pictures of 28 x 28 grey levels and ten classes that a network can be trained on: what differs between them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

DIGITS = tuple("0123456789")


class Pixels(NamedTuple):
    """Mean and standard deviation of the training pixels scaled to [0, 1], by which images are standardised."""

    mean: float
    std: float


MNIST_PIXELS = Pixels(0.1307, 0.3081)  # as published


@dataclass(frozen=True)
class DataSet:
    """Data set as `torchvision.datasets` reads it, and the words for it."""

    key: str  # in options, in names of trials, and in the name of their folder
    name: str  # in headers, tables and sentences; torchvision's folder is that of `reader`
    reader: str  # class of `torchvision.datasets`
    classes: tuple[str, ...] = DIGITS  # names, by label
    noun: str = "picture"  # one image, for visitors
    is_drawn: bool = True  # a drawing can be one of its images
    margin: float = 0.05  # points of accuracy: smaller differences count as none
    # Percent: a configuration with a lower mean accuracy has collapsed.
    collapsed_below: float = 50.0
    pixels: Pixels | None = None  # None: measured of the training images
    # Archives by name, with their accepted MD5: the first is torchvision's, others are of the same content, compressed by others.
    archives: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    packaged: Path | None = (
        None  # folder of a package of the system that has the archives
    )
    package: str = ""  # its name
    # Arguments of `reader` for the training and for the test images.
    parts: tuple[dict, dict] = field(default=({"train": True}, {"train": False}), hash=False)  # fmt: skip
    transposed: bool = False  # its files have columns for rows
    hub: str = ""  # its repository on the Hugging Face Hub
    test_set: str = (
        ""  # name of the 10,000 test images, where it is not the data set's and "test"
    )

    @property
    def test_name(self) -> str:
        return self.test_set or f"{self.name} test"

    @property
    def folder(self) -> str:
        """Name of the folder of its checkpoints."""
        return "checkpoints" if self is MNIST else f"checkpoints-{self.key}"

    @property
    def nouns(self) -> str:
        return f"{self.noun}s"

    @property
    def has_digits(self) -> bool:
        return self.noun == "digit"


MNIST = DataSet(
    "mnist",
    "MNIST",
    "MNIST",
    noun="digit",
    hub="ylecun/mnist",
    collapsed_below=90.0,
    pixels=MNIST_PIXELS,
    archives={
        "train-images-idx3-ubyte.gz": ("f68b3c2dcbeaaa9fbdd348bbdeb94873",),
        "train-labels-idx1-ubyte.gz": ("d53e105ee54ea40749a09fcbcd1e9432",),
        "t10k-images-idx3-ubyte.gz": ("9fb629c4189551a2d022fa330f9573f3",),
        "t10k-labels-idx1-ubyte.gz": ("ec29112dd5afa0611ce80d1b7f02629c",),
    },
)
FASHION = DataSet(  # Xiao, Rasul & Vollgraf 2017, arXiv 1708.07747
    "fashion",
    "FashionMNIST",
    "FashionMNIST",
    classes=(
        "T-shirt",
        "trousers",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    is_drawn=False,
    margin=0.25,  # docs/protocol.md says why
    pixels=Pixels(0.286, 0.353),  # measured of the 60,000 training images
    archives={
        "train-images-idx3-ubyte.gz": (
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "cf8536b0aa1a6ac5fa3f23001093305c",
        ),
        "train-labels-idx1-ubyte.gz": (
            "25c81989df183df01b3e8a0aad5dffbe",
            "10bea18fdb374794d4bb42e356e600c9",
        ),
        "t10k-images-idx3-ubyte.gz": (
            "bef4ecab320f06d8554ea6380940ec79",
            "f78720b4224f21cce2f2ccf2d7a94c9a",
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "bb300cfdad3c16e7a12a480ee83cd310",
            "0d30e22e447f3c33dab9ed536400ac01",
        ),
    },
    packaged=Path("/usr/share/datasets/fashion-mnist"),
    package="dataset-fashion-mnist",
    hub="zalando-datasets/fashion_mnist",
)
KMNIST = DataSet(  # Clanuwat et al. 2018, arXiv 1812.01718
    "kmnist",
    "KMNIST",
    "KMNIST",
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    noun="character",
)
QMNIST = DataSet(  # Yadav & Bottou 2019, arXiv 1905.10498; its training images and first 10,000 test images are those of MNIST, made again
    "qmnist",
    "QMNIST",
    "QMNIST",
    noun="digit",
    parts=({"what": "train"}, {"what": "test10k"}),
    test_set="QMNIST test, first 10,000",
)
EMNIST_DIGITS = DataSet(  # Cohen et al. 2017, arXiv 1702.05373; the first 60,000 of 240,000 training and 10,000 of 40,000 test images
    "emnist-digits",
    "EMNIST digits",
    "EMNIST",
    noun="digit",
    parts=({"split": "digits", "train": True}, {"split": "digits", "train": False}),
    transposed=True,
    test_set="EMNIST digits test, first 10,000",
)
DATA_SETS = (MNIST, FASHION, KMNIST, QMNIST, EMNIST_DIGITS)
BY_KEY = {one.key: one for one in DATA_SETS}
BY_NAME = {one.name: one for one in DATA_SETS}
