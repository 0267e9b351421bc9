"""Activations and norm statistics, against their formulas and PyTorch."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.network import activations
from train.data import normalise
from train.data_sets import MNIST_PIXELS
from train.model import CHANNELS

SIZES = (28, 28, 14, 14, 7, 7)


@pytest.fixture(scope="module")
def image(mnist):
    return mnist.test.images[0].numpy()


def test_the_maps_are_those_of_the_network_layer_by_layer(trained, image):
    for checkpoint in trained:
        maps = activations.blocks(checkpoint, image)
        x = normalise(torch.from_numpy(image)[None], MNIST_PIXELS)
        network = checkpoint.network().eval()
        with torch.inference_mode():
            for block, block_maps, channels, size in zip(
                network.blocks, maps, CHANNELS[1:], SIZES, strict=True
            ):
                before = block.conv(x).relu()
                assert block_maps.before.shape == (channels, size, size)
                np.testing.assert_allclose(
                    block_maps.before, before[0].numpy(), atol=1e-5
                )
                after = block.norm(before)[0].numpy()
                np.testing.assert_allclose(block_maps.after, after, atol=1e-5)
                x = block(x)


def test_the_norm_statistics_reproduce_the_output_of_every_norm(trained, image):
    regrouped = replace(trained[0], trial=replace(trained[0].trial, groups=2))
    for checkpoint in (*trained, regrouped):
        maps = activations.blocks(checkpoint, image)
        table = activations.xray(checkpoint, maps)
        assert len(table) == sum(CHANNELS[1:])
        for row in table.itertuples():
            name = f"blocks.{row.block - 1}.norm"
            weight, bias = (
                float(checkpoint.state[f"{name}.{key}"][row.channel - 1])
                for key in ("weight", "bias")
            )
            before = maps[row.block - 1].before[row.channel - 1].astype(float)
            after = (before - row.taken_mean) / np.sqrt(row.taken_var + 1e-5)
            after = after * weight + bias
            output = maps[row.block - 1].after[row.channel - 1]
            np.testing.assert_allclose(output, after, atol=1e-4)
            assert row.mean == pytest.approx(before.mean(), abs=1e-5)
            assert row.var_after == pytest.approx(after.var(), abs=1e-4, rel=1e-3)


def test_every_norm_subtracts_and_divides_by_what_it_takes(one_of_each, image):
    for network in one_of_each:
        maps = activations.blocks(network, image)
        table = activations.xray(network, maps)
        for block, block_maps in enumerate(maps):
            rows = table[table.block == block + 1]
            mean, var, weight, bias = (
                np.asarray(values)[:, None, None]
                for values in (
                    rows.taken_mean,
                    rows.taken_var,
                    network.state[f"blocks.{block}.norm.weight"],
                    network.state[f"blocks.{block}.norm.bias"],
                )
            )
            after = (block_maps.before - mean) / np.sqrt(var + 1e-5) * weight + bias
            np.testing.assert_allclose(block_maps.after, after, rtol=1e-2, atol=1e-2)


def test_a_norm_without_statistics_takes_0_and_1(one_of_each, image):
    network = next(one for one in one_of_each if one.trial.norm == "none")
    table = activations.xray(network, activations.blocks(network, image))
    assert set(table.taken_mean) == {0.0} and set(table.taken_var) == {1.0}


def test_the_moments_of_a_batch_are_those_of_batch_norm_in_training(
    trained, image, mnist
):
    images = normalise(mnist.test.images[: activations.BATCH], MNIST_PIXELS)
    for checkpoint in trained:
        table = activations.xray(checkpoint, activations.blocks(checkpoint, image))
        x, network = images, checkpoint.network().eval()
        for index, block in enumerate(network.blocks):
            before = block.conv(x).relu().detach()
            rows = table[table.block == index + 1]
            mean, var = before.mean((0, 2, 3)), before.var((0, 2, 3), unbiased=False)
            np.testing.assert_allclose(rows.batch_mean, mean.numpy(), atol=1e-4)
            np.testing.assert_allclose(rows.batch_var, var.numpy(), rtol=1e-3)
            x = block(x)


def test_group_and_layer_norm_have_mean_0_and_variance_1_before_the_affine(
    trained, image
):
    for checkpoint in trained:
        if checkpoint.trial.norm == "BN":
            continue
        for block, block_maps in enumerate(activations.blocks(checkpoint, image)):
            weight, bias = (
                checkpoint.state[f"blocks.{block}.norm.{key}"].numpy()[:, None, None]
                for key in ("weight", "bias")
            )
            plain = (block_maps.after - bias) / weight
            groups = activations.group_of(checkpoint.trial, len(plain))
            for group in set(groups):
                values = plain[groups == group]
                assert values.mean() == pytest.approx(0, abs=1e-3)
                assert values.var() == pytest.approx(1, abs=0.02)  # up to epsilon


def test_batch_statistics_are_those_of_pytorch_in_training(trained, mnist):
    images = mnist.test.images[:256]
    for checkpoint in trained:
        for size in (1, 2, 64, 256):
            network = replace(
                checkpoint, trial=replace(checkpoint.trial, dropout=0.0)
            ).network()
            network.train()
            with torch.inference_mode():
                expected = torch.cat(
                    [
                        network(normalise(batch, MNIST_PIXELS))
                        for batch in images.split(size)
                    ]
                )
            log_probs = activations.by_batch(checkpoint, images, size).log_softmax(1)
            torch.testing.assert_close(log_probs, expected, atol=1e-4, rtol=0)


def test_one_batch_of_all_images_is_the_network_with_its_averages_re_estimated(
    trained, mnist
):
    checkpoint, images = trained[1], mnist.test.images[:256]
    assert checkpoint.trial.norm == "BN"
    network = checkpoint.network().eval()
    with torch.inference_mode():
        for (
            block
        ) in network.parts():  # in order: a block sees the earlier ones' new ones
            inputs = []
            hook = block.norm.register_forward_hook(
                lambda _, arguments, output, inputs=inputs: inputs.append(arguments[0])
            )
            network(normalise(images, MNIST_PIXELS))
            hook.remove()
            var, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
            block.norm.running_mean.copy_(mean)
            block.norm.running_var.copy_(var)
        expected = network(normalise(images, MNIST_PIXELS))
    log_probs = activations.by_batch(checkpoint, images, 256).log_softmax(1)
    torch.testing.assert_close(log_probs, expected, atol=1e-4, rtol=0)


def test_only_batch_norm_depends_on_the_batch(trained, mnist):
    for checkpoint in trained:
        accuracies = activations.accuracy_by_batch(checkpoint, mnist.test)
        assert tuple(accuracies) == activations.BATCHES
        varies = len(set(accuracies.values())) > 1
        assert varies == (checkpoint.trial.norm == "BN")
        if not varies:
            assert accuracies[1] == activations.usual_accuracy(checkpoint, mnist.test)


def test_a_sprite_has_its_maps_on_one_scale():
    maps = np.stack([np.full((7, 7), value, np.float32) for value in (-2, 0, 1)])
    with Image.open(io.BytesIO(activations.sprite(maps, 2.0))) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape == (7, 21)
    assert pixels[0, [0, 7, 14]].tolist() == [0, 128, 191]


def test_a_table_of_two_networks_has_their_titles_and_the_root_mean_square_of_a_shift(
    trained, image
):
    tables = [
        activations.xray(checkpoint, activations.blocks(checkpoint, image))
        for checkpoint in trained[:2]
    ]
    both = activations.side_by_side(["one", "other"], tables)
    assert both.network.tolist() == ["one"] * 72 + ["other"] * 72
    assert both["mean"].tolist()[:72] == tables[0]["mean"].round(4).tolist()
    shifts = [row.mean - row.taken_mean for row in tables[1].itertuples()]
    expected = np.sqrt(np.mean(np.square(shifts)))
    assert activations.shift(tables[1]) == pytest.approx(expected)
