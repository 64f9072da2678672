#!/usr/bin/env python3
"""same_bits.py has_jit program...: runs a program on every backend of this machine and build, with one and with two threads, with
and without chains of kernels, and compares what it prints.

The program prints a line `case <name> <digest>` for each case; the digests must not differ between runs. The output is TAP, one
test for each case. SINTER_TEST_SEED is passed on, or chosen here and printed.
"""
import os
import secrets
import subprocess
import sys

AVX512 = {"avx512f", "avx512vl", "avx512dq", "avx512bw"}


def backends(has_jit):
    if not has_jit:
        return ["portable"]
    with open("/proc/cpuinfo", encoding="ascii") as info:
        flags = set(next(line for line in info if line.startswith("flags")).split())
    found = ["portable"]
    if {"avx2", "fma"} <= flags:
        found.append("avx2")
    if AVX512 <= flags:
        found.append("avx512")
    return found


def run(command, isa, threads, chains, seed, numa="auto", compiling="now"):
    """{case: digest} of one run, and an error message or None."""
    environment = dict(os.environ, SINTER_ISA=isa, SINTER_THREADS=str(threads), SINTER_CHAINS=chains, SINTER_NUMA=numa, SINTER_COMPILE=compiling, SINTER_TEST_SEED=seed)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    digests = {}
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "case":
            digests[words[1]] = words[2]
    if done.returncode != 0:
        return digests, f"exit code {done.returncode}\n{done.stderr[-8000:]}"
    return digests, None


def main():
    has_jit, command = sys.argv[1] == "true", sys.argv[2:]
    seed = os.environ.get("SINTER_TEST_SEED") or str(secrets.randbelow(2**31))
    print(f"# SINTER_TEST_SEED={seed}")
    runs = {}
    problems = []
    for isa in backends(has_jit):
        side_by_side = () if isa == "portable" else ((1, "pipelined"), (2, "pipelined"))
        for threads, chains in (1, "never"), (1, "always"), (2, "auto"), (2, "always"), *side_by_side:
            name = f"{isa}, {threads} thread{'s' if threads > 1 else ''}, chains {chains}"
            runs[name], error = run(command, isa, threads, chains, seed)
            if error:
                problems.append((name, error))
    # As on a machine of several nodes.
    name = f"{isa}, 3 threads, nodes shared"
    runs[name], error = run(command, isa, 3, "auto", seed, "force")
    if error:
        problems.append((name, error))
    # Portable code first, and machine code when another thread has made it.
    name = f"{isa}, 2 threads, compiled meanwhile"
    runs[name], error = run(command, isa, 2, "auto", seed, compiling="background")
    if error:
        problems.append((name, error))
    number = 0
    for name, error in problems:
        number += 1
        print(f"not ok {number} - run: {name}")
        for line in error.splitlines():
            print(f"# {line}")
    cases = sorted(set().union(*runs.values()))
    for case in cases:
        number += 1
        seen = {name: digests.get(case, "missing") for name, digests in runs.items()}
        if len(set(seen.values())) == 1:
            print(f"ok {number} - {case}")
            continue
        print(f"not ok {number} - {case}")
        for name, digest in seen.items():
            print(f"#     {name}: {digest}")
    if number == 0:
        number = 1
        print("not ok 1 - the program printed no case")
    print(f"1..{number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
