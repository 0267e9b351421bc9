"""Comparisons of configurations by docs/protocol.md, and the numbers of seeds that they need."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations

import numpy as np

from explorer.runs.results import Results
from explorer.study import (
    families,
    further,
    power,
    row_comparisons,
    statistics,
    variance,
)
from explorer.study.components import Components, components
from explorer.study.decisions import Decision, decide
from explorer.study.families import Contrast
from explorer.study.statistics import LEVEL, MARGIN, Interval, StatisticsError
from train.study import ROWS, STUDIES, Trial, studies_of

MARGINS = (0.02, 0.5)  # smallest and largest that a visitor may choose, points


@dataclass(frozen=True, eq=False)  # compared by identity, so that it can be a key
class Family:
    """Pairs of configurations, by name, that are judged together."""

    pairs: tuple[tuple[str, str], ...]
    scope: (
        str  # what the pairs are, "pairs of published rows"; empty for a pair by itself
    )
    beside: tuple[
        Mapping[str, float], ...
    ] = ()  # weights of contrasts that are no pairs

    def __len__(self) -> int:
        return len(self.pairs) + len(self.beside)


@dataclass(frozen=True, eq=False)
class Side:
    """One of two compared configurations, with two seeds or more; accuracies in percent, deviations in points."""

    trial: Trial  # of the lowest seed
    accuracies: np.ndarray  # one per seed
    interval: Interval  # of the mean
    new_images: Interval  # of the mean, for new seeds and new images
    independent_deviation: float  # `statistics.independent_deviation`
    components: Components  # of the variance between seeds

    @property
    def mean(self) -> float:
        return float(self.accuracies.mean())

    @property
    def deviation(self) -> float:
        return float(np.std(self.accuracies, ddof=1))

    @property
    def collapsed(self) -> int:
        """Number of runs with an accuracy below the data set's `collapsed_below`."""
        return int((self.accuracies < self.trial.data.collapsed_below).sum())


@dataclass(frozen=True)
class SingleRuns:
    """Comparison of one run of each configuration, that of its lowest seed, on the same images, as was published."""

    seeds: tuple[int, int]
    only_a: int  # images that only the run of a reads correctly
    only_b: int
    p: float  # McNemar


@dataclass(frozen=True, eq=False)
class PairwiseComparison:
    """Two configurations compared; differences are a - b."""

    a: Side
    b: Side
    decision: Decision
    family: Family
    new_images: Interval  # of the difference, for new seeds and new images
    superiority: float  # the probability that a new run of a beats one of b
    superiority_interval: Interval
    single_runs: SingleRuns


@dataclass(frozen=True)
class NoiseFloor:
    """The deviation between seeds in points, pooled over configurations of which no run collapsed."""

    components: Components  # of its square
    independent: float  # `statistics.independent_deviation`, pooled
    configurations: int
    runs: int
    scope: str  # the studies of the runs

    @property
    def deviation(self) -> float:
        return self.components.deviation


def family_of(results: Results, a: str, b: str) -> Family:
    """Family that judges a pair of configurations by docs/protocol.md, wherever the two are compared.

    A planned one, the pairs of published rows, those of the first study that has both, or those of the first studies of
    both together. A pair with a collapsed configuration is a family of its own.
    """
    if results.collapsed & {a, b}:
        return Family(((a, b),), "")
    for family in (*_planned(results), _rows(results)):
        if {(a, b), (b, a)} & set(family.pairs):
            return family
    if study := variance.shared_study((a, b)):
        return _of_studies(results, (study,))
    studies = {variance.first_study(config) for config in (a, b)}
    return _of_studies(results, tuple(sorted(studies, key=_order)))


def _order(study: str | None) -> int:
    """Place in the order of the protocol, which no study comes last in."""
    return list(STUDIES).index(study) if study else len(STUDIES)


@cache
def _planned(results: Results) -> tuple[Family, ...]:
    """Families of docs/protocol.md that plan comparisons of single configurations."""
    rows_and_norms = row_comparisons.planned(results)
    return (
        Family(
            tuple((a.config, b.config) for a, b, _ in rows_and_norms),
            "planned comparisons of rows and norms",
        ),
        *(
            _contrasts(results, name, contrasts)
            for name, contrasts in further.families().items()
        ),
    )


def _contrasts(results: Results, name: str, contrasts: Sequence[Contrast]) -> Family:
    known = families.comparable(variance.accuracies(results), contrasts)
    weights = [contrast.weights for contrast in known]
    return Family(
        tuple((a, b) for a, b in (one for one in weights if len(one) == 2)),
        f"planned comparisons of {name}",
        tuple(one for one in weights if len(one) > 2),
    )


@cache
def _rows(results: Results) -> Family:
    configs = [row.trial.config for row in row_comparisons.comparable_rows(results)]
    return Family(tuple(combinations(configs, 2)), "pairs of published rows")


@cache
def _of_studies(results: Results, studies: tuple[str | None, ...]) -> Family:
    """All pairs of the configurations of these studies; None stands for the configurations of no study."""
    configs = [
        config
        for study in studies
        for config in _configurations(results, study)
        if len(results.configs.get(config, ())) > 1 and config not in results.collapsed
    ]
    names = " and ".join(study or "no study" for study in studies)
    return Family(
        tuple(combinations(dict.fromkeys(configs), 2)),
        f"pairs of configurations of {names}",
    )


def _configurations(results: Results, study: str | None) -> Iterable[str]:
    if study:
        return (trial.config for trial in STUDIES[study].trials)
    return (config for config in results.configs if not variance.first_study(config))


def judge_pair(results: Results, a: str, b: str, margin: float = MARGIN) -> Decision:
    """Decision on two configurations, a - b, in the family of `family_of`: the one word on this pair.

    Raises `StatisticsError` where one has a single run.
    """
    decisions = _decisions(results, family_of(results, a, b), margin)
    return decisions[a, b] if (a, b) in decisions else decisions[b, a].reversed


@lru_cache(maxsize=16)  # visitors choose margins
def _decisions(
    results: Results, family: Family, margin: float
) -> dict[tuple[str, str], Decision]:
    decisions = decide(
        variance.accuracies(results), family.pairs, margin, family.beside
    )
    return dict(zip(family.pairs, decisions, strict=True))


def compare(
    results: Results, a: str, b: str, margin: float = MARGIN
) -> PairwiseComparison:
    """Comparison of the configurations named `a` and `b`; a difference within `margin` points counts as none.

    Raises `StatisticsError` with one sentence for an unknown name, the same name twice, a single seed, or a margin outside `MARGINS`.
    """
    smallest, largest = MARGINS
    if not isinstance(margin, int | float) or not smallest <= margin <= largest:
        raise StatisticsError(
            f"The margin must be from {smallest} to {largest} points."
        )
    if not (isinstance(a, str) and isinstance(b, str) and a.strip() and b.strip()):
        raise StatisticsError(
            "Name two trials without their seeds; /trials lists them under config."
        )
    a, b = a.strip(), b.strip()
    for name in (a, b):
        if name not in results.configs:
            raise StatisticsError(_unknown(results, name))
    if a == b:
        raise StatisticsError(
            f"Choose two different configurations: {a} was given twice."
        )
    for name in (a, b):
        if len(results.configs[name]) < 2:
            raise StatisticsError(
                f"{name} has one seed only, and one run says nothing about the spread between runs: {_train_more(results, name)}"
            )
    side_a, side_b = (_side(results, name) for name in (a, b))
    accuracies = side_a.accuracies, side_b.accuracies
    samples = variance.accuracies(results)
    decision = judge_pair(results, a, b, margin)
    superiority, superiority_interval = statistics.superiority(*accuracies)
    return PairwiseComparison(
        side_a,
        side_b,
        decision,
        family_of(results, a, b),
        samples.new_images(decision.gap, {a: 1.0, b: -1.0}),
        superiority,
        superiority_interval,
        _single_runs(results, a, b),
    )


def seeds_needed(gap: float, deviation: float, comparisons: int = 1) -> int | None:
    """Number of seeds per group that show a difference of `gap` points with 80 % power, for a gap of 0 equivalence; None above `power.MOST_SEEDS`."""
    errors = power.alike(deviation)
    if gap:
        return power.seeds_to_see(gap, errors, LEVEL / comparisons)
    return power.seeds_to_decide(0, errors, comparisons)


def noise_floor(results: Results) -> NoiseFloor | None:
    """Noise floor of these runs; None where no configuration has two seeds."""
    groups = [
        results.correct_of(config)
        for config, indices in results.configs.items()
        if len(indices) > 1
        and 100 * results.correct_of(config).mean(1).min()
        >= results.data_set.collapsed_below
    ]
    if not groups:
        return None
    df = [len(group) - 1 for group in groups]
    independent_variances = [
        statistics.independent_deviation(group) ** 2 for group in groups
    ]
    return NoiseFloor(
        components(groups),
        float(np.sqrt(np.average(independent_variances, weights=df))),
        len(groups),
        sum(map(len, groups)),
        results.scope,
    )


def opening(results: Results) -> tuple[str | None, str | None]:
    """Names of the configurations selected at first: published rows 1 and 11 where trained, else the first two with two seeds."""
    names = [trial.config for trial in results.comparable]
    chosen = [ROWS[number - 1].trial.config for number in (1, 11)]
    if not set(chosen) <= set(names):
        chosen = names[:2]
    return (chosen[0], chosen[1]) if len(chosen) == 2 else (None, None)


def _side(results: Results, config: str) -> Side:
    samples = variance.accuracies(results)
    sample = samples.sample(config)
    correct = results.correct_of(config)
    return Side(
        _trial(results, config),
        sample.values,
        sample.interval,
        samples.mean_on_new_images(config),
        statistics.independent_deviation(correct),
        components([correct]),
    )


def _single_runs(results: Results, a: str, b: str) -> SingleRuns:
    """McNemar's test of the runs of the lowest seeds."""
    correct_a, correct_b = (results.correct_of(name)[0] for name in (a, b))
    return SingleRuns(
        (_trial(results, a).seed, _trial(results, b).seed),
        int((correct_a & ~correct_b).sum()),
        int((correct_b & ~correct_a).sum()),
        statistics.mcnemar_p(correct_a, correct_b),
    )


def _trial(results: Results, config: str) -> Trial:
    """Trial of the lowest seed of a configuration."""
    return results.finished[results.configs[config][0]].trial


def _train_more(results: Results, name: str) -> str:
    """Clause with the command that trains more seeds of a configuration."""
    studies = studies_of(_trial(results, name))
    if studies:
        return (
            f"train more with `python train/all.py --study {studies[0]} --only {name}`."
        )
    return "train more with the command that trained it and `--seeds 10`."


def _unknown(results: Results, name: str) -> str:
    """Message for a name that no trained configuration has."""
    config = re.sub(r"_seed=\d+$", "", name)
    if config != name and config in results.configs:
        return f"{name} names one seed: leave it out, {config} is all of them."
    if diverged := results.find(name):
        return f"{diverged.trial.config} diverged, so there is nothing to compare."
    excerpt = name if len(name) <= 80 else f"{name[:80]}..."
    return (
        f"There is no trained trial named {excerpt!r}; /trials lists them under config."
    )
