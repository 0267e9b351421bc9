"""The network of `model.py` as Numba kernels: forward, backward and update of one batch, on one core.

Layout. A tile is 16 images of a batch, and the images are innermost: an array of activations is (C, S, S, 16) float32,
one vector of 16 lanes for each pixel. What a convolution reads is padded, (C, S + 2, S + 2, 16), with a border of zeros
that nobody writes. Lanes beyond a short last tile hold zeros at the input and add nothing to any gradient.

Order. GN and LN look at one image at a time, so a tile goes through the whole network and back before the next one,
and one tile's memory stays in the cache. BN needs the whole batch at every block, so all tiles pass a block before the
next one; they pass it in turn upwards and downwards, so that the last tile is still in the cache.

Blocks count from 0. The norm of every kind is an affine of a vector: y = scale r + shift, r the rectified convolution;
its gradient is dr = scale dy + slope r + offset. Kinds differ only in how those coefficients come about.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import float32, njit, uint16, uint32

from train import simd, winograd
from train.data import FILL, MEAN, STD
from train.model import CHANNELS, POOLED
from train.simd import (
    chance_lower,
    chance_upper,
    greater,
    load,
    load_bits,
    multiply_add,
    next_bits,
    only,
    spread,
    square_root,
    store,
    store_bits,
    total,
    where,
    zeros,
)

BLOCKS = len(CHANNELS) - 1
LAST = BLOCKS - 1
SIZES = (28, 28, 14, 14, 7, 7)  # of a block's convolution
POOLS = tuple(
    int(block in POOLED) for block in range(BLOCKS)
)  # 1 where a block halves its size
EPS = 1e-5  # of every norm
BN_MOMENTUM = 0.1  # of BN's running averages
NO_DROPOUT, ALL_LANES = uint32(0), uint16(0xFFFF)
PIXEL_VALUES = ((np.arange(256) / 255 - MEAN) / STD).astype(np.float32)

kernel = njit(error_model="numpy", nogil=True, cache=True)


class Parameters(NamedTuple):
    """The weights, or their gradients, as views of one vector in the order of `Network.parameters()`."""

    vector: np.ndarray  # (7288,) float32
    convs: tuple  # per block (O, I, 3, 3)
    gains: tuple  # per block (O,): the norm's weight
    biases: tuple  # per block (O,): the norm's bias
    head: np.ndarray  # (10, 16)


class Coefficients(NamedTuple):
    """Per tile, block and channel one vector: arrays (T, 6, 16, 16), the last axis lanes."""

    mean: np.ndarray
    rstd: np.ndarray  # 1 / sqrt(var + eps)
    scale: np.ndarray
    shift: np.ndarray
    slope: np.ndarray
    offset: np.ndarray


class Workspace(NamedTuple):
    """The memory of T tiles; per block, arrays with a first axis of T, and one tile of `delta`."""

    inputs: tuple  # (T, I, S + 2, S + 2, 16), padded; and last the output of the network's blocks, (T, 16, 3, 3, 16)
    rectified: tuple  # (T, O, S, S, 16): after convolution and ReLU
    masks: tuple  # (T, O, S, S) uint16: bit i says that lane i passes dropout and is its pool's maximum
    slopes: tuple  # (T, O, S', S', 16): the gradient of the block's output; S' is S, or half of it rounded up
    delta: (
        tuple  # (O, S + 2, S + 2, 16), padded: the gradient of the convolution's output
    )
    winograd: (
        winograd.Workspace
    )  # filters, sums and scratch of the convolutions but the first
    coefficients: Coefficients
    logits: np.ndarray  # (10, 16): of one tile
    features: np.ndarray  # (16, 16): of one tile, channels by lanes
    noise: np.ndarray  # (T + 1, 16) uint32: the state of each tile's random generators, and one to spare
    running_mean: np.ndarray  # (6, 16) float64, of BN
    running_var: np.ndarray


class Batch(NamedTuple):
    """Images (N, 28, 28) uint8 and labels (N,) int64; which of them, and `data.rotation_steps` of each (B, 4)."""

    images: np.ndarray
    labels: np.ndarray
    order: np.ndarray
    steps: np.ndarray


@kernel
def load_images(batch, first, count, pixel_values, x):
    """x[0, h + 1, w + 1, i] = the normalised pixel (h, w) of image `first + i`, rotated; x (1, 30, 30, 16).

    Rotation is `data.rotate`: nearest neighbour in steps of 1/65536 pixel. Lanes from `count` on become 0.
    """
    for lane in range(16):
        if lane >= count:
            x[0, 1:29, 1:29, lane] = 0
            continue
        image = batch.images[batch.order[first + lane]]
        steps = batch.steps[first + lane]
        x0, y0, cos, sin = steps[0], steps[1], steps[2], steps[3]
        for row in range(28):
            source_x, source_y = x0 + sin * row, y0 + cos * row
            for column in range(28):
                h, w = source_y >> 16, source_x >> 16
                inside = 0 <= h < 28 and 0 <= w < 28
                x[0, row + 1, column + 1, lane] = pixel_values[
                    image[h, w] if inside else FILL
                ]
                source_x += cos
                source_y -= sin


@kernel
def convolve(block, x, w, out, fast):
    """out = max(0, w * x): x (I, S + 2, S + 2, 16) padded, w (O, I, 3, 3), out (O, S, S, 16).

    By Winograd, but for the first block: a single input channel does not repay the transforms.
    """
    channels, size, _, _ = out.shape
    assert x.shape[0] == w.shape[1] and w.shape[0] == channels
    assert x.shape[1] == size + 2
    if block:
        winograd.convolve(x, fast.filters[block], out, float32(0), fast.rows)
        return
    for row in range(size):
        for column in range(0, size, simd.PIXELS):
            for channel in range(0, channels, simd.CHANNELS):
                simd.convolve_relu_block(x, w, out, channel, row, column)


@kernel
def transform_filters(weights, fast):
    """The Winograd filters of every block but the first, forward and backward."""
    for b in range(1, BLOCKS):
        winograd.transform_filters(weights.convs[b], fast.filters[b], fast.backward[b])


@kernel
def lane_sums(r, channel):
    """Per lane: k = the channel's first pixel, sum of (r - k), sum of (r - k)^2; r (C, S, S, 16).

    The first pixel is background: without it, float32 loses the variance to cancellation.
    """
    pixels = r.shape[1] * r.shape[2]
    first = channel * pixels
    k = load(r, first)
    s0, s1, q0, q1 = zeros(), zeros(), zeros(), zeros()
    for i in range(first, first + pixels - 1, 2):
        a, b = load(r, i) - k, load(r, i + 1) - k
        s0, s1 = s0 + a, s1 + b
        q0, q1 = multiply_add(a, a, q0), multiply_add(b, b, q1)
    if pixels % 2:
        a = load(r, first + pixels - 1) - k
        s0, q0 = s0 + a, multiply_add(a, a, q0)
    return k, s0 + s1, q0 + q1


@kernel
def image_norm(r, gain, bias, groups, tile, block, c):
    """GN and LN: the affine of each image from its mean and variance over a group of channels.

    scale = gain rstd, shift = bias - mean scale; r (C, S, S, 16).
    """
    channels = r.shape[0]
    size = channels // groups
    base = (tile * BLOCKS + block) * 16
    per_pixel = spread(float32(1) / float32(r.shape[1] * r.shape[2]))
    per_channel = spread(float32(1) / float32(size))
    for first in range(0, channels, size):
        mean, var = zeros(), zeros()
        for channel in range(first, first + size):
            k, s, q = lane_sums(r, channel)
            s = s * per_pixel
            store(c.mean, base + channel, k + s)
            store(
                c.rstd, base + channel, q * per_pixel - s * s
            )  # for now the channel's variance
            mean = mean + k + s
        mean = mean * per_channel
        for channel in range(first, first + size):
            apart = load(c.mean, base + channel) - mean
            var = var + multiply_add(apart, apart, load(c.rstd, base + channel))
        var = var * per_channel
        var = only(greater(var, zeros()), var)
        rstd = spread(float32(1)) / square_root(var + spread(float32(EPS)))
        for channel in range(first, first + size):
            scale = rstd * spread(gain[channel])
            store(c.mean, base + channel, mean)
            store(c.rstd, base + channel, rstd)
            store(c.scale, base + channel, scale)
            store(c.shift, base + channel, spread(bias[channel]) - mean * scale)


@kernel
def batch_sums(r, tile, block, c):
    """BN: the lane sums of one tile, kept in `scale` (sum of r - k) and `shift` (of its square) until all are in."""
    for channel in range(r.shape[0]):
        _, s, q = lane_sums(r, channel)
        store(c.scale, (tile * BLOCKS + block) * 16 + channel, s)
        store(c.shift, (tile * BLOCKS + block) * 16 + channel, q)


@kernel
def batch_norm(rectified, gain, bias, tiles, images, block, work):
    """BN: the affine of each channel from its mean and variance over the batch, summed in float64.

    Moves the running averages: mean by 0.1 of the batch's, variance by 0.1 of its unbiased estimate. Lanes beyond the
    batch count as what they are, zero input, and are left out.
    """
    c = work.coefficients
    _, channels, size, _, _ = rectified.shape
    count = images * size * size
    for channel in range(channels):
        s, q = 0.0, 0.0
        for tile in range(tiles):
            for lane in range(min(16, images - 16 * tile)):
                k = np.float64(rectified[tile, channel, 0, 0, lane])
                d = np.float64(c.scale[tile, block, channel, lane])
                s += d + size * size * k
                q += (
                    c.shift[tile, block, channel, lane]
                    + 2 * k * d
                    + size * size * k * k
                )
        mean = s / count
        var = max(q / count - mean * mean, 0.0)
        work.running_mean[block, channel] += BN_MOMENTUM * (
            mean - work.running_mean[block, channel]
        )
        unbiased = var * count / (count - 1)
        work.running_var[block, channel] += BN_MOMENTUM * (
            unbiased - work.running_var[block, channel]
        )
        set_affine(c, tiles, block, channel, mean, var, gain[channel], bias[channel])


@kernel
def running_norm(gain, bias, block, work):
    """BN at test time: the affine of each channel from the running averages, for the first tile."""
    for channel in range(gain.size):
        mean, var = work.running_mean[block, channel], work.running_var[block, channel]
        set_affine(
            work.coefficients,
            1,
            block,
            channel,
            mean,
            var,
            gain[channel],
            bias[channel],
        )


@kernel
def set_affine(c, tiles, block, channel, mean, var, gain, bias):
    """The same affine for every lane of every tile."""
    rstd = 1 / math.sqrt(var + EPS)
    for tile in range(tiles):
        place = (tile * BLOCKS + block) * 16 + channel
        store(c.mean, place, spread(float32(mean)))
        store(c.rstd, place, spread(float32(rstd)))
        store(c.scale, place, spread(float32(gain * rstd)))
        store(c.shift, place, spread(float32(bias - mean * gain * rstd)))


@kernel
def finish_block(r, tile, block, pool, out, border, masks, c, drop, lanes, noise):
    """out = the affine of r, then dropout, then the pool; the last block pools before its dropout.

    r (C, S, S, 16); out (C, S', S', 16) inside a border of that many pixels; masks (C, S, S). Dropout zeroes an element
    with probability drop / 65536 and divides the others by the rest. Of equal elements the pool takes the first.
    """
    channels, size, _, _ = r.shape
    base = (tile * BLOCKS + block) * 16
    keep = spread(float32(65536) / float32(65536 - drop))
    state = load_bits(noise)
    side = out.shape[1]
    for channel in range(channels):
        scale = load(c.scale, base + channel) * keep
        shift = load(c.shift, base + channel) * keep
        if not pool:
            for row in range(size):
                here = (channel * size + row) * size
                there = (channel * side + row + border) * side + border
                for column in range(size):
                    if column % 2 == 0:
                        state = next_bits(state)
                        passed = chance_lower(state, drop) & lanes
                    else:
                        passed = chance_upper(state, drop) & lanes
                    y = multiply_add(scale, load(r, here + column), shift)
                    store(out, there + column, only(uint16(passed), y))
                    masks[channel, row, column] = passed
            continue
        for row in range(size // 2):
            for column in range(size // 2):
                here = (channel * size + 2 * row) * size + 2 * column
                y0 = multiply_add(scale, load(r, here), shift)
                y1 = multiply_add(scale, load(r, here + 1), shift)
                y2 = multiply_add(scale, load(r, here + size), shift)
                y3 = multiply_add(scale, load(r, here + size + 1), shift)
                state = next_bits(state)
                p0 = uint16(chance_lower(state, drop) & lanes)
                p1 = p2 = p3 = p0
                if block != LAST:
                    p1 = uint16(chance_upper(state, drop) & lanes)
                    state = next_bits(state)
                    p2 = uint16(chance_lower(state, drop) & lanes)
                    p3 = uint16(chance_upper(state, drop) & lanes)
                    y0, y1, y2, y3 = (
                        only(p0, y0),
                        only(p1, y1),
                        only(p2, y2),
                        only(p3, y3),
                    )
                by1 = greater(y1, y0)
                y = where(by1, y1, y0)
                by2 = greater(y2, y)
                y = where(by2, y2, y)
                by3 = greater(y3, y)
                y = where(by3, y3, y)
                if block == LAST:
                    y = only(p0, y)
                store(out, (channel * side + row + border) * side + column + border, y)
                masks[channel, 2 * row, 2 * column] = p0 & ~(by1 | by2 | by3)
                masks[channel, 2 * row, 2 * column + 1] = p1 & by1 & ~(by2 | by3)
                masks[channel, 2 * row + 1, 2 * column] = p2 & by2 & ~by3
                masks[channel, 2 * row + 1, 2 * column + 1] = p3 & by3
    store_bits(noise, state)


@kernel
def head(x, weights, labels, count, share, gradient, slope, work):
    """Mean over pixels, linear, log-softmax, loss; returns the summed loss and the number of correct images.

    x (16, 3, 3, 16), weights (10, 16), labels (count,). Leaves log-probabilities in `work.logits`, adds `share` times
    the gradient of the summed loss to `gradient`, and writes the gradient of x to `slope` (16, 4, 4, 16).
    """
    ninth = spread(float32(1) / float32(9))
    for channel in range(16):
        s = zeros()
        for pixel in range(9):
            s = s + load(x, channel * 9 + pixel)
        store(work.features, channel, s * ninth)
    for digit in range(10):
        s = zeros()
        for channel in range(16):
            s = multiply_add(
                spread(weights[digit, channel]), load(work.features, channel), s
            )
        store(work.logits, digit, s)
    loss, correct = 0.0, 0
    logits = work.logits
    for lane in range(count):
        best = 0
        for digit in range(1, 10):
            if logits[digit, lane] > logits[best, lane]:
                best = digit
        highest, s = logits[best, lane], float32(0)
        for digit in range(10):
            s += math.exp(logits[digit, lane] - highest)
        log_sum = highest + math.log(s)
        for digit in range(10):
            logits[digit, lane] -= log_sum
        loss -= logits[labels[lane], lane]
        correct += best == labels[lane]
    if not share:
        return loss, correct
    for digit in range(10):  # d loss / d logit = probability - (digit is the label)
        for lane in range(16):
            probability = math.exp(logits[digit, lane]) - float32(
                lane < count and labels[lane] == digit
            )
            logits[digit, lane] = share * probability if lane < count else float32(0)
        g = load(logits, digit)
        for channel in range(16):
            gradient[digit, channel] += total(g * load(work.features, channel))
    for channel in range(16):
        s = zeros()
        for digit in range(10):
            s = multiply_add(spread(weights[digit, channel]), load(logits, digit), s)
        for row in range(3):
            for column in range(3):
                store(
                    slope,
                    (channel * slope.shape[1] + row) * slope.shape[2] + column,
                    s * ninth,
                )
    return loss, correct


@kernel
def gradient_sums(r, slope, masks, pool, tile, block, c):
    """Per channel and lane: the sum of dy, kept in `offset`, and of dy (r - mean), kept in `slope`.

    dy is the gradient after the affine: the output's, where the mask lets it pass. slope (C, S', S', 16).
    """
    channels, size, _, _ = r.shape
    base, side = (tile * BLOCKS + block) * 16, slope.shape[1]
    for channel in range(channels):
        mean = load(c.mean, base + channel)
        s, q = zeros(), zeros()
        for row in range(size):
            here = (channel * size + row) * size
            there = (channel * side + (row >> pool)) * side
            for column in range(size):
                dy = only(
                    masks[channel, row, column], load(slope, there + (column >> pool))
                )
                s = s + dy
                q = multiply_add(dy, load(r, here + column) - mean, q)
        store(c.offset, base + channel, s)
        store(c.slope, base + channel, q)


@kernel
def image_norm_gradient(
    gain, groups, pixels, keep, tile, block, c, gain_gradient, bias_gradient
):
    """GN and LN: dr = scale dy + slope r + offset, per image, over the N values of a group.

    With y = (r - mean) rstd and g = gain dy: dr = rstd (g - mean(g) - y mean(g y)); d gain = sum dy y, d bias = sum dy.
    Everything that comes from the gradient is still to be divided by what dropout keeps: `keep`.
    """
    channels = gain.size
    size = channels // groups
    base = (tile * BLOCKS + block) * 16
    keep = spread(float32(keep))
    per_value = spread(float32(1) / float32(size * pixels))
    for first in range(0, channels, size):
        sum_g, sum_gy = zeros(), zeros()
        for channel in range(first, first + size):
            s = load(c.offset, base + channel) * keep
            q = load(c.slope, base + channel) * keep * load(c.rstd, base + channel)
            gain_gradient[channel] += total(q)
            bias_gradient[channel] += total(s)
            sum_g = multiply_add(spread(gain[channel]), s, sum_g)
            sum_gy = multiply_add(spread(gain[channel]), q, sum_gy)
        for channel in range(first, first + size):
            rstd = load(c.rstd, base + channel)
            slope = zeros() - rstd * rstd * sum_gy * per_value
            offset = (
                zeros()
                - rstd * sum_g * per_value
                - slope * load(c.mean, base + channel)
            )
            store(c.slope, base + channel, slope)
            store(c.offset, base + channel, offset)
            store(c.scale, base + channel, load(c.scale, base + channel) * keep)


@kernel
def batch_norm_gradient(
    gain, tiles, count, keep, block, c, gain_gradient, bias_gradient
):
    """BN: as `image_norm_gradient`, over the `count` values of a channel in the batch, summed in float64."""
    for channel in range(gain.size):
        s, q = 0.0, 0.0
        for tile in range(tiles):
            s += total(load(c.offset, (tile * BLOCKS + block) * 16 + channel))
            q += total(load(c.slope, (tile * BLOCKS + block) * 16 + channel))
        mean, rstd = (
            np.float64(c.mean[0, block, channel, 0]),
            np.float64(c.rstd[0, block, channel, 0]),
        )
        s *= keep
        q *= keep * rstd
        gain_gradient[channel] += q
        bias_gradient[channel] += s
        slope = -rstd * rstd * gain[channel] * q / count
        offset = -rstd * gain[channel] * s / count - slope * mean
        scale = gain[channel] * rstd * keep
        for tile in range(tiles):
            place = (tile * BLOCKS + block) * 16 + channel
            store(c.slope, place, spread(float32(slope)))
            store(c.offset, place, spread(float32(offset)))
            store(c.scale, place, spread(float32(scale)))


@kernel
def through_norm_and_relu(r, slope, masks, pool, tile, block, c, lanes, z):
    """z = scale dy + slope r + offset where r > 0, else 0: the gradient of the convolution's output; z padded."""
    channels, size, _, _ = r.shape
    base, side, width = (tile * BLOCKS + block) * 16, slope.shape[1], size + 2
    for channel in range(channels):
        scale = load(c.scale, base + channel)
        tilt, offset = load(c.slope, base + channel), load(c.offset, base + channel)
        for row in range(size):
            here = (channel * size + row) * size
            there = (channel * side + (row >> pool)) * side
            target = (channel * width + row + 1) * width + 1
            for column in range(size):
                value = load(r, here + column)
                dy = only(
                    masks[channel, row, column], load(slope, there + (column >> pool))
                )
                dr = multiply_add(scale, dy, multiply_add(tilt, value, offset))
                store(
                    z,
                    target + column,
                    only(uint16(greater(value, zeros()) & lanes), dr),
                )


@kernel
def back_through_convolution(tile, block, gradients, work):
    """From `delta` to the gradient of the block's weights and, but for the first block, of its input.

    Winograd's sums for the weights' gradient wait in `work.winograd.gradients` for the end of the step.
    """
    x, z, fast = work.inputs[block][tile], work.delta[block], work.winograd
    if block:
        sums, slope = fast.gradients[block], work.slopes[block - 1][tile]
        winograd.add_gradient(x, z, fast.x[block], fast.z[block], sums)
        winograd.convolve(z, fast.backward[block], slope, float32(-np.inf), fast.rows)
        return
    gradient = gradients.convs[0]
    for channel in range(0, gradient.shape[0], simd.CHANNELS):
        simd.weight_gradient_block(x, z, gradient, channel, 0)


@kernel
def update(weights, gradients, velocity, lr, momentum, l1, l2):
    """SGD on vectors: velocity = momentum velocity + gradient + l2 w + l1 sign(w); w -= lr velocity."""
    w, g = weights.vector, gradients.vector
    for i in range(w.size):
        velocity[i] = momentum * velocity[i] + g[i] + l2 * w[i] + l1 * np.sign(w[i])
        w[i] -= lr * velocity[i]


@kernel
def lanes_of(tile, images):
    """The mask of the lanes of a tile that hold an image of the batch."""
    return uint16((1 << min(16, images - 16 * tile)) - 1)


@kernel
def image_norm_batch(
    batch, first, images, pixel_values, groups, drop, weights, gradients, work
):
    """Loss, correct and gradients of a batch under GN or LN, tile by tile, all in the memory of tile 0."""
    c, keep = work.coefficients, 65536 / (65536 - drop)
    loss, correct = 0.0, 0
    for tile in range((images + 15) // 16):
        start, count, lanes = (
            first + 16 * tile,
            min(16, images - 16 * tile),
            lanes_of(tile, images),
        )
        load_images(batch, start, count, pixel_values, work.inputs[0][0])
        for b in range(BLOCKS):
            r = work.rectified[b][0]
            convolve(b, work.inputs[b][0], weights.convs[b], r, work.winograd)
            image_norm(r, weights.gains[b], weights.biases[b], groups, 0, b, c)
            border = int(b != LAST)
            finish_block(
                r,
                0,
                b,
                POOLS[b],
                work.inputs[b + 1][0],
                border,
                work.masks[b][0],
                c,
                drop,
                lanes,
                work.noise[0],
            )
        labels = batch.labels[batch.order[start : start + count]]
        share = float32(1) / float32(images)
        x, slope = work.inputs[BLOCKS][0], work.slopes[LAST][0]
        tile_loss, tile_correct = head(
            x, weights.head, labels, count, share, gradients.head, slope, work
        )
        loss, correct = loss + tile_loss, correct + tile_correct
        for b in range(LAST, -1, -1):
            r, slope, masks = work.rectified[b][0], work.slopes[b][0], work.masks[b][0]
            gradient_sums(r, slope, masks, POOLS[b], 0, b, c)
            pixels = r.shape[1] * r.shape[2]
            image_norm_gradient(
                weights.gains[b],
                groups,
                pixels,
                keep,
                0,
                b,
                c,
                gradients.gains[b],
                gradients.biases[b],
            )
            through_norm_and_relu(
                r, slope, masks, POOLS[b], 0, b, c, lanes, work.delta[b]
            )
            back_through_convolution(0, b, gradients, work)
    return loss, correct


@kernel
def batch_norm_batch(
    batch, first, images, pixel_values, drop, weights, gradients, work
):
    """Loss, correct and gradients of a batch under BN: every block over all tiles before the next block."""
    c, keep = work.coefficients, 65536 / (65536 - drop)
    tiles = (images + 15) // 16
    for b in range(BLOCKS):
        for turn in range(tiles):
            tile = turn if b % 2 == 0 else tiles - 1 - turn
            if b == 0:
                count = min(16, images - 16 * tile)
                load_images(
                    batch, first + 16 * tile, count, pixel_values, work.inputs[0][tile]
                )
            else:
                finish_tile(tile, b - 1, images, drop, work)
            r = work.rectified[b][tile]
            convolve(b, work.inputs[b][tile], weights.convs[b], r, work.winograd)
            batch_sums(r, tile, b, c)
        batch_norm(
            work.rectified[b],
            weights.gains[b],
            weights.biases[b],
            tiles,
            images,
            b,
            work,
        )
    loss, correct = 0.0, 0
    share = float32(1) / float32(images)
    for tile in range(tiles):
        finish_tile(tile, LAST, images, drop, work)
        start, count = first + 16 * tile, min(16, images - 16 * tile)
        labels = batch.labels[batch.order[start : start + count]]
        x, slope = work.inputs[BLOCKS][tile], work.slopes[LAST][tile]
        tile_loss, tile_correct = head(
            x, weights.head, labels, count, share, gradients.head, slope, work
        )
        loss, correct = loss + tile_loss, correct + tile_correct
        gradient_sums(
            work.rectified[LAST][tile],
            slope,
            work.masks[LAST][tile],
            POOLS[LAST],
            tile,
            LAST,
            c,
        )
    for b in range(LAST, -1, -1):
        count = images * SIZES[b] * SIZES[b]
        batch_norm_gradient(
            weights.gains[b],
            tiles,
            count,
            keep,
            b,
            c,
            gradients.gains[b],
            gradients.biases[b],
        )
        for turn in range(tiles):
            tile = turn if b % 2 == 0 else tiles - 1 - turn
            r, slope, masks = (
                work.rectified[b][tile],
                work.slopes[b][tile],
                work.masks[b][tile],
            )
            lanes = lanes_of(tile, images)
            through_norm_and_relu(
                r, slope, masks, POOLS[b], tile, b, c, lanes, work.delta[b]
            )
            back_through_convolution(tile, b, gradients, work)
            if b:
                a = b - 1
                r, slope, masks = (
                    work.rectified[a][tile],
                    work.slopes[a][tile],
                    work.masks[a][tile],
                )
                gradient_sums(r, slope, masks, POOLS[a], tile, a, c)
    return loss, correct


@kernel
def finish_tile(tile, b, images, drop, work):
    """`finish_block` of a tile of a batch."""
    border, lanes, c = int(b != LAST), lanes_of(tile, images), work.coefficients
    r, out, masks = (
        work.rectified[b][tile],
        work.inputs[b + 1][tile],
        work.masks[b][tile],
    )
    finish_block(
        r, tile, b, POOLS[b], out, border, masks, c, drop, lanes, work.noise[tile]
    )


@kernel
def train_batches(
    batch, size, groups, drop, sgd, pixel_values, weights, gradients, velocity, work
):
    """Trains on `batch` in steps of `size` images, the last may be short; returns summed loss and correct.

    `groups` 0 is BN, else the groups of GN; `sgd` is (lr, momentum, l1, l2).
    """
    lr, momentum, l1, l2 = sgd
    loss, correct = 0.0, 0
    for first in range(0, batch.order.size, size):
        images = min(size, batch.order.size - first)
        gradients.vector[:] = 0
        transform_filters(weights, work.winograd)
        if groups:
            some, right = image_norm_batch(
                batch,
                first,
                images,
                pixel_values,
                groups,
                drop,
                weights,
                gradients,
                work,
            )
        else:
            some, right = batch_norm_batch(
                batch, first, images, pixel_values, drop, weights, gradients, work
            )
        for b in range(1, BLOCKS):
            winograd.finish_gradient(work.winograd.gradients[b], gradients.convs[b])
        update(weights, gradients, velocity, lr, momentum, l1, l2)
        loss, correct = loss + some, correct + right
    return loss, correct


@kernel
def predict(batch, groups, pixel_values, weights, gradients, work, log_probs):
    """log_probs (N, 10) of every image of `batch`, without dropout and, under BN, with the running averages."""
    c, images = work.coefficients, batch.order.size
    transform_filters(weights, work.winograd)
    noise = work.noise[
        work.noise.shape[0] - 1
    ]  # no tile's: what training draws does not depend on tests
    for tile in range((images + 15) // 16):
        start, count = 16 * tile, min(16, images - 16 * tile)
        load_images(batch, start, count, pixel_values, work.inputs[0][0])
        for b in range(BLOCKS):
            r = work.rectified[b][0]
            convolve(b, work.inputs[b][0], weights.convs[b], r, work.winograd)
            if groups:
                image_norm(r, weights.gains[b], weights.biases[b], groups, 0, b, c)
            else:
                running_norm(weights.gains[b], weights.biases[b], b, work)
            out, border = work.inputs[b + 1][0], int(b != LAST)
            finish_block(
                r,
                0,
                b,
                POOLS[b],
                out,
                border,
                work.masks[b][0],
                c,
                NO_DROPOUT,
                ALL_LANES,
                noise,
            )
        labels = batch.labels[batch.order[start : start + count]]
        slope = work.slopes[LAST][0]
        head(
            work.inputs[BLOCKS][0],
            weights.head,
            labels,
            count,
            float32(0),
            gradients.head,
            slope,
            work,
        )
        for lane in range(count):
            for digit in range(10):
                log_probs[start + lane, digit] = work.logits[digit, lane]
