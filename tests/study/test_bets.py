"""Bets: one gap of two single runs that is luck, and one that is not."""

from explorer.study import bets
from explorer.study.statistics import DIFFERENT


def test_the_first_gap_is_luck_and_the_second_as_large_and_real(committed):
    luck, real = bets.bets(committed)
    assert luck.gap > 0 and real.gap > 0
    assert luck.result.a.mean <= luck.result.b.mean
    assert luck.result.decision.outcome != DIFFERENT
    assert real.result.decision.outcome == DIFFERENT
    assert real.result.a.mean > real.result.b.mean
    for bet in (luck, real):
        first, second = bet.runs
        gap = bet.result.a.accuracies[first] - bet.result.b.accuracies[second]
        assert bet.gap == gap
    shared = [
        bet.result.a.trial.norm == bet.result.b.trial.norm for bet in (luck, real)
    ]
    assert shared == [False, True]
