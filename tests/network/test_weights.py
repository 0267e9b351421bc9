"""Weights of single networks, against their formulas."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.network import weights
from train.model import layers


def test_a_histogram_counts_every_weight_on_one_axis(trained):
    rows = weights.histograms(trained[:2])
    assert [row.layer for row in rows[:3]] == ["conv 1", "norm 1", "conv 2"]
    assert rows[-1].layer == "head"
    assert sum(row.weights for row in rows) == 7288
    for row, name in zip(rows, layers(trained[0].state), strict=True):
        for checkpoint, spread in zip(trained[:2], row.networks, strict=True):
            flat = torch.cat(
                [w.flatten() for w in layers(checkpoint.state)[name]]
            ).numpy()
            assert sum(spread.counts) == len(flat) == row.weights
            assert np.abs(flat).max() <= row.edge + 1e-7
            near = (np.abs(flat) < 1e-3 * np.abs(flat).max()).mean()
            assert spread.near_zero == pytest.approx(100 * near)
            assert spread.norm == pytest.approx(np.linalg.norm(flat), rel=1e-4)


def test_the_growth_is_that_of_the_history(trained):
    for checkpoint in trained:
        growth = weights.growth(checkpoint)
        assert growth.epochs == [1, 2]
        names = list(layers(checkpoint.state))
        assert list(growth.norms) == [weights.layer_label(name) for name in names]
        for index, row in enumerate(checkpoint.history):
            squares = dict(zip(names, row["square_sums"], strict=True))
            convs = [squares[name] for name in names if name.endswith("conv")]
            assert len(convs) == 6
            assert growth.rate[index] == pytest.approx(row["lr"] / np.mean(convs))
            assert growth.norms["conv 1"][index] == pytest.approx(
                squares["blocks.0.conv"] ** 0.5
            )
            penalty = checkpoint.trial.l1 * sum(row["abs_sums"])
            penalty += checkpoint.trial.l2 / 2 * sum(row["square_sums"])
            share = penalty / (penalty + row["train_loss"])
            assert growth.share[index] == pytest.approx(100 * share)


def test_the_output_is_invariant_to_the_scale_of_a_convolution(trained, mnist):
    """Reason for the effective learning rate lr / |w|^2; exact up to the epsilon of the norm."""
    for checkpoint in trained[:1] + trained[2:]:
        state = dict(checkpoint.state)
        state["blocks.2.conv.weight"] = 3 * state["blocks.2.conv.weight"]
        images = mnist.test.images[:50].unsqueeze(1).float() / 255
        with torch.inference_mode():
            usual = checkpoint.network()(images)
            scaled = replace(checkpoint, state=state).network()(images)
        assert (usual - scaled).abs().max() < 1e-2
