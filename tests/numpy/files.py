#!/usr/bin/env python3
"""NumPy reads what Sinter writes, and the other way round: files.py program. The output is TAP.

Every element type, shape, order, byte order and version of the format. The program copies each file through an array, and writes the elements multiplied
by their numbers, which shows that it has each one in its place.
"""
import io
import pathlib
import subprocess
import sys
import tempfile
import warnings
import zipfile

import numpy as np
from numpy.lib import format as npy

import tap

TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "complex64", "complex128"]
SHAPES = [(), (0,), (1,), (7,), (2, 3), (0, 3), (3, 0, 2), (5, 1, 4), (1, 6), (2, 1, 2, 3, 1, 2, 1, 2), (33, 65)]
LARGE = (700, 900)  # mapped, where the type has more than a byte


def values(rng, name, shape):
    kind = np.dtype(name)
    count = int(np.prod(shape, dtype=np.int64))
    if kind.kind == "b":
        flat = rng.integers(0, 2, count).astype(kind)
    elif kind.kind == "c":
        part = f"float{kind.itemsize * 4}"
        flat = np.ascontiguousarray(np.stack([values(rng, part, (count,)), values(rng, part, (count,))[::-1]], axis=-1)).view(kind).reshape(count)
    elif kind.kind == "f":
        flat = rng.standard_normal(count).astype(kind)
        flat[: min(count, 4)] = [np.inf, -0.0, np.finfo(kind).tiny / 4, np.finfo(kind).max][: min(count, 4)]
    else:
        limits = np.iinfo(kind)
        flat = rng.integers(limits.min, limits.max, count, dtype=kind, endpoint=True)
    return flat.reshape(shape)


def weighed(x):
    if x.dtype == bool:
        return ~x
    with np.errstate(all="ignore"):
        if x.dtype.kind == "c":
            # Each part: NumPy's product would also multiply by an imaginary part of zero.
            return np.ascontiguousarray(np.stack([weighed(x.real), weighed(x.imag)], axis=-1)).view(x.dtype).reshape(x.shape)
        return x * np.arange(x.size).astype(x.dtype).reshape(x.shape)


def write(path, x, version):
    with open(path, "wb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that version 3.0 needs a new NumPy
        npy.write_array(file, x, version=version)


class Check:
    def __init__(self, program):
        self.program = program
        self.jobs = []     # (line for the program, name of the case, what checks it)
        self.results = []

    def add(self, name, line, verify):
        self.jobs.append((" ".join(str(x) for x in line), name, verify))

    def run(self):
        done = subprocess.run([self.program], input="\n".join(line for line, _, _ in self.jobs) + "\n", capture_output=True, text=True)
        answers = done.stdout.splitlines()
        self.results.append((done.returncode == 0 and len(answers) == len(self.jobs), "the program answers every line", done.stderr))
        for answer, (_, name, verify) in zip(answers, self.jobs):
            if answer != "done":
                self.results.append((False, name, answer))
                continue
            try:
                why = verify()
            except Exception as error:  # whatever NumPy says of the file
                why = repr(error)
            self.results.append((not why, name, why))


def difference(found, wanted):
    if found.dtype != wanted.dtype.newbyteorder("="):
        return f"type {found.dtype}, not {wanted.dtype}"
    if found.shape != wanted.shape:
        return f"shape {found.shape}, not {wanted.shape}"
    if found.dtype.kind == "c":
        return difference(np.stack([found.real, found.imag]), np.stack([wanted.real, wanted.imag]))
    same = np.array_equal(found, wanted, equal_nan=found.dtype.kind == "f")
    if not same or (found.dtype.kind == "f" and not np.array_equal(np.signbit(found), np.signbit(wanted))):
        return f"{found} is not {wanted}"
    return ""


def single_files(check, folder, rng):
    for name in TYPES:
        for shape in [*SHAPES, LARGE]:
            x = values(rng, name, shape)
            layouts = {"C": x, "F": np.array(x, order="F")}
            if x.dtype.itemsize > 1:
                layouts |= {"C swapped": x.astype(x.dtype.newbyteorder(">")), "F swapped": np.array(x, dtype=x.dtype.newbyteorder(">"), order="F")}
            for layout, stored in layouts.items():
                for version in [(1, 0)] if shape == LARGE else [(1, 0), (2, 0), (3, 0)]:
                    case = f"{name} {shape} {layout} {version[0]}.{version[1]}"
                    path = folder / f"{len(check.jobs)}.npy"
                    write(path, stored, version)
                    for what, wanted in (("copy", x), ("weigh", weighed(x))):
                        out = folder / f"{len(check.jobs)}.out"
                        check.add(f"{what} {case}", (name, what, path, out), lambda out=out, wanted=wanted: difference(np.load(out), wanted))


def mapping(check, folder, rng):
    """What is particular to large files and to strides."""
    x = values(rng, "float32", LARGE)
    np.save(folder / "f.npy", np.array(x, order="F"))
    check.add("Fortran order is kept", ("float32", "copy", folder / "f.npy", folder / "g.npy"),
              lambda: "" if np.load(folder / "g.npy").flags.f_contiguous else "the order has changed")
    check.add("a view with gaps", ("float32", "slice", folder / "f.npy", folder / "h.npy"), lambda: difference(np.load(folder / "h.npy"), x[::-2]))
    np.save(folder / "s.npy", x)
    check.add("a file written over itself", ("float32", "weigh", folder / "s.npy", folder / "s.npy"),
              lambda: difference(np.load(folder / "s.npy"), weighed(x)))
    # A header that leaves the values at a place that is not a multiple of their size.
    image = io.BytesIO()
    npy.write_array(image, x.astype(np.float64), version=(1, 0))
    head, data = image.getvalue()[:10], image.getvalue()
    length = int.from_bytes(head[8:10], "little")
    text = data[10:10 + length].rstrip(b" \n") + b" \n"
    (folder / "odd.npy").write_bytes(data[:8] + len(text).to_bytes(2, "little") + text + data[10 + length:])
    check.add("values that are not aligned", ("float64", "copy", folder / "odd.npy", folder / "even.npy"),
              lambda: difference(np.load(folder / "even.npy"), x.astype(np.float64)))
    with open(folder / "two.npy", "wb") as file:
        np.save(file, x[:2])
        np.save(file, x)
    check.add("the first of two arrays in one file", ("float32", "copy", folder / "two.npy", folder / "one.npy"),
              lambda: difference(np.load(folder / "one.npy"), x[:2]))


def without_a_name(check, folder, rng):
    """bfloat16, which NumPy knows as two bytes: with '|' as it writes them, with '<' as ml_dtypes does."""
    for shape in SHAPES:
        bits = (values(rng, "float32", shape).view(np.uint32) >> 16).astype(np.uint16)
        for order in ("|", "<"):
            path, out = folder / f"{len(check.jobs)}.npy", folder / f"{len(check.jobs)}.out"
            image = io.BytesIO()
            npy.write_array(image, bits.view("V2"), version=(1, 0))
            path.write_bytes(image.getvalue().replace(b"|V2", order.encode() + b"V2", 1))
            check.add(f"bfloat16 {shape} {order}V2", ("bfloat16", "copy", path, out),
                      lambda out=out, bits=bits: "" if np.load(out).dtype == np.dtype("V2") and np.array_equal(np.load(out).view(np.uint16), bits) else f"{np.load(out)}")


def archives(check, folder, rng):
    for name in TYPES:
        arrays = {f"a{i}": values(rng, name, shape) for i, shape in enumerate([*SHAPES, LARGE])}
        arrays["grün"] = np.array(values(rng, name, (4, 5)), order="F")
        np.savez(folder / f"{name}.npz", **arrays)

        def verify(path=folder / f"{name}.out.npz", arrays=arrays):
            if zipfile.ZipFile(path).testzip() is not None:
                return "a checksum is wrong"
            found = np.load(path)
            wanted = {key: x for name, x in arrays.items() for key, x in ((name, x), (name + "_weighed", weighed(x)))}
            if list(found.files) != list(wanted):
                return f"the names are {found.files}"
            return "; ".join(filter(None, (difference(found[key], wanted[key]) for key in wanted)))

        check.add(f"archive of {name}", (name, "archive", folder / f"{name}.npz", folder / f"{name}.out.npz"), verify)
    np.savez(folder / "empty.npz")
    check.add("an empty archive", ("int8", "archive", folder / "empty.npz", folder / "empty.out.npz"),
              lambda: "" if np.load(folder / "empty.out.npz").files == [] else "there is something in it")


def main():
    check = Check(sys.argv[1])
    rng = np.random.default_rng(11)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        single_files(check, folder, rng)
        mapping(check, folder, rng)
        without_a_name(check, folder, rng)
        archives(check, folder, rng)
        check.run()
        left = [path.name for path in folder.iterdir() if path.suffix == ".part"]
        check.results.append((not left, "no unfinished file is left", str(left)))
    tap.report(check.results)


main()
