"""Results of another data set than MNIST: its labels, its test images, and what is known of MNIST alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.network import divided, misclassified, predictions
from explorer.runs import results
from explorer.study import hard_images, published_table
from train.data_sets import FASHION, MNIST
from train.study import STUDIES


@pytest.fixture(scope="module")
def fashion(invent):
    """Made-up networks of the replication, which miss other images each."""
    labels = results.test_split(FASHION).labels.numpy()

    def moved(trial, missed):
        network = invent(trial, [])
        answers = labels.copy()
        answers[missed] = (answers[missed] + 1) % 10
        accuracy = float((answers == labels).mean())
        last = network.summary["last"] | {"test_acc": accuracy}
        return replace(
            network,
            test_digits="".join(map(str, answers)),
            summary=network.summary | {"last": last},
        )

    return [
        moved(replace(trial, seed=seed), range(1000 * seed, 1000 * seed + 1500))
        for trial in STUDIES["replication"].trials[:3]
        for seed in (1, 2)
    ]


def test_the_test_images_are_those_that_are_committed():
    split = results.test_split(FASHION)
    assert split.images.shape == (10_000, 28, 28)
    assert torch.bincount(split.labels).tolist() == [1000] * 10
    assert not torch.equal(split.images, results.test_split().images)


def test_answers_are_held_against_the_labels_of_the_data_set(fashion, tmp_path):
    found = results.gather(tmp_path, fashion, [])
    assert found.data_set is FASHION
    assert found.correct.mean(1).tolist() == pytest.approx([0.85] * 6)
    assert found.collapsed == set()  # 85 % is a collapse on MNIST
    assert len(found.voters) == 6
    assert found.scope == "replication"
    rows = hard_images.images(found)
    assert rows.missing.sum() == 6 * 1500
    assert not rows.label_error.any()
    assert not hard_images.summary(found).has_reviews
    read = misclassified.readings(found, 2600)
    assert read.label == int(results.test_split(FASHION).labels[2600])
    assert (read.networks, read.reviews) == (6, None)
    table = misclassified.of_network(fashion[0])
    assert table["index"].sort_values().tolist() == list(range(1000, 2500))
    assert all(line.row is None for line in published_table.lines(found))
    assert len(divided.gallery(found)) == 10


def test_networks_of_two_data_sets_are_not_mixed(fashion, invent, tmp_path):
    other = invent(replace(fashion[0].trial, data_set=MNIST.name), [])
    found = results.gather(tmp_path, [*fashion, other], [])
    assert len(found.checkpoints) == 6
    [problem] = found.problems
    assert "of MNIST; the first network here is of FashionMNIST" in problem


def test_a_sample_is_a_test_image_of_the_data_set():
    index = predictions.sample(9, 0, FASHION)
    assert predictions.label(index, FASHION) == 9
    assert np.array_equal(
        predictions.image(index, FASHION),
        results.test_split(FASHION).images[index].numpy(),
    )
