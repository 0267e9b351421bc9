"""The network in JAX, its whole step compiled: one of the frameworks that `frameworks.py` compares. JAX is installed for that alone."""

import importlib
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import torch

from benchmarks.frameworks import LR, MOMENTUM
from train.model import CHANNELS, POOLED
from train.norms import BY_KEY, Norm
from train.study import Trial

jax = importlib.import_module("jax")
jnp, lax = jax.numpy, jax.lax


def normalised(x, gain, bias, norm: Norm, groups: int):
    """x (B, C, H, W) by batch statistics, or by those of an image's groups of channels."""
    size, channels, height, width = x.shape
    axes, grouped = (0, 2, 3), x
    if not norm.over_batch:
        axes = (2, 3, 4)
        grouped = x.reshape(size, norm.groups(channels, groups), -1, height, width)
    mean, var = grouped.mean(axes, keepdims=True), grouped.var(axes, keepdims=True)
    y = ((grouped - mean) * lax.rsqrt(var + 1e-5)).reshape(x.shape)
    return y * gain[:, None, None] + bias[:, None, None]


def pooled(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def loss(weights, images, labels, key, trial: Trial):
    """Mean loss of a batch in training."""
    x, norm = images, BY_KEY[trial.norm]
    for b, own_key in enumerate(jax.random.split(key, len(CHANNELS) - 1)):
        x = jax.nn.relu(lax.conv(x, weights[f"blocks.{b}.conv.weight"], (1, 1), "SAME"))
        affine = weights[f"blocks.{b}.norm.weight"], weights[f"blocks.{b}.norm.bias"]
        x = normalised(x, *affine, norm, trial.groups)
        if b == POOLED[-1]:  # before dropout
            x = pooled(x)
        kept = jax.random.bernoulli(own_key, 1 - trial.dropout, x.shape)
        x = jnp.where(kept, x / (1 - trial.dropout), 0)
        if b in POOLED[:-1]:
            x = pooled(x)
    logits = x.mean((2, 3)) @ weights["head.weight"][:, :, 0, 0].T
    log_probs = jax.nn.log_softmax(logits)
    return -jnp.take_along_axis(log_probs, labels[:, None], 1).mean()


@partial(jax.jit, static_argnames="trial")
def step(weights, velocity, key, images, labels, trial: Trial):
    key, own_key = jax.random.split(key)
    gradients = jax.grad(loss)(weights, images, labels, own_key, trial)
    velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, gradients)
    weights = jax.tree.map(lambda w, v: w - LR * v, weights, velocity)
    return weights, velocity, key


def epoch(
    trial: Trial,
    state: dict[str, np.ndarray],
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
) -> Callable[[], None]:
    """Function that trains for an epoch, from `state` on."""
    weights = {name: jnp.asarray(value) for name, value in state.items()}
    held = [weights, jax.tree.map(jnp.zeros_like, weights), jax.random.key(1)]
    own = [(jnp.asarray(x.numpy()), jnp.asarray(y.numpy())) for x, y in batches]

    def run():
        for images, labels in own:
            held[:] = step(*held, images, labels, trial)
        jax.block_until_ready(held[0])

    return run
