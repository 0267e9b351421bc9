"""Predictions for a digit, with invented probabilities and with real networks."""

import numpy as np
import pytest

from explorer.network import predictions
from explorer.network.predictions import Consensus, Dissent, NormVote, Vote
from explorer.runs.results import load
from tests.gathered import gathered
from train.study import Trial


@pytest.fixture(scope="module")
def results(folder):
    return load(folder)


def probs(*digits: int, sure: float = 0.9) -> np.ndarray:
    rows = np.full((len(digits), 10), (1 - sure) / 9)
    rows[range(len(digits)), digits] = sure
    return rows


def test_the_consensus_is_the_digit_of_most_networks():
    assert predictions.consensus(probs(7, 7, 1)) == Consensus(7, pytest.approx(2 / 3))
    surer = np.concatenate([probs(4, sure=0.5), probs(9, sure=0.99)])
    assert predictions.consensus(surer) == Consensus(9, 0.5)


def test_a_dissent_names_the_levels_that_only_its_networks_share(invent):
    trials = [
        Trial(norm, 0.0, 0.0, size, seed=seed)
        for norm in ("BN", "GN")
        for size in (16, 32)
        for seed in (1, 2)
    ]
    many = gathered(invent(trial, [0]) for trial in trials)
    voting = [voter.trial for voter in many.voters]
    digits = [
        3 if trial.batch_size == 16 and trial.seed == 1 else 7 for trial in voting
    ]
    first = next(trial for trial in voting if trial.batch_size == 16)
    assert predictions.vote(voting, probs(*digits)) == Vote(
        8,
        7,
        6,
        (NormVote("BN", 4, 3), NormVote("GN", 4, 3)),
        (Dissent(3, 2, first, ("batch_size",), 4),),
    )
    assert predictions.vote([], probs()) is None


def test_means_are_over_all_networks_and_over_those_of_each_norm():
    trials = [Trial(norm, 0.0, 0.0, 16) for norm in ("BN", "GN", "BN")]
    rows = probs(7, 1, 2, sure=0.8)
    means = predictions.means(trials, rows)
    np.testing.assert_allclose(means.all, rows.mean(0))
    np.testing.assert_allclose(means.norms["BN"], (rows[0] + rows[2]) / 2)
    np.testing.assert_allclose(means.norms["GN"], rows[1])


def test_while_a_pen_moves_the_first_seed_of_every_configuration_votes(invent):
    trials = [
        Trial(norm, 0.0, 0.0, size, seed=seed)
        for norm in ("BN", "GN")
        for size in (16, 32)
        for seed in (2, 4)
    ]
    many = gathered(invent(trial, [0]) for trial in trials)
    assert predictions.polled(many, False) == tuple(range(8))
    some = predictions.polled(many, True)
    asked = [many.voters[index].trial for index in some]
    assert [trial.seed for trial in asked] == [2] * 4
    assert len({trial.config for trial in asked}) == 4
    image = predictions.image(0)
    np.testing.assert_allclose(
        predictions.predict(many, image, first=True),
        predictions.predict(many, image)[list(some)],
        atol=1e-6,
    )


def test_readings_are_the_surest_digit_in_whole_percent(results, mnist):
    image = mnist.test.images[0].numpy()
    answers = predictions.probs(results.stack, image)
    for reading, row in zip(
        predictions.readings(results.stack, image), answers, strict=True
    ):
        assert reading.digit == row.argmax()
        assert reading.percent == pytest.approx(100 * row.max(), abs=0.51)


def test_a_prediction_has_ten_probabilities_for_every_network(results, mnist):
    answer = predictions.predict(results, mnist.test.images[0].numpy())
    assert answer.shape == (3, 10)
    assert answer.sum(1) == pytest.approx(np.ones(3))


def test_samples_cycle_through_the_test_images_of_a_digit(mnist):
    first = predictions.sample(7, 0)
    assert first == 0
    assert predictions.sample(7, 1) == 17
    assert predictions.sample(7, 1028) == first
    assert np.array_equal(predictions.image(17), mnist.test.images[17].numpy())
