"""Predictions of networks for a digit: probabilities, their means, consensus, and dissents."""

import base64
import binascii
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch

from explorer.digits.preprocess import FIELD, REFUSALS, SketchError
from explorer.runs.ensemble import Stack
from explorer.runs.results import FACTORS, Results, test_split
from train.checkpoint import Checkpoint
from train.data_sets import MNIST, DataSet
from train.errors import UserError
from train.study import Trial
from train.validation import TEST_IMAGES

SIDE = 112  # side of a page's drawing in pixels


@cache
def polled(results: Results, first: bool) -> tuple[int, ...]:
    """Indices into the voters: of all, or with `first` of the first seed of every configuration, which vote while a pen moves."""
    configs = [voter.trial.config for voter in results.voters]
    return tuple(
        index
        for index, config in enumerate(configs)
        if not first or configs.index(config) == index
    )


def predict(results: Results, image: np.ndarray, first: bool = False) -> np.ndarray:
    """Probabilities (E, 10) of the `polled` voters of `results` for one image (28, 28) of grey levels."""
    if not first:
        return probs(results.stack, image)
    networks = tuple(results.voters[index] for index in polled(results, first))
    return probs(stacked(networks), image)


@lru_cache(64)
def stacked(networks: tuple[Checkpoint, ...]) -> Stack:
    """Stack of these networks; cached, because a page asks the same ones again while a visitor draws."""
    return Stack(list(networks))


def probs(stack: Stack, image: np.ndarray) -> np.ndarray:
    """Probabilities (E, 10) of the networks of a stack for one image (28, 28) of grey levels."""
    return stack.probs(torch.from_numpy(image)[None])[:, 0].numpy()


@dataclass(frozen=True)
class Reading:
    """Prediction of a network: the digit, and its probability in percent."""

    digit: int
    percent: int


def readings(stack: Stack, image: np.ndarray) -> list[Reading]:
    """Readings of one image (28, 28) by the networks of a stack."""
    return [
        Reading(int(row.argmax()), round(100 * float(row.max())))
        for row in probs(stack, image)
    ]


@dataclass(frozen=True)
class Consensus:
    """Digit that most networks predict, and their share, from 0 to 1."""

    digit: int
    share: float


def consensus(probs: np.ndarray) -> Consensus:
    """Consensus of probabilities (E, 10); of tied digits the one with the larger sum of probabilities."""
    votes = np.bincount(probs.argmax(1), minlength=10)
    digit = int(np.lexsort((probs.sum(0, np.float64), votes))[-1])
    return Consensus(digit, float(votes[digit] / len(probs)))


@dataclass(frozen=True)
class Dissent:
    """Networks that predict the same digit, another than most: their number, the first, and the factors whose level they share."""

    digit: int
    count: int
    first: Trial
    shared: tuple[str, ...]  # of `FACTORS`
    alike: int  # all networks with those levels, whatever they predict


@dataclass(frozen=True)
class NormVote:
    """Networks of a norm, and how many of them agree with most of all networks."""

    norm: str
    networks: int
    agree: int


@dataclass(frozen=True)
class Vote:
    """Vote of networks: their number, the digit of most, how many agree, the same by norm, and the dissents, the largest first."""

    networks: int
    digit: int
    agree: int
    norms: tuple[NormVote, ...]
    dissents: tuple[Dissent, ...]


def vote(trials: Sequence[Trial], probs: np.ndarray) -> Vote | None:
    """Vote of the networks of these trials with probabilities (E, 10); None without networks."""
    if not len(probs):
        return None
    preds, digit = probs.argmax(1), consensus(probs).digit
    others = Counter(int(pred) for pred in preds if pred != digit).most_common()
    return Vote(
        len(preds),
        digit,
        int((preds == digit).sum()),
        tuple(
            NormVote(norm, len(some), int((preds[some] == digit).sum()))
            for norm, some in _by_norm(trials).items()
        ),
        tuple(
            _dissent(trials, np.flatnonzero(preds == other), other)
            for other, _ in others
        ),
    )


def _by_norm(trials: Sequence[Trial]) -> dict[str, list[int]]:
    """Indices of the networks of every norm."""
    norms: dict[str, list[int]] = {}
    for index, trial in enumerate(trials):
        norms.setdefault(trial.norm, []).append(index)
    return norms


def _dissent(trials: Sequence[Trial], indices: np.ndarray, digit: int) -> Dissent:
    """Dissent of the networks at `indices`, which predict `digit`."""
    first = trials[indices[0]]
    shared = tuple(
        factor
        for factor in FACTORS
        if {getattr(trials[index], factor) for index in indices}
        == {getattr(first, factor)}
        and len({getattr(trial, factor) for trial in trials}) > 1
    )
    alike = sum(
        all(getattr(trial, factor) == getattr(first, factor) for factor in shared)
        for trial in trials
    )
    return Dissent(digit, len(indices), first, shared, alike)


@dataclass(frozen=True)
class Means:
    """Mean probabilities (10,) of networks, float64, and those of every norm."""

    all: np.ndarray
    norms: dict[str, np.ndarray]


def means(trials: Sequence[Trial], probs: np.ndarray) -> Means:
    """Means of the probabilities (E, 10) of the networks of these trials."""
    exact = probs.astype(np.float64)
    norms = {norm: exact[some].mean(0) for norm, some in _by_norm(trials).items()}
    return Means(exact.mean(0), norms)


def sample(digit: int, turn: int, data_set: DataSet = MNIST) -> int:
    """Index of the `turn`-th test image of `digit`, modulo their number. Raises `DataError`."""
    indices = torch.nonzero(test_split(data_set).labels == digit).flatten()
    return int(indices[turn % len(indices)])


def checked(index: int) -> int:
    """Validated index of a test image. Raises `UserError`."""
    if type(index) is not int or not 0 <= index < TEST_IMAGES:
        raise UserError(
            f"Test images are numbered from 0 to {TEST_IMAGES - 1}; got {index!r}."
        )
    return index


def image(index: int, data_set: DataSet = MNIST) -> np.ndarray:
    """Test image (28, 28). Raises `DataError`, and `UserError` for an index that no image has."""
    return test_split(data_set).images[checked(index)].numpy()


def label(index: int, data_set: DataSet = MNIST) -> int:
    """Label of a test image. Raises as `image` does."""
    return int(test_split(data_set).labels[checked(index)])


def picture(request: dict, data_set: DataSet = MNIST) -> tuple[np.ndarray, int | None]:
    """Picture in a page's request: a drawing (112, 112) or a framed digit (28, 28) with paper 0, and None; or a test image (28, 28) and its index.

    Raises `UserError`.
    """
    match request:
        case {"pixels": str(text)}:
            return _pixels(text), None
        case {"image": int(index)}:
            return image(index, data_set), index
        case {"digit": int(digit), "turn": int(turn)} if 0 <= digit <= 9:
            index = sample(digit, turn, data_set)
            return image(index, data_set), index
    raise SketchError(DAMAGED)


def _pixels(text: str) -> np.ndarray:
    """Grey levels of a drawing or of a framed digit in base64. Raises `SketchError`."""
    side = {4 * -(-(side**2) // 3): side for side in (SIDE, FIELD)}.get(len(text))
    try:
        pixels = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (binascii.Error, ValueError) as error:
        raise SketchError(DAMAGED) from error
    if side is None or pixels.size != side**2:
        raise SketchError(DAMAGED)
    if side == FIELD and not pixels.any():  # a drawing is judged when it is framed
        raise SketchError(REFUSALS["blank"])
    return pixels.reshape(side, side).copy()  # PyTorch wants arrays that it could write


def is_framed(picture: np.ndarray) -> bool:
    """True for a digit (28, 28), which is framed as MNIST's; a drawing is larger."""
    return picture.shape == (FIELD, FIELD)


DAMAGED = "The drawing arrived damaged."
