"""Contrasts of the studies beyond the grid."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.study import families, further, variance, wording
from explorer.study.statistics import DIFFERENT, EQUIVALENT
from tests.gathered import gathered
from train.study import DOSE, STUDIES, Trial


@pytest.fixture(scope="module")
def results(invent):
    random = np.random.default_rng(1)
    missed = {}
    for norm in further.NORMS:
        plain = Trial(norm, 0.0, 0.0, 16)
        missed |= {plain: 60, replace(plain, l1=further.DOSED): 60}
        missed |= {replace(plain, l1=further.L1): 80}
    return gathered(
        invent(replace(trial, seed=seed), range(count + int(random.integers(0, 7))))
        for trial, count in missed.items()
        for seed in range(1, 11)
    )


def test_the_contrasts_are_those_of_the_protocol():
    assert len(further.small_batch_norms()) == 9
    assert len(further.small_batches()) == 9
    assert len(further.dose()) == 8
    assert len(further.learning_rate_norms()) == 24
    for contrast in (
        *further.small_batch_norms(),
        *further.small_batches(),
        *further.dose(),
        *further.learning_rate_norms(),
    ):
        assert sum(contrast.weights.values()) == pytest.approx(0)
        assert sum(map(abs, contrast.weights.values())) == pytest.approx(2)
    assert {trial.config for trial in STUDIES["small-batch"].trials} <= {
        config for one in further.small_batches() for config in one.weights
    }


def test_the_dose_explains_the_cost_where_the_small_one_costs_nothing(results):
    samples = variance.accuracies(results)
    family = families.judge(samples, further.dose())
    assert len(family.judged) == 8
    small = family.find("no penalty", f"L1 {DOSE[0].l1:g}")
    large = family.find(f"L1 {further.DOSED:g}", f"L1 {further.L1:g}")
    assert (small.outcome, large.outcome) == (EQUIVALENT, DIFFERENT)
    assert small.gap.seeds == (30, 30)
    sentence = wording.families.dose(family, further.DOSED, further.L1)
    assert sentence.startswith("The dose explains")
    assert f"{large.gap.estimate:.3f}" in sentence
    swapped = families.judge(samples, further.dose()[1:])
    assert "Too few seeds" in wording.families.dose(swapped, further.DOSED, further.L1)


def test_contrasts_without_runs_are_counted(results):
    family = families.judge(
        variance.accuracies(results), further.learning_rate_norms(), "learning-rate"
    )
    assert (family.judged, family.lacking) == ((), 24)
