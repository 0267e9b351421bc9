"""Stacks of networks, against the single networks."""

from dataclasses import replace

import torch

from explorer.runs.ensemble import Stack
from train.data import normalise
from train.data_sets import MNIST_PIXELS


def test_the_stack_answers_as_the_single_networks_do(trained, mnist):
    regrouped = replace(trained[0], trial=replace(trained[0].trial, groups=2))
    mixed = [trained[2], trained[1], trained[0], regrouped, trained[1], trained[2]]
    images = mnist.test.images[:20]
    with torch.inference_mode():
        expected = torch.stack(
            [
                checkpoint.network()(normalise(images, MNIST_PIXELS)).exp()
                for checkpoint in mixed
            ]
        )
    for count in (1, 2, 6):
        probs = Stack(mixed[:count]).probs(images)
        torch.testing.assert_close(probs, expected[:count], atol=1e-5, rtol=0)


def test_the_stack_has_every_norm(one_of_each, mnist):
    images = mnist.test.images[:20]
    with torch.inference_mode():
        expected = torch.stack(
            [
                network.network().eval()(normalise(images, MNIST_PIXELS)).exp()
                for network in one_of_each
            ]
        )
    twice = Stack([*one_of_each, *one_of_each]).probs(images)
    torch.testing.assert_close(twice, expected.repeat(2, 1, 1), atol=1e-5, rtol=0)


def test_an_empty_stack_has_no_answers(mnist):
    assert Stack([]).probs(mnist.test.images[:2]).shape == (0, 2, 10)
