"""Direct 3 x 3 convolution of a single input channel and its weights' gradient; Winograd's transforms cost more here."""

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

# Output channels computed per load of a pixel: 2 with the 32 registers of AVX-512, else 1.
CHANNELS = LANES // 8


@kernel
def spread_taps(taps):
    """Taps of a filter (3, 3) by row, every tap broadcast to all lanes."""
    return (
        (spread(taps[0, 0]), spread(taps[0, 1]), spread(taps[0, 2])),
        (spread(taps[1, 0]), spread(taps[1, 1]), spread(taps[1, 2])),
        (spread(taps[2, 0]), spread(taps[2, 1]), spread(taps[2, 2])),
    )


@kernel
def convolve_pixel(x, first, side, filter_rows):
    """max(0, sum of taps times pixels) of the 3 x 3 window whose first pixel is at position `first`."""
    value = zeros()
    for taps in filter_rows:
        value = multiply_add(taps[0], load(x, first), value)
        value = multiply_add(taps[1], load(x, first + 1), value)
        value = multiply_add(taps[2], load(x, first + 2), value)
        first += side
    # A maximum instruction would turn NaN into 0.
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
            source, target = row * side, (channel * size + row) * size
            for column in range(size):
                y = convolve_pixel(x, source + column, side, first)
                if CHANNELS == 2:
                    following = convolve_pixel(x, source + column, side, second)
                    store(out, target + plane + column, following)
                store(out, target + column, y)


@kernel
def add_products(z, x, first, sums):
    """The three values sums[dx] + z x[first + dx], dx < 3."""
    return (
        multiply_add(z, load(x, first), sums[0]),
        multiply_add(z, load(x, first + 1), sums[1]),
        multiply_add(z, load(x, first + 2), sums[2]),
    )


@kernel
def add_gradient(x, z, gradient):
    """gradient[o, 0, dy, dx] += sum over pixels and lanes of z[o, y + 1, x + 1] x[0, y + dy, x + dx].

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
                first = row * side + column
                own = load(z, channel * plane + first + side + 1)
                top = add_products(own, x, first, top)
                middle = add_products(own, x, first + side, middle)
                bottom = add_products(own, x, first + 2 * side, bottom)
        add_totals(gradient[channel, 0], (top, middle, bottom))


@kernel
def add_totals(gradient, sums):
    """gradient (3, 3) += the sums over lanes of sums[dy][dx]."""
    for dy in range(3):
        for dx in range(3):
            gradient[dy, dx] = add_total(gradient[dy, dx], sums[dy][dx])
