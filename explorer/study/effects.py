"""Effects over the grid: a linear model of the last accuracy with robust errors."""

import re
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from explorer.runs import metrics
from explorer.runs.results import Results
from explorer.study import statistics
from explorer.study.statistics import StatisticsError
from train.study import GRID

FACTOR_LABELS = {"norm": "norm", "l1": "L1", "l2": "L2", "batch_size": "batch size"}
SHORT = (
    "The grid has too few seeds yet: `python train/all.py --study grid` trains them."
)


@dataclass(frozen=True)
class Term:
    """A main effect or an interaction of two factors: its F test, and how much of the variance it explains."""

    factors: tuple[str, ...]
    f: float
    df: tuple[int, int]  # degrees of freedom
    p: float  # adjusted for all terms (Holm)
    eta_squared: float  # partial

    @property
    def name(self) -> str:
        return " x ".join(FACTOR_LABELS[factor] for factor in self.factors)


@dataclass(frozen=True)
class Level:
    """How far a level of a factor lies from the mean of the grid, in points, all else averaged."""

    factor: str
    level: str
    deviation: float
    interval: statistics.Interval
    p: float  # that it is 0, adjusted for all levels (Holm)
    runs: int

    @property
    def name(self) -> str:
        return f"{FACTOR_LABELS[self.factor]} {self.level}"


@dataclass(frozen=True)
class Effects:
    terms: tuple[Term, ...]
    levels: tuple[Level, ...]
    mean: float  # percent
    runs: int


def fit(results: Results) -> Effects:
    """Least squares with all pairs of interactions, sum-to-zero contrasts and HC3 errors (MacKinnon & White 1985).

    Raises `StatisticsError` unless each configuration of the grid has a run, and some have two.
    """
    import statsmodels.formula.api as smf

    rows = grid_rows(results)
    formula = "acc ~ (" + " + ".join(f"C({factor}, Sum)" for factor in FACTOR_LABELS)
    model = smf.ols(formula + ") ** 2", rows).fit(cov_type="HC3", use_t=True)
    return Effects(
        _adjusted(
            [
                _term(model, factors)
                for size in (1, 2)
                for factors in combinations(FACTOR_LABELS, size)
            ]
        ),
        _adjusted(
            [
                level
                for factor in FACTOR_LABELS
                for level in _levels(model, rows, factor)
            ]
        ),
        float(model.params["Intercept"]),
        len(rows),
    )


def _adjusted(family: list) -> tuple:
    """Terms or levels with their p values adjusted for all of them, because they are shown together."""
    found = statistics.holm([each.p for each in family])
    return tuple(replace(each, p=p) for each, p in zip(family, found, strict=True))


def grid_rows(results: Results) -> pd.DataFrame:
    """The measures of the grid's runs. Raises `StatisticsError` where it is not whole."""
    rows = metrics.table(results)
    rows = rows[rows.config.isin({trial.config for trial in GRID})]
    if rows.config.nunique() < len(GRID) or len(rows) == len(GRID):
        raise StatisticsError(SHORT)
    return rows


def _columns(model, factors: tuple[str, ...]) -> list[int]:
    """The columns of the design matrix that belong to a term."""
    found = []
    for place, column in enumerate(model.model.exog_names):
        if tuple(re.findall(r"C\((\w+), Sum\)", column)) == factors:
            found.append(place)
    return found


def _term(model, factors: tuple[str, ...]) -> Term:
    places = _columns(model, factors)
    test = model.f_test(np.eye(len(model.params))[places])
    # Of the classical sums of squares: what the residuals grow by without the term.
    design = np.delete(model.model.exog, places, axis=1)
    rest = model.model.endog - design @ np.linalg.lstsq(design, model.model.endog)[0]
    gained = float(rest @ rest) - model.ssr
    return Term(
        factors,
        float(test.fvalue),
        (len(places), int(model.df_resid)),
        float(test.pvalue),
        float(gained / (gained + model.ssr)),
    )


def _levels(model, rows: pd.DataFrame, factor: str) -> list[Level]:
    """The coefficients are those of all levels but the last, which is minus their sum."""
    places = _columns(model, (factor,))
    contrasts = np.zeros((len(places) + 1, len(model.params)))
    contrasts[range(len(places)), places] = 1
    contrasts[-1, places] = -1
    test = model.t_test(contrasts)
    names = sorted(rows[factor].unique())
    return [
        Level(
            factor,
            f"{name:g}" if factor != "norm" else name,
            float(value),
            statistics.Interval(float(low), float(high)),
            float(p),
            int((rows[factor] == name).sum()),
        )
        for name, value, (low, high), p in zip(
            names, test.effect, test.conf_int(), np.atleast_1d(test.pvalue), strict=True
        )
    ]
