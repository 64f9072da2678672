#!/usr/bin/env python3
"""One case: check.py case.cpp compiler...

The file must not compile, with a message that matches the regular expression in its first line, `// expect: ...`; and with
-DGOOD, which leaves the bad line out, it must compile: otherwise it may have failed for another reason. The output is TAP.
"""
import re
import subprocess
import sys


def compile_case(command, path, *flags):
    done = subprocess.run([*command, "-fsyntax-only", *flags, path], capture_output=True, text=True, errors="replace")
    return done.returncode, done.stderr


def report(number, good, name, detail):
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    if not good:
        for line in detail.splitlines()[:60]:
            print(f"# {line}")


def main():
    path, command = sys.argv[1], sys.argv[2:]
    with open(path, encoding="utf-8") as source:
        first = source.readline()
    expected = re.match(r"// expect: (.+)", first)
    if not expected:
        sys.exit(f"{path}: the first line must be `// expect: regex`")
    print("1..2")
    code, errors = compile_case(command, path)
    messages = "\n".join(line.split("error:", 1)[1] for line in errors.splitlines() if "error:" in line)
    if code == 0:
        report(1, False, "is refused", "it compiles")
    else:
        found = re.search(expected[1], messages)
        report(1, found is not None, "is refused in the user's words", f"no error matches /{expected[1]}/ in\n{messages}")
    code, errors = compile_case(command, path, "-DGOOD")
    report(2, code == 0, "compiles without the mistake", errors)


if __name__ == "__main__":
    main()
