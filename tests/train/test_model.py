from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from train import engines, loop
from train.cuda.stack import Stack
from train.model import Network, layers
from train.norms import BY_KEY, Norm
from train.study import BOUNDS, Trial

NORMS = tuple(BY_KEY)


def network(norm: str, seed: int = 0) -> Network:
    """A network with random gains, biases and running averages, unlike after initialisation."""
    generator = torch.Generator().manual_seed(seed)
    network = Network(Trial(norm, 0.0, 0.0, 128)).initialise(generator)
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if "norm" in name and value.is_floating_point():
                value.uniform_(0.5, 1.5, generator=generator)
    return network


@pytest.fixture
def new(monkeypatch) -> Callable[..., Trial]:
    """Function that adds a norm to the registry, with a group for every channel; returns a trial with it."""

    def add(**changes) -> Trial:
        norm = Norm(
            key="IN",
            name="instance norm",
            hue="olive",
            over_batch=False,
            groups=lambda channels, groups: channels,
            grouped=False,
            takes="every channel by this image alone",
            **changes,
        )
        monkeypatch.setitem(BY_KEY, "IN", norm)
        bounds = replace(BOUNDS["norm"], choices=tuple(BY_KEY))
        monkeypatch.setitem(BOUNDS, "norm", bounds)
        return Trial("IN", 0.0, 0.0, 16, train_images=48, dropout=0.0)

    return add


def test_a_new_norm_needs_only_an_entry(new):
    new()
    block = network("IN").blocks[0].eval()
    x = torch.randn(2, 1, 6, 6, generator=torch.Generator().manual_seed(1))
    expected = F.instance_norm(
        F.relu(block.conv(x)), weight=block.norm.weight, bias=block.norm.bias
    )
    torch.testing.assert_close(block(x), expected)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("scaled", [True, False])
def test_the_kernels_and_the_stack_train_a_new_norm(
    new, mnist, kernels, centred, scaled
):
    trial = new(centred=centred, scaled=scaled)
    slow, fast = loop.Reference(trial, mnist), engines.learner(trial, mnist, kernels)
    stacked = Stack((trial, replace(trial, seed=2)), mnist, "cpu")
    expected = [sums.loss for sums in slow.train_epoch(trial.lr)][-1]
    assert [sums.loss for sums in fast.train_epoch(trial.lr)][-1] == pytest.approx(
        expected, rel=1e-3
    )
    list(stacked.train_epoch())
    assert stacked.losses[0].item() == pytest.approx(expected, rel=1e-3)
    assert kernels == "reference" or not isinstance(fast, loop.Reference)


def test_the_reference_trains_a_norm_without_kernels(new, mnist):
    learner = engines.learner(new(has_kernels=False), mnist, "cpu")
    assert isinstance(learner, loop.Reference)


def test_a_norm_over_the_batch_must_take_mean_and_variance():
    with pytest.raises(ValueError, match="BN"):
        replace(BY_KEY["BN"], centred=False)


@pytest.mark.parametrize("norm", NORMS)
def test_the_network_has_7288_parameters_144_of_them_in_the_norms(norm):
    sizes = {
        name: sum(p.numel() for p in parameters)
        for name, parameters in layers(network(norm).state_dict()).items()
    }
    assert sum(sizes.values()) == 7288
    assert sum(size for name, size in sizes.items() if name.endswith("norm")) == 144
    assert len(sizes) == 13


@pytest.mark.parametrize("norm", NORMS)
def test_the_output_is_the_recipe_written_out(norm):
    model = network(norm).eval()
    weights = model.state_dict()
    images = torch.randn(5, 1, 28, 28, generator=torch.Generator().manual_seed(1))

    def normalised(x, block):
        if norm == "BN":
            mean, var = (
                weights[f"blocks.{block}.norm.running_{key}"].view(-1, 1, 1)
                for key in ("mean", "var")
            )
        else:
            x = x.view(len(x), {"GN": 4}.get(norm, 1), -1)
            mean = x.mean(2, keepdim=True) if norm in ("GN", "LN") else torch.zeros(1)
            var = (x - mean).square().mean(2, keepdim=True)
            var = torch.ones(1) - 1e-5 if norm == "none" else var
        x = ((x - mean) / (var + 1e-5).sqrt()).view(len(images), -1, size, size)
        scale, shift = (
            weights[f"blocks.{block}.norm.{key}"].view(-1, 1, 1)
            for key in ("weight", "bias")
        )
        return x * scale + shift

    x, size = images, 28
    for block, (channels, pool) in enumerate(
        [(8, False), (8, True), (8, False), (16, True), (16, False), (16, True)]
    ):
        patches = F.unfold(x, 3, padding=1)
        x = (weights[f"blocks.{block}.conv.weight"].flatten(1) @ patches).clamp(min=0)
        x = normalised(x.view(len(images), channels, size, size), block)
        if pool:
            size //= 2
            x = (
                x[..., : 2 * size, : 2 * size]
                .unflatten(3, (size, 2))
                .unflatten(2, (size, 2))
                .amax((3, 5))
            )
    logits = x.mean((2, 3)) @ weights["head.weight"].flatten(1).T
    expected = logits - logits.exp().sum(1, keepdim=True).log()
    torch.testing.assert_close(model(images), expected, atol=2e-5, rtol=1e-4)


def test_in_training_batch_norm_uses_the_batch_and_the_others_the_image():
    images = torch.randn(6, 1, 28, 28)
    for norm in NORMS:
        model = network(norm).train().drop_with(torch.Generator())
        for block in model.blocks:
            block.dropout.p = 0
        alone, together = model(images[:1]), model(images)[:1]
        assert torch.allclose(alone, together, atol=1e-4) == (norm != "BN")


def test_the_last_block_pools_before_its_dropout_and_the_others_after():
    # Dropout before a max pool gives a zero only where all four elements are dropped.
    model = network("LN").train()
    for index, block in enumerate(model.blocks):
        block.dropout.p, block.dropout.generator = 0.5, torch.Generator().manual_seed(0)
        with torch.no_grad():
            block.norm.bias.fill_(10)  # so that only a dropped element is 0
            out = block(torch.rand(4, block.conv.in_channels, 14, 14))
        zeros = (out == 0).double().mean().item()
        assert zeros == pytest.approx(0.5**4 if index in (1, 3) else 0.5, abs=0.05), (
            index
        )


def test_dropout_keeps_the_mean_and_uses_only_its_generator():
    dropout = network("GN").blocks[0].dropout.train()
    x = torch.ones(200, 1000)
    torch.manual_seed(0)
    state = torch.get_rng_state()
    dropout.generator = torch.Generator().manual_seed(5)
    first = dropout(x)
    dropout.generator = torch.Generator().manual_seed(5)
    assert torch.equal(first, dropout(x))
    assert torch.equal(state, torch.get_rng_state())
    assert first.mean().item() == pytest.approx(1, abs=0.01)
    assert (first == 0).double().mean().item() == pytest.approx(0.069, abs=0.005)


def test_initial_weights_are_pytorchs_default_and_follow_the_seed():
    weight = network("BN", seed=3).blocks[3].conv.weight
    bound = (8 * 9) ** -0.5  # kaiming_uniform with a = sqrt 5
    assert weight.abs().max().item() <= bound
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)
    assert torch.equal(weight, network("GN", seed=3).blocks[3].conv.weight)
    assert not torch.equal(weight, network("BN", seed=4).blocks[3].conv.weight)
