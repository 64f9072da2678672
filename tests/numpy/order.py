#!/usr/bin/env python3
"""Sorting, selecting, searching and counting as NumPy does it: order.py program. The output is TAP.

Every function over element types, shapes with 0 and 1, axes, orders in memory and special values. The program reads each array from a file and writes what it
makes of it to another one.
"""
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np

import tap

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
SHAPES = [(0,), (1,), (2,), (9,), (100,), (3, 4), (5, 0, 2), (1, 7), (6, 1, 5), (33, 20)]
METHODS = ["linear", "lower", "higher", "midpoint", "nearest"]


def values(rng, name, shape, content):
    kind = np.dtype(name)
    count = int(np.prod(shape, dtype=np.int64))
    if content == "few":
        flat = rng.integers(0, 2 if kind.kind == "b" else 4, count).astype(kind)
    elif kind.kind == "b":
        flat = rng.integers(0, 2, count).astype(kind)
    elif kind.kind == "f":
        flat = rng.standard_normal(count).astype(kind)
        if content == "special":
            at = rng.random(count) < 0.4
            flat[at] = rng.choice(np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, np.finfo(kind).tiny / 4], kind), count)[at]
    else:
        limits = np.iinfo(kind)
        flat = rng.integers(limits.min, limits.max, count, dtype=kind, endpoint=True)
    return flat.reshape(shape)


def same(found, wanted, signs=True):
    wanted = np.asarray(wanted)
    if found.shape != wanted.shape:
        return f"shape {found.shape}, not {wanted.shape}"
    if found.dtype != wanted.dtype:
        return f"type {found.dtype}, not {wanted.dtype}"
    good = np.array_equal(found, wanted, equal_nan=found.dtype.kind == "f")
    if good and signs and found.dtype.kind == "f":
        numbers = ~np.isnan(wanted)
        good = np.array_equal(np.signbit(found[numbers]), np.signbit(wanted[numbers]))
    return "" if good else f"{found} is not {wanted}"


def near(found, wanted):
    """Up to roundings: NumPy interpolates float32 in either precision."""
    wanted = np.asarray(wanted).astype(found.dtype)
    if found.shape != wanted.shape:
        return f"shape {found.shape}, not {wanted.shape}"
    return "" if np.allclose(found, wanted, rtol=8 * np.finfo(found.dtype).eps, atol=1e-300, equal_nan=True) else f"{found} is not {wanted}"


def first_problem(*problems):
    return "; ".join(filter(None, problems))


class Check:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.jobs = []
        self.stored, self.content = None, ""
        self.results = []

    def add(self, x, what, axis, argument, verify):
        """verify(what was written)."""
        if x is not self.stored:
            self.stored, self.stored_path = x, self.folder / f"{len(self.jobs)}.npy"
            np.save(self.stored_path, x)
        out = self.folder / f"{len(self.jobs)}.out"
        words = argument if isinstance(argument, (list, tuple)) else [argument]
        line = [x.dtype.name, what, axis, ",".join(repr(float(w)) for w in words), self.stored_path, out]
        order = "F" if x.ndim > 1 and x.flags.f_contiguous and not x.flags.c_contiguous else "C"
        name = f"{what} of {x.dtype.name} {x.shape} {order}, {self.content}"
        self.jobs.append((" ".join(str(part) for part in line), name, f"axis {axis}, {argument}: ", out, verify))

    def run(self):
        done = subprocess.run([self.program], input="\n".join(job[0] for job in self.jobs) + "\n", capture_output=True, text=True)
        answers = done.stdout.splitlines()
        self.results.append((done.returncode == 0 and len(answers) == len(self.jobs), "the program answers every line", done.stderr))
        problems = {}  # one result for each function and array
        for answer, (_, name, how, out, verify) in zip(answers, self.jobs):
            why = answer if answer != "done" else verify(np.load(out))
            problems.setdefault(name, []).extend([how + why] if why else [])
        self.results.extend((not whys, name, "\n".join(whys)) for name, whys in problems.items())


def axes_of(shape):
    return [("all", None), *((str(a), a) for a in range(-len(shape), len(shape)))]


def length(x, axis):
    return x.size if axis is None else x.shape[axis]


def in_order(check, x):
    for text, axis in axes_of(x.shape):
        places = np.argsort(x, axis=axis, kind="stable")
        flat = x.reshape(-1) if axis is None else x
        along = -1 if axis is None else axis
        stable = np.take_along_axis(flat, places, along)
        check.add(x, "sort", text, 0, lambda got, w=stable: same(got, w))
        check.add(x, "argsort", text, 0, lambda got, w=places: same(got, w))
        n = length(x, axis)
        if x.size == 0:
            continue
        for k in {0, n // 2, n - 1, -1}:
            def is_partition(got, w=stable, k=k, along=along):
                pivot = np.take(w, [k], along)
                at = k % w.shape[along]
                parts = np.split(got, [at], along)
                # What sorts to the same is there, and each part is on its side.
                return first_problem(same(np.sort(got, along), np.sort(w, along), signs=False), same(np.take(got, [k], along), pivot, signs=False),
                                     same(np.sort(parts[0], along), np.sort(np.split(w, [at], along)[0], along), signs=False))
            check.add(x, "partition", text, k, is_partition)
            check.add(x, "argpartition", text, k,
                      lambda got, f=flat, along=along, test=is_partition: test(np.take_along_axis(f, got, along)))
            if k < 0:
                continue
            count = k + 1
            smallest = (np.take(stable, range(count), along), np.take(places, range(count), along))
            check.add(x, "topk", text, [count, 0], lambda got, w=smallest: first_problem(same(got["values"], w[0]), same(got["indices"], w[1])))
            keys = -flat.astype(np.float64) if x.dtype.kind in "fb" else ~flat  # in both the order is the other way round
            down = np.take(np.argsort(keys, axis=along, kind="stable"), range(count), along)
            largest = (np.take_along_axis(flat, down, along), down)
            check.add(x, "topk", text, [count, 1], lambda got, w=largest: first_problem(same(got["values"], w[0]), same(got["indices"], w[1])))


def selected(check, x):
    result = x.dtype if x.dtype.kind == "f" else np.dtype("float64")
    axes = axes_of(x.shape) + ([("0+1", (0, 1)), ("-1+0", (-1, 0))] if x.ndim > 1 and x.size > 0 else [])
    for text, axis in axes:
        for keepdims in (False, True):
            check.add(x, "median", text, int(keepdims), lambda got, w=np.median(x, axis=axis, keepdims=keepdims), r=result: same(got, np.asarray(w).astype(r), signs=False))
        if x.size == 0 or np.isinf(x).any():
            continue
        for number, method in enumerate(METHODS):
            q = [0, 0.1, 0.5, 0.77, 1]
            # NumPy interpolates float16 in float16, with several roundings.
            wanted = np.quantile(x.astype(np.float64 if result == np.float16 else result), q, axis=axis, method=method, keepdims=number % 2 == 1)
            check.add(x, "quantile", text, [number, number % 2, *q], lambda got, w=wanted: near(got, w))


def searched(check, x):
    only, indices, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    check.add(x, "unique", "all", 0, lambda got: first_problem(same(got["only"], only, signs=False), same(got["values"], only, signs=False), same(got["indices"], indices),
                                                               same(got["inverse"], inverse.reshape(x.shape)), same(got["counts"], counts)))
    for number, side in enumerate(("left", "right")):
        check.add(x, "searchsorted", "all", number, lambda got, w=np.searchsorted(np.sort(x, axis=None), x, side): same(got, w))
    places = np.nonzero(x)
    check.add(x, "nonzero", "all", 0, lambda got: first_problem(*(same(got[f"axis{i}"], p) for i, p in enumerate(places))))


def counted(check, x):
    plain = x if x.dtype.kind == "f" else x.astype(np.float64)  # NumPy's own bins of wide integers overflow
    # NumPy fails where a single value is so large that its ends do not move apart.
    finite = np.isfinite(plain).all() and not (plain.size > 0 and plain.min() == plain.max() and abs(plain.min()) > 2.0**20)
    for bins, ends in ((1, None), (7, None), (10, (-1.5, 1.25)), (64, (0, 200)), (3, (1, 1))):
        if ends is None and not finite:
            continue
        with np.errstate(all="ignore"):
            wanted = np.histogram(plain, bins, ends)

        def verify(got, wanted=wanted):
            edges = near(got["edges"], wanted[1])
            # NumPy's own bins follow its own edges.
            bins_of = got["edges"].astype(np.float64)
            weights = (np.arange(x.size) * 0.125).reshape(x.shape)
            return edges or same(got["counts"], np.histogram(plain, bins_of)[0]) or near(got["sums"], np.histogram(plain, bins_of, weights=weights)[0])
        check.add(x, "histogram", "all", [bins, *(ends or ())], verify)
    edges = [-1, -0.5, 0, 0, 1, 3.5, 100]
    check.add(x, "edges", "all", edges, lambda got: same(got, np.histogram(plain, np.array(edges))[0]))
    if x.dtype.kind != "f" and x.ndim == 1:
        small = (x.astype(np.int64) % 50).astype(x.dtype)
        sums = np.bincount(small.astype(np.int64), small.astype(np.float64) * 0.25 + 0.1, minlength=9).astype(np.float64)
        check.add(small, "bincount", "all", 9,
                  lambda got: first_problem(same(got["counts"], np.bincount(small.astype(np.int64), minlength=9)), same(got["sums"], sums)))


def main():
    warnings.simplefilter("ignore")  # means of nothing
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as name:
        check = Check(sys.argv[1], pathlib.Path(name))
        for kind in TYPES:
            for content in ["any", "few"] + (["special"] if kind.startswith("float") else []):
                for shape in SHAPES:
                    x = values(rng, kind, shape, content)
                    for stored in [x] if x.ndim == 1 else [x, np.asfortranarray(x)]:
                        check.content = content
                        in_order(check, stored)
                        selected(check, stored)
                        searched(check, stored)
                        counted(check, stored)
        check.run()
    tap.report(check.results)


main()
