"""Components of the variance between seeds, against an analysis of variance written out and against simulation."""

import numpy as np
import pytest

from explorer.study.components import Components, components
from explorer.study.statistics import LEVEL

SEEDS, IMAGES = 10, 2000
OF_SEEDS = 0.004  # deviation of the seeds' true accuracies


def study(random, difficulties: np.ndarray, configurations: int) -> list[np.ndarray]:
    """Answers of configurations whose seeds read an image with the chance 1 - difficulty, shifted by seed where it is hard."""
    hard = difficulties > 0
    shift = OF_SEEDS / hard.mean()
    groups = []
    for _ in range(configurations):
        seeds = random.normal(0, shift, (SEEDS, 1))
        chances = 1 - difficulties + np.where(hard, seeds, 0)
        groups.append(random.random((SEEDS, len(difficulties))) < chances)
    return groups


def drawn(random) -> np.ndarray:
    """Difficulties of images, of which a tenth are hard."""
    is_hard = random.random(IMAGES) < 0.1
    return np.where(is_hard, random.uniform(0.2, 0.8, IMAGES), 0.0)


def test_the_parts_are_those_of_an_analysis_of_variance():
    random = np.random.default_rng(0)
    correct, *_ = study(random, drawn(random), 1)
    values = 100.0 * correct
    within = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    rest = (within**2).sum() / ((SEEDS - 1) * (IMAGES - 1))
    parts = components([correct])
    assert parts.total == pytest.approx(values.mean(1).var(ddof=1))
    assert parts.of_images == pytest.approx(rest / IMAGES)
    assert parts.on_all_images == pytest.approx(
        np.sqrt(max(0, parts.total - rest / IMAGES))
    )
    assert (parts.df, components([correct, correct]).df) == (9, 18)
    assert components([correct, correct]).total == pytest.approx(parts.total)


def test_the_parts_and_the_interval_of_the_share_are_those_of_a_simulation():
    random = np.random.default_rng(0)
    many = [components(study(random, drawn(random), 12)) for _ in range(200)]
    seeds = (100 * OF_SEEDS) ** 2
    variance = np.mean([parts.on_all_images**2 for parts in many])
    assert variance == pytest.approx(seeds, rel=0.1)
    of_images = np.mean([parts.of_images for parts in many])
    share = of_images / (of_images + seeds)
    intervals = [parts.share_interval for parts in many]
    covered = np.mean([each.low < share < each.high for each in intervals])
    assert abs(covered - (1 - LEVEL)) < 0.04


def test_equal_seeds_have_no_deviation_and_the_whole_share_at_most():
    correct = np.ones((3, IMAGES), bool)
    correct[:, :20] = False
    parts = components([correct])
    assert (parts.deviation, parts.on_all_images, parts.share) == (0, 0, 0)
    assert Components(0.001, 9, 0.002, 99).share == 1
