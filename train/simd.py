"""A vector of 16 float32 lanes for Numba, and the two inner loops of a convolution on it, as LLVM IR.

LLVM's own vectoriser prefers 256 bits and gives up where arrays might overlap. With a type for the vector the kernels
are plain loops over vectors, and LLVM only allocates registers. Where a processor has narrower registers LLVM splits
the vectors; only the blocks of the two inner loops then have to be smaller (`LANES`, `CHANNELS`).

Arrays are C-contiguous with a last axis of 16; positions count vectors, not numbers, from an array's start.
"""

import hashlib
import operator
import os
from itertools import chain, product
from pathlib import Path

import llvmlite.binding
import numba
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

WIDTH = 16  # lanes of a vector: images of a tile
PIXELS = 7  # neighbouring outputs that one inner loop computes; divides 28, 14 and 7
CHECKED = (
    os.environ.get("CHECK_KERNELS") == "1"
)  # every position is checked against its array, slowly


def _has_avx512() -> bool:
    name = os.environ.get("NUMBA_CPU_NAME")  # set to compile for another processor
    return llvmlite.binding.get_host_cpu_features().get("avx512f", False) and not name


# Accumulators must stay in registers: 32 of 16 lanes with AVX-512, else 16 of 8 lanes.
LANES, CHANNELS = (16, 2) if _has_avx512() else (8, 1)


def keep_cache(*sources: str):
    """Keeps what Numba compiles under a name that follows these files of `train/`.

    Numba itself looks only at the file of the function that it compiles, and would go on using old inner loops.
    """
    if not numba.config.CACHE_DIR:
        here = Path(__file__).parent
        digest = hashlib.sha256(
            b"".join((here / source).read_bytes() for source in sources)
        )
        numba.config.CACHE_DIR = str(
            here / "__pycache__" / f"kernels-{digest.hexdigest()[:16]}"
        )


FLOAT, INT64, INT32, INT16 = (
    ir.FloatType(),
    ir.IntType(64),
    ir.IntType(32),
    ir.IntType(16),
)
FLOATS, BITS = ir.VectorType(FLOAT, WIDTH), ir.VectorType(INT32, WIDTH)
FLAGS = ir.VectorType(ir.IntType(1), WIDTH)


class _Floats(types.Type):
    """16 float32."""


class _Bits(types.Type):
    """16 uint32: the state of as many random generators."""


floats, bits = _Floats("floats"), _Bits("bits")
mask, position = types.uint16, types.int64


@register_model(_Floats)
class _FloatsModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, FLOATS)


@register_model(_Bits)
class _BitsModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, BITS)


def _define_arithmetic(operation, instruction: str):
    cases = {"cases": [signature(floats, floats, floats)]}
    infer_global(operation)(type(instruction, (ConcreteTemplate,), cases))

    @lower_builtin(operation, floats, floats)
    def lower(context, builder, sig, args):
        return getattr(builder, instruction)(*args, flags=("contract", "nsz"))


for _operation, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define_arithmetic(_operation, _instruction)


def _data(context, builder, kind, array):
    return context.make_array(kind)(context, builder, array).data


def _shape(context, builder, kind, array) -> list:
    shape = context.make_array(kind)(context, builder, array).shape
    return cgutils.unpack_tuple(builder, shape)


def _at(builder, pointer, vectors):
    return builder.gep(pointer, [builder.mul(vectors, ir.Constant(INT64, WIDTH))])


def _load(builder, pointer, kind=FLOATS):
    return builder.load(builder.bitcast(pointer, kind.as_pointer()), align=4)


def _store(builder, vector, pointer):
    builder.store(vector, builder.bitcast(pointer, vector.type.as_pointer()), align=4)


def _spread(builder, scalar, kind=FLOATS):
    undefined = ir.Constant(kind, ir.Undefined)
    vector = builder.insert_element(undefined, scalar, ir.Constant(INT32, 0))
    return builder.shuffle_vector(
        vector,
        undefined,
        ir.Constant(ir.VectorType(INT32, kind.count), [0] * kind.count),
    )


def _zeros(kind=FLOATS):
    return ir.Constant(kind, [0.0] * kind.count)


def _call(builder, name: str, result, args, **options):
    kinds = ir.FunctionType(result, [arg.type for arg in args])
    function = cgutils.get_or_insert_function(builder.module, kinds, name)
    return builder.call(function, args, **options)


def _multiply_add(builder, x, y, z):
    return _call(builder, f"llvm.fmuladd.v{x.type.count}f32", x.type, [x, y, z])


def _total(builder, vector):
    name = f"llvm.vector.reduce.fadd.v{vector.type.count}f32"
    return _call(
        builder, name, FLOAT, [ir.Constant(FLOAT, -0.0), vector], fastmath=("reassoc",)
    )


@intrinsic
def _raw_load(typing, array, place):
    def lower(context, builder, sig, args):
        return _load(
            builder,
            _at(builder, _data(context, builder, sig.args[0], args[0]), args[1]),
        )

    return floats(array, position), lower


@intrinsic
def _raw_store(typing, array, place, vector):
    def lower(context, builder, sig, args):
        _store(
            builder,
            args[2],
            _at(builder, _data(context, builder, sig.args[0], args[0]), args[1]),
        )
        return context.get_dummy_value()

    return types.void(array, position, floats), lower


@njit
def _checked_load(array, place):
    assert 0 <= place < array.size // WIDTH
    return _raw_load(array, place)


@njit
def _checked_store(array, place, vector):
    assert 0 <= place < array.size // WIDTH
    _raw_store(array, place, vector)


load = _checked_load if CHECKED else _raw_load
store = _checked_store if CHECKED else _raw_store


@intrinsic
def spread(typing, scalar):
    """The float32 in every lane."""

    def lower(context, builder, sig, args):
        return _spread(builder, args[0])

    return floats(types.float32), lower


@intrinsic
def zeros(typing):
    def lower(context, builder, sig, args):
        return _zeros()

    return floats(), lower


@intrinsic
def multiply_add(typing, x, y, z):
    """x * y + z."""

    def lower(context, builder, sig, args):
        return _multiply_add(builder, *args)

    return floats(floats, floats, floats), lower


@intrinsic
def square_root(typing, x):
    def lower(context, builder, sig, args):
        return _call(builder, f"llvm.sqrt.v{WIDTH}f32", FLOATS, args)

    return floats(floats), lower


@intrinsic
def total(typing, x):
    """The sum of the lanes, a float32."""

    def lower(context, builder, sig, args):
        return _total(builder, args[0])

    return types.float32(floats), lower


@intrinsic
def greater(typing, x, y):
    """A mask: bit i is set where x > y in lane i."""

    def lower(context, builder, sig, args):
        return builder.bitcast(builder.fcmp_ordered(">", *args), INT16)

    return mask(floats, floats), lower


@intrinsic
def where(typing, flags, x, y):
    """x in the lanes whose bit is set, y in the others."""

    def lower(context, builder, sig, args):
        return builder.select(builder.bitcast(args[0], FLAGS), args[1], args[2])

    return floats(mask, floats, floats), lower


@intrinsic
def only(typing, flags, x):
    """x in the lanes whose bit is set, 0 in the others."""

    def lower(context, builder, sig, args):
        return builder.select(builder.bitcast(args[0], FLAGS), args[1], _zeros())

    return floats(mask, floats), lower


@intrinsic
def load_bits(typing, array):
    def lower(context, builder, sig, args):
        return _load(builder, _data(context, builder, sig.args[0], args[0]), BITS)

    return bits(array), lower


@intrinsic
def store_bits(typing, array, state):
    def lower(context, builder, sig, args):
        _store(builder, args[1], _data(context, builder, sig.args[0], args[0]))
        return context.get_dummy_value()

    return types.void(array, bits), lower


def _same(number: int):
    return ir.Constant(BITS, [number] * WIDTH)


@intrinsic
def next_bits(typing, state):
    """One step of xorshift32 in every lane (Marsaglia 2003, triple 13, 17, 5)."""

    def lower(context, builder, sig, args):
        x = args[0]
        x = builder.xor(x, builder.shl(x, _same(13)))
        x = builder.xor(x, builder.lshr(x, _same(17)))
        return builder.xor(x, builder.shl(x, _same(5)))

    return bits(bits), lower


def _make_chance(upper: bool):
    @intrinsic
    def chance(typing, state, threshold):
        def lower(context, builder, sig, args):
            half = (
                builder.lshr(args[0], _same(16))
                if upper
                else builder.and_(args[0], _same(0xFFFF))
            )
            level = _spread(builder, args[1], BITS)
            return builder.bitcast(builder.icmp_unsigned(">=", half, level), INT16)

        return mask(bits, types.uint32), lower

    return chance


# A mask whose bits are set with probability 1 - threshold / 65536, from the lower or the upper half of the state.
chance_lower, chance_upper = _make_chance(False), _make_chance(True)


def _number(value: int):
    return ir.Constant(INT64, value)


def _accumulators(builder, kind, rows: int, columns: int) -> list[list]:
    """Places for rows x columns vectors, all zero; LLVM keeps them in registers."""
    places = [
        [cgutils.alloca_once(builder, kind) for _ in range(columns)]
        for _ in range(rows)
    ]
    for place in chain(*places):
        builder.store(_zeros(kind), place)
    return places


def _row(builder, pointer, count: int, kind) -> list:
    """The same lanes of `count` neighbouring vectors."""
    return [
        _load(builder, builder.gep(pointer, [_number(WIDTH * p)]), kind)
        for p in range(count)
    ]


def _make_convolve_block(rectify: bool):
    """Accumulates CHANNELS x PIXELS outputs in registers, LANES lanes at a time."""
    kind = ir.VectorType(FLOAT, LANES)

    @intrinsic
    def convolve_block(typing, x, w, out, channel, row, column):
        def lower(context, builder, sig, args):
            b = builder
            images, kernels, target = (
                _data(context, b, sig.args[i], args[i]) for i in range(3)
            )
            channel, row, column = args[3:]
            inputs = _shape(context, b, sig.args[1], args[1])[1]
            side = _shape(context, b, sig.args[0], args[0])[1]  # of x, which is padded
            size = _shape(context, b, sig.args[2], args[2])[1]  # of out, which is not
            plane, filter_size = b.mul(side, side), b.mul(inputs, _number(9))
            here = b.add(b.mul(row, side), column)
            there = b.add(b.mul(b.add(b.mul(channel, size), row), size), column)
            filters = b.gep(kernels, [b.mul(channel, filter_size)])
            for lane in range(0, WIDTH, LANES):
                image = b.gep(_at(b, images, here), [_number(lane)])
                result = b.gep(_at(b, target, there), [_number(lane)])
                sums = _accumulators(b, kind, CHANNELS, PIXELS)
                with cgutils.for_range(b, inputs) as loop:
                    pixels = _at(b, image, b.mul(loop.index, plane))
                    taps = b.gep(filters, [b.mul(loop.index, _number(9))])
                    held = [[b.load(place) for place in each] for each in sums]
                    for dy in range(3):
                        values = _row(
                            b,
                            _at(b, pixels, b.mul(side, _number(dy))),
                            PIXELS + 2,
                            kind,
                        )
                        for c, dx in product(range(CHANNELS), range(3)):
                            tap = b.add(
                                b.mul(filter_size, _number(c)), _number(3 * dy + dx)
                            )
                            weight = _spread(b, b.load(b.gep(taps, [tap])), kind)
                            for p in range(PIXELS):
                                held[c][p] = _multiply_add(
                                    b, weight, values[p + dx], held[c][p]
                                )
                    for c, p in product(range(CHANNELS), range(PIXELS)):
                        b.store(held[c][p], sums[c][p])
                for c in range(CHANNELS):
                    line = _at(b, result, b.mul(b.mul(size, size), _number(c)))
                    for p in range(PIXELS):
                        value = b.load(sums[c][p])
                        if rectify:  # not a maximum, which would hide NaN
                            negative = b.fcmp_ordered("<", value, _zeros(kind))
                            value = b.select(negative, _zeros(kind), value)
                        _store(b, value, b.gep(line, [_number(WIDTH * p)]))
            return context.get_dummy_value()

        return types.void(x, w, out, position, position, position), lower

    return convolve_block


# out[channel + c, row, column + p] = sum over i, dy, dx of w[channel + c, i, dy, dx] x[i, row + dy, column + p + dx]
# for c < CHANNELS and p < PIXELS; x (I, S + 2, S + 2, 16), w (O, I, 3, 3), out (O, S, S, 16). The second is rectified.
convolve_block, convolve_relu_block = (
    _make_convolve_block(False),
    _make_convolve_block(True),
)


@intrinsic
def weight_gradient_block(typing, x, z, gradient, channel, source):
    """gradient[channel + c, source] += sum over pixels and lanes of x z, for c < CHANNELS.

    x (I, S + 2, S + 2, 16) and z (O, S + 2, S + 2, 16), both padded; gradient (O, I, 3, 3).
    """
    kind = ir.VectorType(FLOAT, LANES)

    def lower(context, builder, sig, args):
        b = builder
        images, deltas, target = (
            _data(context, b, sig.args[i], args[i]) for i in range(3)
        )
        channel, source = args[3:]
        inputs = _shape(context, b, sig.args[2], args[2])[1]
        side = _shape(context, b, sig.args[0], args[0])[1]
        size, plane = b.sub(side, _number(2)), b.mul(side, side)
        centre = b.add(b.mul(channel, plane), b.add(side, _number(1)))

        def lanes_from(lane: int):
            image = b.gep(_at(b, images, b.mul(source, plane)), [_number(lane)])
            delta = b.gep(_at(b, deltas, centre), [_number(lane)])
            sums = _accumulators(b, kind, CHANNELS, 9)

            def add(row, column, count: int):
                """Adds `count` neighbouring pixels, which share most of what they load."""
                here = b.add(b.mul(row, side), column)
                held = [[b.load(place) for place in each] for each in sums]
                own = [
                    _row(
                        b,
                        _at(b, delta, b.add(here, b.mul(plane, _number(c)))),
                        count,
                        kind,
                    )
                    for c in range(CHANNELS)
                ]
                for dy in range(3):
                    line = _at(b, image, b.add(here, b.mul(side, _number(dy))))
                    values = _row(b, line, count + 2, kind)
                    for p, dx, c in product(range(count), range(3), range(CHANNELS)):
                        tap = 3 * dy + dx
                        held[c][tap] = _multiply_add(
                            b, own[c][p], values[p + dx], held[c][tap]
                        )
                for c, tap in product(range(CHANNELS), range(9)):
                    b.store(held[c][tap], sums[c][tap])

            pairs = b.udiv(size, _number(2))
            paired = b.mul(pairs, _number(2))
            with cgutils.for_range(b, size) as rows:
                with cgutils.for_range(b, pairs) as columns:
                    add(rows.index, b.mul(columns.index, _number(2)), 2)
                with cgutils.for_range(b, b.sub(size, paired)) as columns:
                    add(rows.index, b.add(paired, columns.index), 1)
            for c in range(CHANNELS):
                row = b.mul(b.add(channel, _number(c)), inputs)
                weights = b.gep(target, [b.mul(b.add(row, source), _number(9))])
                for tap in range(9):
                    place = b.gep(weights, [_number(tap)])
                    b.store(
                        b.fadd(b.load(place), _total(b, b.load(sums[c][tap]))), place
                    )

        for lane in range(0, WIDTH, LANES):
            lanes_from(lane)
        return context.get_dummy_value()

    return types.void(x, z, gradient, position, position), lower
