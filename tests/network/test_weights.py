"""The weights of single networks, against their formulas."""

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
        for found, each in zip(trained[:2], row.networks, strict=True):
            flat = torch.cat([w.flatten() for w in layers(found.state)[name]]).numpy()
            assert sum(each.counts) == len(flat) == row.weights
            assert np.abs(flat).max() <= row.edge + 1e-7
            near = (np.abs(flat) < 1e-3 * np.abs(flat).max()).mean()
            assert each.near_zero == pytest.approx(100 * near)
            assert each.norm == pytest.approx(np.linalg.norm(flat), rel=1e-4)


def test_the_growth_is_that_of_the_history(trained):
    for found in trained:
        made = weights.growth(found)
        assert made.epochs == [1, 2]
        names = list(layers(found.state))
        assert list(made.norms) == [weights.words_of(name) for name in names]
        for place, row in enumerate(found.history):
            squares = dict(zip(names, row["square_sums"], strict=True))
            convs = [squares[name] for name in names if name.endswith("conv")]
            assert len(convs) == 6
            assert made.rate[place] == pytest.approx(row["lr"] / np.mean(convs))
            assert made.norms["conv 1"][place] == pytest.approx(
                squares["blocks.0.conv"] ** 0.5
            )
            penalty = found.trial.l1 * sum(row["abs_sums"])
            penalty += found.trial.l2 / 2 * sum(row["square_sums"])
            share = penalty / (penalty + row["train_loss"])
            assert made.share[place] == pytest.approx(100 * share)


def test_the_scale_of_a_convolution_changes_nothing(trained, mnist):
    """Which is why its effective learning rate is lr / |w|^2; but for the epsilon of the norm."""
    for found in trained[:1] + trained[2:]:
        state = dict(found.state)
        state["blocks.2.conv.weight"] = 3 * state["blocks.2.conv.weight"]
        images = mnist.test.images[:50].unsqueeze(1).float() / 255
        with torch.inference_mode():
            usual = found.network()(images)
            scaled = replace(found, state=state).network()(images)
        assert (usual - scaled).abs().max() < 1e-2
