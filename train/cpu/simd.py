"""Vector type of 16 float32 lanes for Numba, with its operations as LLVM IR.

LLVM's auto-vectoriser prefers 256-bit vectors and gives up where arrays may alias. With an explicit vector type the
kernels are plain loops over vectors, and LLVM only allocates registers. On processors with narrower registers LLVM
splits the vectors; only inner loops with many live vectors must then be smaller (`LANES`).

Arrays are C-contiguous with a last axis of 16. A position in an array counts vectors, not numbers, from its start.
"""

import operator
import os
from collections.abc import Callable
from itertools import chain
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import extending, njit, types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

WIDTH = 16  # lanes of a vector, which are the images of a tile
CHECKED = os.environ.get("CHECK_KERNELS") == "1"  # bounds checks, which are slow


def _has_avx512() -> bool:
    name = os.environ.get("NUMBA_CPU_NAME")  # set to cross-compile
    return llvmlite.binding.get_host_cpu_features().get("avx512f", False) and not name


# Lanes of a register: accumulators must fit in 32 registers of 16 lanes with AVX-512, else in 16 of 8.
LANES = 16 if _has_avx512() else 8

FLOAT, INT64, INT32, INT16 = (
    ir.FloatType(),
    ir.IntType(64),
    ir.IntType(32),
    ir.IntType(16),
)
FLOATS, BITS = ir.VectorType(FLOAT, WIDTH), ir.VectorType(INT32, WIDTH)
FLAGS = ir.VectorType(ir.IntType(1), WIDTH)


class _Floats(types.Type):
    """16 float32, one per lane."""


class _Bits(types.Type):
    """16 uint32, the state of a random generator per lane."""


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
    register: Any = infer_global(operation)
    register(type(instruction, (ConcreteTemplate,), cases))

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


def data_of(context, builder, kind, array):
    return context.make_array(kind)(context, builder, array).data


def shape_of(context, builder, kind, array) -> list:
    shape = context.make_array(kind)(context, builder, array).shape
    return cgutils.unpack_tuple(builder, shape)


def at(builder, pointer, vectors):
    """Pointer that is advanced by a number of vectors."""
    return builder.gep(pointer, [builder.mul(vectors, ir.Constant(INT64, WIDTH))])


def emit_load(builder, pointer, kind=FLOATS):
    return builder.load(builder.bitcast(pointer, kind.as_pointer()), align=4)


def emit_store(builder, vector, pointer):
    builder.store(vector, builder.bitcast(pointer, vector.type.as_pointer()), align=4)


def emit_spread(builder, scalar, kind=FLOATS):
    undefined = ir.Constant(kind, ir.Undefined)
    vector = builder.insert_element(undefined, scalar, ir.Constant(INT32, 0))
    return builder.shuffle_vector(
        vector,
        undefined,
        ir.Constant(ir.VectorType(INT32, kind.count), [0] * kind.count),
    )


def emit_zeros(kind=FLOATS):
    return ir.Constant(kind, [0.0] * kind.count)


def emit_call(builder, name: str, result, args, **options):
    kinds = ir.FunctionType(result, [arg.type for arg in args])
    function = cgutils.get_or_insert_function(builder.module, kinds, name)
    return builder.call(function, args, **options)


def emit_multiply_add(builder, x, y, z):
    return emit_call(builder, f"llvm.fmuladd.v{x.type.count}f32", x.type, [x, y, z])


def emit_total(builder, vector):
    name = f"llvm.vector.reduce.fadd.v{vector.type.count}f32"
    return emit_call(
        builder, name, FLOAT, [ir.Constant(FLOAT, -0.0), vector], fastmath=("reassoc",)
    )


def intrinsic(definition: Callable) -> Callable[..., Any]:
    """`numba.extending.intrinsic`, whose callers leave the first argument, the typing context, to Numba."""
    return extending.intrinsic(definition)


@intrinsic
def _raw_load(typing, array, index):
    def lower(context, builder, sig, args):
        return emit_load(
            builder,
            at(builder, data_of(context, builder, sig.args[0], args[0]), args[1]),
        )

    return floats(array, position), lower


@intrinsic
def _raw_store(typing, array, index, vector):
    def lower(context, builder, sig, args):
        emit_store(
            builder,
            args[2],
            at(builder, data_of(context, builder, sig.args[0], args[0]), args[1]),
        )
        return context.get_dummy_value()

    return types.void(array, position, floats), lower


def emit_prefetch(builder, pointer, to_write: bool):
    """Prefetches a cache line; an address outside of any array is harmless."""
    byte = builder.bitcast(pointer, ir.IntType(8).as_pointer())
    # Locality 2 prefetches into the L2 cache; cache type 1 is data, not instructions.
    options = [ir.Constant(INT32, n) for n in (int(to_write), 2, 1)]
    emit_call(builder, "llvm.prefetch.p0i8", ir.VoidType(), [byte, *options])


@intrinsic
def prefetch(typing, array, index):
    """Prefetches the vector at a position, which may lie outside of the array."""

    def lower(context, builder, sig, args):
        pointer = at(builder, data_of(context, builder, sig.args[0], args[0]), args[1])
        emit_prefetch(builder, pointer, False)
        return context.get_dummy_value()

    return types.void(array, position), lower


@njit
def _checked_load(array, index):
    assert 0 <= index < array.size // WIDTH
    return _raw_load(array, index)


@njit
def _checked_store(array, index, vector):
    assert 0 <= index < array.size // WIDTH
    _raw_store(array, index, vector)


load = _checked_load if CHECKED else _raw_load
store = _checked_store if CHECKED else _raw_store


@intrinsic
def spread(typing, scalar):
    """Broadcast of a float32 to every lane."""

    def lower(context, builder, sig, args):
        return emit_spread(builder, args[0])

    return floats(types.float32), lower


@intrinsic
def zeros(typing):
    def lower(context, builder, sig, args):
        return emit_zeros()

    return floats(), lower


@intrinsic
def multiply_add(typing, x, y, z):
    """x * y + z, fused where the processor has FMA."""

    def lower(context, builder, sig, args):
        return emit_multiply_add(builder, *args)

    return floats(floats, floats, floats), lower


@intrinsic
def square_root(typing, x):
    def lower(context, builder, sig, args):
        return emit_call(builder, f"llvm.sqrt.v{WIDTH}f32", FLOATS, args)

    return floats(floats), lower


@intrinsic
def total(typing, x):
    """Sum of the lanes, a float32."""

    def lower(context, builder, sig, args):
        return emit_total(builder, args[0])

    return types.float32(floats), lower


@intrinsic
def add_total(typing, start, x):
    """start + the sum of the lanes, added in groups of LANES lanes, one register at a time."""

    def lower(context, builder, sig, args):
        result, vector = args
        for lane in range(0, WIDTH, LANES):
            lanes = ir.Constant(
                ir.VectorType(INT32, LANES), list(range(lane, lane + LANES))
            )
            part = builder.shuffle_vector(vector, vector, lanes)
            result = builder.fadd(result, emit_total(builder, part))
        return result

    return types.float32(types.float32, floats), lower


@intrinsic
def greater(typing, x, y):
    """Mask whose bit i is set if x > y in lane i."""

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
        return builder.select(builder.bitcast(args[0], FLAGS), args[1], emit_zeros())

    return floats(mask, floats), lower


@intrinsic
def load_bits(typing, array):
    def lower(context, builder, sig, args):
        return emit_load(builder, data_of(context, builder, sig.args[0], args[0]), BITS)

    return bits(array), lower


@intrinsic
def store_bits(typing, array, state):
    def lower(context, builder, sig, args):
        emit_store(builder, args[1], data_of(context, builder, sig.args[0], args[0]))
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
            level = emit_spread(builder, args[1], BITS)
            return builder.bitcast(builder.icmp_unsigned(">=", half, level), INT16)

        return mask(bits, types.uint32), lower

    return chance


# Masks whose bits are set with probability 1 - threshold / 65536, from the lower or the upper half of the state.
chance_lower, chance_upper = _make_chance(False), _make_chance(True)


def number(value: int):
    return ir.Constant(INT64, value)


def accumulators(builder, kind, rows: int, columns: int) -> list[list]:
    """Pointers to rows x columns zero vectors, which LLVM keeps in registers."""
    pointers = [
        [cgutils.alloca_once(builder, kind) for _ in range(columns)]
        for _ in range(rows)
    ]
    for pointer in chain(*pointers):
        builder.store(emit_zeros(kind), pointer)
    return pointers


def emit_row(builder, pointer, count: int, kind) -> list:
    """Lanes of `count` consecutive vectors, as many as `kind` has, from `pointer` on."""
    return [
        emit_load(builder, builder.gep(pointer, [number(WIDTH * p)]), kind)
        for p in range(count)
    ]
