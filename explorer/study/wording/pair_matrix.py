"""Sentences about all pairs of a study: their numbers by outcome, and one on each pair."""

from collections import Counter

from explorer.study.pair_matrix import PairMatrix
from explorer.study.statistics import DIFFERENT, EQUIVALENT, MARGIN, UNDECIDED
from explorer.study.wording.numbers import listed
from train.study import ROWS, as_run

LABELS = {
    "published": "published rows as labelled",
    "as-run": "published rows as run",
}
_NUMBERS = "{mean_a} % against {mean_b} %, difference {gap} ± {half} points (interval corrected for the family)."
# Filled by the page: a has the better mean.
PAIR = {
    DIFFERENT: f"{{a}} reads better than {{b}}: {_NUMBERS}",
    EQUIVALENT: f"{{a}} and {{b}} are equivalent within {MARGIN} points: {{mean_a}} % against {{mean_b}} %, difference {{gap}} points.",
    UNDECIDED: f"{{a}} and {{b}} are too close to call: {_NUMBERS}",
}


def label(matrix: PairMatrix) -> str:
    """Name of the study for a menu, with the number of its configurations."""
    return f"{LABELS.get(matrix.study, matrix.study)} ({len(matrix.configs)})"


def marks(matrix: PairMatrix) -> list[str]:
    """Short names of the configurations: numbers of the published rows in their matrices, else of the places by mean."""
    by_config: dict[str, list[str]] = {}
    for row in ROWS:
        trial = as_run(row.trial) if matrix.study == "as-run" else row.trial
        by_config.setdefault(trial.config, []).append(str(row.number))
    if matrix.study not in LABELS:
        return [str(place) for place, _ in enumerate(matrix.configs, 1)]
    return ["/".join(by_config[config]) for config in matrix.configs]


def summary(matrix: PairMatrix) -> str:
    """Numbers of pairs by outcome, and the families in which they are judged."""
    count = Counter(decision.outcome for decision in matrix.decisions)
    pairs = len(matrix.decisions)
    sentence = (
        f"{pairs:,} pair{'' if pairs == 1 else 's'}: {count[DIFFERENT]:,} differ, {count[EQUIVALENT]:,} equivalent within {MARGIN} points, "
        f"{count[UNDECIDED]:,} too close to call; {_families(matrix)}."
    )
    if matrix.left_out:
        one = matrix.left_out == 1
        sentence += f" {matrix.left_out} configuration{'' if one else 's'} collapsed or with a single seed {'is' if one else 'are'} left out."
    return sentence


def _families(matrix: PairMatrix) -> str:
    """Families in which the pairs are judged, the one with most of them first."""
    pairs = len(matrix.decisions)
    if [size for _, size in matrix.families] == [pairs]:
        return "each judged in the family of all these pairs"
    parts = [
        f"{count:,} among {size:,} {scope}"
        for (scope, size), count in matrix.families.most_common()
    ]
    return f"each judged in its family, as in Compare: {listed(parts)}"
