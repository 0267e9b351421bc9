import numpy as np
import pytest

from explorer.network import predictions
from explorer.runs import results
from tests.gathered import gathered
from train.study import Trial


@pytest.fixture(scope="module")
def found(folder):
    return results.load(folder)


def probs(*digits: int, sure: float = 0.9) -> np.ndarray:
    table = np.full((len(digits), 10), (1 - sure) / 9)
    table[range(len(digits)), digits] = sure
    return table


def test_the_consensus_is_the_digit_of_most_networks():
    assert predictions.consensus(probs(7, 7, 1)) == {
        "digit": 7,
        "share": pytest.approx(2 / 3),
    }
    surer = np.concatenate([probs(4, sure=0.5), probs(9, sure=0.99)])
    assert predictions.consensus(surer) == {"digit": 9, "share": 0.5}


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ([7, 7, 7], "All 3 networks read 7."),
        (
            [7, 1, 7],
            "2 of 3 networks read 7; GN, batch 32, 96 images, 2 epochs, seed 1 reads 1.",
        ),
        (
            [2, 7, 7],
            "2 of 3 networks read 7; BN, L1 0.0001, L2 0.0004, batch 32, 96 images, 2 epochs, seed 1 reads 2.",
        ),
    ],
)
def test_the_verdict_is_a_sentence_that_names_who_disagrees(found, digits, words):
    assert predictions.verdict(found, probs(*digits)) == words


@pytest.fixture(scope="module")
def many(invent):
    """Batch and group norm at batch 16 and 32, without and with L1, two seeds each."""
    return gathered(
        invent(Trial(norm, l1, 0.0, size, seed=seed), [0])
        for norm in ("BN", "GN")
        for l1 in (0.0, 1e-4)
        for size in (16, 32)
        for seed in (1, 2)
    )


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (
            lambda trial: trial.norm == "BN" and trial.batch_size == 16,
            "12 of 16 networks read 7; only batch-norm networks at batch 16 read 3 (4 of 4).",
        ),
        (
            lambda trial: trial.batch_size == 32 and trial.seed == 1,
            "12 of 16 networks read 7; only networks at batch 32 read 3 (4 of 8).",
        ),
        (
            lambda trial: trial.norm == "GN" and not trial.l1,
            "12 of 16 networks read 7; only group-norm networks without a penalty read 3 (4 of 4).",
        ),
        (
            lambda trial: trial.batch_size == 16 and trial.l1 and trial.norm == "BN",
            "14 of 16 networks read 7; only batch-norm networks with L1 at batch 16 read 3 (2 of 2).",
        ),
        (
            lambda trial: (
                (trial.norm == "GN") == bool(trial.l1)
                and (trial.batch_size == 16) == bool(trial.l1)
                and trial.seed == 1
            ),
            "14 of 16 networks read 7; 2 read 3.",
        ),
    ],
)
def test_the_verdict_says_what_those_that_disagree_have_in_common(many, odd, words):
    digits = [3 if odd(found.trial) else 7 for found in many.voters]
    assert predictions.verdict(many, probs(*digits)) == words


def test_many_readings_are_counted_and_the_rarest_put_together(many):
    digits = [7] * 9 + [1, 2, 3, 4, 5, 4, 5]
    said = predictions.verdict(many, probs(*digits))
    assert said.startswith("9 of 16 networks read 7; ")
    assert said.endswith(" 2 something else.")


def test_few_networks_have_their_words(found, tmp_path):
    assert predictions.verdict(results.load(tmp_path), probs()) == predictions.NOTHING
    assert predictions.verdict(found, probs(5)) == "The only network reads 5."
    assert predictions.verdict(found, probs(5, 5)) == "Both networks read 5."


def test_doubt_is_the_entropy_of_the_mean_answer():
    assert predictions.doubt(probs(7, 7, sure=1.0)).startswith("They are sure: 0.00 of")
    halves = predictions.doubt(probs(7, 1, sure=1.0))
    assert halves.startswith("They are divided: 1.00 of at most 3.32 bits")
    assert predictions.doubt(np.full((3, 10), 0.1)).startswith("They are lost: 3.32")


def test_a_prediction_has_ten_probabilities_for_every_network(found, mnist):
    answer = predictions.predict(found, mnist.test.images[0].numpy())
    assert answer.shape == (3, 10)
    assert answer.sum(1) == pytest.approx(np.ones(3))


def test_samples_go_round_the_test_digits_of_a_class(mnist):
    first = predictions.sample(7, 0)
    assert first == 0
    assert predictions.sample(7, 1) == 17
    assert predictions.sample(7, 1028) == first
    assert np.array_equal(predictions.image(17), mnist.test.images[17].numpy())
