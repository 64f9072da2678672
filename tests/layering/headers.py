#!/usr/bin/env python3
"""Public headers alone: headers.py <root> compiler... The output is TAP.

Each one compiles in a translation unit of its own without warnings, and sinter.hpp brings in none of the library's dependencies.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

FOREIGN = re.compile(r"/(xsimd|asmjit|tbb|oneapi)/|/numa(if)?\.h")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wno-sign-conversion", "-Wshadow", "-Werror"]


def alone(command, header):
    source = f"#include <{header}>\n#include <{header}>\n"
    done = subprocess.run([*command, *WARNINGS, "-fsyntax-only", "-x", "c++", "-"], input=source, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def foreign(command, header):
    done = subprocess.run([*command, "-M", "-x", "c++", "-"], input=f"#include <{header}>\n", capture_output=True, text=True)
    if done.returncode:
        return done.stderr
    return "\n".join(word for word in done.stdout.split() if FOREIGN.search(word))


def main():
    include = pathlib.Path(sys.argv[1]) / "include"
    command = sys.argv[2:]
    headers = [path.relative_to(include).as_posix() for path in sorted(include.rglob("*.hpp"))]
    print(f"1..{len(headers) + 1}")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda header: alone(command, header), headers))
    checks = [(f"{header} compiles alone", errors) for header, errors in zip(headers, results)]
    checks.append(("sinter.hpp brings in no dependency of the library", foreign(command, "sinter/sinter.hpp")))
    for number, (name, errors) in enumerate(checks, 1):
        print(f"{'not ok' if errors else 'ok'} {number} - {name}")
        for line in errors.splitlines()[:30]:
            print(f"# {line}")


if __name__ == "__main__":
    main()
