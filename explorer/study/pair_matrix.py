"""All pairs of the configurations of a study, each with the one decision that `comparison.judge_pair` gives it."""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from explorer.runs.results import Results
from explorer.study import variance
from explorer.study.comparison import family_of, judge_pair
from explorer.study.decisions import Decision
from train.study import STUDIES, Study


@dataclass(frozen=True, eq=False)
class PairMatrix:
    """Pairs of the configurations of a study that have two seeds and did not collapse."""

    study: str
    configs: tuple[str, ...]  # the best mean first
    decisions: tuple[Decision, ...]  # of `itertools.combinations` of them
    families: Counter[
        tuple[str, int]
    ]  # pairs by the scope and the size of their family
    left_out: int  # trained configurations that are in no pair


def matrices(results: Results) -> list[PairMatrix]:
    """Matrices of the studies with two such configurations or more."""
    both = [_matrix(results, study) for study in STUDIES.values()]
    return [matrix for matrix in both if matrix.decisions]


def _matrix(results: Results, study: Study) -> PairMatrix:
    samples = variance.accuracies(results)
    trained = [t.config for t in study.trials if t.config in results.configs]
    compared = [
        config
        for config in trained
        if len(results.configs[config]) > 1 and config not in results.collapsed
    ]
    compared.sort(key=lambda config: -samples.sample(config).mean)
    pairs = list(combinations(compared, 2))
    families = [family_of(results, *pair) for pair in pairs]
    return PairMatrix(
        study.name,
        tuple(compared),
        tuple(judge_pair(results, *pair) for pair in pairs),
        Counter((family.scope, len(family)) for family in families),
        len(trained) - len(compared),
    )
