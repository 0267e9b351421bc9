"""Readings of pictures by kind of fault. Run as `python -m benchmarks.pictures`; it writes docs/pictures.md.

The seeds are fixed, and other than the tests': the same code writes the same numbers.
"""

import multiprocessing
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from benchmarks import photos
from benchmarks.simulations import table
from explorer.digits import pictures, preprocess
from explorer.digits.decoding import decode_file
from explorer.digits.pictures import Segmentation
from explorer.digits.preprocess import SketchError
from explorer.network.predictions import consensus, probs
from explorer.runs import results
from explorer.runs.ensemble import Stack
from train.data import load_split

PATH = Path(__file__).resolve().parent.parent / "docs" / "pictures.md"
SEED = 2026
COUNT = 100  # digits of a kind, and groups of digits
SINGLES = 2000

INTRODUCTION = f"""# Pictures

How many pictures of a digit the voters' consensus reads rightly, by kind of fault, in files made from MNIST's test digits with fixed seeds
(`benchmarks/photos.py`: {COUNT} digits a kind, each at its own size, position, grey, quality and, where the kind has them, direction and spacing).
`python -m benchmarks.pictures` writes this file again. The least number is what the project promises."""

SEVERAL = f"""## Several digits

Files of two or three test digits, side by side or one above the other; {SINGLES:,} single test digits; and the drawings of the next section.
At least 95 % of pairs and triples are to be said to be several, at most 0.5 % of single digits, and no drawing."""

STROKES = """## Drawings

Fourteen ways to draw the digits by strokes, at 18, 46 and 79 % of the pad: as the pad frames them, and as PNG files of either polarity."""


def segmented(file: bytes) -> Segmentation | None:
    """Segmentation of a file; None where it is refused."""
    try:
        return pictures.segment(decode_file(file))
    except SketchError:
        return None


@dataclass(frozen=True)
class Voters:
    """All voters, and every twelfth: where these agree, the others, of whom most would have to differ from them, are not asked."""

    all: Stack
    some: Stack

    def right(self, images: list[np.ndarray], labels: list[int]) -> int:
        """Number of images (28, 28) whose consensus is their label."""
        count = 0
        for image, label in zip(images, labels, strict=True):
            digits = probs(self.some, image).argmax(1)
            if (digits != digits[0]).any():
                count += consensus(probs(self.all, image)).digit == label
            else:
                count += digits[0] == label
        return count


def kind_rows(
    voters: Voters, images: np.ndarray, labels: np.ndarray
) -> Iterator[list[str]]:
    """Rows of the table of kinds: name, least number, read rightly, refused, and said to be several."""
    for number, kind in enumerate(photos.KINDS):
        rng = np.random.default_rng((SEED, number))
        chosen = rng.choice(len(images), COUNT, replace=False)
        segmentations = [segmented(kind.file(images[index], rng)) for index in chosen]
        read = [
            (one.largest.image, int(labels[index]))
            for one, index in zip(segmentations, chosen, strict=True)
            if one
        ]
        count = voters.right([image for image, _ in read], [label for _, label in read])
        said = sum(one.count > 1 for one in segmentations if one)
        yield strings(kind.name, kind.least, count, COUNT - len(read), said)


def several_rows(images: np.ndarray) -> Iterator[list[str]]:
    """Rows of the table of several digits: pictures, their number, said to be several, and with the right count."""
    for size, name in ((2, "pairs"), (3, "triples")):
        rng = np.random.default_rng((SEED, 1000 + size))
        counts = []
        for _ in range(COUNT):
            chosen = rng.choice(len(images), size, replace=False)
            file = photos.several([images[index] for index in chosen], rng)
            counts.append(pictures.segment(decode_file(file)).count)
        yield counted(name, counts, size)
    rng = np.random.default_rng((SEED, 1001))
    chosen = rng.choice(len(images), SINGLES, replace=False)
    counts = [
        pictures.segment(decode_file(photos.plain(images[index]))).count
        for index in chosen
    ]
    yield counted("single digits", counts, 1)


def counted(name: str, counts: list[int], right: int) -> list[str]:
    several = sum(count > 1 for count in counts)
    return strings(name, len(counts), several, counts.count(right))


def strings(*cells) -> list[str]:
    return list(map(str, cells))


def stroke_rows(voters: Voters) -> Iterator[list[str]]:
    """Rows of the table of drawings: way of framing, number, read rightly, and said to be several."""
    labels, pads = zip(*photos.drawings(), strict=True)
    framed = [preprocess.to_mnist(pad) for pad in pads]
    yield strings("by the pad", len(pads), voters.right(framed, list(labels)), "")
    for name, files in (
        ("file, bright on dark", [photos.saved(pad) for pad in pads]),
        ("file, dark on bright", [photos.saved(255 - pad) for pad in pads]),
    ):
        segmentations = [pictures.segment(decode_file(file)) for file in files]
        count = voters.right([one.largest.image for one in segmentations], list(labels))
        said = sum(one.count > 1 for one in segmentations)
        yield strings(name, len(pads), count, said)


def sections() -> Iterator[str]:
    split = load_split(train=False)
    images, labels = split.images.numpy(), split.labels.numpy()
    loaded = results.load()
    voters = Voters(loaded.stack, Stack(loaded.voters[::12]))
    yield INTRODUCTION
    header = ("kind", "at least", "read rightly", "refused", "said to be several")
    yield table(header, list(kind_rows(voters, images, labels)))
    yield SEVERAL
    header = ("pictures", "number", "said to be several", "right count")
    yield table(header, list(several_rows(images)))
    yield STROKES
    header = ("framing", "drawings", "read rightly", "said to be several")
    yield table(header, list(stroke_rows(voters)))


def largest_files() -> Iterator[tuple[str, bytes]]:
    """Names and bytes of files of the largest sizes that are read."""
    digit = Image.new("L", (4032, 3024), 220)
    digit.paste(30, (1800, 800, 2000, 2200))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    yield (
        "JPEG of 12 megapixels on its side",
        photos.saved(np.asarray(digit), "JPEG", exif=exif.tobytes()),
    )
    rng = np.random.default_rng(SEED)
    texture = rng.integers(90, 150, (3024, 4032), np.uint8)
    yield "JPEG of 12 megapixels, all texture", photos.saved(texture, "JPEG")
    ink = np.zeros((4096, 4096), np.uint8)
    ink[1000:3000, 1900:2200] = 255
    layers = np.stack([255 - ink, ink, ink, ink], 2)
    yield "PNG of 4096 x 4096 with alpha", photos.saved(layers)
    deep = ink * np.uint16(257)
    yield "PNG of 4096 x 4096 with 16 bits", photos.saved(deep)


def cost(file: bytes) -> tuple[float, float]:
    """Seconds of the processor, and MiB by which the memory of a new process grows, to segment a file."""
    segmented(photos.plain(np.eye(28, dtype=np.uint8) * 255))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    segmented(file)
    seconds = time.process_time() - begun
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def print_costs():
    context = multiprocessing.get_context("spawn")
    for name, file in largest_files():
        with ProcessPoolExecutor(1, context) as process:
            seconds, growth = process.submit(cost, file).result()
        print(f"{name}, {len(file) / 1e6:.1f} MB: {seconds:.2f} s, {growth:.0f} MiB")


def main():
    print_costs()
    PATH.write_text("\n\n".join(sections()) + "\n")


if __name__ == "__main__":
    main()
