"""All pairs of a study: their order, and that each has the decision that the comparison of the two gives."""

import re
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from explorer.runs.results import Results
from explorer.study import (
    comparison,
    pair_matrix,
    result_records,
    row_comparisons,
    wording,
)
from explorer.study.pair_matrix import PairMatrix
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED
from tests.gathered import gathered
from train.study import ROWS, Trial


@pytest.fixture(scope="module")
def matrices(committed: Results) -> dict[str, PairMatrix]:
    return {one.study: one for one in pair_matrix.matrices(committed)}


def test_a_pair_has_the_outcome_of_its_comparison_and_of_the_report(
    matrices, committed
):
    rows = matrices["published"]
    pairs = dict(zip(combinations(rows.configs, 2), rows.decisions, strict=True))
    assert len(pairs) == 78 and rows.left_out == 1
    means = [decision.samples[0].mean for decision in rows.decisions[:12]]
    assert len(set(means)) == 1  # of the best
    assert all(decision.gap.estimate >= 0 for decision in rows.decisions)
    reported = row_comparisons.pairs(committed)
    assert Counter(decision.outcome for decision in rows.decisions) == Counter(
        pair.decision.outcome for pair in reported
    )
    for matrix in matrices.values():
        a, b = matrix.configs[0], matrix.configs[-1]
        decided = comparison.compare(committed, a, b).decision
        own = matrix.decisions[len(matrix.configs) - 2]
        assert (own.outcome, own.gap) == (decided.outcome, decided.gap)


def test_pairs_are_counted_with_their_families(matrices):
    sentence = wording.pair_matrix.summary(matrices["published"])
    assert sentence.startswith("78 pairs: ")
    assert "each judged in the family of all these pairs. 1 configuration" in sentence
    grid = matrices["grid"]
    assert sum(grid.families.values()) == len(grid.decisions) == 48 * 47 / 2
    sentence = wording.pair_matrix.summary(grid)
    assert (
        "each judged in its family" in sentence and "among 1,128 pairs of" in sentence
    )
    assert wording.pair_matrix.label(grid) == "grid (48)"


def test_a_record_has_a_letter_and_a_half_width_for_each_pair(invent):
    missed = {ROWS[0].trial: 60, ROWS[2].trial: 90, ROWS[1].trial: 9000}
    results = gathered(
        invent(replace(trial, seed=seed), range(number + seed))
        for trial, number in (missed | {Trial("BN", 0.0, 0.0, 16): 70}).items()
        for seed in (1, 2, 3)
    )
    record = result_records.pair_matrix(pair_matrix.matrices(results)[0])
    assert record["configs"] == (ROWS[0].trial.config, ROWS[2].trial.config)
    assert (record["study"], record["outcomes"]) == ("published", "d")
    assert 0 < record["halves"][0] < 300
    assert record["summary"].startswith("1 pair: 1 differ")


def test_sentences_on_a_pair_have_a_blank_for_every_number():
    names = {name: name for name in ("a", "b", "mean_a", "mean_b", "gap", "half")}
    for outcome, sentence in wording.pair_matrix.PAIR.items():
        said = [name for name in names if name in sentence.format(**names)]
        # Equivalence has a test of its own, which the interval could contradict.
        assert set(names) - set(said) == ({"half"} if outcome == EQUIVALENT else set())


def test_a_verdict_has_the_interval_of_its_word(committed, matrices):
    said = set()
    for matrix in (matrices["published"], matrices["dose"], matrices["small-batch"]):
        for pair in combinations(matrix.configs, 2):
            result = comparison.compare(committed, *pair)
            verdict = wording.comparison.verdict(result)
            outcome = result.decision.outcome
            said.add(outcome)
            if outcome == UNDECIDED:
                low, high = re.findall(r"[-+]\d\.\d+", verdict)
                assert float(low) <= 0 <= float(high)
            elif outcome == DIFFERENT:
                gap, half = re.findall(r"difference (\S+) ± (\S+),", verdict)[0]
                assert float(gap) >= float(half)
            alone = wording.comparison.notes(result)
            assert "By itself the pair has the interval" in alone
    assert {UNDECIDED, DIFFERENT} <= said


def test_published_rows_are_named_by_their_numbers(matrices):
    marks = wording.pair_matrix.marks(matrices["published"])
    by_config = {row.trial.config: str(row.number) for row in ROWS}
    assert marks == [by_config[config] for config in matrices["published"].configs]
    assert "3/4" in wording.pair_matrix.marks(matrices["as-run"])
    assert wording.pair_matrix.marks(matrices["grid"])[:2] == ["1", "2"]
