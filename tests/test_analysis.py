import numpy as np
import pytest

from explorer import analysis, results


@pytest.fixture(scope="module")
def found(folder):
    return results.load(folder)


def probs(*digits: int, sure: float = 0.9) -> np.ndarray:
    table = np.full((len(digits), 10), (1 - sure) / 9)
    table[range(len(digits)), digits] = sure
    return table


def test_the_consensus_is_the_digit_of_most_networks():
    assert analysis.consensus(probs(7, 7, 1)) == {
        "digit": 7,
        "share": pytest.approx(2 / 3),
    }
    surer = np.concatenate([probs(4, sure=0.5), probs(9, sure=0.99)])
    assert analysis.consensus(surer) == {"digit": 9, "share": 0.5}


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ([7, 7, 7], "All 3 networks read 7."),
        ([7, 1, 7], "2 of 3 networks read 7; GN, batch 32 reads 1."),
        (
            [2, 7, 7],
            "2 of 3 networks read 7; BN, L1 0.0001, L2 0.0004, batch 32 reads 2.",
        ),
    ],
)
def test_the_verdict_is_a_sentence_that_names_who_disagrees(found, digits, words):
    assert analysis.verdict(found, probs(*digits)) == words


def test_few_and_many_networks_have_their_words(found, tmp_path):
    assert analysis.verdict(results.load(tmp_path), probs()) == analysis.NOTHING
    assert analysis.verdict(found, probs(5)) == "The only network reads 5."
    assert analysis.verdict(found, probs(5, 5)) == "Both networks read 5."
    many = probs(*[3] * 10, 8, 8, 5)
    assert (
        analysis.verdict(found, many) == "10 of 13 networks read 3; 2 read 8, 1 read 5."
    )


def test_a_prediction_has_ten_probabilities_for_every_network(found, mnist):
    answer = analysis.predict(found, mnist.test.images[0].numpy())
    assert answer.shape == (3, 10)
    assert answer.sum(1) == pytest.approx(np.ones(3))


def test_samples_go_round_the_test_digits_of_a_class(mnist):
    first = analysis.sample(7, 0)
    assert np.array_equal(first, mnist.test.images[0].numpy())
    assert not np.array_equal(first, analysis.sample(7, 1))
    assert np.array_equal(first, analysis.sample(7, 1028))
