"""What the networks make of a digit: their answers, their consensus, and the words for it."""

from collections import Counter

import numpy as np
import torch

from explorer.results import Results, describe, test_split

NOTHING = (
    "No network has been trained yet: run `python train/all.py`, then start again."
)


def predict(results: Results, image: np.ndarray) -> np.ndarray:
    """One uint8 image (28, 28) -> probabilities (E, 10) of every voter of `results`."""
    return results.stack.probs(torch.from_numpy(image)[None])[:, 0].numpy()


def consensus(probs: np.ndarray) -> dict:
    """What most networks read in (E, 10), and their share; the surer digit wins a tie."""
    votes = np.bincount(probs.argmax(1), minlength=10)
    digit = int(np.lexsort((probs.sum(0), votes))[-1])
    return {"digit": digit, "share": float(votes[digit] / len(probs))}


def verdict(results: Results, probs: np.ndarray) -> str:
    """The consensus in one sentence, with those that disagree named while they are few."""
    if not len(probs):
        return NOTHING
    preds = probs.argmax(1)
    digit = consensus(probs)["digit"]
    others = [index for index, pred in enumerate(preds) if pred != digit]
    if len(preds) == 1:
        return f"The only network reads {digit}."
    if not others and len(preds) == 2:
        return f"Both networks read {digit}."
    if not others:
        return f"All {len(preds)} networks read {digit}."
    if len(others) > 2:
        rest = Counter(int(preds[index]) for index in others).most_common()
        said = ", ".join(f"{count} read {other}" for other, count in rest)
    else:
        said = ", ".join(
            f"{describe(results.voters[index].trial)} reads {preds[index]}"
            for index in others
        )
    return f"{len(preds) - len(others)} of {len(preds)} networks read {digit}; {said}."


def sample(digit: int, turn: int) -> np.ndarray:
    """The `turn`-th test image (28, 28) of `digit`, in a circle. Raises `DataError`."""
    split = test_split()
    indices = torch.nonzero(split.labels == digit).flatten()
    return split.images[indices[turn % len(indices)]].numpy()
