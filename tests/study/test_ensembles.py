"""Votes and churn of networks: against every subset and every pair counted one by one, and by simulation."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from explorer.study import ensembles, records, tables, wording
from explorer.study.statistics import StatisticsError
from tests.gathered import gathered
from train.study import Trial

SEEDS, IMAGES = 6, 40


LABELS = np.random.default_rng(9).integers(0, 10, IMAGES).astype(np.uint8)


def drawn(random) -> np.ndarray:
    """Answers (seeds, images) of which a third are wrong in one of three ways."""
    errors = random.integers(1, 4, (SEEDS, IMAGES))
    is_wrong = random.random((SEEDS, IMAGES)) < 1 / 3
    return ((LABELS + errors * is_wrong) % 10).astype(np.uint8)


def chance(votes, label) -> float:
    """Chance that a vote elects the label, ties broken at random."""
    counts = Counter(map(int, votes))
    first = [digit for digit, count in counts.items() if count == max(counts.values())]
    return (int(label) in first) / len(first)


@pytest.mark.parametrize("voters", range(1, SEEDS + 1))
def test_the_mean_vote_is_that_of_every_subset_counted(voters):
    answers = drawn(np.random.default_rng(0))
    counted = [
        np.mean(
            [
                chance(answers[list(subset), image], LABELS[image])
                for subset in combinations(range(SEEDS), voters)
            ]
        )
        for image in range(IMAGES)
    ]
    chances = ensembles.subset_chances(answers, LABELS, SEEDS)
    assert chances[voters - 1] == pytest.approx(counted)


def test_a_joint_vote_breaks_ties_at_random():
    answers = drawn(np.random.default_rng(1))
    counted = [chance(answers[:, image], label) for image, label in enumerate(LABELS)]
    assert ensembles.vote(answers, LABELS) == pytest.approx(counted)
    assert {0, 0.5, 1} <= set(counted)
    joint = ensembles.joint(answers, LABELS)
    gains = 100 * (np.array(counted) - (answers == LABELS).mean(0))
    assert joint.gain.estimate == pytest.approx(gains.mean())
    assert joint.gain.error == pytest.approx(gains.std(ddof=1) / np.sqrt(IMAGES))


def disagreement(answers) -> float:
    """Mean percentage of images that pairs of seeds answer differently."""
    return 100 * np.mean([(a != b).mean() for a, b in combinations(answers, 2)])


def test_churn_is_the_mean_over_pairs_and_its_error_the_jackknife():
    random = np.random.default_rng(2)
    groups = [drawn(random) for _ in range(3)]
    result = ensembles.churn(groups, LABELS)
    pairs = [disagreement(group) for group in groups]
    assert result.share.estimate == pytest.approx(np.mean(pairs))
    one_right = [
        100 * ((a == LABELS) != (b == LABELS)).mean()
        for group in groups
        for a, b in combinations(group, 2)
    ]
    assert result.one_right == pytest.approx(np.mean(one_right))
    assert result.both_wrong == pytest.approx(np.mean(pairs) - np.mean(one_right))
    variances = [
        (SEEDS - 1)
        * np.var([disagreement(np.delete(group, seed, 0)) for seed in range(SEEDS)])
        for group in groups
    ]
    assert result.share.error == pytest.approx(np.sqrt(sum(variances)) / 3)


def simulated(random, hardness: np.ndarray, configurations: int) -> list[np.ndarray]:
    """Answers of ten seeds, 0 where right: a logistic model of images, configurations and seeds."""
    groups = []
    for _ in range(configurations):
        easiness = (
            hardness + random.normal(0, 0.15) + random.normal(0, 0.8, len(hardness))
        )
        easiness = easiness + random.normal(0, 0.1, (10, 1))
        right = random.random(easiness.shape) < 1 / (1 + np.exp(-easiness))
        groups.append((~right).astype(np.uint8))
    return groups


def test_the_intervals_of_the_gain_on_new_images_cover_it():
    random = np.random.default_rng(3)

    def study(configurations: int, images: int):
        labels = np.zeros(images, np.uint8)
        groups = simulated(random, random.normal(9.3, 4.2, images), configurations)
        chances = [ensembles.subset_chances(group, labels, 10) for group in groups]
        return list(ensembles.votes(np.stack(chances, 1)))[-1]

    truth = study(100, 20_000).gain.estimate
    intervals = [study(8, 800).new_images for _ in range(200)]
    covered = np.mean([interval.low < truth < interval.high for interval in intervals])
    assert 0.9 <= covered <= 0.99


GN, BN, LN = (Trial(norm, 0.0, 0.0, 16) for norm in ("GN", "BN", "LN"))


@pytest.fixture(scope="module")
def results(invent):
    """Three seeds of two configurations miss an image of their own, GN's the image 9 as well; LN is collapsed."""
    missed = {
        (trial, seed): [seed, 9] if trial is GN else [seed]
        for trial in (GN, BN)
        for seed in (1, 2, 3)
    } | {(LN, seed): np.arange(9000) for seed in (1, 2, 3)}
    return gathered(
        invent(replace(trial, seed=seed), images)
        for (trial, seed), images in missed.items()
    )


def test_networks_that_miss_different_images_gain_by_voting(results):
    result = ensembles.ensembles(results)
    assert result.configurations == 2
    assert result.alone == pytest.approx(99.985)
    one, two, three = result.votes
    assert (one.gain.estimate, two.gain.estimate) == (0, 0)
    assert three.accuracy == pytest.approx(99.995)
    assert three.gain.estimate == pytest.approx(0.01)
    assert (result.voters.voters, result.everybody.voters) == (6, 6)
    # Image 9 is a tie of three against three.
    assert result.voters.accuracy == pytest.approx(99.995)
    assert result.churn.share.estimate == pytest.approx(0.02)
    assert result.churn.both_wrong == pytest.approx(0)


def test_sentences_table_and_record_have_the_same_numbers(results):
    result = ensembles.ensembles(results)
    assert wording.ensembles.votes(result).startswith(
        "3 networks of one configuration that vote gain 0.01 ± 0.00 points over one"
    )
    assert "All 6 voters together read 100.00 %" in wording.ensembles.votes(result)
    assert "0.02 ± 0.00 %" in wording.ensembles.churn(result)
    assert "in 100 % of those cases" in wording.ensembles.churn(result)
    table = tables.votes(result)
    assert table.voters.tolist() == [1, 2, 3, 6, 6]
    assert table["gain, points"].tolist()[:3] == ["0.000", "0.000", "0.010"]
    record = records.ensembles(result)
    assert record["votes"][2]["gain"] == pytest.approx(0.01)
    assert record["all_voters"]["voters"] == 6
    assert record["churn"]["share"] == pytest.approx(0.02)


def test_without_seeds_no_votes_are_compared(results):
    single = gathered(
        network for network in results.checkpoints if network.trial.seed == 1
    )
    with pytest.raises(StatisticsError, match="3 seeds each"):
        ensembles.ensembles(single)
