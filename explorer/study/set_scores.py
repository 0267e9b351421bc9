"""Shares of a set's digits that networks read, by configuration and by norm. web/js/set_scores.js computes the same for the page."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.runs.descriptions import describe
from explorer.study.statistics import Interval, share_interval
from train.study import Trial


@dataclass(frozen=True)
class Score:
    """Mean share of digits that the networks of a configuration or of a norm read, with the interval of `share_interval`."""

    name: str  # description of the configuration, or the norm
    networks: int
    share: float
    interval: Interval


@dataclass(frozen=True)
class Scores:
    """Scores of the norms and of the configurations, in the order of the networks."""

    norms: list[Score]
    configurations: list[Score]


def scores(
    trials: Sequence[Trial], counts: Sequence[int] | np.ndarray, digits: int
) -> Scores:
    """Scores of networks that read so many of a set's digits each; every network weighs the same."""
    by_norm = _grouped(trials, counts, digits, lambda trial: trial.norm)
    return Scores(by_norm, _grouped(trials, counts, digits, describe))


def _grouped(
    trials: Sequence[Trial],
    counts: Sequence[int] | np.ndarray,
    digits: int,
    key: Callable[[Trial], str],
) -> list[Score]:
    groups: dict[str, list[int]] = {}
    for trial, count in zip(trials, counts, strict=True):
        groups.setdefault(key(trial), []).append(int(count))
    rows = []
    for name, some in groups.items():
        share = sum(some) / (len(some) * digits)
        rows.append(Score(name, len(some), share, share_interval(share, digits)))
    return rows


def percent(share: float, digits: int) -> str:
    """Share in percent, with a decimal more where there are 1,000 digits and more; halves are rounded up, as in the page."""
    places = 1 if digits < 1000 else 2
    scale = 10**places
    return f"{math.floor(100 * share * scale + 0.5) / scale:.{places}f}"
