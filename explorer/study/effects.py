"""Linear model of the last accuracy over the grid, with heteroscedasticity-robust (HC3) standard errors."""

import re
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from explorer.runs import metrics
from explorer.runs.results import Results
from explorer.study import statistics
from explorer.study.marginals import TOO_FEW_SEEDS
from explorer.study.statistics import StatisticsError
from train.study import GRID

FACTOR_LABELS = {"norm": "norm", "l1": "L1", "l2": "L2", "batch_size": "batch size"}


@dataclass(frozen=True)
class Term:
    """Term of the model, a main effect or an interaction of two factors: its F test and partial eta squared."""

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
    """Main effect of a level of a factor: its deviation from the mean of the grid in points, averaged over all other factors."""

    factor: str
    level: str
    deviation: float
    interval: statistics.Interval
    p: float  # of a deviation of 0, adjusted for all levels (Holm)
    runs: int

    @property
    def name(self) -> str:
        return f"{FACTOR_LABELS[self.factor]} {self.level}"


@dataclass(frozen=True)
class Effects:
    """The fitted model."""

    terms: tuple[Term, ...]
    levels: tuple[Level, ...]
    mean: float  # percent
    runs: int


def fit(results: Results) -> Effects:
    """Least-squares fit with all pairwise interactions, sum-to-zero contrasts and HC3 errors (MacKinnon & White 1985).

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
    """Terms or levels with their p values adjusted for the family (Holm)."""
    p_values = statistics.holm([estimate.p for estimate in family])
    return tuple(
        replace(estimate, p=p) for estimate, p in zip(family, p_values, strict=True)
    )


def grid_rows(results: Results) -> pd.DataFrame:
    """Measures of the grid's runs. Raises `StatisticsError` unless every configuration has a run, and some have two."""
    rows = metrics.table(results)
    rows = rows[rows.config.isin({trial.config for trial in GRID})]
    if rows.config.nunique() < len(GRID) or len(rows) == len(GRID):
        raise StatisticsError(TOO_FEW_SEEDS)
    return rows


def _columns(model, factors: tuple[str, ...]) -> list[int]:
    """Indices of the design matrix's columns that belong to a term."""
    indices = []
    for index, column in enumerate(model.model.exog_names):
        if tuple(re.findall(r"C\((\w+), Sum\)", column)) == factors:
            indices.append(index)
    return indices


def _term(model, factors: tuple[str, ...]) -> Term:
    """Term of these factors, with its robust F test and its partial eta squared; `p` is unadjusted."""
    columns = _columns(model, factors)
    test = model.f_test(np.eye(len(model.params))[columns])
    # Type III sum of squares: the increase of the residual sum of squares without the term.
    design = np.delete(model.model.exog, columns, axis=1)
    coefficients = np.linalg.lstsq(design, model.model.endog)[0]
    residuals = model.model.endog - design @ coefficients
    explained = float(residuals @ residuals) - model.ssr
    return Term(
        factors,
        float(test.fvalue),
        (len(columns), int(model.df_resid)),
        float(test.pvalue),
        float(explained / (explained + model.ssr)),
    )


def _levels(model, rows: pd.DataFrame, factor: str) -> list[Level]:
    """Effects of a factor's levels. The last level has no coefficient: its effect is minus the sum of the others."""
    columns = _columns(model, (factor,))
    contrasts = np.zeros((len(columns) + 1, len(model.params)))
    contrasts[range(len(columns)), columns] = 1
    contrasts[-1, columns] = -1
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
