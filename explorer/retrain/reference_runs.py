"""Reference runs: the nearest committed runs, their learning curves, and their comparison with a visitor's runs."""

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from explorer.runs.descriptions import JOINT
from explorer.runs.results import COLLAPSED_BELOW, Results
from explorer.study import looks, variance
from explorer.study.statistics import LEVEL, RESOLUTION, ROUNDED
from explorer.study.variance import Prior, Sample
from train.checkpoint import STOPPED, Checkpoint, CheckpointError
from train.study import STUDIES, Trial, studies_of


def configuration(results: Results, trial: Trial) -> list[Checkpoint]:
    """All seeds of the committed configuration that is nearest to a trial; [] where none is committed.

    Only runs of a study with its seeds count as committed, and none whose file is gone since the start. The same norm comes first,
    then the smallest distance: factors of ten between the penalties plus doublings between the batch sizes and between the learning rates. No other
    field counts.
    """

    def distance(other: Trial) -> tuple[bool, float]:
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
        run for run in results.finished if studies_of(run.trial)
    ] or results.finished
    if not committed:
        return []
    nearest = min((run.trial for run in committed), key=distance)
    return [
        run
        for run in committed
        if run.trial.config == nearest.config and _is_readable(run)
    ]


def _is_readable(run: Checkpoint) -> bool:
    try:
        return bool(run.history)
    except CheckpointError as error:
        log.warning("%s", error)
        return False


log = logging.getLogger(__name__)
TINY = 1e-7  # added to penalties: a penalty below it counts as 0


@dataclass(frozen=True, eq=False)
class Repeated:
    """A visitor's run of a committed configuration and seed, and the committed run."""

    own: Checkpoint
    committed: Checkpoint
    is_equal: bool  # all numbers of the compared epoch


@dataclass(frozen=True)
class Prediction:
    """Accuracy of one run, and the 95 % prediction interval of a new seed of the committed configuration; percent."""

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

    runs: list[Checkpoint]  # one per seed, in the order in which they were finished
    other: Trial | None  # of a committed seed; None with fewer than two
    epoch: int  # after which the accuracies are compared
    is_same: bool  # True where both have the same configuration
    repeated: tuple[Repeated, ...]
    # Of the runs that are not repeated; None without any, and with fewer than two committed seeds.
    result: Prediction | looks.Verdict | None
    trace: looks.Trace | None = None  # of a `Verdict`


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """Learning curves of the seeds of a configuration, in their first epochs."""

    trial: Trial  # of the first seed
    accuracies: np.ndarray  # (seeds, epochs) of the test digits, in percent
    losses: np.ndarray  # (seeds, epochs) of training, in nats


def curves(committed: list[Checkpoint], epochs: int) -> LearningCurves | None:
    """Learning curves of committed runs, cut to the shortest history and to `epochs`; None without runs."""
    if not committed:
        return None
    rows = [run.history[:epochs] for run in committed]
    known = min(map(len, rows))

    def series(key: str) -> np.ndarray:
        return np.array([[row[key] for row in some[:known]] for some in rows])

    return LearningCurves(
        committed[0].trial, 100 * series("test_acc"), series("train_loss")
    )


def compare(results: Results, runs: list[Checkpoint]) -> Comparison | None:
    """Comparison of a visitor's runs of one configuration with the nearest committed seeds, after as many epochs.

    `runs` are in the order in which they were finished; of a seed that was trained twice the first counts. A run that repeats a committed
    one stands on the committed side only, so that this side is the same at every look. None where all were stopped or diverged.
    """
    first_of_seed = {run.trial.seed: run for run in reversed(runs) if _is_complete(run)}
    runs = [run for run in runs if first_of_seed.get(run.trial.seed) is run]
    if not runs:
        return None
    trial = runs[0].trial
    committed = configuration(results, trial)
    if len(committed) < 2:
        return Comparison(runs, None, 0, False, (), None)
    other = committed[0].trial
    epoch = min(len(run.history) for run in (*runs, *committed))
    is_same = _is_same(trial, other)
    repeated = _repeated(runs, committed, epoch) if is_same else ()
    again = {pair.own for pair in repeated}
    own = _accuracies([run for run in runs if run not in again], epoch)
    others = Sample(_accuracies(committed, epoch), prior(results, other, epoch))
    trace = looks.trace(own, looks.Reference.of(others)) if len(own) > 1 else None
    result = _result(own, others)
    return Comparison(runs, other, epoch, is_same, repeated, result, trace)


def _accuracies(runs: Iterable[Checkpoint], epoch: int) -> np.ndarray:
    """Accuracies after an epoch, in percent."""
    return 100 * np.array([run.history[epoch - 1]["test_acc"] for run in runs])


def prior(results: Results, trial: Trial, epoch: int) -> Prior | None:
    """Prior of the first study that has a trial, from the accuracies after an epoch; None for a trial of no study."""
    studies = studies_of(trial)
    if not studies:
        return None
    try:
        rows = results.curves(one.config for one in STUDIES[studies[0]].trials)
    except CheckpointError as error:  # of a file that is gone since the start
        log.warning("%s", error)
        return None
    belongs = rows.study.map(lambda names: studies[0] in names.split(JOINT))
    rows = rows[belongs & (rows.epoch == epoch) & rows.name.isin(results.index)]
    groups = [100 * some.to_numpy() for _, some in rows.groupby("config").test_acc]
    return variance.prior(
        [values for values in groups if values.min() >= COLLAPSED_BELOW], RESOLUTION
    )


def _result(own: np.ndarray, others: Sample) -> Prediction | looks.Verdict | None:
    """Verdict on several accuracies, prediction for a single one."""
    if len(own) > 1:
        return looks.judge(own, looks.Reference.of(others))
    return _predicted(float(own[0]), others.values) if len(own) else None


def committed_seeds(results: Results, trial: Trial) -> set[int]:
    """Seeds with which a trial's configuration is committed, be it for more epochs."""
    return {
        run.trial.seed
        for run in configuration(results, trial)
        if _is_same(trial, run.trial)
    }


def _is_same(trial: Trial, other: Trial) -> bool:
    """True where a committed trial has the same configuration, but for the number of epochs."""
    return replace(other, epochs=trial.epochs).config == trial.config


def _is_complete(run: Checkpoint) -> bool:
    return not run.summary.get(STOPPED) and not run.summary["diverged"]


def _repeated(
    runs: list[Checkpoint], committed: list[Checkpoint], epoch: int
) -> tuple[Repeated, ...]:
    """Runs whose seed is also committed, with the committed run."""
    by_seed = {run.trial.seed: run for run in committed}
    pairs = [(run, by_seed.get(run.trial.seed)) for run in runs]
    return tuple(
        Repeated(run, other, _is_equal(run, other, epoch))
        for run, other in pairs
        if other
    )


def _is_equal(a: Checkpoint, b: Checkpoint, epoch: int) -> bool:
    """True where two runs have the same numbers in an epoch, but for its duration."""
    one, other = (run.history[epoch - 1] for run in (a, b))
    keys = set(one) & set(other) - {"seconds"}
    return all(one[key] == other[key] for key in keys)


def _predicted(value: float, others: np.ndarray) -> Prediction:
    """Student's prediction interval for one further value, from the seeds of the other configuration."""
    half_width = float(
        stats.t.ppf(1 - LEVEL / 2, len(others) - 1)
        * max(others.std(ddof=1), ROUNDED)
        * math.sqrt(1 + 1 / len(others))
    )
    return Prediction(value, float(others.mean()), half_width, len(others))
