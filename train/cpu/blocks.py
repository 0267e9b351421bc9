"""Kernels of a block but for its norm: input, convolution, dropout and max pool, forward and backward."""

import numpy as np
from numba import float32, uint16

from train.cpu import direct, winograd
from train.cpu.cache import kernel
from train.cpu.layout import BLOCKS, LAST
from train.cpu.simd import (
    chance_lower,
    chance_upper,
    greater,
    load,
    load_bits,
    multiply_add,
    next_bits,
    only,
    spread,
    store,
    store_bits,
    where,
    zeros,
)
from train.data import FILL


@kernel
def load_images(batch, first, count, x):
    """x[0, h + 1, w + 1, i] = pixel (h, w) of the rotated and normalised image `first + i`; x (1, 30, 30, 16).

    The rotation equals `data.rotate`: nearest neighbour in steps of 1/65536 pixel. Lanes from `count` on are set to 0.
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
                x[0, row + 1, column + 1, lane] = batch.pixel_values[
                    image[h, w] if inside else FILL
                ]
                source_x += cos
                source_y -= sin


@kernel
def convolve(block, w, fast):
    """block.rectified = max(0, w * block.x); x (I, S + 2, S + 2, 16) padded, w (O, I, 3, 3).

    The first block convolves directly: with one input channel Winograd's transforms cost more than they save.
    """
    x, out = block.x, block.rectified
    if block.index:
        filters = fast.filters[block.index]
        winograd.convolve(x, filters, out, float32(0), fast.rows)
    else:
        direct.convolve(x, w, out)


@kernel
def transform_filters(weights, fast):
    """Winograd-transforms the filters of every block but the first, for forward and backward pass."""
    for b in range(1, BLOCKS):
        winograd.transform_filters(weights.convs[b], fast.filters[b], fast.backward[b])


@kernel
def finish_block(block, c, dropout, noise):
    """block.out = pool(dropout(scale r + shift)) with r = block.rectified; the last block pools before its dropout.

    Dropout zeroes an element with probability drop / 65536 and divides the others by 1 - drop / 65536. `out` lies inside
    a border of one pixel, in the last block without one. `noise` is the state of the tile's random generators.
    """
    keep = spread(float32(65536) / float32(65536 - dropout.drop))
    state = load_bits(noise)
    for channel in range(block.rectified.shape[0]):
        scale = load(c.scale, block.first + channel) * keep
        shift = load(c.shift, block.first + channel) * keep
        if block.pool:
            state = finish_pooled(block, channel, (scale, shift), dropout, state)
        else:
            state = finish_plain(block, channel, (scale, shift), dropout, state)
    store_bits(noise, state)


@kernel
def finish_plain(block, channel, affine, dropout, state):
    """`finish_block` for one channel of a block without a pool; returns the generators' next state."""
    r, out, masks = block.rectified, block.out, block.masks
    drop, lanes = dropout
    scale, shift = affine
    size, side, border = r.shape[1], out.shape[1], int(block.index != LAST)
    for row in range(size):
        source = (channel * size + row) * size
        target = (channel * side + row + border) * side + border
        for column in range(size):
            if column % 2 == 0:
                state = next_bits(state)
                passed = chance_lower(state, drop) & lanes
            else:
                passed = chance_upper(state, drop) & lanes
            y = multiply_add(scale, load(r, source + column), shift)
            store(out, target + column, only(uint16(passed), y))
            masks[channel, row, column] = passed
    return state


@kernel
def finish_pooled(block, channel, affine, dropout, state):
    """`finish_block` for one channel of a block with a pool; returns the generators' next state.

    Of equal elements the pool's maximum is the first, as in PyTorch.
    """
    r, out, masks = block.rectified, block.out, block.masks
    drop, lanes = dropout
    scale, shift = affine
    size, side, border = r.shape[1], out.shape[1], int(block.index != LAST)
    for row in range(size // 2):
        for column in range(size // 2):
            source = (channel * size + 2 * row) * size + 2 * column
            y0 = multiply_add(scale, load(r, source), shift)
            y1 = multiply_add(scale, load(r, source + 1), shift)
            y2 = multiply_add(scale, load(r, source + size), shift)
            y3 = multiply_add(scale, load(r, source + size + 1), shift)
            state = next_bits(state)
            p0 = uint16(chance_lower(state, drop) & lanes)
            p1 = p2 = p3 = p0
            if block.index != LAST:
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
            if block.index == LAST:
                y = only(p0, y)
            store(out, (channel * side + row + border) * side + column + border, y)
            masks[channel, 2 * row, 2 * column] = p0 & ~(by1 | by2 | by3)
            masks[channel, 2 * row, 2 * column + 1] = p1 & by1 & ~(by2 | by3)
            masks[channel, 2 * row + 1, 2 * column] = p2 & by2 & ~by3
            masks[channel, 2 * row + 1, 2 * column + 1] = p3 & by3
    return state


@kernel
def through_norm_and_relu(block, c, lanes, z):
    """z = scale dy + slope r + offset where r > 0, else 0: gradient of the convolution's output; z padded."""
    r, slope, masks = block.rectified, block.slope, block.masks
    base, pool = block.first, block.pool
    channels, size, _, _ = r.shape
    side, width = slope.shape[1], size + 2
    for channel in range(channels):
        scale = load(c.scale, base + channel)
        tilt, offset = load(c.slope, base + channel), load(c.offset, base + channel)
        for row in range(size):
            position = (channel * size + row) * size
            pooled = (channel * side + (row >> pool)) * side
            target = (channel * width + row + 1) * width + 1
            for column in range(size):
                value = load(r, position + column)
                dy = only(
                    masks[channel, row, column], load(slope, pooled + (column >> pool))
                )
                dr = multiply_add(scale, dy, multiply_add(tilt, value, offset))
                store(
                    z,
                    target + column,
                    only(uint16(greater(value, zeros()) & lanes), dr),
                )


@kernel
def back_through_convolution(block, tile, gradients, work):
    """Gradients of the block's weights and, but for the first block, of its input, from `work.delta`.

    The weights' gradient is summed in Winograd's transformed space, in `work.winograd.gradients`, until the end of the step.
    """
    b, x, fast = block.index, block.x, work.winograd
    z = work.delta[b]
    if b:
        sums, slope = fast.gradients[b], work.slopes[b - 1][tile]
        winograd.add_gradient(x, z, fast.x[b], fast.z[b], sums)
        winograd.convolve(z, fast.backward[b], slope, float32(-np.inf), fast.rows)
        return
    direct.add_gradient(x, z, gradients.convs[0])
