#!/usr/bin/env python3
"""Every message has a test: messages.py source-root. The output is TAP.

Collects the literal texts of each `throw ..._error(...)` in the library and asks that the longest piece of each stands in
one of the tests below, or here with a reason.
"""
import pathlib
import re
import sys

TESTS = ("error/messages.cpp", "error/order.cpp", "error/indexing.cpp", "error/files.cpp", "error/fixed_messages.cpp", "error/settings.cpp", "error/calibration.py", "error/environment.py", "failure/out_of_memory.cpp", "api/functions.cpp")

# Messages that no program of the suite can provoke, and why.
ELSEWHERE = {
    "fn: more than 16383 constants": "a lambda of that size takes minutes to compile",
    "fn: more than 16383 operations": "a lambda of that size takes minutes to compile",
    "loop: more than 65535 different loops": "a program of that many loops takes too long to compile",
    "reduce: more than 16384 different functions": "a program of that many functions takes too long to compile",
    ", but this machine has ": "depends on the machine",
}


def statements(text):
    """The texts of all throw statements of user errors."""
    for found in re.finditer(r"throw (\w+_error)\s*[({]", text):
        if found.group(1) == "internal_error":
            continue
        yield text[found.start():text.index(";", found.start())]


def main():
    root = pathlib.Path(sys.argv[1])
    tests = "".join((root / "tests" / name).read_text() for name in TESTS)
    results = []
    for folder in ("include", "src"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            for statement in statements(path.read_text()):
                pieces = re.findall(r'"((?:[^"\\]|\\.)*)"', statement)
                if not pieces:
                    continue  # thrown on, with the text of another one
                longest = max(pieces, key=len).replace('\\"', '"')
                results.append((longest in ELSEWHERE or longest in tests, f"{path.relative_to(root)}: {longest}"))
    print(f"1..{len(results) + 1}")
    print(f"{'ok' if len(results) > 40 else 'not ok'} 1 - there are messages to look for")
    for number, (good, name) in enumerate(results, 2):
        print(f"{'ok' if good else 'not ok'} {number} - {name.replace('#', '')}")


main()
