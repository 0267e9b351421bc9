"""One pair, one story: every function of the study that judges two configurations says the same of them.

Tabs, endpoints and the report print what these functions answer.
"""

from collections.abc import Iterator
from itertools import combinations, product

import pytest

from explorer.study import (
    claims,
    comparison,
    further,
    pair_matrix,
    parts,
    records,
    row_comparisons,
)
from explorer.study.statistics import DIFFERENT, EQUIVALENT, UNDECIDED
from train.study import as_run

WORDS = {  # of a part, by the outcome of its pair
    DIFFERENT: {parts.SHOWN, parts.SMALL, parts.OPPOSITE},
    EQUIVALENT: {parts.NEGLIGIBLE},
    UNDECIDED: {parts.OPEN},
}
Story = tuple[str, str, str, float]  # of a and b: outcome, and the difference a - b


def of_rows(results) -> Iterator[Story]:
    for pair in row_comparisons.pairs(results.core):
        a, b, one = pair.a.trial.config, pair.b.trial.config, pair.decision
        yield a, b, one.outcome, one.gap.estimate


def of_questions(results) -> Iterator[Story]:
    for one in row_comparisons.questions(results.core):
        decision = one.decision
        yield one.a.config, one.b.config, decision.outcome, decision.gap.estimate


def of_penalties(results) -> Iterator[Story]:
    for row, one in row_comparisons.penalties(results.core).decisions.items():
        a, b = row.trial.config, as_run(row.trial).config
        yield a, b, one.outcome, one.gap.estimate


def of_matrices(results) -> Iterator[Story]:
    for matrix in pair_matrix.matrices(results):
        pairs = combinations(matrix.configs, 2)
        for (a, b), one in zip(pairs, matrix.decisions, strict=True):
            yield a, b, one.outcome, one.gap.estimate


def of_further_studies(results) -> Iterator[Story]:
    for name in further.families():
        for one in further.judge(results, name).judged:
            if len(one.contrast.weights) == 2:
                a, b = one.contrast.weights
                yield a, b, one.outcome, one.gap.estimate


SOURCES = (of_rows, of_questions, of_penalties, of_matrices, of_further_studies)


@pytest.mark.parametrize("source", SOURCES)
def test_every_judge_of_pairs_says_what_compare_says(source, committed):
    stories = list(source(committed))
    assert len(stories) > 5
    for a, b, outcome, estimate in stories:
        decision = comparison.judge_pair(committed, a, b)
        assert outcome == decision.outcome, (a, b)
        assert estimate == pytest.approx(decision.gap.estimate), (a, b)


def test_an_observation_on_one_pair_has_the_word_of_the_pair(committed):
    seen = []
    for claim, arm_of in product(claims.judge(committed.core), range(3)):
        for part in claim.arms[arm_of].parts:
            sizes = [(len(a), len(b)) for a, b in part.plan.strata]
            if part.plan.measure != "acc" or sizes != [(1, 1)]:
                assert part.decision is None
                continue
            ((a,), (b,)) = part.plan.strata[0]
            answer = records.comparison(
                comparison.compare(committed, a.config, b.config)
            )
            assert part.word in WORDS[answer["outcome"]], part.plan.difference
            corrected = answer["difference"]["corrected"]
            assert part.interval.low == pytest.approx(corrected["low"])
            assert part.interval.high == pytest.approx(corrected["high"])
            seen.append(answer["outcome"])
    assert {DIFFERENT, UNDECIDED} <= set(seen)
