"""Sentence about the test images that networks miss."""

from explorer.study import wording
from explorer.study.hard_images import Summary


def test_images_are_counted_by_the_networks_that_miss_them():
    sentence = wording.hard_images.summary(Summary(10_000, 1234, 7, 3, "grid"))
    assert sentence == (
        "So far 1,234 of 10,000 test images are missed by some network of grid, 7 by every one; of those 3 are validated label errors."
    )
