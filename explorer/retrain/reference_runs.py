"""The committed runs beside which a visitor's runs stand: which, how they learned, and whether the visitor's differ."""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from explorer.runs.results import Results
from explorer.study.comparison import Decision, decide
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
class Repeated:
    """A visitor's run of a committed configuration and seed, and the committed run."""

    own: Checkpoint
    committed: Checkpoint
    is_equal: bool  # in every number


@dataclass(frozen=True)
class Prediction:
    """One run beside where a new seed of the committed ones would fall with 95 % probability; percent."""

    value: float
    mean: float
    half_width: float
    seeds: int  # committed ones

    @property
    def is_inside(self) -> bool:
        return abs(self.value - self.mean) <= self.half_width


@dataclass(frozen=True, eq=False)
class Comparison:
    """A visitor's runs of one configuration beside the nearest committed seeds."""

    runs: list[Checkpoint]
    other: Trial | None  # a committed seed; None without two of them
    epoch: int  # after which they are compared
    is_same: bool  # whether it is their own configuration
    repeated: tuple[Repeated, ...]
    # None without two committed seeds that are not theirs.
    result: Prediction | Decision | None


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


def compare(results: Results, runs: list[Checkpoint]) -> Comparison | None:
    """A visitor's runs of one configuration beside the nearest committed seeds; None where all were stopped or diverged.

    They are compared after as many epochs as the visitor's had.
    """
    runs = [found for found in runs if _counts(found)]
    if not runs:
        return None
    trial = runs[0].trial
    committed = configuration(results, trial)
    if len(committed) < 2:
        return Comparison(runs, None, 0, False, (), None)
    other = committed[0].trial
    epoch = min(len(each.history) for each in (*runs, *committed))
    is_same = replace(other, epochs=trial.epochs).config == trial.config
    repeated: tuple[Repeated, ...] = ()
    if is_same:  # one seed is one run, here or there: it must not stand on both sides
        repeated = _repeated(runs, committed, epoch)
        own_seeds = {found.trial.seed for found in runs}
        committed = [each for each in committed if each.trial.seed not in own_seeds]
    own, others = (
        100 * np.array([run.history[epoch - 1]["test_acc"] for run in side])
        for side in (runs, committed)
    )
    result = None
    if len(committed) > 1:
        single = len(runs) == 1
        result = _predicted(float(own[0]), others) if single else _decided(own, others)
    return Comparison(runs, other, epoch, is_same, repeated, result)


def _counts(found: Checkpoint) -> bool:
    return not found.summary.get(STOPPED) and not found.summary["diverged"]


def _repeated(
    runs: list[Checkpoint], committed: list[Checkpoint], epoch: int
) -> tuple[Repeated, ...]:
    """The runs of a committed configuration and seed, beside that run."""
    there = {each.trial.seed: each for each in committed}
    pairs = [(found, there.get(found.trial.seed)) for found in runs]
    return tuple(
        Repeated(found, other, _is_equal(found, other, epoch))
        for found, other in pairs
        if other
    )


def _is_equal(a: Checkpoint, b: Checkpoint, epoch: int) -> bool:
    """Whether two runs have the same numbers in an epoch."""
    one, other = (each.history[epoch - 1] for each in (a, b))
    keys = set(one) & set(other) - {"seconds"}
    return all(one[key] == other[key] for key in keys)


def _predicted(value: float, others: np.ndarray) -> Prediction:
    """One run against the seeds of another configuration: Student's prediction interval of one further value."""
    half_width = float(
        stats.t.ppf(1 - LEVEL / 2, len(others) - 1)
        * max(others.std(ddof=1), ROUNDED)
        * math.sqrt(1 + 1 / len(others))
    )
    return Prediction(value, float(others.mean()), half_width, len(others))


def _decided(own: np.ndarray, others: np.ndarray) -> Decision:
    """Several runs against the seeds of another configuration."""
    (decision,) = decide([(own, others)])
    return decision
