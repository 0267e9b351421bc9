"""Contrasts of the studies beyond the grid."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.study import families, further, variance, wording
from explorer.study.statistics import DIFFERENT, EQUIVALENT
from tests.gathered import gathered
from train.study import CONTROL, DOSE, STUDIES, Trial


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
    assert len(further.control()) == 12
    for contrast in (
        *further.small_batch_norms(),
        *further.small_batches(),
        *further.dose(),
        *further.learning_rate_norms(),
        *further.control(),
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


@pytest.fixture(scope="module")
def controlled(invent):
    """Networks without a norm that fail at the published rate, read less at batch 16 and as much at batch 128 with a quarter of it."""
    random = np.random.default_rng(2)
    missed = {}
    for trial in CONTROL:
        missed |= {replace(trial, norm=norm): 60 for norm in further.NORMS}
        bare = {Trial.lr: 3000}.get(trial.lr, 90 if trial.batch_size == 16 else 60)
        missed[trial] = bare if trial.norm == further.NO_NORM else 60
    return gathered(
        invent(replace(trial, seed=seed), range(count + int(random.integers(0, 3))))
        for trial, count in missed.items()
        for seed in range(1, 6)
    )


def test_what_norms_are_for_is_said_by_setting(controlled):
    family = further.judge(controlled, "norms with no norm")
    assert len(family.judged) == 12 - 2 * 2 and family.lacking == 4
    attempts = further.attempts(controlled)
    assert len(attempts) == len(CONTROL)
    assert {one.failed for one in attempts if one.is_collapsed} == {5}
    sentence = wording.control.sentence(family, attempts)
    lost = "at batch 16, rate 0.04104 or at batch 128, rate 0.04104 (10 of 10 runs collapsed or diverged)"
    assert f"this network: without one it does not learn {lost};" in sentence
    gained = family.find(further.NORMED, further.BARE, "batch 16, rate 0.01026")
    assert gained.outcome == DIFFERENT
    much = f"BN, GN and LN gain {gained.gap.estimate:.2f} points on average"
    assert f"; {much} at batch 16, rate 0.01026 (+" in sentence
    assert sentence.endswith(
        "they change less than 0.05 points at batch 128, rate 0.01026."
    )
    (statement,) = (
        one for one in wording.finding.beyond(controlled) if one.key == "control"
    )
    assert statement.text == sentence and statement.figure == "control.svg"


def test_runs_that_diverge_count_as_failed(invent):
    trial = CONTROL[0]
    runs = [invent(replace(trial, seed=seed), range(60)) for seed in (1, 2)]
    summary = runs[0].summary | {"diverged": 3}
    results = gathered([replace(runs[0], summary=summary), runs[1]])
    assert further.attempts(results) == [further.Attempts(trial, 2, 1, False)]
    only = gathered([replace(runs[0], summary=summary)])
    assert further.attempts(only) == [further.Attempts(trial, 1, 1, True)]


def test_without_a_network_of_the_study_nothing_is_said(results):
    family = further.judge(results, "norms with no norm")
    assert wording.control.sentence(family, further.attempts(results)) == ""
    assert "control" not in {one.key for one in wording.finding.beyond(results)}
