"""What the networks make of a digit: their answers, their consensus, and the words for it."""

import base64
import binascii
from collections import Counter
from functools import lru_cache

import numpy as np
import torch

from explorer.digits.preprocess import SketchError
from explorer.runs.ensemble import Stack
from explorer.runs.results import Results, describe, test_split
from train.checkpoint import Checkpoint
from train.errors import UserError
from train.norms import BY_KEY
from train.study import VOTING_SEEDS, Trial, studies_of
from train.validation import TEST_IMAGES

SIDE = 112  # pixels a side of a drawing that a page sends
MOST_NAMED = 3  # other digits that a verdict speaks of

NOTHING = "No network has been trained yet: run python train/all.py, then start again."


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


def voters(results: Results) -> str:
    """A sentence on the networks that vote; "" where they belong to no study."""
    if not results.voters or not studies_of(results.voters[0].trial):
        return ""
    return (
        f"These {len(results.voters)} networks are the seeds 1 to {VOTING_SEEDS} of each configuration of {results.core.scope} "
        "that learned."
    )


def readings(stack: Stack, image: np.ndarray) -> list[dict]:
    """What each network of a stack reads in one image (28, 28): the digit, and how sure it is, in percent."""
    return [
        {"digit": int(each.argmax()), "percent": round(100 * float(each.max()))}
        for each in probs(stack, image)
    ]


def consensus(probs: np.ndarray) -> dict:
    """What most networks read in (E, 10), and their share; the surer digit wins a tie."""
    votes = np.bincount(probs.argmax(1), minlength=10)
    digit = int(np.lexsort((probs.sum(0), votes))[-1])
    return {"digit": digit, "share": float(votes[digit] / len(probs))}


def verdict(results: Results, probs: np.ndarray) -> str:
    """The consensus in one sentence, and who disagrees: by name, by what they have in common, or by their number."""
    if not len(probs):
        return NOTHING
    preds = probs.argmax(1)
    digit = consensus(probs)["digit"]
    agree = int((preds == digit).sum())
    if len(preds) == 1:
        return f"The only network reads {digit}."
    if agree == len(preds):
        all_ = "Both" if agree == 2 else f"All {agree}"
        return f"{all_} networks read {digit}."
    trials = [found.trial for found in results.voters]
    others = Counter(int(pred) for pred in preds if pred != digit).most_common()
    said = [
        _dissent(trials, np.flatnonzero(preds == other), other)
        for other, _ in others[:MOST_NAMED]
    ]
    if rest := sum(count for _, count in others[MOST_NAMED:]):
        said.append(f"{rest} something else")
    return f"{agree} of {len(preds)} networks read {digit}; {', '.join(said)}."


def _dissent(trials: list[Trial], places: np.ndarray, digit: int) -> str:
    """What the networks at `places` read, said of the settings that they share and others have not."""
    if len(places) == 1:
        return f"{describe(trials[places[0]])}, seed {trials[places[0]].seed} reads {digit}"
    first = trials[places[0]]
    shared = [
        factor
        for factor in FACTORS
        if {getattr(trials[place], factor) for place in places}
        == {getattr(first, factor)}
        and len({getattr(trial, factor) for trial in trials}) > 1
    ]
    if not shared:
        return f"{len(places)} read {digit}"
    alike = sum(
        all(getattr(trial, factor) == getattr(first, factor) for factor in shared)
        for trial in trials
    )
    words = " ".join(
        FACTORS[factor](getattr(first, factor))
        for factor in FACTORS
        if factor in shared
    )
    if "norm" not in shared:
        words = f"networks {words}"
    return f"only {words} read {digit} ({len(places)} of {alike})"


NAMES = {key: norm.name.replace(" ", "-") for key, norm in BY_KEY.items()}
FACTORS = {
    "norm": lambda value: f"{NAMES[value]} networks",
    "regulariser": lambda value: (
        "without a penalty" if value == "none" else f"with {value}"
    ),
    "batch_size": lambda value: f"at batch {value}",
}


def doubt(probs: np.ndarray) -> str:
    """The entropy of the mean answer (E, 10), in bits and in words."""
    mean = probs.mean(0)
    bits = float(-(mean * np.log2(np.maximum(mean, 1e-12))).sum())
    words = next(words for least, words in DOUBTS if bits >= least)
    return f"{words}: {abs(bits):.2f} of at most {np.log2(10):.2f} bits of entropy."


DOUBTS = (
    (2.0, "They are lost"),
    (1.0, "They are divided"),
    (0.3, "They are in some doubt"),
    (0.0, "They are sure"),
)


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
