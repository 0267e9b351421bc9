"""The committed runs beside which a visitor's runs stand: which, how they learned, and whether the visitor's differ."""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from explorer.retrain.session import title
from explorer.runs.results import Results, describe
from explorer.study import comparison, wording
from explorer.study.statistics import LEVEL, ROUNDED
from train.checkpoint import STOPPED, Checkpoint
from train.study import Trial, studies_of


def configuration(results: Results, trial: Trial) -> list[Checkpoint]:
    """All seeds of the committed configuration that is nearest to a trial; none where none is committed.

    Committed are the runs of a study with its seeds. Nearest is the same norm first, then the fewest factors of ten between the
    penalties and doublings between the batch sizes and between the learning rates; what else differs does not count.
    """

    def apart(other: Trial) -> tuple[bool, float]:
        penalties = sum(
            abs(
                math.log10(
                    (getattr(trial, name) + TINY) / (getattr(other, name) + TINY)
                )
            )
            for name in ("l1", "l2")
        )
        doublings = sum(
            abs(math.log2(getattr(trial, name) / getattr(other, name)))
            for name in ("batch_size", "lr")
        )
        return trial.norm != other.norm, penalties + doublings

    committed = [
        found for found in results.finished if studies_of(found.trial)
    ] or results.finished
    if not committed:
        return []
    nearest = min((found.trial for found in committed), key=apart)
    return [found for found in committed if found.trial.config == nearest.config]


TINY = 1e-7  # a penalty so small counts as none


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """How the seeds of a configuration learned in their first epochs."""

    trial: Trial  # of the first of them
    accuracies: np.ndarray  # (seeds, epochs) of the test digits, in percent
    losses: np.ndarray  # (seeds, epochs) of training, in nats


def curves(committed: list[Checkpoint], epochs: int) -> LearningCurves | None:
    """How committed runs learned in as many epochs as all of them have; None without any."""
    if not committed:
        return None
    rows = [found.history[:epochs] for found in committed]
    known = min(map(len, rows))

    def series(key: str) -> np.ndarray:
        return np.array([[row[key] for row in some[:known]] for some in rows])

    return LearningCurves(
        committed[0].trial, 100 * series("test_acc"), series("train_loss")
    )


def verdict(results: Results, runs: list[Checkpoint]) -> str:
    """Are a visitor's runs of one configuration different from the nearest committed seeds?, in the protocol's words.

    They are compared after as many epochs as the visitor's had. A single run is held against where a new seed of the
    committed ones would fall with 95 % probability: Student's prediction interval of one further value.
    """
    runs = [found for found in runs if _counts(found)]
    if not runs:
        return "A training that was stopped or diverged is compared with nothing: it had not learned as long as the others."
    trial = runs[0].trial
    committed = configuration(results, trial)
    if len(committed) < 2:
        return "There are no two committed seeds to compare with."
    other = committed[0].trial
    epoch = min(len(each.history) for each in (*runs, *committed))
    same = replace(other, epochs=trial.epochs).config == trial.config
    own_seeds = {found.trial.seed for found in runs}
    if same:  # one seed is one run, here or there: it must not stand on both sides
        again = _repeated(runs, committed, epoch)
        committed = [each for each in committed if each.trial.seed not in own_seeds]
    else:
        again = ""
    own, others = (
        100 * np.array([run.history[epoch - 1]["test_acc"] for run in side])
        for side in (runs, committed)
    )
    if len(committed) < 2:
        return f"{again}Too few other seeds are committed to compare with.".strip()
    if len(runs) == 1:
        said = _one(float(own[0]), others, epoch, describe(other))
    else:
        said = _many(runs[0], other, own, others, epoch)
    if same:
        said += " The configuration is the same, so that whatever differs is chance, or another engine."
    return f"{again}{said}"


def _counts(found: Checkpoint) -> bool:
    return not found.summary.get(STOPPED) and not found.summary["diverged"]


def _repeated(runs: list[Checkpoint], committed: list[Checkpoint], epoch: int) -> str:
    """Whether a run of a committed configuration and seed is that run again, in a sentence; "" where there is none."""
    there = {each.trial.seed: each for each in committed}
    said = []
    for found in runs:
        other = there.get(found.trial.seed)
        if not other:
            continue
        rows = [each.history[epoch - 1] for each in (found, other)]
        keys = set(rows[0]) & set(rows[1]) - {"seconds"}
        equal = all(rows[0][key] == rows[1][key] for key in keys)
        words = "it is the same run again, number for number"
        if not equal:
            words = (
                f"that one was trained by {other.engine}, this one by {found.engine}, "
                "so their numbers differ"
            )
        said.append(f"Seed {found.trial.seed} is also committed: {words}. ")
    return "".join(said)


def _one(value: float, others: np.ndarray, epoch: int, name: str) -> str:
    """One run against the seeds of another configuration."""
    spread = max(others.std(ddof=1), ROUNDED)
    half = float(
        stats.t.ppf(1 - LEVEL / 2, len(others) - 1)
        * spread
        * math.sqrt(1 + 1 / len(others))
    )
    mean = float(others.mean())
    where = (
        f"{value:.2f} % after epoch {epoch}; a new seed of the {len(others)} committed of {name} would be at {mean:.2f} ± {half:.2f} "
        "with 95 % probability."
    )
    if abs(value - mean) <= half:
        return (
            f"Nothing is shown: {where} One run inside that range can come from chance alone, and cannot show that the two are equal "
            "either: add seeds."
        )
    return (
        f"Outside of what their seeds do: {where} One run says nothing about its own spread, so it is a hint and no verdict: "
        "add seeds."
    )


def _many(
    own: Checkpoint, other: Trial, mine: np.ndarray, theirs: np.ndarray, epoch: int
) -> str:
    """Several runs against the seeds of another configuration: Welch's test, equivalence, and the plan."""
    names = [f"yours ({title(own).rpartition(', seed')[0]})", describe(other)]
    # Without an interval on new images: only digits of a last epoch tell.
    (decision,) = comparison.decide([(mine, theirs)])
    said = wording.comparison.decision(names, decision)
    return f"{said} After epoch {epoch}."
