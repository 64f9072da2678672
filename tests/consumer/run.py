#!/usr/bin/env python3
"""Sinter as others use it: run.py <root> <build directory> <work directory> <meson> <settings>... The output is TAP.

The project beside this file is built four times and its tests are run: with Sinter as a subproject and as installed, static and shared. What is
installed is this build for its own kind of library, and for the other kind the one that was built as a subproject. Shared objects that
use Sinter are tested once with each kind. Also a program built by what pkg-config says alone, and what the shared objects export.

settings: library=static|shared (this build's), has_jit=true|false, cxx=<compiler>, and <option>=<value> for the nested builds.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "layering"))
import exports  # noqa: E402
KINDS = ("static", "shared")


class Failure(Exception):
    pass


class Consumer:
    def __init__(self, root, build, work, meson, settings):
        self.root, self.build, self.work, self.meson = root, build, work, meson
        self.settings = dict(s.split("=", 1) for s in settings)
        self.own_kind = self.settings.pop("library")
        self.expected = "best" if self.settings.pop("has_jit") == "true" else "portable"
        self.compiler = self.settings.pop("cxx")
        # What the caller has set for Sinter or for installing is not for these builds.
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("SINTER_") and k not in ("DESTDIR", "MAKEFLAGS", "LD_LIBRARY_PATH")}
        self.env["CXX"] = self.compiler
        self.results = []

    def run(self, *command, env=None, cwd=None):
        done = subprocess.run([str(c) for c in command], env=env or self.env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Failure(f"{' '.join(map(str, command))}\n{done.stdout[-6000:]}")
        return done.stdout

    def step(self, name, what, *arguments):
        """One test case: what it returns, or None if it failed."""
        try:
            value = what(*arguments)
            self.results.append((name, ""))
            return True if value is None else value
        except (Failure, OSError) as e:
            self.results.append((name, str(e)))
            return None

    # Installed trees

    def install(self, build, name):
        """Installs a build into a directory of its own; returns where its pkg-config files are."""
        into = self.work / name
        self.run(self.meson, "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", into)
        headers = {p.relative_to(self.root / "include") for p in (self.root / "include").rglob("*.hpp")}
        found = list(into.rglob("sinter.pc"))
        include = [p.parent.parent for p in into.rglob("sinter/sinter.hpp")]
        if len(found) != 1 or len(include) != 1:
            raise Failure(f"sinter.pc: {found}, headers: {include}")
        missing = [str(h) for h in headers if not (include[0] / h).is_file()]
        if missing:
            raise Failure(f"headers that were not installed: {missing}")
        return found[0].parent

    def with_packages(self, packages):
        # A shared library that is not installed where the system looks.
        return self.env | {"PKG_CONFIG_PATH": str(packages), "LD_LIBRARY_PATH": str(packages.parent)}

    def by_pkg_config(self, packages, kind):
        """A program built and linked by what pkg-config says, for the static library with and without --static."""
        env = self.with_packages(packages)
        for extra in [[], ["--static"]] if kind == "static" else [[]]:
            flags = self.run("pkg-config", "--cflags", "--libs", *extra, "sinter", env=env).split()
            if ("-DSINTER_STATIC" in flags) != (kind == "static"):
                raise Failure(f"SINTER_STATIC is for the static library: {flags}")
            program = self.work / f"by_pkg_config_{kind}"
            self.run(*self.compiler.split(), "-std=c++20", f'-DBACKEND="{self.expected}"', HERE / "program.cpp", *flags, "-o", program, env=env)
            self.run(program, env=env)

    # Builds of the project beside

    def build_project(self, name, kind, options, env, shared_objects):
        """Configures, builds and tests the project; its tests become test cases. Returns the build directory."""
        build = self.work / name

        def make():
            self.run(self.meson, "setup", build, self.work / "project", "--buildtype=plain", "-Dpkgconfig.relocatable=true", f"-Dkind={kind}",
                     f"-Dexpect={self.expected}", f"-Dshared_objects={'true' if shared_objects else 'false'}", *options, env=env)
            self.run(self.meson, "compile", "-C", build, env=env)

        if not self.step(f"{name}: builds", make):
            return None
        subprocess.run([self.meson, "test", "-C", str(build), "--no-rebuild"], env=env, capture_output=True)
        log = (build / "meson-logs" / "testlog.json").read_text()
        tests = [json.loads(line) for line in log.splitlines()]
        if len(tests) < (14 if shared_objects else 1):
            self.results.append((f"{name}: all tests ran", f"only {len(tests)}"))
        for test in tests:
            good = test["result"] == "OK"
            self.results.append((f"{name}: {test['name']}", "" if good else f"{test['result']}\n{test.get('stdout', '')}{test.get('stderr', '')}"))
        for plugin in ("plugin_hidden.so", "plugin_visible.so") if shared_objects else ():
            self.exports(name, build / plugin, exports.check_user(build / plugin))
        return build

    def exports(self, name, library, checks):
        for case, errors in checks.items():
            self.results.append((f"{name}: {library.name}: {case}", "\n".join(errors[:30])))

    def all(self):
        shutil.rmtree(self.work, ignore_errors=True)
        project = self.work / "project"
        (project / "subprojects").mkdir(parents=True)
        for path in HERE.iterdir():
            if path.is_file():
                shutil.copy(path, project)
        (project / "subprojects" / "sinter").symlink_to(self.root)

        other = KINDS[1 - KINDS.index(self.own_kind)]
        nested = [f"-D{name}={value}" for name, value in self.settings.items()]
        builds = {self.own_kind: self.build}
        for kind in (other, self.own_kind):
            build = self.build_project(f"subproject-{kind}", kind, [f"-Dsinter:default_library={kind}", *nested], self.env, kind == other)
            if kind == other and build is not None:
                builds[kind] = build
        for kind, build in builds.items():
            packages = self.step(f"installed-{kind}: installs", self.install, build, f"tree-{kind}")
            if packages is None:
                continue
            self.step(f"installed-{kind}: a program by pkg-config alone", self.by_pkg_config, packages, kind)
            self.build_project(f"installed-{kind}", kind, ["-Dsinter=installed"], self.with_packages(packages), kind == self.own_kind)
            if kind == "shared":
                library = packages.parent / "libsinter.so"
                self.exports(f"installed-{kind}", library, exports.check_library(self.root, library))


def main():
    root, build, work = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
    c = Consumer(root, build, work, sys.argv[4], sys.argv[5:])
    c.all()
    print(f"1..{len(c.results)}")
    for number, (name, failure) in enumerate(c.results, 1):
        print(f"{'not ok' if failure else 'ok'} {number} - {name}")
        for line in failure.splitlines()[-60:]:
            print(f"# {line}")


if __name__ == "__main__":
    main()
