#!/bin/sh
# What a translation unit with 50 distinct five-operation statements costs to compile: on dynamic arrays of Sinter,
# against the same statements on Eigen's ArrayXf. Wall seconds, processor seconds and peak memory; medians of three runs,
# taken in turn. Usage: perf/compile_time.sh [further compiler arguments]; CXX chooses the compiler, EIGEN its headers.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec python3 - "$here/../include" "${EIGEN:-/usr/include/eigen3}" "${CXX:-g++}" "$@" <<'PROGRAM'
import os
import statistics
import subprocess
import sys
import tempfile
import time

sinter, eigen, compiler, *further = sys.argv[1:]
statements, runs = 50, 3


def expression(number):
    """The digits of number in base four choose the operations: five of them, no two statements alike."""
    digits = [number // 4**k % 4 for k in range(4)]
    first = "x {} w".format("+-*/"[digits[0]])
    second = "({}) {} z".format(first, "+-*/"[digits[1]])
    third = "{}({})".format(("abs", "sqrt", "-", "0.25f * ")[digits[2]], second)
    return "{} {} w - 0.5f".format(third, "+-*/"[digits[3]])


def unit(header, prelude, array):
    lines = ["#include <{}>".format(header), prelude]
    for i in range(statements):
        lines.append("void f{0}({1}& y, const {1}& x, const {1}& w, const {1}& z) {{ y = {2}; }}".format(i, array, expression(i * 5 + 1)))
    return "\n".join(lines) + "\n"


units = {
    "sinter": (unit("sinter/sinter.hpp", "", "sinter::array<float>"), ["-I" + sinter]),
    "eigen": (unit("Eigen/Core", "", "Eigen::ArrayXf"), ["-isystem", eigen]),
    "sinter, header alone": ("#include <sinter/sinter.hpp>\n", ["-I" + sinter]),
    "eigen, header alone": ("#include <Eigen/Core>\n", ["-isystem", eigen]),
}
assert len({expression(i * 5 + 1) for i in range(statements)}) == statements


def compile_once(source, arguments, target):
    command = [compiler, "-std=c++20", "-O2", "-c", source, "-o", target] + arguments + further
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("failed: " + " ".join(command))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


with tempfile.TemporaryDirectory() as folder:
    samples = {name: [] for name in units}
    for name, (text, _) in units.items():
        with open(os.path.join(folder, name.replace(", ", "_").replace(" ", "_") + ".cpp"), "w") as file:
            file.write(text)
    for _ in range(runs):
        for name, (_, arguments) in units.items():
            source = os.path.join(folder, name.replace(", ", "_").replace(" ", "_") + ".cpp")
            samples[name].append(compile_once(source, arguments, source + ".o"))
    print("{} -O2 -c, {} distinct five-operation statements, medians of {}".format(compiler, statements, runs))
    print("{:24} {:>10} {:>12} {:>10}".format("", "wall, s", "processor, s", "peak, MiB"))
    medians = {}
    for name, values in samples.items():
        medians[name] = [statistics.median(column) for column in zip(*values)]
        print("{:24} {:10.2f} {:12.2f} {:10.0f}".format(name, *medians[name]))
    ratios = [a / b for a, b in zip(medians["sinter"], medians["eigen"])]
    print("{:24} {:10.2f} {:12.2f} {:10.2f}".format("sinter over eigen", *ratios))
PROGRAM
