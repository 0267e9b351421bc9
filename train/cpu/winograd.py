"""3 x 3 convolutions by Winograd's minimal filtering along rows, which halves the number of multiplications.

Notation is that of Lavin & Gray 2016 (arXiv 1509.09308): ' is the transpose, * the elementwise product. F(4, 3) with the
points 0, 1, -1, 2, -2 and infinity computes four neighbouring outputs y of a row from six inputs d and a filter row g of
three taps as y = A' [(G g) * (B' d)]: 6 multiplications instead of 12, exact up to rounding. The products are summed over
input channels and the filter's three rows before A' is applied. Columns are not transformed: F(2 x 2, 3 x 3) needs
slightly fewer multiplications, but correspondingly more loads and stores.

The gradient of the weights is F(3, 4) with the same points: g = C' [(D z) * (B' d)] gives three taps from four gradients
z of outputs and six inputs d. The products are summed over all pixels of a batch before C' is applied.

In this module a tile is four neighbouring outputs of a row, for all 16 images. Where four does not divide a row (14, 7)
the last tile overlaps the one before it, and the gradient skips the columns that both have. Layouts are those of
`kernels.py`; p < 6 is the index in a transformed row.
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
# Channels per inner loop, whose accumulators fit in the registers: 24 of 16 lanes, or 12 of 8.
CHANNELS, SOURCES, TARGETS = (2, 2, 4) if LANES == 16 else (1, 1, 4)


class Workspace(NamedTuple):
    """Arrays per block; the first block, which convolves directly, uses none. Those of x, and those of z, share memory."""

    filters: tuple  # (O, I, 6, 3): G g of every filter row
    backward: tuple  # (I, O, 6, 3): the same of the rotated filters, for the gradient of the input
    gradients: tuple  # (6, O, I, 3, 16): sums of the products over a step, before C'
    rows: np.ndarray  # (4, 16, 6, 16): ring buffer of B' d, row r at index r % 4
    x: tuple  # (6, T, S + 2, I, 16): B' d of T columns of tiles
    z: tuple  # (6, T, S, O, 16): D z of T columns of tiles


@kernel
def transform_filters(w, forward, backward):
    """Sets `forward` to G g of the filters w (O, I, 3, 3), `backward` to that of the rotated ones w[o, i, 2 - y, 2 - x]."""
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
def transform_inputs(d0, d1, d2, d3, d4, d5, v, target, step):
    """v[target + p step] = (B' d)[p]."""
    two, four = spread(float32(2)), spread(float32(4))
    minus_four, minus_five = spread(float32(-4)), spread(float32(-5))
    even, odd = multiply_add(minus_four, d2, d4), multiply_add(minus_four, d1, d3)
    store(v, target, multiply_add(four, d0, multiply_add(minus_five, d2, d4)))
    store(v, target + step, even + odd)
    store(v, target + 2 * step, even - odd)
    even, odd = d4 - d2, d3 - d1
    store(v, target + 3 * step, multiply_add(two, odd, even))
    store(v, target + 4 * step, even - two * odd)
    last = multiply_add(four, d1, multiply_add(minus_five, d3, d5))
    store(v, target + 5 * step, last)


@kernel
def transform_row(x, row, column, v, target, step, stride):
    """v[target + i stride + p step] = (B' d)[p] of d = x[i, row, column : column + 6]; x (I, S + 2, S + 2, 16)."""
    channels, side, _, _ = x.shape
    for i in range(channels):
        source = (i * side + row) * side + column
        d0, d1, d2 = load(x, source), load(x, source + 1), load(x, source + 2)
        d3, d4, d5 = load(x, source + 3), load(x, source + 4), load(x, source + 5)
        for ahead in range(6, 10):  # further inputs of the next tile
            prefetch(x, source + ahead)
        transform_inputs(d0, d1, d2, d3, d4, d5, v, target + i * stride, step)


@kernel
def transform_gradients(z, row, column, skip, v, target, step, stride):
    """v[target + o stride + p step] = (D e)[p] of e = z[o, row, column : column + 4], with its first `skip` set to 0."""
    channels, side, _, _ = z.shape
    two, minus_two, four = (
        spread(float32(2)),
        spread(float32(-2)),
        spread(float32(4)),
    )
    for o in range(channels):
        source = (o * side + row) * side + column
        e0 = zeros() if skip > 0 else load(z, source)
        e1 = zeros() if skip > 1 else load(z, source + 1)
        e2, e3 = load(z, source + 2), load(z, source + 3)
        for ahead in range(4, 8):
            prefetch(z, source + ahead)
        first = target + o * stride
        store(v, first, e0)
        even, odd = e0 + e2, e1 + e3
        store(v, first + step, even + odd)
        store(v, first + 2 * step, even - odd)
        even, odd = multiply_add(four, e2, e0), multiply_add(four, e3, e1)
        store(v, first + 3 * step, multiply_add(two, odd, even))
        store(v, first + 4 * step, multiply_add(minus_two, odd, even))
        store(v, first + 5 * step, e3)


# This function is long and branching because it emits straight-line code, which keeps all sums of a tile in registers.
def _make_convolve_tile(rows: int, channels: int):  # noqa: C901
    """Intrinsic that computes a tile in `rows` rows and `channels` output channels, LANES lanes at a time.

    It sums rows x channels x 6 products in registers, then applies A'.
    """
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
            first = b.add(b.mul(b.add(b.mul(channel, size), row), size), column)

            def products(lane: int) -> list[list]:
                """Sums over input channels and filter rows: rows x channels lists of 6."""
                slots = [
                    b.and_(b.add(row, number(n)), number(3)) for n in range(rows + 2)
                ]
                lines = [
                    b.gep(at(b, values, b.mul(n, line)), [number(lane)]) for n in slots
                ]
                sums = accumulators(b, kind, rows * channels, POSITIONS)
                with cgutils.for_range(b, inputs) as loop:
                    held = [[b.load(p) for p in pointers] for pointers in sums]
                    offset = b.mul(loop.index, number(POSITIONS))
                    pixels = [at(b, pointer, offset) for pointer in lines]
                    offset = b.mul(loop.index, number(3 * POSITIONS))
                    taps = [
                        b.gep(filters, [b.add(offset, b.mul(filter_size, number(c)))])
                        for c in range(channels)
                    ]
                    for p in range(POSITIONS):
                        column = [
                            emit_load(b, b.gep(pixel, [number(WIDTH * p)]), kind)
                            for pixel in pixels
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
                return [[b.load(p) for p in pointers] for pointers in sums]

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
                    offset = b.add(first, b.add(plane, b.mul(size, number(r))))
                    pointer = b.gep(at(b, target, offset), [number(lane)])
                    for j, y in enumerate(outputs):
                        low = b.fcmp_ordered("<", y, floor)  # NaN stays NaN
                        y = b.select(low, floor, y)
                        emit_store(b, y, b.gep(pointer, [number(WIDTH * j)]))
                        if lane == 0:  # outputs of the next tile of the row
                            ahead = b.gep(pointer, [number(WIDTH * (j + OUTPUTS))])
                            emit_prefetch(b, ahead, to_write=True)
            return context.get_dummy_value()

        numbers = (position, position, position, types.float32)
        return types.void(v, u, out, *numbers), lower

    return convolve_tile


# out[channel + c, row + r, column + j] = max(floor, y[j]) for c < channels, r < rows and j < 4; v (4, I, 6, 16) is the
# ring buffer of transformed rows, u (O, I, 6, 3) the transformed filters, out (O, S, S, 16). The last row of an odd size
# is computed by itself.
convolve_rows = _make_convolve_tile(2, CHANNELS)
convolve_last_row = _make_convolve_tile(1, 2 * CHANNELS)


@kernel
def convolve(x, u, out, floor, rows):
    """out = max(floor, w * x): x (I, S + 2, S + 2, 16), u (O, I, 6, 3) the transformed w, out (O, S, S, 16).

    Floor 0 is ReLU, floor -inf leaves the convolution as it is. `rows` (4, 16, 6, 16) is scratch. The loop goes down the columns of tiles, so
    that the four transformed rows in use stay in the L1 cache.
    """
    channels, size, _, _ = out.shape
    inputs = u.shape[1]
    assert x.shape[0] == inputs and u.shape[0] == channels
    assert x.shape[1] == size + 2
    line = inputs * POSITIONS
    for first in range(0, size, OUTPUTS):
        column = min(first, size - OUTPUTS)
        for row in range(size + 2):
            transform_row(x, row, column, rows, row % 4 * line, 1, POSITIONS)
            if row % 2 and row > 1:
                for channel in range(0, channels, CHANNELS):
                    convolve_rows(rows, u, out, channel, row - 3, column, floor)
        if size % 2:
            for channel in range(0, channels, 2 * CHANNELS):
                convolve_last_row(rows, u, out, channel, size - 1, column, floor)


@intrinsic
def multiply_transformed(typing, v, e, sums, p, tiles, target, source):
    """sums[p, target + c, source + d, y] += sum over t and r of e[p, t, r, target + c] v[p, t, r + y, source + d].

    For tiles t < `tiles`, rows r, c < TARGETS, d < SOURCES and y < 3; v (6, T, S + 2, I, 16), e (6, T, S, O, 16), sums (6, O, I, 3, 16).
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
                held = [[b.load(pointer) for pointer in pointers] for pointers in kept]
                offset = b.add(b.mul(tile.index, v_tile), b.mul(row.index, inputs))
                pixels = []
                for y in range(3):
                    line = at(b, values, b.add(offset, b.mul(inputs, number(y))))
                    pixels.append(
                        emit_row(b, b.gep(line, [number(lane)]), SOURCES, kind)
                    )
                offset = b.add(b.mul(tile.index, e_tile), b.mul(row.index, outputs))
                line = b.gep(at(b, deltas, offset), [number(lane)])
                own = emit_row(b, line, TARGETS, kind)
                for (n, c, d), y in product(blocks, range(3)):
                    held[n][y] = emit_multiply_add(b, own[c], pixels[y][d], held[n][y])
                for (n, _, _), y in product(blocks, range(3)):
                    b.store(held[n][y], kept[n][y])
            for (n, c, d), y in product(blocks, range(3)):
                offset = b.add(b.mul(inputs, number(3 * c)), number(3 * d + y))
                pointer = b.gep(at(b, results, offset), [number(lane)])
                value = b.fadd(emit_load(b, pointer, kind), b.load(kept[n][y]))
                emit_store(b, value, pointer)
        return context.get_dummy_value()

    numbers = (position, position, position, position)
    return types.void(v, e, sums, *numbers), lower


@kernel
def add_gradient(x, z, v, e, sums):
    """sums += (D z) * (B' d) over the pixels of x (I, S + 2, S + 2, 16) and z (O, S + 2, S + 2, 16), both padded.

    v (6, T, S + 2, I, 16) and e (6, T, S, O, 16) are scratch for T columns of tiles, sums (6, O, I, 3, 16).
    """
    _, outputs, inputs, _, _ = sums.shape
    _, most, height, _, _ = v.shape
    size = height - 2
    v_step, e_step = most * height * inputs, most * size * outputs
    for first in range(0, size, OUTPUTS * most):
        tiles = min(most, (size - first + OUTPUTS - 1) // OUTPUTS)
        for tile in range(tiles):
            start = first + OUTPUTS * tile
            column = min(start, size - OUTPUTS)
            for row in range(height):
                index = (tile * height + row) * inputs
                transform_row(x, row, column, v, index, v_step, 1)
            for row in range(size):
                index, skip = (tile * size + row) * outputs, start - column
                transform_gradients(z, row + 1, column + 1, skip, e, index, e_step, 1)
        for p in range(POSITIONS):
            for source in range(0, inputs, SOURCES):
                for target in range(0, outputs, TARGETS):
                    multiply_transformed(v, e, sums, p, tiles, target, source)


@kernel
def finish_gradient(sums, gradient):
    """gradient[o, i, y] += C' sums[:, o, i, y], summed over lanes, and resets the sums to 0; gradient (O, I, 3, 3)."""
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
                base = (o * inputs + i) * 3 + y
                m1, m2 = load(sums, base + step), load(sums, base + 2 * step)
                m3, m4 = load(sums, base + 3 * step), load(sums, base + 4 * step)
                even, odd = near * (m1 + m2), near * (m1 - m2)
                far_even, far_odd = far * (m3 + m4), far * (m3 - m4)
                first = multiply_add(quarter, load(sums, base), even + far_even)
                last = multiply_add(four, far_even, even) + load(sums, base + 5 * step)
                gradient[o, i, y, 0] += total(first)
                gradient[o, i, y, 1] += total(multiply_add(two, far_odd, odd))
                gradient[o, i, y, 2] += total(last)
                for p in range(POSITIONS):
                    store(sums, base + p * step, zeros())
