"""Kernels of the norms: coefficients of the affine function of each channel, forward and backward (`Coefficients`).

Forward y = scale r + shift, backward dr = scale dy + slope r + offset, where r is a block's rectified convolution.
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
    """Per lane: k, the sum of (r - k) and the sum of (r - k)^2, where k is the channel's first pixel; r (C, S, S, 16).

    The first pixel is background. Without the shift by k the variance is lost to cancellation in float32.
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
def image_norm(block, c, affine, norm):
    """Norm of an image: affine per image from the statistics over the pixels of a group of channels.

    scale = gain rstd, shift = bias - mean scale; r is `block.rectified`. A norm that is not centred has mean 0, so that var is the mean
    square; one that is not scaled has rstd 1.
    """
    r, base = block.rectified, block.first
    channels = r.shape[0]
    size = channels // norm.groups[block.index]
    per_pixel = spread(float32(1) / float32(r.shape[1] * r.shape[2]))
    per_channel = spread(float32(1) / float32(size))
    for first in range(0, channels, size):
        mean, var = zeros(), zeros()
        for channel in range(first, first + size):
            k, s, q = lane_sums(r, channel)
            s = s * per_pixel
            store(c.mean, base + channel, k + s)
            # Until the group's variance is known, `rstd` has the channel's variance.
            store(c.rstd, base + channel, q * per_pixel - s * s)
            mean = mean + k + s
        mean = mean * per_channel if norm.centred else zeros()
        for channel in range(first, first + size):
            deviation = load(c.mean, base + channel) - mean
            var = var + multiply_add(deviation, deviation, load(c.rstd, base + channel))
        var = var * per_channel
        var = only(greater(var, zeros()), var)
        rstd = spread(float32(1))
        if norm.scaled:
            rstd = rstd / square_root(var + spread(float32(EPS)))
        for channel in range(first, first + size):
            scale = rstd * spread(affine.gain[channel])
            store(c.mean, base + channel, mean)
            store(c.rstd, base + channel, rstd)
            store(c.scale, base + channel, scale)
            store(c.shift, base + channel, spread(affine.bias[channel]) - mean * scale)


@kernel
def batch_sums(block, c):
    """BN: lane sums of one tile, kept in `scale` (sum of r - k) and `shift` (sum of (r - k)^2) for `batch_norm`."""
    for channel in range(block.rectified.shape[0]):
        _, s, q = lane_sums(block.rectified, channel)
        store(c.scale, block.first + channel, s)
        store(c.shift, block.first + channel, q)


@kernel
def batch_norm(b, tiles, images, affine, work):
    """BN: affine per channel from mean and variance over the batch, summed in float64.

    Updates the running averages with momentum 0.1, the variance by its unbiased estimate. Lanes without an image are
    left out.
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
    """BN at test time: affine per channel from the running averages, for the first tile."""
    for channel in range(affine.gain.size):
        moments = work.running_mean[b, channel], work.running_var[b, channel]
        own = affine.gain[channel], affine.bias[channel]
        set_affine(work.coefficients, 1, first_position(0, b) + channel, moments, own)


@kernel
def set_affine(c, tiles, first, moments, affine):
    """Sets the same affine in every lane of every tile, from (mean, variance) and (gain, bias).

    `first` is the channel's position in the coefficients of the first tile.
    """
    mean, var = moments
    gain, bias = affine
    rstd = 1 / math.sqrt(var + EPS)
    for tile in range(tiles):
        position = first_position(tile, 0) + first
        store(c.mean, position, spread(float32(mean)))
        store(c.rstd, position, spread(float32(rstd)))
        store(c.scale, position, spread(float32(gain * rstd)))
        store(c.shift, position, spread(float32(bias - mean * gain * rstd)))


@kernel
def gradient_sums(block, c):
    """Sums over pixels per channel and lane: of dy, kept in `offset`, and of dy (r - mean), kept in `slope`.

    dy is the gradient of the affine's output: that of the block's output where the mask is set, else 0.
    """
    r, slope, masks = block.rectified, block.slope, block.masks
    base, pool = block.first, block.pool
    channels, size, _, _ = r.shape
    side = slope.shape[1]
    for channel in range(channels):
        mean = load(c.mean, base + channel)
        s, q = zeros(), zeros()
        for row in range(size):
            position = (channel * size + row) * size
            pooled = (channel * side + (row >> pool)) * side
            for column in range(size):
                dy = only(
                    masks[channel, row, column], load(slope, pooled + (column >> pool))
                )
                s = s + dy
                q = multiply_add(dy, load(r, position + column) - mean, q)
        store(c.offset, base + channel, s)
        store(c.slope, base + channel, q)


@kernel
def image_norm_gradient(block, c, affine, norm, keep):
    """Norm of an image: coefficients of dr = scale dy + slope r + offset, and the gradients of gain and bias.

    With y = (r - mean) rstd and g = gain dy: dr = rstd (g - mean(g) - y mean(g y)), the means over the values of a group;
    d gain = sum dy y, d bias = sum dy. The term of mean(g) is that of a centred norm, the other that of a scaled one. The sums of dy lack
    dropout's factor, which is `keep` = 1 / (1 - p).
    """
    gain, base = affine.gain, block.first
    channels = gain.size
    pixels = block.rectified.shape[1] * block.rectified.shape[2]
    size = channels // norm.groups[block.index]
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
        sum_g = sum_g if norm.centred else zeros()
        sum_gy = sum_gy if norm.scaled else zeros()
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
    """BN: `image_norm_gradient` over the `count` values of a channel in the batch, summed in float64."""
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
            position = first_position(tile, b) + channel
            store(c.slope, position, spread(float32(slope)))
            store(c.offset, position, spread(float32(offset)))
            store(c.scale, position, spread(float32(scale)))
