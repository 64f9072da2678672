#!/usr/bin/env python3
"""Settings in the environment: environment.py probe has_jit. Each is tried in a process of its own. The output is TAP.

A value that cannot be honoured is a settings_error that names the variable and the value; one that can be is obeyed.
"""
import os
import subprocess
import sys

BAD = [
    ("SINTER_ISA", "sse9"),
    ("SINTER_ISA", "AVX2"),
    ("SINTER_ISA", ""),
    ("SINTER_ISA", "avx2 "),
    ("SINTER_THREADS", "0"),
    ("SINTER_THREADS", "-1"),
    ("SINTER_THREADS", "two"),
    ("SINTER_THREADS", "2x"),
    ("SINTER_THREADS", "99999999999999999999"),
    ("SINTER_NUMA", "maybe"),
    ("SINTER_PIN", "yes"),
    ("SINTER_HUGE_PAGES", "always"),
    ("SINTER_LOG", "loud"),
    ("SINTER_CACHE", "perhaps"),
    ("SINTER_CHAINS", "sometimes"),
    ("SINTER_COMPILE", "later"),
]
GOOD = [
    ("SINTER_ISA", "portable", "portable 2 portable"),
    ("SINTER_ISA", "avx2", "avx2 2 jit-avx2"),
    ("SINTER_ISA", "avx512", "avx512 2 jit-avx512"),
    ("SINTER_THREADS", "1", " 1 "),
    ("SINTER_THREADS", "3", " 3 "),
    ("SINTER_NUMA", "auto", ""),
    ("SINTER_NUMA", "off", ""),
    ("SINTER_NUMA", "force", ""),
    ("SINTER_PIN", "on", ""),
    ("SINTER_PIN", "off", ""),
    ("SINTER_HUGE_PAGES", "off", ""),
    ("SINTER_HUGE_PAGES", "advise", ""),
    ("SINTER_HUGE_PAGES", "explicit", ""),
    ("SINTER_LOG", "off", ""),
    ("SINTER_LOG", "plan", ""),
    ("SINTER_LOG", "asm", ""),
    ("SINTER_CACHE", "on", ""),
    ("SINTER_CACHE", "memory", ""),
    ("SINTER_CACHE", "off", ""),
    ("SINTER_CHAINS", "auto", ""),
    ("SINTER_CHAINS", "always", ""),
    ("SINTER_CHAINS", "never", ""),
    ("SINTER_CHAINS", "pipelined", ""),
    ("SINTER_COMPILE", "auto", ""),
    ("SINTER_COMPILE", "now", ""),
    ("SINTER_COMPILE", "background", ""),
]
NEEDED = {"avx2": {"avx2", "fma"}, "avx512": {"avx512f", "avx512vl", "avx512dq", "avx512bw"}}


# The rest of each message, behind the variable and its value.
TEXTS = {"SINTER_THREADS": ", not a number of threads from 1 to "}
OTHER_TEXT = " is not one of "
NO_JIT_TEXT = ", but this library was built without the JIT"


def cpu_flags():
    with open("/proc/cpuinfo", encoding="ascii") as info:
        return set(next(line for line in info if line.startswith("flags")).split())


def run(probe, name, value):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SINTER_")}
    environment.setdefault("SINTER_THREADS", "2")
    environment[name] = value
    return subprocess.run([probe], env=environment, capture_output=True, text=True, errors="replace")


def main():
    probe = sys.argv[1]
    flags = cpu_flags()
    # Without the JIT there is only the portable backend.
    has_jit = sys.argv[2] == "true"
    good = [setting for setting in GOOD if has_jit or setting[1] not in NEEDED]
    bad = BAD + [setting[:2] for setting in GOOD if setting not in good]
    number = 0
    print(f"1..{len(bad) + len(good)}")
    for name, value in bad:
        number += 1
        done = run(probe, name, value)
        # An empty value is the same as an unset one.
        passed = done.returncode == (3 if value else 0)
        if value:
            passed = passed and "settings_error" in done.stdout and name in done.stdout and f"{value}" in done.stdout
            passed = passed and (NO_JIT_TEXT if value in NEEDED else TEXTS.get(name, OTHER_TEXT)) in done.stdout
        print(f"{'ok' if passed else 'not ok'} {number} - {name}={value!r} is {'refused' if value else 'as if unset'}")
        if not passed:
            print(f"# exit code {done.returncode}: {done.stdout} {done.stderr}".replace("\n", "\n# "))
    for name, value, expected in good:
        number += 1
        title = f"{number} - {name}={value} is obeyed"
        if not NEEDED.get(value, set()) <= flags:
            print(f"ok {title} # SKIP not on this machine")
            continue
        done = run(probe, name, value)
        passed = done.returncode == 0 and expected in done.stdout and "[3 5 7]" in done.stdout
        print(f"{'ok' if passed else 'not ok'} {title}")
        if not passed:
            print(f"# exit code {done.returncode}: {done.stdout} {done.stderr}".replace("\n", "\n# "))


if __name__ == "__main__":
    main()
