"""Ensembles of networks: how often two seeds of a configuration disagree, and what is gained where several networks vote."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb, prod

import numpy as np

from explorer.runs.results import Results, answers_of, test_split
from explorer.study import statistics
from explorer.study.statistics import Difference, Interval, StatisticsError
from explorer.study.variance import Images, new_images_interval

DIGITS = 10
LEAST_SEEDS = 3  # of a configuration: with two, leaving a seed out leaves no pair


@dataclass(frozen=True)
class Churn:
    """Disagreement of two networks of one configuration on these test images, in percent of the images; means over pairs of seeds."""

    share: Difference  # from 0; its interval is over seeds
    one_right: float  # one of the two is right
    both_wrong: float


@dataclass(frozen=True)
class Vote:
    """Plurality vote of `voters` networks of one configuration: means over its subsets of so many, and over the configurations.

    The accuracy is in percent, the gain over one network in points.
    """

    voters: int
    accuracy: float
    gain: Difference  # its interval is over the configurations, on these images
    new_images: Interval  # of the gain


@dataclass(frozen=True)
class JointVote:
    """Plurality vote of networks of all configurations: accuracy in percent, gain in points over the mean of its voters."""

    voters: int
    accuracy: float
    gain: (
        Difference  # its interval is over the images: for these networks on new images
    )


@dataclass(frozen=True)
class Ensembles:
    """Churn and votes of the networks of non-collapsed configurations, every configuration with the same weight."""

    configurations: int
    scope: str  # the studies of the networks
    alone: float  # mean accuracy of one network, percent
    churn: Churn
    votes: tuple[Vote, ...]  # of 1, 2, 3 ... networks
    voters: JointVote  # of all `Results.voters`
    everybody: JointVote  # of all networks of the configurations


def ensembles(results: Results) -> Ensembles:
    """Ensembles of the networks of these results. Raises `StatisticsError` where seeds are missing, and `DataError`."""
    labels = test_split(results.data_set).labels.numpy().astype(np.uint8)
    groups = {
        config: indices
        for config, indices in results.configs.items()
        if config not in results.collapsed and len(indices) >= LEAST_SEEDS
    }
    if len(groups) < 2:
        raise StatisticsError(
            f"Votes are compared where two configurations have {LEAST_SEEDS} seeds each: too few are trained yet."
        )
    answers = [results.answers[indices] for indices in groups.values()]
    most = min(map(len, answers))
    chances = np.stack([subset_chances(group, labels, most) for group in answers], 1)
    return Ensembles(
        len(groups),
        results.scope,
        float(100 * chances[0].mean()),
        churn(answers, labels),
        tuple(votes(chances)),
        joint(answers_of(results.voters), labels),
        joint(np.concatenate(answers), labels),
    )


def counted(answers: np.ndarray) -> np.ndarray:
    """Numbers (N, 10) of networks that read each digit in each image; `answers` (E, N) are digits."""
    # Digit by digit: all cells at once would take eight times the memory of the answers.
    return np.stack([(answers == digit).sum(0) for digit in range(DIGITS)], 1)


def churn(groups: list[np.ndarray], labels: np.ndarray) -> Churn:
    """Churn of configurations with answers (seeds, N), each with the same weight.

    Pairs of seeds share seeds, so the error is the jackknife's: seeds are left out one by one, and the pseudo-values (Tukey
    1958) of a configuration stand for independent observations of its churn.
    """
    pseudo_values, both_wrong = [], []
    for answers in groups:
        seeds, images = answers.shape
        counts = counted(answers)
        disputed = np.flatnonzero(counts.max(1) < seeds)
        agreeing = counts[disputed, answers[:, disputed]]
        of_seed = (seeds - agreeing).sum(1) * 100 / images  # pairs with that seed
        pairs = of_seed.sum() / 2
        without = (pairs - of_seed) / comb(seeds - 1, 2)
        share = pairs / comb(seeds, 2)
        pseudo_values.append(seeds * share - (seeds - 1) * without)
        right = counts[disputed, labels[disputed]]
        one_right = (right * (seeds - right)).sum() * 100 / images
        both_wrong.append((pairs - one_right) / comb(seeds, 2))
    weight = 1 / len(groups)
    share = statistics.contrast(
        [(weight, values) for values in pseudo_values], None, resolution=0.0
    )
    wrong = float(np.mean(both_wrong))
    return Churn(share, share.estimate - wrong, wrong)


def subset_chances(answers: np.ndarray, labels: np.ndarray, most: int) -> np.ndarray:
    """Chances (most, N) that 1, 2, ... `most` networks vote for the right digit, means over all subsets of so many.

    `answers` (E, N) are digits, `labels` (N,) the right ones. Ties are broken at random.
    """
    counts, images = counted(answers), np.arange(len(labels))
    right = counts[images, labels]
    counts[images, labels] = 0
    chances = np.ones((most, len(labels)))
    disputed = np.flatnonzero(right < len(answers))
    wrong = np.sort(counts[disputed], 1)[:, ::-1]
    # Few distinct distributions of votes occur, and many images share one.
    rows, inverse = np.unique(
        np.column_stack([right[disputed], wrong]), axis=0, return_inverse=True
    )
    for row, distribution in enumerate(rows.tolist()):
        own, *others = distribution
        others = tuple(count for count in others if count)
        chances[:, disputed[inverse == row]] = [
            [chance_of_right(own, others, voters)] for voters in range(1, most + 1)
        ]
    return chances


@cache
def chance_of_right(right: int, wrong: tuple[int, ...], voters: int) -> float:
    """Chance that `voters` networks drawn without replacement vote for the right digit, where `right` networks read it.

    `wrong` are the numbers of networks that read each wrong digit. The votes are multivariate hypergeometric; a tie of t
    digits gives each of them 1 / t.
    """
    counts = (right, *wrong)
    drawn = product(*(range(min(count, voters) + 1) for count in counts))
    ways = sum(
        prod(map(comb, counts, cast)) / cast.count(cast[0])
        for cast in drawn
        if sum(cast) == voters and cast[0] == max(cast)
    )
    return ways / comb(sum(counts), voters)


def votes(chances: np.ndarray) -> Iterator[Vote]:
    """Votes of 1, 2, ... networks of a configuration, from chances (sizes, configurations, N) of the right digit.

    The gain on these images has Student's interval over the configurations. On new images configurations and images are
    crossed as seeds and images are in `variance.new_images_interval`. To take the configurations as drawn at random, although
    they are those of the studies, errs on the side of a wide interval.
    """
    for voters, of_size in enumerate(chances, start=1):
        # Two gain exactly nothing: where they disagree, the tie is broken at random.
        gains = 100 * (of_size - chances[0] if voters > 2 else np.zeros_like(of_size))
        gap = statistics.contrast([(1.0, gains.mean(1))], None, resolution=0.0)
        yield Vote(
            voters,
            float(100 * of_size.mean()),
            gap,
            new_images_interval(gap, [(1.0, _crossed(gains))]),
        )


def _crossed(gains: np.ndarray) -> Images:
    """Means per image of gains (configurations, N) in points, and the variance of what is neither configuration nor image."""
    configurations, images = gains.shape
    per_image = gains.mean(0)
    rest = gains - per_image - gains.mean(1, keepdims=True) + gains.mean()
    df = (configurations - 1) * (images - 1)
    return Images(per_image, float((rest**2).sum()) / df / configurations)


def joint(answers: np.ndarray, labels: np.ndarray) -> JointVote:
    """Vote of all networks with answers (E, N) together; the interval is for these networks on new images.

    It is Student's, over the images' paired differences: the chance that the vote is right, minus the share of its voters that are.
    """
    chances = vote(answers, labels)
    gains = 100 * (chances - (answers == labels).mean(0))
    gap = statistics.contrast([(1.0, gains)], None, resolution=0.0)
    return JointVote(len(answers), float(100 * chances.mean()), gap)


def vote(answers: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Chances (N,) that the vote of networks with answers (E, N) is right: 1, 0, or 1 / t where t digits tie."""
    counts = counted(answers)
    most = counts.max(1)
    is_right = counts[np.arange(len(labels)), labels] == most
    return is_right / (counts == most[:, None]).sum(1)
