"""Test images by how networks misclassify them, and the label errors among them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from explorer.runs.results import Results, answers_of, test_split
from train.data import ROOT
from train.data_sets import MNIST, DataSet
from train.errors import UserError

ALWAYS = "always wrong"
NORM = "norm-specific"
SEED = "seed-dependent"
CONFIG = "configuration-specific"
NEVER = "never wrong"
KINDS = (ALWAYS, NORM, SEED, CONFIG, NEVER)
LABEL = "validated label errors"
DIVIDED = "read by one norm more than by another"
ORDERS = (DIVIDED, *KINDS[:-1], LABEL)  # what a page may show


@dataclass(frozen=True)
class Summary:
    """Numbers of test images: all, those that some network misses, and those that every network misses."""

    images: int
    missed: int
    always: int
    label_errors: int  # validated label errors among `always`
    scope: str  # the studies of the networks
    has_reviews: bool = True  # whether anybody looked for label errors


@cache
def label_errors(data_set: DataSet = MNIST) -> pd.DataFrame:
    """The 15 test images of MNIST with validated label errors, by index: fewer than 3 of 5 reviewers confirmed the label (data/README.md).

    Of another data set none is known.
    """
    rows = pd.read_csv(ROOT / "label_errors.csv", index_col="test_index")
    return rows if data_set is MNIST else rows.iloc[:0]


def non_collapsed(results: Results) -> np.ndarray:
    """Indices into `results.finished` of the networks with an accuracy of the data set's `collapsed_below` or more."""
    return np.flatnonzero(
        100 * results.correct.mean(1) >= results.data_set.collapsed_below
    )


def images(results: Results) -> pd.DataFrame:
    """Test images, one row each, with the errors of the non-collapsed networks.

    `label`; `missing`, the number of networks that miss it, `missed`, their share of all, and a column of shares per norm;
    `configs`, the number of configurations with a seed that misses it; `kind`, one of `KINDS`; `read`, the most frequent
    wrong answer, -1 without any; `label_error`, whether it is a validated label error.
    """
    labels = test_split(results.data_set).labels.numpy()
    indices = non_collapsed(results)
    wrong, answers = ~results.correct[indices], results.answers[indices]
    trials = [results.finished[index].trial for index in indices]
    rows = pd.DataFrame({"label": labels, "missing": wrong.sum(0)})
    rows["missed"] = rows.missing / max(1, len(indices))
    for norm in results.norms:
        has_norm = np.array([trial.norm == norm for trial in trials], bool)
        rows[norm] = wrong[has_norm].mean(0) if has_norm.any() else np.nan
    configs = np.array([trial.config for trial in trials])
    seeds_disagree, missed_by_all_seeds = np.zeros((2, len(labels)), bool)
    rows["configs"] = 0
    for config in set(configs):
        seeds = wrong[configs == config]
        rows["configs"] += seeds.any(0)
        seeds_disagree |= seeds.any(0) & ~seeds.all(0)
        if len(seeds) > 1:  # one seed cannot separate seed from configuration
            missed_by_all_seeds |= seeds.all(0)
    rows["kind"] = _kinds(rows, results.norms, seeds_disagree | ~missed_by_all_seeds)
    votes = np.stack([(answers == digit).sum(0) for digit in range(10)], 1)
    votes[np.arange(len(rows)), labels] = 0
    rows["read"] = np.where(rows.missing > 0, votes.argmax(1), -1)
    rows["label_error"] = rows.index.isin(label_errors(results.data_set).index)
    return rows


def _kinds(
    rows: pd.DataFrame, norms: tuple[str, ...], seeds_disagree: np.ndarray
) -> np.ndarray:
    """Kinds (N,) of the test images."""
    norm_specific = np.zeros(len(rows), bool)
    if len(norms) > 1:
        sorted_shares = np.sort(rows[list(norms)].to_numpy(), 1)
        # NaN, a norm without networks, sorts last.
        norm_specific = (sorted_shares[:, -1] >= 0.5) & (sorted_shares[:, -2] <= 0.1)
    return np.select(
        [rows.missing == 0, rows.missed == 1, norm_specific, seeds_disagree],
        [NEVER, ALWAYS, NORM, SEED],
        CONFIG,
    )


def accuracies_without_label_errors(correct: np.ndarray) -> np.ndarray:
    """Accuracies (S,) in percent of runs `correct` (S, 10000) on the test images without validated label errors."""
    is_confirmed = np.ones(correct.shape[1], bool)
    is_confirmed[label_errors().index] = False
    return 100 * correct[:, is_confirmed].mean(1)


def hardest(results: Results, kind: str) -> pd.DataFrame:
    """Images of a kind of `KINDS`, or `LABEL`, by decreasing share of networks that miss them; of `DIVIDED` by the gap between norms.

    Columns `index`, `label`, `read`, `missed` (percent) and a column of percentages per norm. Raises `UserError` for an unknown kind.
    """
    if kind not in (*ORDERS, NEVER):
        raise UserError(
            f"There is no kind {kind!r}; choose one of {', '.join((*ORDERS, NEVER))}."
        )
    rows, norms = images(results), [*results.norms]
    rows["gap"] = rows[norms].max(axis=1) - rows[norms].min(axis=1)
    if kind == DIVIDED:
        rows = rows[rows.gap > 0].sort_values("gap", ascending=False, kind="stable")
    else:
        rows = rows[rows.label_error if kind == LABEL else rows.kind == kind]
        rows = rows.sort_values("missing", ascending=False, kind="stable")
    columns = {"index": rows.index, "label": rows.label, "read": rows.read}
    shares = {norm: 100 * rows[norm] for norm in norms}
    return pd.DataFrame({**columns, "missed": 100 * rows.missed, **shares})


def read_by_one(results: Results, a: str, b: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Images that fewer seeds of configuration `a` miss than of `b`, and the reverse, the largest gap first.

    Columns `index`, `label`, `read` (the most frequent wrong answer of the side that misses more), `missed_a` and `missed_b` (percent of
    the seeds). Raises `UserError`.
    """
    for name in (a, b):
        if name not in results.configs:
            raise UserError(f"There is no configuration {name!r}; /trials lists them.")
    sides = [results.configs[name] for name in (a, b)]
    shares = [100 * (~results.correct_of(name)).mean(0) for name in (a, b)]
    labels = test_split(results.data_set).labels.numpy()
    tables = []
    for side, gap in (
        (sides[1], shares[1] - shares[0]),
        (sides[0], shares[0] - shares[1]),
    ):
        indices = np.argsort(-gap, kind="stable")[: int((gap > 0).sum())]
        votes = (
            answers_of(map(results.finished.__getitem__, side))[:, indices, None]
            == np.arange(10)
        ).sum(0)
        votes[np.arange(len(indices)), labels[indices]] = 0
        columns = {"index": indices, "label": labels[indices], "read": votes.argmax(1)}
        missed = {"missed_a": shares[0][indices], "missed_b": shares[1][indices]}
        tables.append(pd.DataFrame({**columns, **missed}))
    return tables[0], tables[1]


def summary(results: Results) -> Summary:
    """Numbers of test images by the networks that miss them."""
    rows = images(results)
    always = rows[rows.kind == ALWAYS]
    return Summary(
        images=len(rows),
        missed=int((rows.missing > 0).sum()),
        always=len(always),
        label_errors=int(always.label_error.sum()),
        scope=results.scope,
        has_reviews=results.data_set is MNIST,
    )
