"""Error anatomy: which test images networks miss, how, and the label errors among them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from explorer.runs.results import COLLAPSED_BELOW, Results, test_split
from train.data import ROOT
from train.errors import UserError

ALWAYS = "always wrong"
NORM = "norm-specific"
SEED = "seed-dependent"
CONFIG = "configuration-specific"
NEVER = "never wrong"
KINDS = (ALWAYS, NORM, SEED, CONFIG, NEVER)
LABEL = "validated label errors"


@dataclass(frozen=True)
class Summary:
    """Numbers of test images: all, those that some network misses, and those that every one does."""

    images: int
    missed: int
    always: int
    label_errors: int  # validated ones, of `always`
    scope: str  # the studies of the networks


@cache
def label_errors() -> pd.DataFrame:
    """The 15 test images whose label fewer than 3 of 5 reviewers confirmed, by index (see data/README.md)."""
    return pd.read_csv(ROOT / "label_errors.csv", index_col="test_index")


def non_collapsed(results: Results) -> np.ndarray:
    """The places among the finished of the networks that no penalty destroyed: the others miss nearly everything."""
    return np.flatnonzero(100 * results.correct.mean(1) >= COLLAPSED_BELOW)


def images(results: Results) -> pd.DataFrame:
    """One row per test image: its label, how many networks miss it, `missed` as a share of all and per norm, its kind.

    `configs` is of how many configurations a seed misses it.

    `read` is what the networks that miss it read most often, -1 where none does. Of `whole` networks only.
    """
    labels = test_split().labels.numpy()
    places = non_collapsed(results)
    wrong, answers = ~results.correct[places], results.answers[places]
    trials = [results.finished[place].trial for place in places]
    rows = pd.DataFrame({"label": labels, "missing": wrong.sum(0)})
    rows["missed"] = rows.missing / max(1, len(places))
    for norm in results.norms:
        some = np.array([trial.norm == norm for trial in trials], bool)
        rows[norm] = wrong[some].mean(0) if some.any() else np.nan
    configs = np.array([trial.config for trial in trials])
    split, whole_config = np.zeros((2, len(labels)), bool)
    rows["configs"] = 0
    for config in set(configs):
        seeds = wrong[configs == config]
        rows["configs"] += seeds.any(0)
        split |= seeds.any(0) & ~seeds.all(0)
        if len(seeds) > 1:  # one seed cannot tell the two apart
            whole_config |= seeds.all(0)
    rows["kind"] = _kinds(rows, results.norms, split | ~whole_config)
    votes = np.stack([(answers == digit).sum(0) for digit in range(10)], 1)
    votes[np.arange(len(rows)), labels] = 0
    rows["read"] = np.where(rows.missing > 0, votes.argmax(1), -1)
    rows["label_error"] = rows.index.isin(label_errors().index)
    return rows


def _kinds(rows: pd.DataFrame, norms: tuple[str, ...], split: np.ndarray) -> np.ndarray:
    specific = np.zeros(len(rows), bool)
    if len(norms) > 1:
        ordered = np.sort(rows[list(norms)].to_numpy(), 1)
        # NaN, a norm without networks, sorts last.
        specific = (ordered[:, -1] >= 0.5) & (ordered[:, -2] <= 0.1)
    return np.select(
        [rows.missing == 0, rows.missed == 1, specific, split],
        [NEVER, ALWAYS, NORM, SEED],
        CONFIG,
    )


def without(correct: np.ndarray) -> np.ndarray:
    """The accuracy in percent of each run of `correct` (S, 10000) on the images whose label stands."""
    stands = np.ones(correct.shape[1], bool)
    stands[label_errors().index] = False
    return 100 * correct[:, stands].mean(1)


def hardest(results: Results, kind: str) -> pd.DataFrame:
    """The images of a kind or all `LABEL` errors, those that most networks miss first: `index`, `label`, `read`, `missed` (percent)."""
    if kind not in (*KINDS, LABEL):
        raise UserError(
            f"There is no kind {kind!r}; choose one of {', '.join((*KINDS, LABEL))}."
        )
    rows = images(results)
    rows = rows[rows.label_error if kind == LABEL else rows.kind == kind].sort_values(
        "missing", ascending=False, kind="stable"
    )
    return pd.DataFrame(
        {
            "index": rows.index,
            "label": rows.label,
            "read": rows.read,
            "missed": 100 * rows.missed,
        }
    )


def summary(results: Results) -> Summary:
    rows = images(results)
    always = rows[rows.kind == ALWAYS]
    return Summary(
        images=len(rows),
        missed=int((rows.missing > 0).sum()),
        always=len(always),
        label_errors=int(always.label_error.sum()),
        scope=results.scope,
    )
