"""Answers of networks to a digit: their probabilities, their consensus, and who dissents."""

import base64
import binascii
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from explorer.digits.preprocess import SketchError
from explorer.runs.ensemble import Stack
from explorer.runs.results import FACTORS, Results, test_split
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.study import Trial
from train.validation import TEST_IMAGES

SIDE = 112  # pixels a side of a drawing that a page sends


def predict(results: Results, image: np.ndarray) -> np.ndarray:
    """One image (28, 28) of grey levels -> probabilities (E, 10) of every voter of `results`."""
    return probs(results.stack, image)


@lru_cache(64)
def stacked(networks: tuple[Checkpoint, ...]) -> Stack:
    """These networks as one; kept, because a page asks the same ones while it draws."""
    return Stack(list(networks))


def probs(stack: Stack, image: np.ndarray) -> np.ndarray:
    """One image (28, 28) of grey levels -> probabilities (E, 10) of every network of a stack."""
    return stack.probs(torch.from_numpy(image)[None])[:, 0].numpy()


@dataclass(frozen=True)
class Reading:
    """A network's answer: the digit, and how sure it is, in percent."""

    digit: int
    percent: int


def readings(stack: Stack, image: np.ndarray) -> list[Reading]:
    """The answers of the networks of a stack to one image (28, 28)."""
    return [
        Reading(int(each.argmax()), round(100 * float(each.max())))
        for each in probs(stack, image)
    ]


@dataclass(frozen=True)
class Consensus:
    """The digit that most networks read, and their share, from 0 to 1."""

    digit: int
    share: float


def consensus(probs: np.ndarray) -> Consensus:
    """The consensus of answers (E, 10); the surer digit wins a tie."""
    votes = np.bincount(probs.argmax(1), minlength=10)
    digit = int(np.lexsort((probs.sum(0), votes))[-1])
    return Consensus(digit, float(votes[digit] / len(probs)))


@dataclass(frozen=True)
class Dissent:
    """Networks that read another digit than most: the first of them, and the factors whose levels they share and others lack."""

    digit: int
    count: int
    first: Trial
    shared: tuple[str, ...]  # of `FACTORS`
    alike: int  # networks with those levels, however they read


@dataclass(frozen=True)
class Vote:
    """Answers of some networks: the digit that most read, how many do, and the dissents, the largest first."""

    networks: int
    digit: int
    agree: int
    dissents: tuple[Dissent, ...]


def vote(results: Results, probs: np.ndarray) -> Vote | None:
    """The vote of the answers (E, 10) of the voters; None of no networks."""
    if not len(probs):
        return None
    preds, digit = probs.argmax(1), consensus(probs).digit
    trials = [found.trial for found in results.voters]
    others = Counter(int(pred) for pred in preds if pred != digit).most_common()
    return Vote(
        len(preds),
        digit,
        int((preds == digit).sum()),
        tuple(
            _dissent(trials, np.flatnonzero(preds == other), other)
            for other, _ in others
        ),
    )


def _dissent(trials: list[Trial], places: np.ndarray, digit: int) -> Dissent:
    """The dissent of the networks at `places`."""
    first = trials[places[0]]
    shared = tuple(
        factor
        for factor in FACTORS
        if {getattr(trials[place], factor) for place in places}
        == {getattr(first, factor)}
        and len({getattr(trial, factor) for trial in trials}) > 1
    )
    alike = sum(
        all(getattr(trial, factor) == getattr(first, factor) for factor in shared)
        for trial in trials
    )
    return Dissent(digit, len(places), first, shared, alike)


def entropy(probs: np.ndarray) -> float:
    """The entropy of the mean answer (E, 10), in bits."""
    mean = probs.mean(0)
    return abs(float(-(mean * np.log2(np.maximum(mean, 1e-12))).sum()))


def sample(digit: int, turn: int) -> int:
    """The index of the `turn`-th test image of `digit`, in a circle. Raises `DataError`."""
    indices = torch.nonzero(test_split().labels == digit).flatten()
    return int(indices[turn % len(indices)])


def checked(index: int) -> int:
    """The number of a test image. Raises `UserError`."""
    if type(index) is not int or not 0 <= index < TEST_IMAGES:
        raise UserError(
            f"Test images are numbered from 0 to {TEST_IMAGES - 1}; got {index!r}."
        )
    return index


def image(index: int) -> np.ndarray:
    """A test image (28, 28). Raises `DataError`, and `UserError` for a number that none has."""
    return test_split().images[checked(index)].numpy()


def picture(question: dict) -> tuple[np.ndarray, int | None]:
    """What a page asks about: a drawing (112, 112), its paper 0, or a test image (28, 28) and its number.

    Raises `UserError`.
    """
    match question:
        case {"pixels": str(text)} if len(text) == 4 * -(-(SIDE**2) // 3):
            try:
                pixels = base64.b64decode(text, validate=True)
            except binascii.Error as error:
                raise SketchError(DAMAGED) from error
            drawing = np.frombuffer(pixels, np.uint8)
            if drawing.size == SIDE**2:
                return drawing.reshape(SIDE, SIDE), None
        case {"image": int(index)}:
            return image(index), index
        case {"digit": int(digit), "turn": int(turn)} if 0 <= digit <= 9:
            index = sample(digit, turn)
            return image(index), index
    raise SketchError(DAMAGED)


DAMAGED = "The drawing arrived damaged."
