"""Convolutions of 3 x 3 by Winograd's minimal filtering along rows, which halves their multiplications.

Four neighbouring outputs of a row need six inputs d and a filter's row g of three taps (Lavin & Gray 2016, arXiv
1509.09308, F(4, 3) with the points 0, 1, -1, 2, -2 and infinity): y = A' [(G g) * (B' d)], 6 products instead of 12,
and exact but for rounding. Over channels and the filter's three rows the products add up before A' is applied. Along
columns nothing is transformed: F(2 x 2, 3 x 3) multiplies a little less, but stores and loads what it saves.
With the same points the gradient of the weights is F(3, 4): three taps from four gradients z of outputs and six
inputs, g = C' [(D z) * (B' d)], and C' is applied once a step.

A row is cut into tiles of four outputs. Where four does not divide it (14, 7) the last tile overlaps its neighbour, and
only new columns count for the gradient. Layouts are those of `kernels.py`; p < 6 is the position in a transformed row.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import float32
from numba.core import cgutils, types

from train.cpu.cache import kernel
from train.cpu.simd import (
    FLOAT,
    LANES,
    WIDTH,
    accumulators,
    at,
    data_of,
    emit_load,
    emit_multiply_add,
    emit_prefetch,
    emit_row,
    emit_spread,
    emit_store,
    intrinsic,
    load,
    multiply_add,
    number,
    position,
    prefetch,
    shape_of,
    spread,
    store,
    total,
    zeros,
)

POSITIONS = 6
OUTPUTS = 4  # of a tile
# How many channels the inner loops hold in registers: 24 accumulators of 16 lanes, or 12 of 8.
CHANNELS, SOURCES, TARGETS = (2, 2, 4) if LANES == 16 else (1, 1, 4)


class Workspace(NamedTuple):
    """Per block, but for the first, which convolves directly; x and z of all blocks lie in the same memory."""

    filters: tuple  # (O, I, 6, 3): G of every row of a filter
    backward: tuple  # (I, O, 6, 3): the same of the filters that carry a gradient back
    gradients: tuple  # (6, O, I, 3, 16): sums of products, before C', over a step
    rows: np.ndarray  # (4, 16, 6, 16): of one tile, row r + 4 in the place of row r
    x: tuple  # (6, T, S + 2, I, 16): T columns of tiles, transformed by B'
    z: tuple  # (6, T, S, O, 16): the same of gradients, by D


@kernel
def transform_filters(w, forward, backward):
    """G of the filters w (O, I, 3, 3), and of those that carry a gradient back: w[o, i, 2 - y, 2 - x]."""
    for o in range(w.shape[0]):
        for i in range(w.shape[1]):
            for y in range(3):
                a, b, c = w[o, i, y, 0], w[o, i, y, 1], w[o, i, y, 2]
                transform_taps(a, b, c, forward[o, i], y)
                transform_taps(c, b, a, backward[i, o], 2 - y)


@kernel
def transform_taps(a, b, c, u, y):
    """u[:, y] = G (a, b, c); u (6, 3)."""
    near, far = float32(-1 / 6), float32(1 / 24)
    u[0, y] = float32(1 / 4) * a
    u[1, y] = near * (a + b + c)
    u[2, y] = near * (a - b + c)
    u[3, y] = far * (a + float32(2) * b + float32(4) * c)
    u[4, y] = far * (a - float32(2) * b + float32(4) * c)
    u[5, y] = c


@kernel
def transform_inputs(d0, d1, d2, d3, d4, d5, v, place, step):
    """v[place + p step] = (B' d)[p]."""
    two, four = spread(float32(2)), spread(float32(4))
    minus_four, minus_five = spread(float32(-4)), spread(float32(-5))
    even, odd = multiply_add(minus_four, d2, d4), multiply_add(minus_four, d1, d3)
    store(v, place, multiply_add(four, d0, multiply_add(minus_five, d2, d4)))
    store(v, place + step, even + odd)
    store(v, place + 2 * step, even - odd)
    even, odd = d4 - d2, d3 - d1
    store(v, place + 3 * step, multiply_add(two, odd, even))
    store(v, place + 4 * step, even - two * odd)
    last = multiply_add(four, d1, multiply_add(minus_five, d3, d5))
    store(v, place + 5 * step, last)


@kernel
def transform_row(x, row, column, v, place, step, stride):
    """v[place + i stride + p step] = (B' d)[p] of d = x[i, row, column : column + 6]; x (I, S + 2, S + 2, 16)."""
    channels, side, _, _ = x.shape
    for i in range(channels):
        here = (i * side + row) * side + column
        d0, d1, d2 = load(x, here), load(x, here + 1), load(x, here + 2)
        d3, d4, d5 = load(x, here + 3), load(x, here + 4), load(x, here + 5)
        for ahead in range(6, 10):  # what the next tile of the row adds
            prefetch(x, here + ahead)
        transform_inputs(d0, d1, d2, d3, d4, d5, v, place + i * stride, step)


@kernel
def transform_gradients(z, row, column, skip, v, place, step, stride):
    """v[place + o stride + p step] = (D e)[p] of e = z[o, row, column : column + 4], its first `skip` taken as 0."""
    channels, side, _, _ = z.shape
    two, minus_two, four = (
        spread(float32(2)),
        spread(float32(-2)),
        spread(float32(4)),
    )
    for o in range(channels):
        here = (o * side + row) * side + column
        e0 = zeros() if skip > 0 else load(z, here)
        e1 = zeros() if skip > 1 else load(z, here + 1)
        e2, e3 = load(z, here + 2), load(z, here + 3)
        for ahead in range(4, 8):
            prefetch(z, here + ahead)
        there = place + o * stride
        store(v, there, e0)
        even, odd = e0 + e2, e1 + e3
        store(v, there + step, even + odd)
        store(v, there + 2 * step, even - odd)
        even, odd = multiply_add(four, e2, e0), multiply_add(four, e3, e1)
        store(v, there + 3 * step, multiply_add(two, odd, even))
        store(v, there + 4 * step, multiply_add(minus_two, odd, even))
        store(v, there + 5 * step, e3)


# Long and branching, because it writes straight-line code: only so are all sums of a tile held in registers.
def _make_convolve_tile(rows: int, channels: int):  # noqa: C901
    """Accumulates rows x channels x 6 products in registers, LANES lanes at a time, and applies A' to them."""
    kind = ir.VectorType(FLOAT, LANES)

    def same(value: float):
        return ir.Constant(kind, [value] * LANES)

    @intrinsic
    def convolve_tile(typing, v, u, out, channel, row, column, floor):  # noqa: C901
        def lower(context, builder, sig, args):
            b = builder
            values, filters, target = (
                data_of(context, b, sig.args[n], args[n]) for n in range(3)
            )
            channel, row, column = args[3:6]
            floor = emit_spread(b, args[6], kind)
            inputs = shape_of(context, b, sig.args[1], args[1])[1]
            size = shape_of(context, b, sig.args[2], args[2])[1]
            line = b.mul(inputs, number(POSITIONS))
            filter_size = b.mul(inputs, number(3 * POSITIONS))
            filters = b.gep(filters, [b.mul(channel, filter_size)])
            there = b.add(b.mul(b.add(b.mul(channel, size), row), size), column)

            def products(lane: int) -> list[list]:
                """The sums over input channels and the filter's rows: rows x channels lists of 6."""
                places = [
                    b.and_(b.add(row, number(n)), number(3)) for n in range(rows + 2)
                ]
                lines = [
                    b.gep(at(b, values, b.mul(n, line)), [number(lane)]) for n in places
                ]
                sums = accumulators(b, kind, rows * channels, POSITIONS)
                with cgutils.for_range(b, inputs) as loop:
                    held = [[b.load(place) for place in each] for each in sums]
                    offset = b.mul(loop.index, number(POSITIONS))
                    pixels = [at(b, each, offset) for each in lines]
                    offset = b.mul(loop.index, number(3 * POSITIONS))
                    taps = [
                        b.gep(filters, [b.add(offset, b.mul(filter_size, number(c)))])
                        for c in range(channels)
                    ]
                    for p in range(POSITIONS):
                        column = [
                            emit_load(b, b.gep(each, [number(WIDTH * p)]), kind)
                            for each in pixels
                        ]
                        for dy, c in product(range(3), range(channels)):
                            tap = b.load(b.gep(taps[c], [number(3 * p + dy)]))
                            weight = emit_spread(b, tap, kind)
                            for r in range(rows):
                                n = r * channels + c
                                held[n][p] = emit_multiply_add(
                                    b, weight, column[r + dy], held[n][p]
                                )
                    for n, p in product(range(rows * channels), range(POSITIONS)):
                        b.store(held[n][p], sums[n][p])
                return [[b.load(place) for place in each] for each in sums]

            for lane in range(0, WIDTH, LANES):
                sums = products(lane)
                for r, c in product(range(rows), range(channels)):
                    m = sums[r * channels + c]
                    even, odd = b.fadd(m[1], m[2]), b.fsub(m[1], m[2])
                    far_even, far_odd = b.fadd(m[3], m[4]), b.fsub(m[3], m[4])
                    outputs = (
                        b.fadd(b.fadd(m[0], even), far_even),
                        emit_multiply_add(b, same(2.0), far_odd, odd),
                        emit_multiply_add(b, same(4.0), far_even, even),
                        b.fadd(emit_multiply_add(b, same(8.0), far_odd, odd), m[5]),
                    )
                    plane = b.mul(b.mul(size, size), number(c))
                    place = b.add(there, b.add(plane, b.mul(size, number(r))))
                    place = b.gep(at(b, target, place), [number(lane)])
                    for j, y in enumerate(outputs):
                        low = b.fcmp_ordered("<", y, floor)  # a maximum would hide NaN
                        y = b.select(low, floor, y)
                        emit_store(b, y, b.gep(place, [number(WIDTH * j)]))
                        if lane == 0:  # where the next tile of the row goes
                            ahead = b.gep(place, [number(WIDTH * (j + OUTPUTS))])
                            emit_prefetch(b, ahead, to_write=True)
            return context.get_dummy_value()

        numbers = (position, position, position, types.float32)
        return types.void(v, u, out, *numbers), lower

    return convolve_tile


# out[channel + c, row + r, column + j] = max(floor, y_j) of c < channels, r < rows and j < 4;
# v (4, I, 6, 16) flat, the transformed rows; u (O, I, 6, 3), out (O, S, S, 16). An odd size ends with a single row.
convolve_rows = _make_convolve_tile(2, CHANNELS)
convolve_last_row = _make_convolve_tile(1, 2 * CHANNELS)


@kernel
def convolve(x, u, out, floor, rows):
    """out = max(floor, w * x): x (I, S + 2, S + 2, 16), u (O, I, 6, 3) the transformed w, out (O, S, S, 16).

    `rows` (4, 16, 6, 16) is scratch. With floor 0 it is rectified, with -inf not. Goes down one column of tiles after
    another, so that the few transformed rows that it needs stay in the first level of the cache.
    """
    channels, size, _, _ = out.shape
    inputs = u.shape[1]
    assert x.shape[0] == inputs and u.shape[0] == channels
    assert x.shape[1] == size + 2
    line = inputs * POSITIONS
    for first in range(0, size, OUTPUTS):
        column = min(first, size - OUTPUTS)
        for row in range(size + 2):
            place = row % 4 * line
            transform_row(x, row, column, rows, place, 1, POSITIONS)
            if row % 2 and row > 1:
                for channel in range(0, channels, CHANNELS):
                    convolve_rows(rows, u, out, channel, row - 3, column, floor)
        if size % 2:
            for channel in range(0, channels, 2 * CHANNELS):
                convolve_last_row(rows, u, out, channel, size - 1, column, floor)


@intrinsic
def multiply_transformed(typing, v, e, sums, p, tiles, target, source):
    """sums[p, target + c, source + d, y] += sum over tiles and rows of e[p, t, r, target + c] v[p, t, r + y, source + d].

    For c < TARGETS, d < SOURCES and y < 3; v (6, T, S + 2, I, 16), e (6, T, S, O, 16), sums (6, O, I, 3, 16).
    """
    kind = ir.VectorType(FLOAT, LANES)
    blocks = [(c * SOURCES + d, c, d) for c in range(TARGETS) for d in range(SOURCES)]

    def lower(context, builder, sig, args):
        b = builder
        values, deltas, results = (
            data_of(context, b, sig.args[n], args[n]) for n in range(3)
        )
        p, tiles, target, source = args[3:]
        _, outputs, inputs, _, _ = shape_of(context, b, sig.args[2], args[2])
        _, most, height, _, _ = shape_of(context, b, sig.args[0], args[0])
        rows = b.sub(height, number(2))
        v_tile, e_tile = b.mul(height, inputs), b.mul(rows, outputs)
        values = at(b, values, b.add(b.mul(b.mul(p, most), v_tile), source))
        deltas = at(b, deltas, b.add(b.mul(b.mul(p, most), e_tile), target))
        first = b.add(b.mul(b.add(b.mul(p, outputs), target), inputs), source)
        results = at(b, results, b.mul(first, number(3)))
        for lane in range(0, WIDTH, LANES):
            kept = accumulators(b, kind, len(blocks), 3)
            with (
                cgutils.for_range(b, tiles) as tile,
                cgutils.for_range(b, rows) as row,
            ):
                held = [[b.load(place) for place in each] for each in kept]
                here = b.add(b.mul(tile.index, v_tile), b.mul(row.index, inputs))
                pixels = []
                for y in range(3):
                    line = at(b, values, b.add(here, b.mul(inputs, number(y))))
                    pixels.append(
                        emit_row(b, b.gep(line, [number(lane)]), SOURCES, kind)
                    )
                here = b.add(b.mul(tile.index, e_tile), b.mul(row.index, outputs))
                line = b.gep(at(b, deltas, here), [number(lane)])
                own = emit_row(b, line, TARGETS, kind)
                for (n, c, d), y in product(blocks, range(3)):
                    held[n][y] = emit_multiply_add(b, own[c], pixels[y][d], held[n][y])
                for (n, _, _), y in product(blocks, range(3)):
                    b.store(held[n][y], kept[n][y])
            for (n, c, d), y in product(blocks, range(3)):
                place = b.add(b.mul(inputs, number(3 * c)), number(3 * d + y))
                place = b.gep(at(b, results, place), [number(lane)])
                value = b.fadd(emit_load(b, place, kind), b.load(kept[n][y]))
                emit_store(b, value, place)
        return context.get_dummy_value()

    numbers = (position, position, position, position)
    return types.void(v, e, sums, *numbers), lower


@kernel
def add_gradient(x, z, v, e, sums):
    """sums += the products of the transformed x (I, S + 2, S + 2, 16) and z (O, S + 2, S + 2, 16), both padded.

    v (6, T, S + 2, I, 16) and e (6, T, S, O, 16) are scratch for T columns of tiles, sums (6, O, I, 3, 16).
    """
    _, outputs, inputs, _, _ = sums.shape
    _, most, height, _, _ = v.shape
    size = height - 2
    v_step, e_step = most * height * inputs, most * size * outputs
    for first in range(0, size, OUTPUTS * most):
        tiles = min(most, (size - first + OUTPUTS - 1) // OUTPUTS)
        for tile in range(tiles):
            wanted = first + OUTPUTS * tile
            column = min(wanted, size - OUTPUTS)
            for row in range(height):
                place = (tile * height + row) * inputs
                transform_row(x, row, column, v, place, v_step, 1)
            for row in range(size):
                place, skip = (tile * size + row) * outputs, wanted - column
                transform_gradients(z, row + 1, column + 1, skip, e, place, e_step, 1)
        for p in range(POSITIONS):
            for source in range(0, inputs, SOURCES):
                for target in range(0, outputs, TARGETS):
                    multiply_transformed(v, e, sums, p, tiles, target, source)


@kernel
def finish_gradient(sums, gradient):
    """gradient[o, i, y] += C' of the lanes' total of sums[:, o, i, y], which become 0; gradient (O, I, 3, 3)."""
    _, outputs, inputs, _, _ = sums.shape
    step = outputs * inputs * 3
    quarter, near, far = (
        spread(float32(1 / 4)),
        spread(float32(-1 / 6)),
        spread(float32(1 / 24)),
    )
    two, four = spread(float32(2)), spread(float32(4))
    for o in range(outputs):
        for i in range(inputs):
            for y in range(3):
                place = (o * inputs + i) * 3 + y
                m1, m2 = load(sums, place + step), load(sums, place + 2 * step)
                m3, m4 = load(sums, place + 3 * step), load(sums, place + 4 * step)
                even, odd = near * (m1 + m2), near * (m1 - m2)
                far_even, far_odd = far * (m3 + m4), far * (m3 - m4)
                first = multiply_add(quarter, load(sums, place), even + far_even)
                last = multiply_add(four, far_even, even) + load(sums, place + 5 * step)
                gradient[o, i, y, 0] += total(first)
                gradient[o, i, y, 1] += total(multiply_add(two, far_odd, odd))
                gradient[o, i, y, 2] += total(last)
                for p in range(POSITIONS):
                    store(sums, place + p * step, zeros())
