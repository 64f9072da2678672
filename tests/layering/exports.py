#!/usr/bin/env python3
"""What a shared object exports: exports.py <root> <shared object> [--user]. The output is TAP.

The library: exactly what the public headers mark with SINTER_API, so nothing of its inside, of asmjit, TBB, xsimd or the standard library.
--user: somebody's shared object with the static library in it: nothing of the library. Templates of the public headers that it
has instantiated, and of the standard library, are its own code and stay as visible as the rest of it.
"""
import pathlib
import re
import subprocess
import sys

FUNCTION = re.compile(r"\bSINTER_API\b(?!\s*__)[^;{}()]*?(operator[^\s(]+|~?\w+)\s*\(")
CLASS = re.compile(r"\b(?:class|struct)\s+SINTER_API\s+(\w+)")
TABLE = re.compile(r"^(?:typeinfo(?: name)?|vtable|VTT) for ")
FOREIGN = ("asmjit", "tbb")


def marked(root):
    """Names of functions and of classes that the headers mark."""
    functions, classes = set(), set()
    for path in sorted((root / "include").rglob("*.hpp")):
        text = re.sub(r"//[^\n]*|^\s*#[^\n]*", "", path.read_text(), flags=re.MULTILINE)
        functions.update(FUNCTION.findall(text))
        classes.update(CLASS.findall(text))
    return functions, classes


def exported(library):
    """Demangled names that the dynamic linker sees, with what kind they are of."""
    done = subprocess.run(["nm", "-DC", "--defined-only", library], capture_output=True, text=True, check=True)
    return [line[17:].split(" ", 1) for line in done.stdout.splitlines()]


def words(name):
    """[sinter, v1, ..., f] of `int sinter::v1::...::f<...>(...)`; of a table, its class."""
    plain = re.sub(r"\[abi:\w+\]|@.*", "", TABLE.sub("", name))
    while (shorter := re.sub(r"<[^<>]*>|\([^()]*\)", "", plain)) != plain:
        plain = shorter
    return plain.removesuffix(" const").split(" ")[-1].split("::")


def check_library(root, library):
    functions, classes = marked(root)
    strange, seen = [], set()
    for kind, name in exported(library):
        parts = words(name)
        seen.update(parts)
        public = parts[:2] == ["sinter", "v1"] and (classes.intersection(parts) or (parts[-1] in functions and not TABLE.match(name)))
        if not public:
            strange.append(f"{kind} {name}")
    return {
        "there is something to check": [] if len(functions) > 20 and len(classes) > 5 else ["few names found in the headers"],
        "nothing is exported but what the headers mark": strange,
        "everything that the headers mark is exported": sorted((functions | classes) - seen),
    }


def check_user(library):
    inside, foreign, data = [], [], []
    for kind, name in exported(library):
        parts = words(name)
        if parts[0] in FOREIGN:
            foreign.append(name)
        if parts[:2] == ["sinter", "v1"] and kind != "W" and kind != "V":
            inside.append(name)
        if kind in "uVBDR" and "sinter::" in name and not TABLE.match(name):
            data.append(name)
    return {
        "nothing of the library is exported again": inside,
        "nothing of asmjit or TBB is exported": foreign,
        "what it keeps for the library is its own": data,
    }


def main():
    root, library = pathlib.Path(sys.argv[1]), sys.argv[2]
    checks = check_user(library) if "--user" in sys.argv else check_library(root, library)
    print(f"1..{len(checks)}")
    for number, (name, errors) in enumerate(checks.items(), 1):
        print(f"{'not ok' if errors else 'ok'} {number} - {name}")
        for line in errors[:30]:
            print(f"# {line}")


if __name__ == "__main__":
    main()
