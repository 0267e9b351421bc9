"""What single networks and pairs get wrong, on images that were chosen to be missed."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from explorer.network import misclassified
from explorer.network.misclassified import LevelReadings
from explorer.runs import results
from tests.gathered import gathered
from train.errors import UserError
from train.study import Trial

A, B = (Trial(norm, 0.0, 0.0, 64) for norm in ("BN", "GN"))


@pytest.fixture(scope="module")
def found(invent):
    return gathered(
        [invent(A, [3, 5, 7]), invent(B, [5, 9]), invent(replace(B, seed=2), [])]
    )


def test_a_trials_mistakes_are_the_images_that_its_header_gets_wrong(folder, mnist):
    real = results.load(folder)
    checkpoint = real.finished[0]
    rows = misclassified.of_network(checkpoint)
    read = np.array(list(map(int, checkpoint.test_digits)))
    labels = mnist.test.labels.numpy()
    assert sorted(rows["index"]) == np.flatnonzero(read != labels).tolist()
    assert (rows.read == read[rows["index"]]).all()
    assert (rows.label == labels[rows["index"]]).all()
    assert rows.sure.is_monotonic_decreasing
    assert rows.sure.between(10, 100).all()


def test_the_matrix_counts_labels_by_what_was_read(found, mnist):
    matrix = misclassified.confusion(misclassified.find(found, A.name))
    labels = mnist.test.labels.numpy()
    assert matrix.sum() == 10_000
    assert (matrix.sum(1) == np.bincount(labels)).all()
    assert matrix.trace() == 9997
    assert matrix[labels[3], (labels[3] + 1) % 10] >= 1


def test_two_trials_are_told_apart(found):
    pair = misclassified.against(
        *(misclassified.find(found, trial.name) for trial in (A, B))
    )
    parts = (pair.only_a, pair.only_b, pair.both)
    assert [sorted(rows["index"]) for rows in parts] == [[3, 7], [9], [5]]
    assert pair.matrix.sum() == 10_000
    assert pair.matrix.trace() == 9997


def test_the_readings_of_an_image_count_what_everyone_reads(found, mnist):
    label = int(mnist.test.labels[5])
    made, wrong = misclassified.readings(found, 5), (label + 1) % 10
    assert (made.label, made.networks, made.missing) == (label, 3, 2)
    assert made.levels["norm"] == [
        LevelReadings("BN", {wrong: 1}),
        LevelReadings("GN", {wrong: 1, label: 1}),
    ]
    assert made.reviews is None
    assert misclassified.readings(found, 947).reviews["votes_suspected"] == 5


def test_what_is_not_there_is_said(found):
    with pytest.raises(UserError, match="no finished trial named 'x'"):
        misclassified.find(found, "x")
    for index in (-1, 10_000):
        with pytest.raises(UserError, match="from 0 to 9999"):
            misclassified.readings(found, index)


def test_a_sprite_has_the_images_side_by_side(mnist):
    picture = np.asarray(Image.open(io.BytesIO(misclassified.sprite([4, 2]))))
    assert picture.shape == (28, 56)
    assert np.array_equal(255 - picture[:, 28:], mnist.test.images[2].numpy())
    assert Image.open(io.BytesIO(misclassified.sprite([]))).size == (28, 28)
