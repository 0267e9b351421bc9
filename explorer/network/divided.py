"""Gallery of test images that divide the networks by norm, as they are and faded; `python -m explorer.divided` measures data/divided.csv."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from explorer.digits import corruptions
from explorer.network import predictions
from explorer.runs.ensemble import Stack
from explorer.runs.results import Results, answers_of, test_split
from train.checkpoint import FOLDER
from train.data import CLASSES, ROOT
from train.study import Trial

FILE = ROOT / "divided.csv"
CONTRASTS = (0.5, 0.3, 1.0)  # of `corruptions.contrast`; the gallery has them in turn
SHORTLISTED = 5  # images of a label and contrast that all voters read, after one seed of each configuration


@dataclass(frozen=True)
class Divided:
    """Test image under a contrast, and the share of the votes by which two norms differ on it."""

    index: int
    contrast: float
    split: float


def split(trials: Sequence[Trial], answers: np.ndarray) -> np.ndarray:
    """Largest total variation distance (N,) between the votes of two norms, from predicted digits (E, N) of these trials' networks."""
    norms = np.array([trial.norm for trial in trials])
    shares = [
        np.stack(
            [(answers[norms == norm] == digit).mean(0) for digit in range(CLASSES)]
        )
        for norm in dict.fromkeys(norms)
    ]
    distances = [abs(a - b).sum(0) / 2 for a in shares for b in shares]
    return np.max(distances, 0)


def choose(results: Results, indices: np.ndarray, contrast: float) -> list[Divided]:
    """Of each label the test image, among these indices, that divides the voters most under a contrast; the largest split first."""
    first = [results.voters[index] for index in predictions.polled(results, True)]
    labels = test_split().labels.numpy()[indices]
    rough = _splits(first, indices, contrast)
    shortlist = np.concatenate(
        [
            some[np.argsort(-rough[some], kind="stable")[:SHORTLISTED]]
            for label in np.unique(labels)
            for some in [np.flatnonzero(labels == label)]
        ]
    )
    splits = _splits(results.voters, indices[shortlist], contrast)
    return _largest(indices[shortlist], labels[shortlist], contrast, splits)


def _largest(
    indices: np.ndarray, labels: np.ndarray, contrast: float, splits: np.ndarray
) -> list[Divided]:
    """Test image of each label with the largest split, the largest first."""
    rows = pd.DataFrame({"index": indices, "label": labels, "split": splits})
    rows = rows.sort_values("split", ascending=False, kind="stable")
    return [
        Divided(int(row.index), contrast, round(float(row.split), 3))
        for row in rows.drop_duplicates("label").itertuples(index=False)
    ]


def _splits(networks: list, indices: np.ndarray, contrast: float) -> np.ndarray:
    images = corruptions.contrast(
        test_split().images[torch.from_numpy(indices)], contrast
    )
    answers = Stack(networks).probs(images).argmax(2).numpy()
    return split([network.trial for network in networks], answers)


@cache
def gallery(results: Results) -> tuple[Divided, ...]:
    """Gallery of the voters: of the committed ones the measured one, of another folder's ten test images as they are, by the stored predictions."""
    if results.folder.resolve() == FOLDER or not results.voters:
        return measured()
    trials = [voter.trial for voter in results.voters]
    answers = answers_of(results.voters)
    splits = split(trials, answers)
    if not splits.any():  # of a single norm: every network for itself
        shares = [(answers == digit).mean(0) for digit in range(CLASSES)]
        splits = 1 - np.max(shares, 0)
    labels = test_split(results.data_set).labels.numpy()
    return tuple(_largest(np.arange(len(labels)), labels, 1.0, splits))


@cache
def measured() -> tuple[Divided, ...]:
    """The gallery, as `main` wrote it."""
    rows = pd.read_csv(FILE).to_dict("records")
    return tuple(
        Divided(int(row["index"]), float(row["contrast"]), float(row["split"]))
        for row in rows
    )


def main(results: Results, file: Path = FILE, every: int = 1):
    """Measures every so many of the test images, and writes the gallery."""
    torch.set_num_threads(1)
    indices = np.arange(0, len(test_split().labels), every)
    chosen = [choose(results, indices, contrast) for contrast in CONTRASTS]
    in_turn = [one for ranked in zip(*chosen, strict=True) for one in ranked]
    pd.DataFrame(in_turn).to_csv(file, index=False, lineterminator="\n")
