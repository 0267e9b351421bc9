"""Simulated ranks, and the selection bias of the winner."""

import numpy as np
import pytest

from explorer.study import ranks


def test_the_winner_of_equal_rows_has_a_selection_bias():
    random = np.random.default_rng(12)
    groups = [random.normal(99.4, 0.05, 500) for _ in range(14)]
    probabilities, selection_bias = ranks.simulate(groups)
    assert probabilities.sum(0) == pytest.approx(1)
    assert probabilities.sum(1) == pytest.approx(1)
    # The largest of 14 standard normal values has the mean 1.703 (Harter 1961).
    assert selection_bias == pytest.approx(1.703 * 0.05, rel=0.05)
    few = [
        ranks.simulate([random.normal(0, 1, 3) for _ in range(14)], 2000)[1]
        for _ in range(200)
    ]
    assert np.mean(few) > 1.0
    first, selection_bias = ranks.simulate_null([3] * 14)
    assert selection_bias == pytest.approx(np.mean(few), rel=0.05)
    assert 0.2 < first < 0.3  # far above 1 in 14: the best mean is selected
    assert ranks.simulate_null([200, 200], studies=50)[0] == pytest.approx(
        0.5, abs=0.05
    )
    probabilities, _ = ranks.simulate([np.array([2.0, 3.0]), np.array([1.0])])
    assert probabilities.tolist() == [[1, 0], [0, 1]]
