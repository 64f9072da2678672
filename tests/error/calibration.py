#!/usr/bin/env python3
"""Measuring the machine and keeping that on disk: calibration.py probe. Each step is a process of its own. The output is TAP.

A file that is damaged, foreign or cannot be read is no error: about() tells, and the defaults serve. That one cannot be kept where SINTER_CACHE_DIR says is.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NUMBER = 0


def check(passed, title, done=None):
    global NUMBER
    NUMBER += 1
    print(f"{'ok' if passed else 'not ok'} {NUMBER} - {title}")
    if not passed and done is not None:
        print(f"# {done}")


def start(probe, settings, *args):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SINTER_", "XDG_"))}
    environment.update({"SINTER_THREADS": "2"}, **settings)
    return subprocess.Popen([probe, *args], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate()
    said = dict(line.partition(" ")[::2] for line in out.splitlines())
    return said | {"code": process.returncode, "err": err}


def run(probe, settings, *args):
    return finish(start(probe, settings, *args))


def main():
    probe = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        cache = root / "deep" / "cache"
        here = {"SINTER_CACHE_DIR": str(cache)}

        first = run(probe, here)
        bits = first.get("bits", "a b").split()[0]

        def fine(done, measured):
            return done["code"] == 0 and bool(done["measured"]) == measured and done["shown"] == "yes" and set(done["bits"].split()) == {bits}

        def refused(done, folder, why):
            return done["code"] == 3 and f"settings_error: SINTER_CACHE_DIR={folder} cannot keep what is measured: {why}" in done["err"]

        check(fine(first, False) and not cache.exists(), "nothing is measured or written unless asked for", first)
        made = run(probe, here, "measure")
        check(fine(made, True) and made["note"] == "" and pathlib.Path(made["file"]).is_file(), "measured, and written", made)
        again = run(probe, here)
        check(fine(again, True) and again["measured"] == made["measured"] and again["file"] == made["file"], "found by a later process", again)

        file = pathlib.Path(made["file"])
        good = file.read_bytes()
        for setting in ("memory", "off"):
            file.unlink()
            done = run(probe, here | {"SINTER_CACHE": setting}, "measure")
            check(fine(done, True) and done["file"] == "" and not file.exists(), f"SINTER_CACHE={setting} writes no file", done)
            file.write_bytes(good)
            done = run(probe, here | {"SINTER_CACHE": setting})
            check(fine(done, False) and done["note"] == "", f"SINTER_CACHE={setting} reads no file", done)
        done = run(probe, here | {"SINTER_THREADS": "1"})
        check(fine(done, False) and done["note"] == "", "another number of threads has another file", done)
        done = run(probe, here | {"SINTER_ISA": "portable"})
        check(done["code"] == 0 and (done["measured"] == "" or "portable" in file.name), "another instruction set has another file", done)

        for title, bad in {
            "an empty file": b"",
            "a file that was cut off": good[: len(good) // 2],
            "a file with a changed digit": good.replace(b"threads 2", b"threads 3"),
            "a file of another version": re.sub(rb"version \d+", b"version 0", good),
            "noise": bytes(range(256)) * 64,
            "a huge file": b"x 1\n" * 1000000,
        }.items():
            file.write_bytes(bad)
            done = run(probe, here)
            check(fine(done, False) and str(file) in done["note"], f"{title} is ignored and told", done)
        done = run(probe, here, "measure")
        check(fine(done, True) and done["note"] == "" and fine(run(probe, here), True), "and replaced by the next measurement", done)

        file.unlink()
        file.mkdir()
        done = run(probe, here)
        check(fine(done, False) and str(file) in done["note"], "a folder in its place is told", done)
        done = run(probe, here, "measure")
        check(refused(done, cache, f"cannot write {file}: Is a directory"), "and a measurement that was to be kept is refused", done)
        file.rmdir()

        (root / "plain").write_text("x")
        for folder, why in {root / "plain" / "cache": f"cannot make the folder {root}/plain: Not a directory", "/proc": "cannot write /proc/machine-"}.items():
            done = run(probe, {"SINTER_CACHE_DIR": str(folder)}, "measure")
            check(refused(done, folder, why), f"a measurement is refused that {'/proc' if folder == '/proc' else 'a folder below a file'} is to keep", done)
            done = run(probe, {"SINTER_CACHE_DIR": str(folder)})
            check(fine(done, False), "and everything else goes on there", done)
            done = run(probe, {"SINTER_CACHE_DIR": str(folder), "SINTER_CACHE": "memory"}, "measure")
            check(fine(done, True), "a measurement too that is not kept", done)
        done = run(probe, {"HOME": str(root / "plain")}, "measure")
        check(fine(done, True) and done["note"] != "", "a folder that nobody has asked for and that cannot be made is told", done)

        several = [start(probe, here, "measure") for _ in range(3)]
        all_done = [finish(p) for p in several]
        check(all(fine(d, True) and d["note"] == "" for d in all_done) and fine(run(probe, here), True), "several processes at once", all_done)
        check([p.name for p in cache.iterdir()] == [file.name], "leave one whole file")

        file.unlink()
        done = run(probe, here, "quit")
        check(done["code"] == 0 and set(done["bits"].split()) == {bits}, "a program that ends while it measures in the background ends well", done)
        if file.exists():
            file.unlink()
        done = run(probe, here, "background")
        check(fine(done, True) and fine(run(probe, here), True), "one that runs on has the machine measured, and kept", done)

        home = {"HOME": str(root / "home")}
        done = run(probe, home, "measure")
        check(fine(done, True) and done["file"].startswith(str(root / "home" / ".cache" / "sinter")), "without a setting it lies in ~/.cache/sinter", done)
        done = run(probe, home | {"XDG_CACHE_HOME": str(root / "xdg")}, "measure")
        check(fine(done, True) and done["file"].startswith(str(root / "xdg" / "sinter")), "or in XDG_CACHE_HOME/sinter", done)
    print(f"1..{NUMBER}")


if __name__ == "__main__":
    main()
