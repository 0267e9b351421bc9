"""Parts of the observations: words, families, variances, and the seeds that could tell."""

import math
from dataclasses import replace

import numpy as np
import pytest

from explorer.study import claims, parts, power, statistics, variance
from explorer.study.measured import measured
from explorer.study.observations import GRID as ARM
from explorer.study.observations import LABELLED, OBSERVATIONS, Plan
from explorer.study.parts import NEGLIGIBLE, OPEN, OPPOSITE, SHOWN, SMALL, Part
from explorer.study.statistics import Difference, Interval
from tests.gathered import gathered
from train.study import GRID, ROWS, Trial, as_run

MARGIN = 0.05
PLAN = Plan("accuracy", "GN", "BN", "acc", "points", 1, [], MARGIN)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.051, 0.2, SHOWN),
        (0.05, 0.2, SMALL),
        (0.001, 0.01, SMALL),
        (0.0, 0.1, OPEN),
        (-0.01, 0.05, OPEN),
        (-0.049, 0.049, NEGLIGIBLE),
        (-0.05, 0.01, OPEN),
        (-0.02, -0.01, OPPOSITE),
        (-0.2, -0.1, OPPOSITE),
    ],
)
def test_a_word_follows_from_interval_sign_and_margin(low, high, word):
    assert parts.word(Interval(low, high), 1, MARGIN) == word
    assert parts.word(Interval(-high, -low), -1, MARGIN) == word


def test_censored_epochs_may_exceed_the_margin_but_are_never_negligible():
    assert parts.word(Interval(2.0, 5.0), 1, 1.0, is_censored=True) == SHOWN
    assert parts.word(Interval(-5.0, -2.0), 1, 1.0, is_censored=True) == OPPOSITE
    assert parts.word(Interval(-0.2, 0.2), 1, 1.0, is_censored=True) == OPEN


@pytest.mark.parametrize(
    "truths",
    [
        [0.0] * 8,
        [MARGIN] * 8,
        [-MARGIN] * 8,
        [0.0] * 4 + [MARGIN] * 4,
        [0.0] + [MARGIN] * 7,
    ],
)
@pytest.mark.parametrize("error", [MARGIN / 4, MARGIN / 6])
def test_at_most_5_percent_of_families_have_a_false_word(truths, error):
    random = np.random.default_rng(1)
    families, df = 500, 40

    def has_false_word() -> bool:
        for truth in truths:
            estimate = truth + error * random.normal()
            seen = error * math.sqrt(random.chisquare(df) / df)
            gap = Difference(estimate, seen, df, (10, 10))
            if Part(PLAN, gap, len(truths)).word in FALSE[truth]:
                return True
        return False

    false = sum(has_false_word() for _ in range(families)) / families
    assert false <= 0.05 + 2.5 * math.sqrt(0.05 * 0.95 / families)


FALSE = {
    0.0: (SHOWN, SMALL, OPPOSITE),
    MARGIN: (SHOWN, NEGLIGIBLE, OPPOSITE),  # not beyond the margin, not within it
    -MARGIN: (SHOWN, SMALL, NEGLIGIBLE),
}


def runs(invent, missed, trials=GRID, seeds: int = 4):
    """Runs of `trials`, which miss `missed(trial)` images on average."""
    random = np.random.default_rng(0)
    return gathered(
        invent(
            replace(trial, seed=seed),
            np.arange(missed(trial) + random.integers(-3, 4)),
        )
        for trial in trials
        for seed in range(1, seeds + 1)
    )


def test_parts_are_the_comparisons_of_a_claim_with_moderated_variances(invent):
    results = runs(invent, lambda trial: 40 if trial.norm == "GN" else 60)
    grid = claims.judge(results)[0].grid
    assert [part.word for part in grid.parts] == [SHOWN] * 4
    pooled = variance.accuracies(results).priors[ARM]
    assert pooled and math.isinf(pooled.df)
    for part, comparison in zip(grid.parts, grid.comparisons, strict=True):
        assert part.plan.label == comparison.label
        assert part.gap.estimate == pytest.approx(comparison.gap.estimate)
        # Four configurations of a norm with weight 1/4 and four runs.
        error = math.sqrt(8 / 4**2 * pooled.variance / 4)
        assert part.gap.error == pytest.approx(error)
        assert part.interval == part.gap.interval_at(0.05 / 4)


def test_a_row_and_the_same_row_without_penalty_have_the_priors_of_their_studies(
    invent,
):
    row = ROWS[2].trial
    results = runs(invent, lambda trial: 50, (row, as_run(row), ROWS[6].trial))
    (part,) = claims.judge(results)[3].arms[0].parts[:1]
    samples = variance.accuracies(results)
    assert part.gap == samples.gap({row.config: 1.0, as_run(row).config: -1.0})
    assert samples.priors[LABELLED] != samples.priors["as-run"]


def test_collapsed_configurations_stand_in_no_part(invent):
    collapsed = next(t for t in GRID if t.norm == "GN" and t.batch_size == 32)
    results = runs(invent, lambda t: 9000 if t.config == collapsed.config else 50)
    part = claims.judge(results)[0].grid.parts[0]
    assert part.gap.seeds == (12, 12)
    assert part.gap.estimate == pytest.approx(0.0, abs=0.05)


def test_epochs_that_some_runs_never_reach_are_censored(invent):
    def accuracies(trial: Trial) -> list[float]:
        first = 9 if trial.norm == "LN" else 4
        return [0.98] * (first + trial.seed % 2) + [0.995] * (25 - first)

    def late(never: bool):
        return gathered(
            invent(
                replace(trial, seed=seed),
                range(50),
                test_acc=[0.98] * 25
                if never and seed == 1 and trial.norm == "LN"
                else accuracies(replace(trial, seed=seed)),
            )
            for trial in GRID
            for seed in (1, 2, 3)
        )

    for never in (True, False):
        found = claims.judge(late(never))[2].grid.parts
        assert [part.is_censored for part in found] == [never] * 4
        assert [part.word for part in found] == [SHOWN] * 4
        assert [part.gap.margin for part in found] == [1.0] * 4


def test_weights_leave_out_strata_in_which_no_run_reaches_the_threshold(invent):
    some = [Trial(norm, 0.0, 0.0, batch) for norm in ("LN", "BN") for batch in (16, 32)]
    results = gathered(
        invent(
            trial,
            range(50),
            test_acc=[0.98] * 9 + [0.98 if trial.batch_size == 32 else 0.995] * 16,
        )
        for trial in some
    )
    plan = next(OBSERVATIONS[2][2](ARM))
    strata = [([a], [b]) for a, b in zip(some[:2], some[2:], strict=True)]
    weights = measured(results, plan.measure).weights(strata)
    assert weights == {some[0].config: 1.0, some[2].config: -1.0}
    only = measured(results, plan.measure).weights(strata[1:])
    assert only == {some[1].config: 1.0, some[3].config: -1.0}


@pytest.mark.parametrize("gap", [0.0, 0.03, 0.1])
def test_the_seeds_that_could_tell_give_a_word_with_80_percent_power(gap):
    errors, family = power.alike(0.06), 4
    needed = power.seeds_to_tell(gap, errors, family, MARGIN)
    assert needed
    random = np.random.default_rng(0)
    error, df = errors(needed)
    words = [
        Part(
            PLAN,
            Difference(
                gap + error * random.normal(),
                error * math.sqrt(random.chisquare(df) / df),
                df,
                (needed, needed),
            ),
            family,
        ).word
        for _ in range(1500)
    ]
    assert np.mean([word != OPEN for word in words]) == pytest.approx(0.8, abs=0.04)


def test_only_an_open_part_asks_for_seeds_and_without_a_margin_for_more():
    errors = power.alike(0.06)
    gap = Difference(0.03, *errors(5), (5, 5))
    part = Part(PLAN, gap, 4, errors=errors)
    assert part.word == OPEN
    assert part.seeds_needed == power.seeds_to_tell(0.03, errors, 4, MARGIN)
    assert Part(PLAN, gap, 4, True, errors).seeds_needed == power.seeds_to_tell(
        0.03, errors, 4, None
    )
    assert Part(PLAN, Difference(0.5, 0.01, 8, (5, 5)), 4).seeds_needed is None
    assert power.seeds_to_tell(0.0, errors, 4, None) is None


def test_planned_deviations_have_the_error_of_judged_ones():
    values, other = np.random.default_rng(0).normal(size=(2, 10))
    gap = statistics.deviations_contrast([(1.0, values), (-1.0, other)], None)
    assert power.of_deviations([1.0, -1.0])(10) == pytest.approx((gap.error, gap.df))
