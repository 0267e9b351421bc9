"""Simulated ranks, and the selection bias of the winner."""

import numpy as np
import pytest

from explorer.study import ranks


def test_the_winner_of_equal_rows_has_a_selection_bias():
    random = np.random.default_rng(12)
    groups = [random.normal(99.4, 0.05, 500) for _ in range(14)]
    simulated = ranks.simulate(groups)
    assert simulated.probabilities.sum(0) == pytest.approx(1)
    assert simulated.probabilities.sum(1) == pytest.approx(1)
    assert simulated.first.mean == pytest.approx(simulated.probabilities[0, 0])
    # The largest of 14 standard normal values has the mean 1.703 (Harter 1961).
    assert simulated.selection_bias.mean == pytest.approx(1.703 * 0.05, rel=0.05)
    few = [
        ranks.simulate(
            [random.normal(0, 1, 3) for _ in range(14)], 2000
        ).selection_bias.mean
        for _ in range(200)
    ]
    assert np.mean(few) > 1.0
    first, selection_bias = ranks.simulate_null([3] * 14)
    assert selection_bias.mean == pytest.approx(np.mean(few), rel=0.05)
    assert 0.2 < first.mean < 0.3  # far above 1 in 14: the best mean is selected
    assert ranks.simulate_null([200, 200], studies=50)[0].mean == pytest.approx(
        0.5, abs=0.05
    )
    certain = ranks.simulate([np.array([2.0, 3.0]), np.array([1.0])])
    assert certain.probabilities.tolist() == [[1, 0], [0, 1]]
    assert (certain.first.mean, certain.first.error) == (1, 0)


def test_rows_that_tie_win_equally_often():
    same = np.full(10, 99.3)
    lower = np.array([*same[:9], 99.29])  # ties with `same` in nine of ten studies
    wins = ranks.simulate([same, lower], 20_000, 0.01).first.mean
    # A tie is won by chance; what separates 99.30 from 99.29 is more than rounding cuts off.
    assert wins == pytest.approx(0.1 + 0.9 / 2, abs=0.07)


def test_the_error_of_a_simulation_is_the_deviation_of_its_repetitions():
    random = np.random.default_rng(5)
    repeated = [ranks.Simulated.of(random.normal(0, 2, 400)) for _ in range(500)]
    errors = [simulated.error for simulated in repeated]
    assert np.std([simulated.mean for simulated in repeated]) == pytest.approx(
        np.mean(errors), rel=0.1
    )
    groups = [random.normal(0, 1, 10) for _ in range(4)]
    few, many = ranks.simulate(groups, 1000), ranks.simulate(groups, 100_000)
    assert few.first.error == pytest.approx(10 * many.first.error, rel=0.1)
    assert abs(few.first.mean - many.first.mean) < 4 * few.first.error
