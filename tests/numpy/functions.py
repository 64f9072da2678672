#!/usr/bin/env python3
"""Elementwise functions, reductions, scans and views as NumPy computes them: functions.py program. The output is TAP.

A grid of functions, element types, shapes with 0 and 1, axes, layouts (in order, columns first, mirrored, every other element, pending) and special values.
"""
import itertools
import math
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np

import tap

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATING = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]
TYPES = ["bool", *INTEGERS, *FLOATING]
SHAPES = [(0,), (1,), (7,), (64,), (1000,), (3, 4), (1, 9), (5, 0, 2), (33, 20), (2, 1, 5), (4, 6, 17), (2, 3, 4, 5)]
LAYOUTS = ["rows", "columns", "mirrored", "strided", "pending"]


def some_layouts(rng, shape):
    """In order, and two of the others."""
    others = LAYOUTS[1:] if len(shape) > 1 else LAYOUTS[2:]
    return ["rows", *rng.choice(others, 2, replace=False)]


class Check:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.jobs, self.results, self.stored = [], [], {}

    def store(self, x, layout):
        """The file that the program makes x of, in that layout."""
        key = (id(x), layout)
        if key not in self.stored:
            path = self.folder / f"{len(self.stored)}.npy"
            if layout == "columns":
                np.save(path, np.asfortranarray(x))
            elif layout == "mirrored":
                np.save(path, np.ascontiguousarray(np.flip(x)))
            elif layout == "strided":
                between = np.empty((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
                between[..., ::2] = x
                between[..., 1::2] = x[..., ::-1]
                np.save(path, between)
            else:
                np.save(path, x)
            self.stored[key] = (path, x)  # x is kept, so that its id stays its own
        return self.stored[key][0]

    def add(self, name, what, arguments, operands, compute, compare, layout="rows"):
        if layout == "strided" and any(x.ndim == 0 for x in operands):
            return
        try:
            with np.errstate(all="ignore"):
                wanted = compute()
        except (IndexError, ValueError, np.AxisError) as problem:
            wanted = problem
        out = self.folder / f"out{len(self.jobs)}.npy"
        line = [operands[0].dtype.name, what, arguments, layout, out, len(operands), *(self.store(x, layout) for x in operands)]
        self.jobs.append((" ".join(map(str, line)), name, f"{what} {arguments}, {layout}: ", out, wanted, compare))

    def run(self):
        done = subprocess.run([self.program], input="\n".join(job[0] for job in self.jobs) + "\n", capture_output=True, text=True)
        answers = done.stdout.splitlines()
        self.results.append((done.returncode == 0 and len(answers) == len(self.jobs), "the program answers every line", done.stderr))
        problems = {}
        for answer, (_, name, how, out, wanted, compare) in zip(answers, self.jobs):
            if isinstance(wanted, Exception):
                allowed = [kind.__name__ for kind in (IndexError, ValueError) if isinstance(wanted, kind)]
                why = "" if answer in allowed else f"{answer}, not {wanted}"
            elif answer != "done":
                why = f"{answer}, not {wanted}"
            else:
                why = compare(np.load(out), np.asarray(wanted))
            problems.setdefault(name, []).extend([how + why] if why else [])
        self.results.extend((not whys, name, "\n".join(whys[:20])) for name, whys in problems.items())


def of_kind(got, wanted):
    return "" if got.shape == wanted.shape and got.dtype == wanted.dtype else f"{got.dtype} {got.shape} is not {wanted.dtype} {wanted.shape}"


def different(got, wanted, bad):
    return f"{np.count_nonzero(bad)} values, as {got[bad][:4]}, which should be {wanted[bad][:4]}" if bad.any() else ""


def exactly(got, wanted):
    """The same values; zeros have the same sign."""
    if why := of_kind(got, wanted):
        return why
    same = (got == wanted) | ((got != got) & (wanted != wanted))
    if got.dtype.kind == "f":
        same &= (np.signbit(got) == np.signbit(wanted)) | (got != got)
    return different(got, wanted, ~same)


def by_value(got, wanted):
    """The same values, whatever zero it is."""
    if why := of_kind(got, wanted):
        return why
    return different(got, wanted, ~((got == wanted) | ((got != got) & (wanted != wanted))))


def within_ulp(ulp):
    """As close to a wanted value of a wider type, or of the same for double."""
    def compare(got, wanted):
        narrow = wanted.astype(got.dtype)
        if got.shape != wanted.shape:
            return f"{got.shape} is not {wanted.shape}"
        with np.errstate(all="ignore"):
            unit = np.maximum(np.abs(np.spacing(narrow)), np.finfo(got.dtype).smallest_subnormal).astype(np.float64)
            error = np.abs(got.astype(np.float64) - wanted.astype(np.float64)) / unit
            special = ~np.isfinite(narrow) | ~np.isfinite(got)
            good = np.where(special, (got == narrow) | (np.isnan(got) & np.isnan(narrow)), error <= ulp)
            # Just above the largest number the wider type still has a value.
            largest = np.finfo(got.dtype).max
            good |= np.isinf(narrow) & (np.abs(got) == largest) & (np.abs(wanted) < float(largest) * (1 + 2 * np.finfo(got.dtype).eps))
            good &= (np.signbit(got) == np.signbit(narrow)) | np.isnan(got) | (narrow != 0)
        return different(got, narrow, ~good)
    return compare


def near(scale, terms):
    """Within what as many roundings of sums of that size can lose."""
    def compare(got, wanted):
        if why := of_kind(got, wanted.astype(got.dtype)):
            return why
        eps = np.finfo(got.dtype).eps
        with np.errstate(all="ignore"):
            allowed = eps * (4 + min(terms, 200)) * np.maximum(np.abs(scale), np.abs(wanted)) + np.finfo(got.dtype).tiny
            good = np.abs(got.astype(np.float64) - wanted.astype(np.float64)) <= allowed
            good |= (got == wanted.astype(got.dtype)) | (np.isnan(got) & np.isnan(wanted))
        return different(got, wanted, ~good)
    return compare


def values(rng, kind, shape, special=False):
    kind = np.dtype(kind)
    if kind.kind == "b":
        return rng.random(shape) < 0.5
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        x = rng.integers(limits.min if special else max(limits.min, -50), limits.max if special else 50, shape, kind, endpoint=True)
        return x
    if kind.kind == "c":
        return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(kind)
    x = (rng.normal(size=shape) * 10.0 ** rng.integers(-3, 2, shape)).astype(kind)
    if special:
        limits = np.finfo(kind)
        flat = x.reshape(-1)
        some = [0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 0.5, -0.5, limits.max, limits.min, limits.tiny, -limits.tiny, limits.smallest_subnormal, -2, 2, 3, 1e3, -1e3, 30, -30, 0.1]
        places = rng.permutation(flat.size)[:len(some)]
        flat[places] = np.array(some, kind)[rng.permutation(len(some))[:len(places)]]
    return x


def gamma(v):
    """Of C: math's raises at the poles and where it overflows."""
    if v == 0:
        return math.copysign(math.inf, v)
    if v == -math.inf or (v < 0 and v == math.floor(v)):
        return math.nan
    try:
        return math.gamma(v)
    except OverflowError:
        return math.inf


def log_gamma(v):
    if math.isinf(v) or (v <= 0 and v == math.floor(v)):
        return math.inf
    try:
        return math.lgamma(v)
    except OverflowError:
        return math.inf


def elements(f):
    return lambda x: np.array([f(float(v)) for v in x.reshape(-1)], np.float64).reshape(x.shape)


FUNCTIONS = {
    "sqrt": np.sqrt, "cbrt": np.cbrt, "rsqrt": lambda x: 1 / np.sqrt(x), "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2, "log10": np.log10,
    "log1p": np.log1p, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "erf": elements(math.erf), "erfc": elements(math.erfc), "tgamma": elements(gamma), "lgamma": elements(log_gamma),
    "reciprocal": np.reciprocal,
}


def away_from_zero(x):
    """C's round, which NumPy's is not."""
    wide = x.astype(np.longdouble)
    return np.copysign(np.where(np.abs(wide) < 2.0 ** 62, np.floor(np.abs(wide) + np.longdouble(0.5)), np.abs(wide)), wide).astype(x.dtype)


ROUNDINGS = {"floor": np.floor, "ceil": np.ceil, "round": away_from_zero, "trunc": np.trunc, "rint": np.rint}


def wide(x):
    return x.astype(np.float64)


def unary(check, rng):
    for kind, shape in itertools.product(TYPES, SHAPES):
        x = values(rng, kind, shape, special=True)
        name = f"elementwise: {kind} {shape}"
        for layout in some_layouts(rng, shape):
            def ask(what, compute, compare=exactly, arguments="-"):
                check.add(name, what, arguments, [x], compute, compare, layout)
            if kind != "bool":
                for what, f in {"negative": np.negative, "abs": np.abs, "square": np.square}.items():
                    ask(what, lambda: f(x))
                # Two operations are contracted to one rounding.
                if kind in INTEGERS:
                    ask("scalar", lambda: x * x.dtype.type(3) + x.dtype.type(7))
                else:
                    ask("scalar", lambda: (x.astype(np.longdouble) * 3 + 7).astype(np.float64), within_ulp(1.01))
                ask("sign", lambda: np.sign(x), by_value)
                ask("clip", lambda: np.clip(x, x.dtype.type(3), x.dtype.type(40)))
                ask("isnan", lambda: np.isnan(x))
                ask("isinf", lambda: np.isinf(x))
                ask("isfinite", lambda: np.isfinite(x))
                ask("positive", lambda: x > 0)
            if kind in INTEGERS or kind == "bool":
                ask("invert", lambda: np.invert(x))
            if kind in FLOATING:
                for what, f in FUNCTIONS.items():
                    # NumPy's double has errors of its own.
                    allowed = {"float16": 1.01, "float32": 4.5 if what == "lgamma" else 1.51, "float64": 40 if what in ("tgamma", "lgamma") else 4}[kind]
                    if what == "lgamma" and layout != "rows":
                        continue
                    ask(what, lambda: f(wide(x)), lgamma_near if what == "lgamma" else within_ulp(allowed))
                for what, f in ROUNDINGS.items():
                    ask(what, lambda: f(x))


def lgamma_near(got, wanted):
    """Relative to 1 near its zeros."""
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.float64) - wanted)
        good = (error <= 8 * np.finfo(got.dtype).eps * np.maximum(1, np.abs(wanted))) | (got == wanted.astype(got.dtype)) | (np.isnan(got) & np.isnan(wanted))
    return different(got, wanted, ~good)


def converted(x, to):
    """As api.md has it: toward zero, out of range and NaN the lowest value."""
    to = np.dtype(to)
    if x.dtype.kind == "f" and to.kind in "iu":
        limits = np.iinfo(to)
        t = np.trunc(x.astype(np.longdouble))
        inside = (t >= limits.min) & (t <= limits.max)
        return np.where(inside, np.where(inside, t, 0).astype(np.int64 if to.kind == "i" else np.uint64), np.array(limits.min, np.int64 if to.kind == "i" else np.uint64)).astype(to)
    return x.astype(to)


def conversions(check, rng):
    for kind, to, shape in itertools.product(TYPES, TYPES, [(64,), (4, 6, 17)]):
        x = values(rng, kind, shape, special=True)
        for layout in ("rows", "strided"):
            check.add(f"cast: {kind} to {to}", "cast", to, [x], lambda: converted(x, to), exactly, layout)


def quotient(x, y, rest):
    """C's division of integers: toward zero. The lowest value over -1 is itself."""
    a, b = x.astype(object), y.astype(object)
    def one(p, q):
        n = abs(p) // abs(q) * (1 if (p < 0) == (q < 0) else -1)
        return p - n * q if rest else n
    bits = 8 * x.dtype.itemsize
    wrapped = [int(v) & ((1 << bits) - 1) for v in np.vectorize(one, otypes=[object])(a, b).reshape(-1)]
    return np.array(wrapped, np.uint64).astype(np.dtype(f"uint{bits}")).view(x.dtype).reshape(np.broadcast_shapes(x.shape, y.shape))


PAIRS = [((), (5,)), ((0,), (1,)), ((1,), (7,)), ((1000,), (1000,)), ((3, 4), (4,)), ((33, 1), (20,)), ((5, 0, 2), (5, 1, 2)), ((2, 3, 4, 5), (3, 1, 5)), ((3,), (4,)), ((64, 48), (64, 48))]


def binary(check, rng):
    for kind, (left, right) in itertools.product(TYPES, PAIRS):
        x, y = values(rng, kind, left, special=True), values(rng, kind, right, special=True)
        name = f"pairs: {kind} {left} {right}"
        for layout in some_layouts(rng, left):
            def ask(what, compute, compare=exactly):
                check.add(name, what, "-", [x, y], compute, compare, layout)
            for what, f in {"less": np.less, "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal, "equal": np.equal, "not_equal": np.not_equal}.items():
                ask(what, lambda: f(x, y))
            if kind != "bool":
                for what, f in {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}.items():
                    ask(what, lambda: f(x, y))
                for what, f in {"minimum": np.minimum, "maximum": np.maximum}.items():
                    ask(what, lambda: f(x, y), by_value)
                ask("where", lambda: np.where(x < y, x, y))
            if kind not in FLOATING:
                for what, f in {"bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor}.items():
                    ask(what, lambda: f(x, y))
            if kind in FLOATING:
                ask("divide", lambda: np.divide(x, y))
                for what, f in {"pow": np.power, "atan2": np.arctan2, "hypot": np.hypot}.items():
                    ask(what, lambda: f(wide(x), wide(y)), within_ulp({"float16": 1.01, "float32": 1.51, "float64": 4}[kind]))
                ask("fmod", lambda: np.fmod(x, y))
                ask("copysign", lambda: np.copysign(x, y))
                ask("fmin", lambda: np.fmin(x, y), by_value)
                ask("fmax", lambda: np.fmax(x, y), by_value)
        if kind in INTEGERS:
            nonzero = np.where(y == 0, y.dtype.type(3), y)
            check.add(name, "divide", "-", [x, nonzero], lambda: quotient(x, nonzero, False), exactly)
            check.add(name, "modulo", "-", [x, nonzero], lambda: quotient(x, nonzero, True), exactly)
            if x.size > 0 and y.size > 0:
                zero = np.zeros_like(y)
                def refused():
                    np.broadcast_shapes(x.shape, y.shape)
                    raise ValueError("division by zero")
                check.add(name, "divide", "-", [x, zero], refused, exactly)
            by = (values(rng, "uint8", right) % (8 * y.dtype.itemsize)).astype(y.dtype)
            check.add(name, "left_shift", "-", [x, by], lambda: np.left_shift(x, by), exactly)
            check.add(name, "right_shift", "-", [x, by], lambda: np.right_shift(x, by), exactly)


def common_type(a, b):
    """std::common_type, but small integers are not widened."""
    a, b = np.dtype(a), np.dtype(b)
    if a.kind == "f" or b.kind == "f":
        if a.kind == b.kind:
            return max(a, b, key=lambda t: t.itemsize)
        return a if a.kind == "f" else b
    if a.itemsize != b.itemsize:
        large = max(a, b, key=lambda t: t.itemsize)
        return large
    return a if a.kind == "u" else b


def promotions(check, rng):
    for a, b in itertools.product([*INTEGERS, "float32", "float64"], repeat=2):
        x, y = values(rng, a, (3, 40)), values(rng, b, (40,))
        to = common_type(a, b)
        for layout in ("rows", "strided"):
            check.add(f"promotion: {a} and {b}", "promote", b, [x, y], lambda: converted_whole(x, to) + converted_whole(y, to), exactly, layout)


def converted_whole(x, to):
    with np.errstate(all="ignore"):
        return x.astype(to)


def axes_of(shape):
    n = len(shape)
    yield None
    for k in range(1, min(n, 3) + 1):
        yield from itertools.combinations(range(n), k)
    yield (-1,)
    if n > 1:
        yield (-1, 0)
    yield (n,)  # there is none
    yield (0, 0)


def reductions(check, rng):
    for kind, shape in itertools.product(TYPES, SHAPES):
        for special in ([False, True] if kind in FLOATING else [False]):
            x = values(rng, kind, shape, special=False)
            if special:
                if x.size < 6:
                    continue
                x.reshape(-1)[rng.permutation(x.size)[:3]] = np.array([np.nan, np.inf, -np.inf], kind)
            name = f"reductions: {kind} {shape}{' special' if special else ''}"
            for axis, keepdims in itertools.product(axes_of(shape), (0, 1)):
                # The layouts take turns.
                layout = rng.choice(LAYOUTS if len(shape) > 1 else LAYOUTS[:1] + LAYOUTS[2:])
                arguments = ("all" if axis is None else ",".join(map(str, axis))) + f"/{keepdims}/0"
                keep = bool(keepdims)
                def ask(what, compute, compare=by_value, arguments=arguments):
                    check.add(name, what, arguments, [x], compute, compare, layout)
                one = None if axis is None else axis[0]
                count = x.size
                floating = kind in FLOATING
                w = wide(x) if floating else x
                wide_sum = np.float64 if floating else np.uint64 if kind.startswith("u") else np.int64

                def scaled(compute, absolute):
                    """A comparison that allows for the size of what is added; sums that fail are compared as they fail."""
                    try:
                        with np.errstate(all="ignore"):
                            return near(absolute(), count)
                    except (ValueError, IndexError, np.AxisError):
                        return by_value
                if kind != "bool":
                    ask("min", lambda: np.min(x, axis, keepdims=keep))
                    ask("max", lambda: np.max(x, axis, keepdims=keep))
                ask("any", lambda: np.any(x, axis, keepdims=keep))
                ask("all", lambda: np.all(x, axis, keepdims=keep))
                ask("count_nonzero", lambda: np.count_nonzero(x, axis, keepdims=keep) if x.ndim > 0 else 0)
                if (axis is None or len(axis) == 1) and kind != "bool":
                    ask("argmin", lambda: np.argmin(x, one, keepdims=keep))
                    ask("argmax", lambda: np.argmax(x, one, keepdims=keep))
                if floating:
                    ask("sum", lambda: np.sum(w, axis, keepdims=keep), scaled(0, lambda: np.sum(np.abs(w), axis, keepdims=keep)))
                    ask("mean", lambda: np.mean(w, axis, keepdims=keep), scaled(0, lambda: np.mean(np.abs(w), axis, keepdims=keep)))
                else:
                    ask("sum", lambda: np.sum(x, axis, wide_sum, keepdims=keep))
                    ask("prod", lambda: np.prod(x, axis, wide_sum, keepdims=keep))
                    ask("mean", lambda: np.mean(x, axis, np.float64, keepdims=keep), scaled(0, lambda: np.mean(np.abs(x.astype(np.float64)), axis, keepdims=keep)))
                for ddof in (0, 1):
                    with_ddof = arguments[:-1] + str(ddof)
                    def squares():
                        return np.mean(np.square(x.astype(np.float64)), axis, keepdims=keep) * 4
                    ask("var", lambda: np.var(x.astype(np.float64), axis, ddof=ddof, keepdims=keep), scaled(0, squares), with_ddof)
                    ask("std", lambda: np.std(x.astype(np.float64), axis, ddof=ddof, keepdims=keep), scaled(0, lambda: np.sqrt(squares())), with_ddof)
                if kind != "bool":
                    ask("norm", lambda: np.sqrt(np.sum(np.square(x.astype(np.float64)), axis, keepdims=keep)), near(0, count))
                if not keepdims and (axis is None or len(axis) == 1):
                    if floating:
                        ask("cumsum", lambda: np.cumsum(w, one), scaled(0, lambda: np.cumsum(np.abs(w), one)))
                    else:
                        ask("cumsum", lambda: np.cumsum(x, one, wide_sum))
                        ask("cumprod", lambda: np.cumprod(x, one, wide_sum))


def resized(shape):
    n = math.prod(shape)
    yield (n,)
    yield (1, n, 1)
    yield (-1,)
    if n % 2 == 0 and n > 0:
        yield (2, -1)
    yield (n + 1,)


def shapes(check, rng):
    for kind, shape in itertools.product(["bool", "uint8", "int16", "float16", "float32", "int64", "float64", *COMPLEX], SHAPES):
        x, other = values(rng, kind, shape), values(rng, kind, shape)
        n = x.ndim
        name = f"shapes: {kind} {shape}"
        layouts = some_layouts(rng, shape)
        for layout in layouts if kind in ("float32", "complex64") else layouts[-1:]:
            def ask(what, arguments, compute, operands=None):
                words = arguments if isinstance(arguments, str) else ",".join(map(str, arguments))
                check.add(name, what, words, operands or [x], lambda: np.array(compute()), exactly, layout)
            ask("T", "-", lambda: x.T)
            ask("flatten", "-", lambda: x.flatten())
            ask("flip", "all", lambda: np.flip(x))
            for axis in range(-n, n + 1):
                ask("flip", [axis], lambda: np.flip(x, axis))
                ask("repeat_axis", [3, axis], lambda: np.repeat(x, 3, axis))
                ask("concatenate", [axis], lambda: np.concatenate([x, other], axis), [x, other])
                ask("squeeze", [axis], lambda: np.squeeze(x, axis))
                for shift in (0, 1, -3, 100):
                    ask("roll_axis", [shift, axis], lambda: np.roll(x, shift, axis))
            for axis in range(-n - 1, n + 2):
                ask("expand_dims", [axis], lambda: np.expand_dims(x, axis))
                ask("stack", [axis], lambda: np.stack([x, other], axis), [x, other])
            for a, b in itertools.product(range(-1, n), repeat=2):
                ask("swapaxes", [a, b], lambda: np.swapaxes(x, a, b))
                ask("moveaxis", [a, b], lambda: np.moveaxis(x, a, b))
                if n >= 2:
                    for offset in (0, 1, -2, 50):
                        ask("diagonal", [offset, a, b], lambda: np.diagonal(x, offset, a, b))
                    ask("roll_axes", [2, a, -1, b], lambda: np.roll(x, (2, -1), (a, b)))
            for order in itertools.islice(itertools.permutations(range(n)), 8):
                ask("transpose", order, lambda: np.transpose(x, order))
            for to in resized(shape):
                if -1 in to and x.size == 0:
                    continue
                ask("reshape", to, lambda: x.reshape(to))
            for to in [(2, *shape), shape, (*shape[:-1], max(shape[-1], 1) * 3)]:
                ask("broadcast_to", to, lambda: np.broadcast_to(x, to))
            ask("squeeze", "all", lambda: np.squeeze(x))
            for shift in (0, 1, -2, 1000):
                ask("roll", [shift], lambda: np.roll(x, shift))
            for times in [(2,), (1, 3), (2, 1, 2), (0,)]:
                ask("tile", times, lambda: np.tile(x, times))
            ask("repeat", [2], lambda: np.repeat(x, 2))
            for width in (0, 1, 3):
                for mode in ("constant", "edge", "reflect", "wrap"):
                    more = {"constant_values": 5} if mode == "constant" else {}
                    ask("pad_" + mode, [width], lambda: np.pad(x, width, mode, **more))
                    if n == 2:
                        ask("pad_" + mode, [width, 2, 0, 1], lambda: np.pad(x, ((width, 2), (0, 1)), mode, **more))
            ask("first", "-", lambda: x[0, ...])
            ask("last", "-", lambda: x[..., -1])
            ask("new_in_front", "-", lambda: x[np.newaxis, ..., 1:])
            ask("new_behind", "-", lambda: x[-1, ..., np.newaxis])
            for texts in [["::1"], ["1:-1:1"], ["::-1"], ["5:1:-2"], ["-3::1"], ["2:100:3"], [":0:1"], ["::2", "::-1"], ["1::1", "-1::-3"], ["::1", "::-1", "1:4:2"]]:
                def part():
                    return x[tuple(slice(*(int(v) if v else None for v in t.split(":"))) for t in texts)]
                ask("slice", ",".join(texts), part)
            for step in (1, 2, -1):
                def written():
                    y = x.copy()
                    y[::step, ...] = other[::step, ...]
                    return y
                part = np.ascontiguousarray(other[::step, ...])
                ask("write", [step], written, [x, part])


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(5)
    with tempfile.TemporaryDirectory() as folder:
        check = Check(sys.argv[1], pathlib.Path(folder))
        for ask in (unary, conversions, binary, promotions, reductions, shapes):
            ask(check, rng)
        check.run()
        print(f"# {len(check.jobs)} calls")
    tap.report(check.results)


main()
