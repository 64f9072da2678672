#!/usr/bin/env python3
"""Public headers alone: headers.py <root> compiler... The output is TAP.

Each one compiles in a translation unit of its own without warnings. sinter.hpp and fixed.hpp need no RTTI. sinter.hpp brings in none of the
library's dependencies, and fixed.hpp none but xsimd, which shows that the check can see them.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

FOREIGN = re.compile(r"/(xsimd|asmjit|tbb|oneapi)/[^\s\\]*|/(numa)(?:if)?\.h")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wno-sign-conversion", "-Wshadow", "-Werror"]


def errors_of(command, source, *options):
    done = subprocess.run([*command, *WARNINGS, *options, "-fsyntax-only", "-x", "c++", "-"], input=source, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def alone(command, header):
    return errors_of(command, f"#include <{header}>\n#include <{header}>\n")


def dependencies(command, header):
    """({names of the library's dependencies that a header brings in}, errors)."""
    done = subprocess.run([*command, "-M", "-x", "c++", "-"], input=f"#include <{header}>\n", capture_output=True, text=True)
    if done.returncode:
        return set(), done.stderr
    return {match[1] or match[2] for match in FOREIGN.finditer(done.stdout)}, ""


def brings_in(command, header, expected):
    found, errors = dependencies(command, header)
    if errors or found != expected:
        return errors or f"{header} brings in {sorted(found) or 'nothing'}, not {sorted(expected) or 'nothing'}"
    return ""


def main():
    include = pathlib.Path(sys.argv[1]) / "include"
    command = sys.argv[2:]
    headers = [path.relative_to(include).as_posix() for path in sorted(include.rglob("*.hpp"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda header: alone(command, header), headers))
    checks = [(f"{header} compiles alone", errors) for header, errors in zip(headers, results)]
    for header in ("sinter/sinter.hpp", "sinter/fixed.hpp"):
        checks.append((f"{header} needs no RTTI", errors_of(command, f"#include <{header}>\n", "-fno-rtti")))
    checks.append(("sinter.hpp brings in no dependency of the library", brings_in(command, "sinter/sinter.hpp", set())))
    checks.append(("fixed.hpp brings in xsimd alone", brings_in(command, "sinter/fixed.hpp", {"xsimd"})))
    print(f"1..{len(checks)}")
    for number, (name, errors) in enumerate(checks, 1):
        print(f"{'not ok' if errors else 'ok'} {number} - {name}")
        for line in errors.splitlines()[:30]:
            print(f"# {line}")


if __name__ == "__main__":
    main()
