"""Results epoch by epoch: means with intervals over seeds, and differences to a baseline, by docs/protocol.md."""

import math
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

import numpy as np
import pandas as pd

from explorer.runs.results import Results
from explorer.study.statistics import RESOLUTION, Interval
from explorer.study.variance import Samples, first_study

PLAIN = "none"  # the regulariser of runs without a penalty
MOST_KEPT = 4000  # series of a configuration, or of a pair, that are kept
SERIES = ["config", "epoch", "value", "low", "high", "seeds"]


def scaled(values: pd.Series, column: str) -> pd.Series:
    """Values of a column of `Results.history` as a measure: accuracies as the error in percent, losses in nats."""
    return 100 * (1 - values) if column.endswith("_acc") else values


@cache
def samples(results: Results, column: str) -> dict[int, Samples]:
    """Samples of a measure after every epoch, by epoch; values that are not finite are left out.

    Of the configurations of the studies, which give the priors; `_having` adds others as they are asked for. Seeds beyond those of a study
    are samples of their own, as in `Results.history`.
    """
    studied: dict[int, Samples] = {}
    _add(
        studied, results, column, [key for key in results.averaged if first_study(key)]
    )
    return studied


def _add(
    epochs: dict[int, Samples], results: Results, column: str, configs: Iterable[str]
):
    """Adds configurations to the samples of every epoch."""
    rows = results.curves(configs)
    measure = scaled(rows[column].astype(float), column)
    rows = rows.assign(measure=measure)[np.isfinite(measure)]
    resolution = RESOLUTION if column == "test_acc" else 0.0
    for (epoch, config), some in rows.groupby(["epoch", "config"]).measure:
        empty = Samples(results, {}, resolution)
        of_epoch = epochs.setdefault(int(epoch), empty)
        assert isinstance(of_epoch.values, dict), column
        of_epoch.values[config] = some.to_numpy()


def means(results: Results, column: str, configs: Iterable[str]) -> pd.DataFrame:
    """Means over the seeds with their 95 % intervals (NaN for a single seed): the columns `SERIES`, a row per configuration and epoch."""
    return _joined(_means(results, column, config) for config in configs)


def differences(
    results: Results, column: str, configs: Iterable[str], baseline: str
) -> pd.DataFrame:
    """Means less those of a baseline, with 95 % intervals: as `means`, at the epochs that both have; not of the baseline itself."""
    return _joined(
        _differences(results, column, config, baseline)
        for config in configs
        if config != baseline
    )


def _joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame(columns=SERIES), *parts], ignore_index=True)


def _series(
    config: str,
    epochs: dict[int, Samples],
    value: Callable[[Samples], tuple[float, Interval, int]],
) -> pd.DataFrame:
    rows = [
        (config, epoch, estimate, interval.low, interval.high, seeds)
        for epoch, of_epoch in sorted(epochs.items())
        for estimate, interval, seeds in [value(of_epoch)]
    ]
    return pd.DataFrame(rows, columns=SERIES)


@lru_cache(maxsize=MOST_KEPT)
def _means(results: Results, column: str, config: str) -> pd.DataFrame:
    def value(of_epoch: Samples):
        sample = of_epoch.sample(config)
        return sample.mean, sample.interval, len(sample.values)

    return _series(config, _having(results, column, config), value)


@lru_cache(maxsize=MOST_KEPT)
def _differences(
    results: Results, column: str, config: str, baseline: str
) -> pd.DataFrame:
    def value(of_epoch: Samples):
        sides = of_epoch.values[config], of_epoch.values[baseline]
        seeds = min(map(len, sides))
        if seeds < 2:
            gap = float(sides[0].mean() - sides[1].mean())
            return gap, Interval(math.nan, math.nan), seeds
        gap = of_epoch.gap({config: 1.0, baseline: -1.0}, None)
        return gap.estimate, gap.interval, seeds

    return _series(config, _having(results, column, config, baseline), value)


def _having(results: Results, column: str, *configs: str) -> dict[int, Samples]:
    """Samples of the epochs in which all these configurations have values."""
    wanted = set(configs)
    epochs = samples(results, column)
    known = set().union(*(of_epoch.values for of_epoch in epochs.values()))
    _add(epochs, results, column, sorted(wanted - known))
    return {
        epoch: of_epoch
        for epoch, of_epoch in epochs.items()
        if wanted <= of_epoch.values.keys()
    }


def fall(history: pd.DataFrame) -> int:
    """First epoch in which the learning rate of some run is below its initial one; the first epoch of all where it never falls."""
    falling = history[history.lr < history.rate]
    rows = falling if len(falling) else history
    return int(rows.epoch.min()) if len(rows) else 1


def telling(results: Results) -> tuple[int | None, str]:
    """Batch size and regulariser whose mean test accuracy is farthest from that without a penalty, over runs that did not collapse.

    Without such a pair the largest batch size, and no regulariser.
    """
    rows = results.core.trials
    rows = rows[~rows.config.isin(results.core.collapsed)]
    if rows.empty:
        return None, PLAIN
    table = rows.groupby(["batch_size", "regulariser"]).last_acc.mean().unstack()
    if PLAIN not in table:
        return int(rows.batch_size.max()), PLAIN
    apart = table.sub(table.pop(PLAIN), axis=0).abs().stack()
    if apart.empty:
        return int(rows.batch_size.max()), PLAIN
    size, regulariser = apart.idxmax()
    return int(size), str(regulariser)
