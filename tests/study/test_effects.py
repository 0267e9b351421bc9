"""Linear model over the grid, against statsmodels' analysis of variance and against simulated effects."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.multitest import multipletests

from explorer.study import effects, records
from explorer.study.statistics import StatisticsError
from tests.gathered import gathered
from train.study import GRID


@pytest.fixture(scope="module")
def results(invent):
    """Grid in which BN misses 8 images more, and a doubled batch size 4 fewer, with noise."""
    random = np.random.default_rng(0)

    def missed(trial) -> int:
        step = np.log2(trial.batch_size / 16)
        return round(70 + 8 * (trial.norm == "BN") - 4 * step + random.normal(0, 3))

    return gathered(
        invent(replace(trial, seed=seed), np.arange(missed(trial)))
        for trial in GRID
        for seed in (1, 2, 3)
    )


def test_the_terms_are_those_of_statsmodels(results):
    rows = effects.grid_rows(results)
    model = smf.ols(
        "acc ~ (C(norm, Sum) + C(l1, Sum) + C(l2, Sum) + C(batch_size, Sum)) ** 2", rows
    ).fit()
    robust, plain = anova_lm(model, typ=3, robust="hc3"), anova_lm(model, typ=3)
    terms = effects.fit(results).terms
    assert len(terms) == 10
    adjusted = []
    for term in terms:
        name = ":".join(f"C({factor}, Sum)" for factor in term.factors)
        assert term.f == pytest.approx(robust.F[name], rel=1e-6)
        adjusted.append(robust["PR(>F)"][name])
        assert term.df == (plain.df[name], plain.df["Residual"])
        squares = plain.sum_sq[name]
        assert term.eta_squared == pytest.approx(
            squares / (squares + plain.sum_sq["Residual"]), rel=1e-6
        )
    expected = multipletests(adjusted, method="holm")[1]
    assert [term.p for term in terms] == pytest.approx(expected, rel=1e-6)


def test_simulated_effects_are_estimated(results):
    fit = effects.fit(results)
    levels = {(level.factor, level.level): level for level in fit.levels}
    assert len(levels) == 3 + 2 + 2 + 4
    assert levels["norm", "BN"].deviation == pytest.approx(-0.0533, abs=0.01)
    assert levels["batch_size", "128"].deviation == pytest.approx(0.06, abs=0.015)
    low = levels["norm", "BN"].interval
    assert low.low < -0.0533 < low.high < 0
    for factor in effects.FACTOR_LABELS:
        total = sum(level.deviation for level in fit.levels if level.factor == factor)
        assert total == pytest.approx(0, abs=1e-9)
    p = {term.name: term.p for term in fit.terms}
    assert p["norm"] < 1e-6
    assert p["batch size"] < 1e-6
    assert p["L1 x L2"] > 0.001


def test_a_grid_with_gaps_is_refused(results, invent):
    with pytest.raises(StatisticsError, match="too few seeds"):
        effects.fit(gathered(results.checkpoints[3:]))
    with pytest.raises(StatisticsError, match="too few seeds"):
        effects.fit(gathered([]))


def test_the_records_are_json(results):
    import json

    fit = records.effects(effects.fit(results))
    assert json.loads(json.dumps(fit))["runs"] == 144
