"""Reference runs: the nearest committed runs, their learning curves, and their comparison with a visitor's runs."""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from explorer.runs.results import Results
from explorer.study import statistics, variance
from explorer.study.comparison import Decision
from explorer.study.statistics import LEVEL, ROUNDED
from explorer.study.variance import Sample
from train.checkpoint import STOPPED, Checkpoint
from train.study import Trial, studies_of


def configuration(results: Results, trial: Trial) -> list[Checkpoint]:
    """All seeds of the committed configuration that is nearest to a trial; [] where none is committed.

    Only runs of a study with its seeds count as committed. The same norm comes first, then the smallest distance: factors of ten
    between the penalties plus doublings between the batch sizes and between the learning rates. No other field counts.
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
    return [run for run in committed if run.trial.config == nearest.config]


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

    runs: list[Checkpoint]
    other: Trial | None  # of a committed seed; None with fewer than two
    epoch: int  # after which the accuracies are compared
    is_same: bool  # True where both have the same configuration
    repeated: tuple[Repeated, ...]
    # None with fewer than two committed seeds that the visitor did not repeat.
    result: Prediction | Decision | None


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

    None where all the visitor's runs were stopped or diverged.
    """
    runs = [run for run in runs if _is_complete(run)]
    if not runs:
        return None
    trial = runs[0].trial
    committed = configuration(results, trial)
    if len(committed) < 2:
        return Comparison(runs, None, 0, False, (), None)
    other = committed[0].trial
    epoch = min(len(run.history) for run in (*runs, *committed))
    is_same = replace(other, epochs=trial.epochs).config == trial.config
    repeated: tuple[Repeated, ...] = ()
    if (
        is_same
    ):  # a committed run and its repetition are one run: it counts on one side only
        repeated = _repeated(runs, committed, epoch)
        own_seeds = {run.trial.seed for run in runs}
        committed = [run for run in committed if run.trial.seed not in own_seeds]
    own, others = (
        100 * np.array([run.history[epoch - 1]["test_acc"] for run in side])
        for side in (runs, committed)
    )
    result = None
    if len(committed) > 1:
        single = len(runs) == 1
        result = _predicted(float(own[0]), others) if single else _decided(own, others)
    return Comparison(runs, other, epoch, is_same, repeated, result)


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


def _decided(own: np.ndarray, others: np.ndarray) -> Decision:
    """Decision of the protocol on two configurations, each with several seeds."""
    samples = Sample(own), Sample(others)
    (judgement,) = statistics.judge(
        [variance.contrast([(1.0, samples[0]), (-1.0, samples[1])])]
    )
    return Decision(**vars(judgement), samples=samples)
