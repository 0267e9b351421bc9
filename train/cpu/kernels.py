"""Network of `model.py` as Numba kernels: forward pass, backward pass and update of a batch, on one core.

Layout. A tile is 16 images of a batch, one per SIMD lane: an array of activations is (C, S, S, 16) float32, with one
vector of 16 lanes for each pixel. The input of a convolution is padded, (C, S + 2, S + 2, 16), with a border of zeros
that no kernel writes. In a short last tile the lanes without an image have zero input and add nothing to any gradient.

Order. A norm of the image takes every image by itself, so a tile passes forward and backward through the whole network before
the next tile, and the memory of one tile stays in the cache. BN needs the whole batch in every block, so all tiles pass
a block before the next block. The order of the tiles alternates from block to block, so that a block begins with the
tile that is still in the cache.

Blocks count from 0. Every norm is an affine function per channel and lane, y = scale r + shift, where r is the rectified
convolution, with the gradient dr = scale dy + slope r + offset. Norms differ only in these coefficients (`norms.py`).
"""

import numpy as np
from numba import float32, uint16, uint32

from train.cpu import winograd
from train.cpu.blocks import (
    back_through_convolution,
    convolve,
    finish_block,
    load_images,
    through_norm_and_relu,
    transform_filters,
)
from train.cpu.cache import kernel
from train.cpu.head import head
from train.cpu.layout import BLOCKS, LAST, SIZES, Affine, Batch, Dropout, Head, block_of
from train.cpu.norms import (
    batch_norm,
    batch_norm_gradient,
    batch_sums,
    gradient_sums,
    image_norm,
    image_norm_gradient,
    running_norm,
)

NO_DROPOUT = Dropout(uint32(0), uint16(0xFFFF))


@kernel
def update(weights, gradients, velocity, settings):
    """SGD step: velocity = momentum velocity + gradient + l2 w + l1 sign(w); w -= lr velocity."""
    w, g = weights.vector, gradients.vector
    lr, momentum, l1, l2 = settings.lr, settings.momentum, settings.l1, settings.l2
    for i in range(w.size):
        velocity[i] = momentum * velocity[i] + g[i] + l2 * w[i] + l1 * np.sign(w[i])
        w[i] -= lr * velocity[i]


@kernel
def lanes_of(tile, images):
    """Mask of the lanes of a tile that hold an image of the batch."""
    return uint16((1 << min(16, images - 16 * tile)) - 1)


@kernel
def affine_of(weights, gradients, b):
    """Gain and bias of block `b`, and their gradients."""
    return Affine(
        weights.gains[b], weights.biases[b], gradients.gains[b], gradients.biases[b]
    )


@kernel
def image_norm_batch(batch, settings, weights, gradients, work):
    """Summed loss, correct images and gradients of a batch with a norm of the image; all tiles use the memory of tile 0."""
    c, norm, drop = work.coefficients, settings.norm, settings.drop
    images, keep = batch.order.size, 65536 / (65536 - drop)
    layer = Head(weights.head, gradients.head, work.logits, work.features)
    loss, correct, share = 0.0, 0, float32(1) / float32(images)
    for tile in range((images + 15) // 16):
        start, count = 16 * tile, min(16, images - 16 * tile)
        lanes = lanes_of(tile, images)
        load_images(batch, start, count, work.inputs[0][0])
        for b in range(BLOCKS):
            block = block_of(work, b, 0)
            convolve(block, weights.convs[b], work.winograd)
            image_norm(block, c, affine_of(weights, gradients, b), norm)
            finish_block(block, c, Dropout(drop, lanes), work.noise[0])
        labels = batch.labels[batch.order[start : start + count]]
        tile_loss, tile_correct = head(block_of(work, LAST, 0), labels, share, layer)
        loss, correct = loss + tile_loss, correct + tile_correct
        for b in range(LAST, -1, -1):
            block = block_of(work, b, 0)
            gradient_sums(block, c)
            affine = affine_of(weights, gradients, b)
            image_norm_gradient(block, c, affine, norm, keep)
            through_norm_and_relu(block, c, lanes, work.delta[b])
            back_through_convolution(block, 0, gradients, work)
    return loss, correct


@kernel
def normalise_batch(batch, drop, weights, gradients, work):
    """Forward pass of a batch with BN, up to the coefficients of the last norm: all tiles pass a block before the next block."""
    c, images = work.coefficients, batch.order.size
    tiles = (images + 15) // 16
    for b in range(BLOCKS):
        for turn in range(tiles):
            tile = turn if b % 2 == 0 else tiles - 1 - turn
            if b == 0:
                count = min(16, images - 16 * tile)
                load_images(batch, 16 * tile, count, work.inputs[0][tile])
            else:
                finish_tile(tile, b - 1, images, drop, work)
            block = block_of(work, b, tile)
            convolve(block, weights.convs[b], work.winograd)
            batch_sums(block, c)
        batch_norm(b, tiles, images, affine_of(weights, gradients, b), work)


@kernel
def batch_norm_batch(batch, settings, weights, gradients, work):
    """Summed loss, correct images and gradients of a batch with BN."""
    c, drop, images = work.coefficients, settings.drop, batch.order.size
    tiles, keep = (images + 15) // 16, 65536 / (65536 - drop)
    normalise_batch(batch, drop, weights, gradients, work)
    layer = Head(weights.head, gradients.head, work.logits, work.features)
    loss, correct, share = 0.0, 0, float32(1) / float32(images)
    for tile in range(tiles):
        finish_tile(tile, LAST, images, drop, work)
        start, count = 16 * tile, min(16, images - 16 * tile)
        labels = batch.labels[batch.order[start : start + count]]
        block = block_of(work, LAST, tile)
        tile_loss, tile_correct = head(block, labels, share, layer)
        loss, correct = loss + tile_loss, correct + tile_correct
        gradient_sums(block, c)
    for b in range(LAST, -1, -1):
        count, affine = images * SIZES[b] * SIZES[b], affine_of(weights, gradients, b)
        batch_norm_gradient(b, tiles, count, keep, affine, c)
        for turn in range(tiles):
            tile = turn if b % 2 == 0 else tiles - 1 - turn
            block = block_of(work, b, tile)
            through_norm_and_relu(block, c, lanes_of(tile, images), work.delta[b])
            back_through_convolution(block, tile, gradients, work)
            if b:
                gradient_sums(block_of(work, b - 1, tile), c)
    return loss, correct


@kernel
def finish_tile(tile, b, images, drop, work):
    """`finish_block` of block `b` for one tile of a batch."""
    dropout = Dropout(drop, lanes_of(tile, images))
    block = block_of(work, b, tile)
    finish_block(block, work.coefficients, dropout, work.noise[tile])


@kernel
def train_batches(batch, settings, weights, gradients, velocity, work):
    """Trains on `batch` in steps of `settings.batch_size`, of which the last may be short; returns summed loss and correct images."""
    loss, correct, size = 0.0, 0, settings.batch_size
    for first in range(0, batch.order.size, size):
        step = Batch(
            batch.images,
            batch.labels,
            batch.order[first : first + size],
            batch.steps[first : first + size],
            batch.pixel_values,
        )
        gradients.vector[:] = 0
        transform_filters(weights, work.winograd)
        if settings.norm.over_batch:
            step_loss, step_correct = batch_norm_batch(
                step, settings, weights, gradients, work
            )
        else:
            step_loss, step_correct = image_norm_batch(
                step, settings, weights, gradients, work
            )
        for b in range(1, BLOCKS):
            winograd.finish_gradient(work.winograd.gradients[b], gradients.convs[b])
        update(weights, gradients, velocity, settings)
        loss, correct = loss + step_loss, correct + step_correct
    return loss, correct


@kernel
def correct_as_batch(batch, weights, gradients, work):
    """Correct images of a batch with BN, by mean and variance of this batch and without dropout."""
    images, correct, drop = batch.order.size, 0, uint32(0)
    layer = Head(weights.head, gradients.head, work.logits, work.features)
    transform_filters(weights, work.winograd)
    normalise_batch(batch, drop, weights, gradients, work)
    for tile in range((images + 15) // 16):
        finish_tile(tile, LAST, images, drop, work)
        labels = batch.labels[batch.order[16 * tile : 16 * tile + 16]]
        correct += head(block_of(work, LAST, tile), labels, float32(0), layer)[1]
    return correct


@kernel
def predict(batch, norm, weights, gradients, work, log_probs):
    """Writes log_probs (N, 10) of the images of `batch`, without dropout and, with BN, by the running averages."""
    c, images = work.coefficients, batch.order.size
    layer = Head(weights.head, gradients.head, work.logits, work.features)
    transform_filters(weights, work.winograd)
    # The spare generator, so that evaluation does not change the masks of training.
    noise = work.noise[work.noise.shape[0] - 1]
    for tile in range((images + 15) // 16):
        start, count = 16 * tile, min(16, images - 16 * tile)
        load_images(batch, start, count, work.inputs[0][0])
        for b in range(BLOCKS):
            block, affine = block_of(work, b, 0), affine_of(weights, gradients, b)
            convolve(block, weights.convs[b], work.winograd)
            if norm.over_batch:
                running_norm(b, affine, work)
            else:
                image_norm(block, c, affine, norm)
            finish_block(block, c, NO_DROPOUT, noise)
        labels = batch.labels[batch.order[start : start + count]]
        head(block_of(work, LAST, 0), labels, float32(0), layer)
        for lane in range(count):
            for digit in range(10):
                log_probs[start + lane, digit] = work.logits[digit, lane]
