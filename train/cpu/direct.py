"""The convolution of 3 x 3 of a single input channel and its weights' gradient, directly: Winograd's transforms would not pay."""

from train.cpu.cache import kernel
from train.cpu.simd import (
    LANES,
    add_total,
    greater,
    load,
    multiply_add,
    spread,
    store,
    where,
    zeros,
)

CHANNELS = (
    LANES // 8
)  # that share the pixels they load: two where a register holds 16 lanes, and there are 32


@kernel
def spread_taps(taps):
    """The three rows of a filter (3, 3), every tap in all lanes."""
    return (
        (spread(taps[0, 0]), spread(taps[0, 1]), spread(taps[0, 2])),
        (spread(taps[1, 0]), spread(taps[1, 1]), spread(taps[1, 2])),
        (spread(taps[2, 0]), spread(taps[2, 1]), spread(taps[2, 2])),
    )


@kernel
def convolve_pixel(x, here, side, filter_rows):
    """max(0, sum of taps times pixels): those of the three rows that begin at position `here`."""
    value = zeros()
    for taps in filter_rows:
        value = multiply_add(taps[0], load(x, here), value)
        value = multiply_add(taps[1], load(x, here + 1), value)
        value = multiply_add(taps[2], load(x, here + 2), value)
        here += side
    # Not a maximum, which would hide NaN.
    return where(greater(zeros(), value), zeros(), value)


@kernel
def convolve(x, w, out):
    """out = max(0, w * x): x (1, S + 2, S + 2, 16) padded, w (O, 1, 3, 3), out (O, S, S, 16); O is even."""
    channels, size, _, _ = out.shape
    side, plane = size + 2, size * size
    assert x.shape[0] == w.shape[1] == 1 and w.shape[0] == channels
    assert x.shape[1] == side and channels % 2 == 0
    for channel in range(0, channels, CHANNELS):
        first = spread_taps(w[channel, 0])
        second = spread_taps(w[channel + CHANNELS - 1, 0])
        for row in range(size):
            here, there = row * side, (channel * size + row) * size
            for column in range(size):
                y = convolve_pixel(x, here + column, side, first)
                if CHANNELS == 2:
                    following = convolve_pixel(x, here + column, side, second)
                    store(out, there + plane + column, following)
                store(out, there + column, y)


@kernel
def add_products(z, x, here, sums):
    """sums[dx] + z x[here + dx] of three neighbouring pixels."""
    return (
        multiply_add(z, load(x, here), sums[0]),
        multiply_add(z, load(x, here + 1), sums[1]),
        multiply_add(z, load(x, here + 2), sums[2]),
    )


@kernel
def add_gradient(x, z, gradient):
    """gradient += the sums over pixels and lanes of z x.

    x (1, S + 2, S + 2, 16) and z (O, S + 2, S + 2, 16), both padded; gradient (O, 1, 3, 3).
    """
    channels, side, _, _ = z.shape
    plane = side * side
    assert x.shape[0] == gradient.shape[1] == 1 and gradient.shape[0] == channels
    assert x.shape[1] == side
    none = (zeros(), zeros(), zeros())
    for channel in range(channels):
        top, middle, bottom = none, none, none
        for row in range(side - 2):
            for column in range(side - 2):
                here = row * side + column
                own = load(z, channel * plane + here + side + 1)
                top = add_products(own, x, here, top)
                middle = add_products(own, x, here + side, middle)
                bottom = add_products(own, x, here + 2 * side, bottom)
        add_totals(gradient[channel, 0], (top, middle, bottom))


@kernel
def add_totals(gradient, sums):
    """gradient (3, 3) += the totals over the lanes of three rows of sums."""
    for dy in range(3):
        for dx in range(3):
            gradient[dy, dx] = add_total(gradient[dy, dx], sums[dy][dx])
