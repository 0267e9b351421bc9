"""The norms: from a block's rectified convolution to the affine of each channel, and the gradient of both.

An affine is y = scale r + shift, its gradient dr = scale dy + slope r + offset: `Coefficients`.
"""

import math

import numpy as np
from numba import float32

from train.cpu.cache import kernel
from train.cpu.layout import first_position
from train.cpu.simd import (
    greater,
    load,
    multiply_add,
    only,
    spread,
    square_root,
    store,
    total,
    zeros,
)

EPS = 1e-5  # of every norm
BN_MOMENTUM = 0.1  # of BN's running averages


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
def image_norm(block, c, affine, groups):
    """GN and LN: the affine of each image from its mean and variance over a group of channels.

    scale = gain rstd, shift = bias - mean scale; r is `block.rectified`.
    """
    r, base = block.rectified, block.first
    channels = r.shape[0]
    size = channels // groups
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
            scale = rstd * spread(affine.gain[channel])
            store(c.mean, base + channel, mean)
            store(c.rstd, base + channel, rstd)
            store(c.scale, base + channel, scale)
            store(c.shift, base + channel, spread(affine.bias[channel]) - mean * scale)


@kernel
def batch_sums(block, c):
    """BN: the lane sums of one tile, kept in `scale` (sum of r - k) and `shift` (of its square) until all are in."""
    for channel in range(block.rectified.shape[0]):
        _, s, q = lane_sums(block.rectified, channel)
        store(c.scale, block.first + channel, s)
        store(c.shift, block.first + channel, q)


@kernel
def batch_norm(b, tiles, images, affine, work):
    """BN: the affine of each channel from its mean and variance over the batch, summed in float64.

    Moves the running averages: mean by 0.1 of the batch's, variance by 0.1 of its unbiased estimate. Lanes beyond the
    batch count as what they are, zero input, and are left out.
    """
    c, rectified = work.coefficients, work.rectified[b]
    _, channels, size, _, _ = rectified.shape
    count = images * size * size
    for channel in range(channels):
        s, q = 0.0, 0.0
        for tile in range(tiles):
            for lane in range(min(16, images - 16 * tile)):
                k = np.float64(rectified[tile, channel, 0, 0, lane])
                d = np.float64(c.scale[tile, b, channel, lane])
                s += d + size * size * k
                q += c.shift[tile, b, channel, lane] + 2 * k * d + size * size * k * k
        mean = s / count
        var = max(q / count - mean * mean, 0.0)
        work.running_mean[b, channel] += BN_MOMENTUM * (
            mean - work.running_mean[b, channel]
        )
        unbiased = var * count / (count - 1)
        work.running_var[b, channel] += BN_MOMENTUM * (
            unbiased - work.running_var[b, channel]
        )
        own = affine.gain[channel], affine.bias[channel]
        set_affine(c, tiles, first_position(0, b) + channel, (mean, var), own)


@kernel
def running_norm(b, affine, work):
    """BN at test time: the affine of each channel from the running averages, for the first tile."""
    for channel in range(affine.gain.size):
        moments = work.running_mean[b, channel], work.running_var[b, channel]
        own = affine.gain[channel], affine.bias[channel]
        set_affine(work.coefficients, 1, first_position(0, b) + channel, moments, own)


@kernel
def set_affine(c, tiles, place, moments, affine):
    """The same affine for every lane of every tile, from mean and variance and from gain and bias.

    `place` is the channel's position in the coefficients of the first tile.
    """
    mean, var = moments
    gain, bias = affine
    rstd = 1 / math.sqrt(var + EPS)
    for tile in range(tiles):
        here = first_position(tile, 0) + place
        store(c.mean, here, spread(float32(mean)))
        store(c.rstd, here, spread(float32(rstd)))
        store(c.scale, here, spread(float32(gain * rstd)))
        store(c.shift, here, spread(float32(bias - mean * gain * rstd)))


@kernel
def gradient_sums(block, c):
    """Per channel and lane: the sum of dy, kept in `offset`, and of dy (r - mean), kept in `slope`.

    dy is the gradient after the affine: the output's, where the mask lets it pass.
    """
    r, slope, masks = block.rectified, block.slope, block.masks
    base, pool = block.first, block.pool
    channels, size, _, _ = r.shape
    side = slope.shape[1]
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
def image_norm_gradient(block, c, affine, groups, keep):
    """GN and LN: dr = scale dy + slope r + offset, per image, over the N values of a group.

    With y = (r - mean) rstd and g = gain dy: dr = rstd (g - mean(g) - y mean(g y)); d gain = sum dy y, d bias = sum dy.
    Everything that comes from the gradient is still to be divided by what dropout keeps: `keep`.
    """
    gain, base = affine.gain, block.first
    channels = gain.size
    pixels = block.rectified.shape[1] * block.rectified.shape[2]
    size = channels // groups
    keep = spread(float32(keep))
    per_value = spread(float32(1) / float32(size * pixels))
    for first in range(0, channels, size):
        sum_g, sum_gy = zeros(), zeros()
        for channel in range(first, first + size):
            s = load(c.offset, base + channel) * keep
            q = load(c.slope, base + channel) * keep * load(c.rstd, base + channel)
            affine.gain_gradient[channel] += total(q)
            affine.bias_gradient[channel] += total(s)
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
def batch_norm_gradient(b, tiles, count, keep, affine, c):
    """BN: as `image_norm_gradient`, over the `count` values of a channel in the batch, summed in float64."""
    gain = affine.gain
    for channel in range(gain.size):
        s, q = 0.0, 0.0
        for tile in range(tiles):
            s += total(load(c.offset, first_position(tile, b) + channel))
            q += total(load(c.slope, first_position(tile, b) + channel))
        mean, rstd = (
            np.float64(c.mean[0, b, channel, 0]),
            np.float64(c.rstd[0, b, channel, 0]),
        )
        s *= keep
        q *= keep * rstd
        affine.gain_gradient[channel] += q
        affine.bias_gradient[channel] += s
        slope = -rstd * rstd * gain[channel] * q / count
        offset = -rstd * gain[channel] * s / count - slope * mean
        scale = gain[channel] * rstd * keep
        for tile in range(tiles):
            place = first_position(tile, b) + channel
            store(c.slope, place, spread(float32(slope)))
            store(c.offset, place, spread(float32(offset)))
            store(c.scale, place, spread(float32(scale)))
