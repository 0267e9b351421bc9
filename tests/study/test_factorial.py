"""Contrasts and interactions of the grid against means by hand and statsmodels, and families judged together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.anova import anova_lm

from explorer.study import factorial, families, grid_families, variance, wording
from explorer.study.statistics import DIFFERENT, StatisticsError
from tests.gathered import gathered
from train.study import GRID

SEEDS = 4


def missed(trial, seed: int, random) -> int:
    """Images that a made-up run misses: L1 costs 30 at batch 16, batch norm 8 everywhere."""
    cost = 30 * bool(trial.l1) * (trial.batch_size == 16) + 8 * (trial.norm == "BN")
    return 60 + cost + int(random.integers(0, 7))


@pytest.fixture(scope="module")
def results(invent):
    random = np.random.default_rng(0)
    return gathered(
        invent(replace(trial, seed=seed), range(missed(trial, seed, random)))
        for trial in GRID
        for seed in range(1, SEEDS + 1)
    )


@pytest.fixture(scope="module")
def rows(results) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "norm": trial.norm,
            "penalty": trial.regulariser,
            "batch": trial.batch_size,
            "acc": 100 * accuracy,
        }
        for trial, accuracy in results.accuracies
    )


def test_primary_contrasts_are_differences_of_level_means(results, rows):
    samples = variance.accuracies(results)
    family = families.judge(samples, factorial.primary(samples), "grid")
    assert len(family.judged) == 15
    assert family.lacking == 0
    names = {"no penalty": "none"}
    columns = {"BN": "norm", "GN": "norm", "LN": "norm"}
    for one in family.judged:
        first, second = (
            names.get(name, name) for name in (one.contrast.first, one.contrast.second)
        )
        if first.startswith("batch"):
            column, first, second = "batch", int(first[6:]), int(second[6:])
        else:
            column = columns.get(first, "penalty")
        means = rows.groupby(column).acc.mean()
        assert one.gap.estimate == pytest.approx(means[first] - means[second])
        runs = (rows[column] == first).sum()
        pooled = samples.priors["grid"].variance
        assert one.gap.error == pytest.approx(np.sqrt(2 * pooled / runs))
        assert one.gap.df == len(GRID) * (SEEDS - 1)


def test_a_collapsed_configuration_is_left_out_with_its_counterparts(results, invent):
    lost = GRID[0]  # BN, no penalty, batch 16
    runs = [run for run in results.checkpoints if run.trial.config != lost.config]
    runs += [invent(replace(lost, seed=seed), range(9000)) for seed in (1, 2)]
    samples = variance.accuracies(gathered(runs))
    bn_gn, _, gn_ln = factorial.primary(samples)[:3]
    assert len(bn_gn.weights) == 2 * 15
    assert lost.config not in bn_gn.weights
    assert replace(lost, norm="GN").config not in bn_gn.weights
    assert len(gn_ln.weights) == 2 * 16
    assert sum(bn_gn.weights.values()) == pytest.approx(0)
    with pytest.raises(StatisticsError):
        factorial.interactions(samples)


def test_interactions_are_those_of_an_analysis_of_variance(results, rows):
    samples = variance.accuracies(results)
    # The tests take the variance within configurations, so that all interactions must be in the model.
    model = smf.ols("acc ~ C(norm, Sum) * C(penalty, Sum) * C(batch, Sum)", rows).fit()
    table = anova_lm(model, typ=3)
    terms = (
        "C(norm, Sum):C(penalty, Sum)",
        "C(norm, Sum):C(batch, Sum)",
        "C(penalty, Sum):C(batch, Sum)",
    )
    tested = factorial.interactions(samples)
    assert [one.f for one in tested] == pytest.approx(list(table.F[list(terms)]))
    p = stats.f.sf(tested[2].f, *tested[2].df)
    assert tested[2].p == pytest.approx(3 * p)
    assert tested[2].df == (9, len(GRID) * (SEEDS - 1))


def test_the_cost_of_l1_is_told_by_batch_size(results):
    judged = grid_families.grid(results)
    assert list(judged.simple) == [("penalty", "batch size"), ("batch size", "penalty")]
    at_16 = judged.l1.find("no L1", "L1", "batch 16")
    assert at_16.outcome == DIFFERENT
    assert at_16.gap.estimate == pytest.approx(0.3, abs=0.03)
    sentence = wording.families.cost(judged.l1, "L1")
    assert sentence == (
        f"L1 costs {at_16.gap.estimate:.2f} points at batch 16 and less than 0.05 at 32, 64 and 128"
    )
    assert "Penalty and batch size interact" in wording.families.interactions(
        judged.interactions
    )


def test_the_bound_holds_for_all_norms_at_once(results):
    judged = grid_families.grid(results)
    gaps = [one.gap for one in judged.primary.judged[:3]]
    quantile = stats.studentized_range.ppf(0.95, 3, gaps[0].df) / np.sqrt(2)
    expected = max(abs(gap.estimate) + quantile * gap.error for gap in gaps)
    assert judged.bound.these == pytest.approx(expected)
    assert judged.bound.new >= judged.bound.these
    assert judged.settings == 16
    sentence = wording.families.bound(judged.bound, judged.settings)
    assert f"less than {np.ceil(100 * expected) / 100:.2f} points" in sentence


def test_a_limit_is_rounded_up():
    assert wording.families.below(0.0483) == "0.05"
    assert wording.families.below(0.0501) == "0.06"
    assert wording.families.below(0.05) == "0.05"


def test_runs_before_the_winograd_kernels_can_be_left_out(results):
    names = {run.trial.name for run in results.checkpoints if run.trial.seed == 2}
    samples = families.without(results, names)
    config = GRID[0].config
    assert len(samples.values[config]) == SEEDS - 1
    everything = variance.accuracies(results)
    assert len(everything.values[config]) == SEEDS
    family = families.judge(everything, factorial.primary(everything), "grid")
    other = families.judge(samples, factorial.primary(samples), "grid")
    sentence = wording.families.without(family, other, "Without seed 2")
    changed = {
        one.contrast.label
        for one, two in zip(family.judged, other.judged, strict=True)
        if one.outcome != two.outcome
    }
    assert all(label in sentence for label in changed)
    assert sentence.endswith(
        "every other outcome is the same." if changed else "every outcome is the same."
    )


def test_the_early_runs_are_among_the_committed_ones(committed):
    names = families.before_winograd()
    assert len(names) == 73
    assert names <= {run.trial.name for run in committed.checkpoints}


def test_a_wider_margin_makes_more_equivalent(results):
    samples = variance.accuracies(results)
    contrasts = factorial.primary(samples)
    counted = families.outcomes_by_margin(samples, contrasts, (0.001, 0.5), "grid")
    assert counted[0.001]["equivalent"] < counted[0.5]["equivalent"]
    assert counted[0.001]["different"] == counted[0.5]["different"]
    assert counted[0.5].total() == len(contrasts)
