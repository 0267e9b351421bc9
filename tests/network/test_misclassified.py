"""Misclassified images of single networks and pairs, with invented mistakes."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from explorer.network import misclassified
from explorer.network.misclassified import LevelReadings
from explorer.runs.results import load
from tests.gathered import gathered
from train.errors import UserError
from train.study import Trial

A, B = (Trial(norm, 0.0, 0.0, 64) for norm in ("BN", "GN"))


@pytest.fixture(scope="module")
def results(invent):
    return gathered(
        [invent(A, [3, 5, 7]), invent(B, [5, 9]), invent(replace(B, seed=2), [])]
    )


def test_mistakes_are_the_images_whose_prediction_is_not_the_label(folder, mnist):
    checkpoint = load(folder).finished[0]
    rows = misclassified.of_network(checkpoint)
    read = np.array(list(map(int, checkpoint.test_digits)))
    labels = mnist.test.labels.numpy()
    assert sorted(rows["index"]) == np.flatnonzero(read != labels).tolist()
    assert (rows.read == read[rows["index"]]).all()
    assert (rows.label == labels[rows["index"]]).all()
    assert rows.sure.is_monotonic_decreasing
    assert rows.sure.between(10, 100).all()


def test_the_confusion_matrix_counts_labels_by_prediction(results, mnist):
    matrix = misclassified.confusion(misclassified.find(results, A.name))
    labels = mnist.test.labels.numpy()
    assert matrix.sum() == 10_000
    assert (matrix.sum(1) == np.bincount(labels)).all()
    assert matrix.trace() == 9997
    assert matrix[labels[3], (labels[3] + 1) % 10] >= 1


def test_a_pair_has_its_separate_and_common_mistakes(results):
    pair = misclassified.against(
        *(misclassified.find(results, trial.name) for trial in (A, B))
    )
    parts = (pair.only_a, pair.only_b, pair.both)
    assert [sorted(rows["index"]) for rows in parts] == [[3, 7], [9], [5]]
    assert pair.matrix.sum() == 10_000
    assert pair.matrix.trace() == 9997


def test_the_readings_of_an_image_count_all_networks(results, mnist):
    label = int(mnist.test.labels[5])
    readings, wrong = misclassified.readings(results, 5), (label + 1) % 10
    assert (readings.label, readings.networks, readings.missing) == (label, 3, 2)
    assert readings.levels["norm"] == [
        LevelReadings("BN", {wrong: 1}),
        LevelReadings("GN", {wrong: 1, label: 1}),
    ]
    assert readings.reviews is None
    assert misclassified.readings(results, 947).reviews["votes_suspected"] == 5


def test_an_unknown_trial_or_image_is_an_error(results):
    with pytest.raises(UserError, match="no finished trial named 'x'"):
        misclassified.find(results, "x")
    for index in (-1, 10_000):
        with pytest.raises(UserError, match="from 0 to 9999"):
            misclassified.readings(results, index)


def test_a_sprite_has_the_images_side_by_side(mnist):
    picture = np.asarray(Image.open(io.BytesIO(misclassified.sprite([4, 2]))))
    assert picture.shape == (28, 56)
    assert np.array_equal(picture[:, 28:], mnist.test.images[2].numpy())
    assert Image.open(io.BytesIO(misclassified.sprite([]))).size == (28, 28)
