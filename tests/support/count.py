#!/usr/bin/env python3
"""Adds up real test cases after `meson test`: prints what failed, then the line `N passed, N failed`.

Boost.Test executables leave a JUnit report each in tests/reports; scripts print TAP; any other test is one case. A test that
ends badly without a failed case of its own (a crash, a timeout, a sanitizer's report) counts as one failure.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

SKIPPED = ("SKIP",)


def from_report(path):
    """(passed, names of failed) in a JUnit report, or None if it cannot be read."""
    try:
        root = xml.parse(path).getroot()
    except (OSError, xml.ParseError):
        return None
    passed, failed = 0, []
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append("/".join(filter(None, (case.get("classname"), case.get("name")))))
        elif case.find("skipped") is None:
            passed += 1
    return passed, failed


def from_tap(text):
    """(passed, names of failed) in TAP output, or None if the text is not TAP."""
    passed, failed, plan = 0, [], None
    for line in text.splitlines():
        if match := re.match(r"1\.\.(\d+)", line):
            plan = int(match[1])
        elif match := re.match(r"(not )?ok\b\s*\d*\s*-?\s*(.*)", line):
            if "# SKIP" in line:
                continue
            if match[1]:
                failed.append(match[2])
            else:
                passed += 1
    return None if plan is None and not passed and not failed else (passed, failed)


def notes(text):
    """What TAP output notes beside its results: lines of comment from `# note:` on."""
    told, on = [], False
    for line in text.splitlines():
        on = line.startswith("# ") and (on or line.startswith("# note: "))
        if on:
            told.append(line[2:])
    return told


def reasons(text, most=40):
    """Why TAP results are not ok: the first lines of comment after each."""
    told, left = [], 0
    for line in text.splitlines():
        if re.match(r"(not )?ok\b", line):
            left = most if line.startswith("not ok") else 0
        if left > 0:
            told.append(line)
            left -= 1
    return told[:10 * most]


def count(entry, reports):
    name = entry["name"].rsplit(" / ", 1)[-1]
    result = entry["result"]
    if result in SKIPPED:
        return 0, []
    bad = result not in ("OK", "EXPECTEDFAIL")
    counts = from_report(reports / f"{name}.xml") if (reports / f"{name}.xml").exists() else None
    if counts is None:
        counts = from_tap(entry.get("stdout", ""))
    if counts is None:
        return (0, [result.lower()]) if bad else (1, [])
    passed, failed = counts
    if bad and not failed:
        failed = [f"ended with {result}, code {entry.get('returncode')}"]
    return passed, failed


def main():
    build = pathlib.Path(sys.argv[1])
    reports = build / "tests" / "reports"
    passed, failed = 0, 0
    log = build / "meson-logs" / "testlog.json"
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        good, bad = count(entry, reports)
        passed += good
        failed += len(bad)
        stdout = entry.get("stdout", "")
        for line in [*notes(stdout), *(reasons(stdout) if bad else [])]:
            print("  " + line)
        for case in bad:
            print(f"FAILED {entry['name']}: {case}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
