#!/usr/bin/env python3
"""Arrays as indices and masks as NumPy takes them: indexing.py program. The output is TAP.

take, take_along_axis, put, put_along_axis and masks over element types, types of indices, shapes with 0 and 1, axes, orders in memory, and indices that are out of range.
"""
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np

import tap

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]
INDICES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
SHAPES = [(0,), (1,), (2,), (100,), (3, 4), (5, 0, 2), (0, 3), (1, 7), (6, 1, 5), (33, 20), (2, 3, 4, 5)]


class Check:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.jobs, self.results, self.files = [], [], 0

    def store(self, x):
        self.files += 1
        path = self.folder / f"{self.files}.npy"
        np.save(path, x)
        return path

    def add(self, name, what, axis, x, index, values, compute):
        try:
            wanted = compute()
        except (IndexError, ValueError) as problem:
            wanted = type(problem).__name__
        out = self.folder / f"out{len(self.jobs)}.npy"
        line = [x.dtype.name, index.dtype.name, what, "all" if axis is None else axis, self.store(x), self.store(index), self.store(values), out]
        self.jobs.append((" ".join(map(str, line)), name, f"{what}, axis {axis}, index {index.dtype} {index.shape}: ", out, wanted))

    def run(self):
        done = subprocess.run([self.program], input="\n".join(job[0] for job in self.jobs) + "\n", capture_output=True, text=True)
        answers = done.stdout.splitlines()
        self.results.append((done.returncode == 0 and len(answers) == len(self.jobs), "the program answers every line", done.stderr))
        problems = {}
        for answer, (_, name, how, out, wanted) in zip(answers, self.jobs):
            if isinstance(wanted, str) or answer != "done":
                why = "" if answer == wanted else f"{answer}, not {wanted}"
            else:
                got = np.load(out)
                good = got.shape == wanted.shape and got.dtype == wanted.dtype and np.array_equal(got, wanted)
                why = "" if good else f"{got.dtype} {got.shape} {got} is not {wanted.dtype} {wanted.shape} {wanted}"
            problems.setdefault(name, []).extend([how + why] if why else [])
        self.results.extend((not whys, name, "\n".join(whys)) for name, whys in problems.items())


def values(rng, kind, shape):
    kind = np.dtype(kind)
    x = rng.integers(0, 2 if kind.kind == "b" else 100, shape)
    return (x - (50 if kind.kind in "if" else 0)).astype(kind)


def indices(rng, kind, shape, extent, wrong=False):
    kind = np.dtype(kind)
    limit = min(extent, np.iinfo(kind).max)
    if limit == 0:
        return np.zeros(shape, kind)
    i = rng.integers(-limit if kind.kind == "i" else 0, limit, shape).astype(kind)
    if wrong and i.size > 0 and extent < np.iinfo(kind).max:
        i.reshape(-1)[rng.integers(i.size)] = rng.choice([extent, -extent - 1] if kind.kind == "i" and -extent - 1 >= np.iinfo(kind).min else [extent])
    return i


def changed(x, change):
    y = x.copy(order="K")
    change(y)
    return y


def checked_take(x, i, axis):
    extent = x.size if axis is None else x.shape[axis]
    wide = [int(v) for v in i.reshape(-1)]
    # What NumPy still lets pass where the result has no elements.
    if any(not -extent <= v < extent for v in wide):
        raise IndexError
    return np.take(x, i.astype(np.int64), axis)


def taken(check, rng, x, name):
    for axis in [None, *range(-x.ndim, x.ndim)]:
        extent = x.size if axis is None else x.shape[axis]
        kinds = INDICES if x.dtype.name in ("float32", "uint8") else ["int32", "int64", "uint8"]
        for kind in kinds:
            for shape in [(), (0,), (1,), (3,), (2, 3), (70,)]:
                if kind != "int32" and shape not in ((3,), (70,)):
                    continue
                for wrong in (False, True):
                    i = indices(rng, kind, shape, extent, wrong)
                    check.add(name, "take", axis, x, i, x[:0], lambda: checked_take(x, i, axis))
        i = indices(rng, "int32", (40,), extent)
        if extent > 0 and x.dtype.kind in "iu" and x.dtype.itemsize < 8:
            check.add(name, "sum", axis, x, i, x[:0], lambda: np.take(x, i, axis).astype(np.int64).sum(axis=0))


def along(check, rng, x, name):
    for axis in range(-x.ndim, x.ndim):
        extent = x.shape[axis]
        shapes = [list(x.shape), list(x.shape), [1] * x.ndim]
        shapes[0][axis], shapes[1][axis], shapes[2][axis] = 3, 1, 2
        for shape in shapes:
            for kind in ("int32", "int64", "uint8"):
                i = indices(rng, kind, shape, extent)
                if extent == 0 and i.size > 0:
                    continue  # NumPy is of two minds
                check.add(name, "along", axis, x, i, x[:0], lambda: np.take_along_axis(x, i.astype(np.int64), axis))
                # Of equal indices the last one stays, in the order of the elements.
                v = values(rng, x.dtype, np.broadcast_shapes(tuple(shape), tuple(1 if d == axis % x.ndim else e for d, e in enumerate(x.shape))))
                check.add(name, "put_along", axis, x, i, v, lambda: changed(x, lambda y: np.put_along_axis(y, i.astype(np.int64), v, axis)))
        i = indices(rng, "int32", shapes[0], extent, True)
        if i.size > 0:
            check.add(name, "along", axis, x, i, x[:0], lambda: np.take_along_axis(x, i, axis))
            check.add(name, "put_along", axis, x, i, x[:0].reshape(-1)[:0].sum(dtype=x.dtype).reshape(()), lambda: changed(x, lambda y: np.put_along_axis(y, i, 0, axis)))


def put(check, rng, x, name):
    for shape in [(0,), (1,), (5,), (3, 4)]:
        for count in (1, 3, 12):
            for wrong in (False, True):
                i = indices(rng, "int64", shape, x.size, wrong)
                if x.size == 0 and i.size > 0:
                    continue  # an IndexError here and there, but of another kind
                v = values(rng, x.dtype, (count,))
                check.add(name, "put", None, x, i, v, lambda: changed(x, lambda y: np.put(y, i, v)))


def masked(check, rng, x, name):
    for axes in range(1, x.ndim + 1):
        for share in (0.0, 0.5, 1.0):
            mask = rng.random(x.shape[:axes]) < share
            check.add(name, "read", None, x, mask, x[:0], lambda: x[mask])

            def write(y, v):
                y[mask] = v
            one = values(rng, x.dtype, ())
            check.add(name, "fill", None, x, mask, one, lambda: changed(x, lambda y: write(y, one)))
            region = x[mask].shape
            for shape in {region, (*region[:-1], 1), (region[0] + 2, *region[1:])} - {x.shape}:
                v = values(rng, x.dtype, shape)
                if region[0] == 0 and shape != region:
                    continue
                check.add(name, "write", None, x, mask, v, lambda: changed(x, lambda y: write(y, v)))
    wrong = np.ones([e + 1 for e in x.shape], bool)
    check.add(name, "read", None, x, wrong, x[:0], lambda: x[wrong])


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(11)
    with tempfile.TemporaryDirectory() as folder:
        check = Check(sys.argv[1], pathlib.Path(folder))
        for kind in TYPES:
            for shape in SHAPES:
                x = values(rng, kind, shape)
                for stored in [x] if x.ndim == 1 else [x, np.asfortranarray(x)]:
                    order = "F" if stored is not x else "C"
                    for ask in (taken, along, put, masked):
                        ask(check, rng, stored, f"{ask.__name__}: {kind} {shape} {order}")
        check.run()
    tap.report(check.results)


main()
