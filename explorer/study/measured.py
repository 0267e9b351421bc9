"""Values of a measure of the runs, by configuration, and the weights of configurations in a stratified comparison."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from explorer.runs import metrics
from explorer.runs.results import Results
from explorer.study.observations import EPOCHS_TO_THRESHOLD
from train.study import Trial

Strata = list[tuple[list[Trial], list[Trial]]]  # two groups of trials in every stratum
table = cache(metrics.table)


@dataclass(frozen=True, eq=False)
class Measured:
    """Values of a measure, an array per configuration with one value per seed, and which of them are right-censored.

    Epochs to a threshold are censored: a run that never reaches it has the number of its epochs plus 1.
    """

    values: Mapping[str, np.ndarray]
    censored: Mapping[str, np.ndarray]  # bool

    def weights(self, strata: Strata) -> dict[str, float]:
        """Weights by configuration of first groups minus second ones.

        Strata have equal weights, as have the configurations of a group within a stratum. Strata in which all runs are
        censored are uninformative and left out, unless all are.
        """
        strata = list(filter(self._is_informative, strata)) or strata
        weights: dict[str, float] = {}
        for pair in strata:
            for sign, group in zip((1, -1), pair, strict=True):
                weight = sign / len(group) / len(strata)
                for trial in group:
                    weights[trial.config] = weights.get(trial.config, 0.0) + weight
        return weights

    def _is_informative(self, pair: tuple[list[Trial], list[Trial]]) -> bool:
        return not all(
            trial.config in self.censored and self.censored[trial.config].all()
            for group in pair
            for trial in group
        )

    def has_censored(self, configs: Iterable[str]) -> bool:
        """True where a run of one of these configurations is censored."""
        return any(
            self.censored[config].any() for config in configs if config in self.censored
        )


@cache
def measured(results: Results, measure: str) -> Measured:
    """Values of a column of `metrics.table`, but for those that are missing."""
    rows = table(results)[["config", "epochs", measure]].dropna()
    is_censored = (rows[measure] > rows.epochs) & (measure in EPOCHS_TO_THRESHOLD)
    return Measured(
        {
            str(config): values.to_numpy(float)
            for config, values in rows.groupby("config")[measure]
        },
        {
            str(config): flags.to_numpy(bool)
            for config, flags in is_censored.groupby(rows.config)
        },
    )
