"""The four claims: the runs that they compare, and their verdicts."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.study import claims, records, tables, wording
from explorer.study.claims import Comparison
from explorer.study.parts import SHOWN
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED, Difference
from tests.gathered import gathered
from train.study import CORE, GRID, STUDIES, Trial


def compared(outcome: str, sign: int, estimate: float) -> Comparison:
    gap = Difference(estimate, 0.01, 18, (10, 10))
    return Comparison("a against b", "points", sign, gap, gap.p, outcome)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([(DIFFERENT, 1), (DIFFERENT, 1)], claims.HOLDS),
        ([(DIFFERENT, -1), (DIFFERENT, -1)], claims.REVERSED),
        ([(DIFFERENT, -1), (UNDECIDED, 1)], claims.REVERSED),
        ([(DIFFERENT, 1), (DIFFERENT, -1)], claims.FAILS),
        ([(DIFFERENT, 1), (EQUIVALENT, 1)], claims.FAILS),
        ([(UNDECIDED, 1), (EQUIVALENT, 1)], claims.FAILS),
        ([(DIFFERENT, 1), (UNDECIDED, 1)], claims.UNDECIDED),
        ([(UNDECIDED, 1), (UNDECIDED, -1)], claims.UNDECIDED),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_verdict_follows_from_the_outcomes(outcomes, verdict, sign):
    comparisons = [
        compared(outcome, sign, sign * direction) for outcome, direction in outcomes
    ]
    assert claims.verdict(comparisons) == verdict


EVERY = tuple(dict.fromkeys(t for name in CORE for t in STUDIES[name].trials))


def runs(invent, missed, trials=EVERY, seeds: int = 3):
    """Runs of `trials`, which miss `missed(trial)` images, one more with odd seeds."""
    return gathered(
        invent(replace(trial, seed=seed), np.arange(missed(trial) + seed % 2), **more)
        for trial in trials
        for seed in range(1, seeds + 1)
        for more in [{"gap": 0.001 if trial.regulariser == "none" else 0.0}]
    )


def test_group_norm_that_is_better_at_small_batches_is_detected_on_every_arm(invent):
    results = runs(
        invent,
        lambda trial: 50 if trial.norm == "GN" and trial.batch_size <= 32 else 70,
    )
    claim, *_ = claims.judge(results)
    assert claim.verdict == claims.HOLDS
    assert [arm.verdict for arm in claim.arms] == [claims.HOLDS] * 3
    grid = claim.arms[2]
    assert all(comparison.gap.seeds == (12, 12) for comparison in grid.comparisons)
    assert all(
        comparison.gap.estimate == pytest.approx(0.2) for comparison in grid.comparisons
    )
    assert wording.claims.arm(claim.arms[0]) == "4 of 4 comparisons support it."
    assert [part.word for part in claim.grid.parts] == [SHOWN] * 4
    assert tables.parts(claim.grid).estimate.tolist() == ["+0.200 points"] * 4


def test_the_parts_are_a_table_and_records(invent):
    judged = claims.judge(runs(invent, lambda trial: 50 + trial.batch_size))
    frame = tables.all_parts(judged)
    found = [part for claim in judged for arm in claim.arms for part in arm.parts]
    assert frame.estimate.tolist() == [part.gap.estimate for part in found]
    assert frame.word.tolist() == [part.word for part in found]
    assert frame[["runs of a", "runs of b"]].to_numpy().tolist() == [
        list(part.gap.seeds) for part in found
    ]
    (first, *_) = records.claims(judged)[0]["arms"][2]["parts"]
    part = judged[0].grid.parts[0]
    assert first == {
        "part": "accuracy, GN minus BN at 32",
        "expected": "above",
        "estimate": part.gap.estimate,
        "low": part.interval.low,
        "high": part.interval.high,
        "unit": "points",
        "margin": 0.05,
        "word": part.word,
        "seeds": [12, 12],
        "seeds_needed": part.seeds_needed,
    }
    (card, *_) = records.cards(judged)[0]["arms"]["grid"]["parts"]
    assert card == first | {"says": card["says"], "link": card["link"]}


def test_a_verdict_of_the_earlier_rule_is_marked_as_such(invent):
    (record, *_) = records.claims(claims.judge(runs(invent, lambda trial: 70)))
    assert record["verdict"] == claims.FAILS
    assert "`parts`" in record["deprecated"]
    assert record["arms"][2]["words"].startswith("0 of 4 comparisons support it")
    (comparison, *_) = record["arms"][2]["comparisons"]
    assert list(comparison)[-2:] == ["outcome", "seeds"]


def test_group_norm_that_is_worse_is_judged_as_reversed(invent):
    claim, *_ = claims.judge(
        runs(invent, lambda trial: 90 if trial.norm == "GN" else 70)
    )
    assert claim.verdict == claims.REVERSED


def test_equal_norms_do_not_support_the_claim(invent):
    claim, *_ = claims.judge(runs(invent, lambda trial: 70))
    assert claim.verdict == claims.FAILS
    assert "4 are equivalent" in wording.claims.arm(claim.arms[2])


def test_penalties_are_compared_with_the_same_trial_without(invent):
    results = runs(invent, lambda trial: 60 if trial.regulariser == "none" else 80)
    claim = claims.judge(results)[3]
    labelled, run, grid = claim.arms
    assert (labelled.verdict, grid.verdict) == (claims.HOLDS, claims.HOLDS)
    assert run.verdict == claims.UNDECIDED
    assert "No penalty was applied" in wording.claims.arm(run)
    # Row 3; rows 7 to 10, of which two have the same trial without penalty; rows 4 to 6 and 11 to 14; row 2 is left out.
    runs_of = [(3, 3), (12, 9), (21, 21)]
    assert [comparison.gap.seeds for comparison in labelled.comparisons] == runs_of * 2
    assert [comparison.gap.seeds for comparison in grid.comparisons] == [(36, 36)] * 6
    accuracy, gap = grid.comparisons[0].gap, grid.comparisons[3].gap
    assert accuracy.estimate == pytest.approx(-0.2)
    assert gap.estimate == pytest.approx(-0.1)


def test_epochs_to_a_threshold_are_compared(invent):
    def late(trial: Trial) -> list[float]:
        first = 9 if trial.norm == "LN" else 4
        return [0.98] * (first - 1 + trial.seed) + [0.995] * 25

    results = gathered(
        invent(trial, np.arange(50), test_acc=late(trial))
        for config in GRID
        for seed in (1, 2, 3)
        for trial in [replace(config, seed=seed)]
    )
    claim = claims.judge(results)[2]
    assert claim.verdict == claims.HOLDS
    assert claim.arms[0].verdict == claims.UNDECIDED
    assert "Too few seeds yet" in wording.claims.arm(claim.arms[0])
    assert all(comparison.gap.estimate == 5 for comparison in claim.arms[2].comparisons)


def test_the_noise_of_the_losses_is_compared(invent):
    random = np.random.default_rng(0)

    def noisy(trial: Trial) -> dict[str, np.ndarray]:
        scale = 0.01 if trial.norm == "BN" else 0.03
        return {
            key: 0.5 + scale * random.normal(size=trial.epochs)
            for key in ("test_loss", "train_loss")
        }

    results = gathered(
        invent(trial, np.arange(50), **noisy(trial))
        for config in GRID
        for seed in (1, 2, 3)
        for trial in [replace(config, seed=seed)]
    )
    claim = claims.judge(results)[1]
    within = claim.arms[2].comparisons[:4]
    assert all(comparison.supports for comparison in within)
    assert np.mean([comparison.gap.estimate for comparison in within]) == pytest.approx(
        -np.log(3), abs=0.15
    )
    between = claim.arms[2].comparisons[4:]
    assert all(comparison.supports for comparison in between)
    assert all(comparison.gap.seeds == (48, 48) for comparison in between)


def test_runs_that_never_reach_the_threshold_prove_no_equality(invent):
    def results(censored: set[int]):
        return gathered(
            invent(trial, np.arange(50), test_acc=[0.98] * 9 + [accuracy] * 16)
            for config in GRID
            for seed in (1, 2, 3)
            for trial in [replace(config, seed=seed)]
            for accuracy in [0.98 if trial.batch_size in censored else 0.995]
        )

    def gaps(censored: set[int]):
        return [
            comparison.gap
            for comparison in claims.judge(results(censored))[2].arms[2].comparisons
        ]

    assert all(gap.p_equivalent < 0.05 and gap.seeds == (48, 48) for gap in gaps(set()))
    partly_censored = gaps({16, 32})
    # The strata without a run that reaches the threshold are left out.
    assert all(gap.seeds == (24, 24) for gap in partly_censored)
    assert all(gap.p_equivalent < 0.05 for gap in partly_censored)
    runs = results(set()).finished
    censored_run = invent(runs[0].trial, np.arange(50), test_acc=[0.98] * 25)
    comparisons = (
        claims.judge(gathered([censored_run, *runs[1:]]))[2].arms[2].comparisons
    )
    norm = runs[0].trial.norm
    assert {
        comparison.gap.p_equivalent
        for comparison in comparisons
        if norm in comparison.label
    } == {1.0}


def test_without_checkpoints_every_claim_is_undecided():
    judged = claims.judge(gathered([]))
    assert [claim.verdict for claim in judged] == [claims.UNDECIDED] * 4
    assert "Too few seeds" in wording.observations.sentence(judged[0].grid)
    assert len(records.claims(judged)) == 4


def test_comparisons_without_seeds_are_left_out_and_counted(invent):
    results = runs(invent, lambda trial: 70, GRID)
    fewer = [
        checkpoint
        for checkpoint in results.checkpoints
        if checkpoint.trial.norm != "LN"
        or checkpoint.trial.batch_size != 16
        or checkpoint.trial.seed == 1
    ]
    grid = claims.judge(gathered(fewer))[0].arms[2]
    assert grid.verdict == claims.UNDECIDED
    assert len(grid.comparisons) == 3
    assert "1 more lack seeds: `python train/all.py --study grid" in wording.claims.arm(
        grid
    )
