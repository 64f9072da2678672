#!/usr/bin/env python3
"""The README says what is so: check.py source-root operations-program. The output is TAP.

Its table of operations is what the library's own list gives, its C++ examples compile, and the files that it links to are there.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    root = pathlib.Path(sys.argv[1])
    program = sys.argv[2]
    compiler = sys.argv[3:]
    text = (root / "README.md").read_text()
    results = []

    table = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    results.append((table.count("\n") > 3 and table in text, "the table of operations is the library's", table))

    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)#:]+)\)", prose) if not link.startswith("http")]
    for link in links:
        results.append(((root / link).exists(), f"{link} is there", ""))

    examples = re.findall(r"```cpp\n(.*?)```", text, re.DOTALL)
    results.append((len(examples) > 1, "there are examples", ""))
    for number, example in enumerate(examples, 1):
        if not example.startswith("#include"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "example.cpp"
            source.write_text(example)
            done = subprocess.run([*compiler, "-fsyntax-only", str(source)], capture_output=True, text=True)
        results.append((done.returncode == 0, f"example {number} compiles", done.stderr))

    print(f"1..{len(results)}")
    for number, (good, name, why) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print("# " + why.replace("\n", "\n# "))


main()
