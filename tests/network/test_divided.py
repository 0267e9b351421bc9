"""Test images that divide the norms: the split against counts by hand, and the committed gallery against the committed networks."""

import numpy as np
import pandas as pd
import pytest
import torch

from explorer.digits import corruptions
from explorer.network import divided
from explorer.runs.results import Results, load
from train.study import Trial


def trials(*norms: str) -> list[Trial]:
    return [Trial(norm, 0.0, 0.0, 16, seed=seed) for seed, norm in enumerate(norms, 1)]


def test_the_split_is_the_largest_distance_between_the_votes_of_two_norms():
    answers = np.array([[4, 4, 1], [4, 9, 2], [9, 9, 1], [4, 9, 3]])
    split = divided.split(trials("BN", "BN", "GN", "LN"), answers)
    np.testing.assert_allclose(split, [1, 0.5, 1])
    assert divided.split(trials("BN", "BN"), answers[:2]).tolist() == [0, 0, 0]


def test_the_gallery_has_every_label_at_every_contrast_in_turn(mnist):
    gallery = divided.measured()
    contrasts = [one.contrast for one in gallery]
    assert contrasts == [*divided.CONTRASTS] * 10
    for start, contrast in enumerate(divided.CONTRASTS):
        some = gallery[start :: len(divided.CONTRASTS)]
        assert {int(mnist.test.labels[one.index]) for one in some} == set(range(10))
        splits = [one.split for one in some]
        assert splits == sorted(splits, reverse=True)
        if contrast < 1:
            assert splits[0] > 0.9


def test_the_gallery_is_that_of_the_committed_networks(committed, mnist):
    voters = committed.voters
    for one in divided.measured()[::7]:
        images = mnist.test.images[one.index][None]
        faded = corruptions.contrast(images, one.contrast)
        answers = committed.stack.probs(faded).argmax(2).numpy()
        split = divided.split([voter.trial for voter in voters], answers)
        assert split[0] == pytest.approx(one.split, abs=0.02)


def test_a_gallery_is_measured_and_written(folder, tmp_path, mnist):
    file = tmp_path / "divided.csv"
    divided.main(load(folder), file, every=200)
    rows = pd.read_csv(file)
    assert list(rows.columns) == ["index", "contrast", "split"]
    assert set(rows.contrast) == set(divided.CONTRASTS)
    assert (rows["index"] % 200 == 0).all()
    labels = mnist.test.labels[torch.tensor(rows["index"].to_numpy())]
    assert len(rows) == 3 * len(labels.unique())


def test_another_folder_has_a_gallery_of_its_own_networks(invent, tmp_path):
    """Image 3 divides the norms, image 8 the networks of one norm."""
    missed = {"BN": ([3, 8], [3]), "GN": ([], [])}
    networks = [
        invent(Trial(norm, 0.0, 0.0, 16, seed=seed), images)
        for norm, each in missed.items()
        for seed, images in enumerate(each, 1)
    ]
    gallery = divided.gallery(Results(tmp_path, networks, []))
    assert len(gallery) == 10 and {one.contrast for one in gallery} == {1.0}
    assert (gallery[0].index, gallery[0].split) == (3, 1.0)
    assert (gallery[1].index, gallery[1].split) == (8, 0.5)
    gallery = divided.gallery(Results(tmp_path, networks[:2], []))
    assert (gallery[0].index, gallery[0].split) == (8, 0.5)
    assert not gallery[1].split


def test_the_committed_networks_and_no_networks_have_the_measured_gallery(
    committed, tmp_path
):
    assert divided.gallery(committed) == divided.measured()
    assert divided.gallery(Results(tmp_path, [], [])) == divided.measured()
