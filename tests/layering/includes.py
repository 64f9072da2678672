#!/usr/bin/env python3
"""The rules of the source tree: includes.py <root>. The output is TAP.

Includes go one way through the layers, each dependency has one place, public headers never reach into src, and files stay short.
"""
import pathlib
import re
import sys

LAYERS = ["base", "graph", "passes", "plan", "codegen", "runtime", "io", "order"]
# A kernel as plain data: what plans are made of and code is made from. It obeys the planner's rules.
PLAN_DATA = ("src/codegen/kernel.hpp",)
SOURCES = (".hpp", ".cpp")
LONGEST = 500

# What may be included where: a pattern of the include, and the folders or files that may have it.
FIXED = ("include/sinter/fixed.hpp", "include/sinter/detail/batch_", "include/sinter/detail/fixed/")
OWNED = [
    ("asmjit", re.compile(r"asmjit/"), ("src/codegen/jit/",)),
    ("TBB", re.compile(r"(oneapi/)?tbb(/|\.h)"), ("src/runtime/",)),
    ("libnuma", re.compile(r"numa(if)?\.h"), ("src/runtime/",)),
    ("xsimd", re.compile(r"xsimd/"), ("src/codegen/portable/", *FIXED)),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def layer_of(path):
    """The position of a file of src among the layers: what it includes must not stand higher."""
    if path in PLAN_DATA:
        return LAYERS.index("plan")
    parts = path.split("/")
    if parts[0] != "src" or len(parts) == 2:
        return len(LAYERS)
    return LAYERS.index(parts[1]) if parts[1] in LAYERS else None


def resolve(root, user, kind, target):
    """Where an include leads inside the tree, or None if it leads outside."""
    beside = (root / user).parent / target
    candidates = [root / "src" / target, root / "include" / target]
    if kind == '"':
        candidates.insert(0, beside)
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve().relative_to(root).as_posix()
    return None


def broken_rules(root, files):
    """{rule: [what broke it]}, every rule present."""
    rules = {
        "layers: includes go one way": [],
        "codegen: the two backends do not know each other": [],
        "public headers include only public headers": [],
        "only fixed.hpp reaches the static kernels": [],
        "every folder of src has its layer": [],
        "headers have #pragma once": [],
        f"no file has more than {LONGEST} lines": [],
    }
    rules |= {f"{name} stays in {', '.join(where)}": [] for name, _, where in OWNED}
    for user, text in files.items():
        mine = layer_of(user)
        if user.startswith("src/") and mine is None:
            rules["every folder of src has its layer"].append(user)
            continue
        if user.endswith(".hpp") and "#pragma once" not in text:
            rules["headers have #pragma once"].append(user)
        if text.count("\n") > LONGEST:
            rules[f"no file has more than {LONGEST} lines"].append(user)
        for kind, target in INCLUDE.findall(text):
            what = f"{user} includes {target}"
            for name, pattern, where in OWNED:
                if pattern.match(target) and not user.startswith(where):
                    rules[f"{name} stays in {', '.join(where)}"].append(what)
            found = resolve(root, user, kind, target)
            if user.startswith("include/"):
                if (found or "").startswith("src/") or kind == '"':
                    rules["public headers include only public headers"].append(what)
            if found is None:
                continue
            if found.startswith(FIXED) and not user.startswith((*FIXED, "src/codegen/portable/")):
                rules["only fixed.hpp reaches the static kernels"].append(what)
            if user.startswith("src/") and found.startswith("src/"):
                theirs = layer_of(found)
                if theirs is not None and theirs > mine:
                    rules["layers: includes go one way"].append(what)
                for one, other in (("jit", "portable"), ("portable", "jit")):
                    if user.startswith(f"src/codegen/{one}/") and found.startswith(f"src/codegen/{other}/"):
                        rules["codegen: the two backends do not know each other"].append(what)
    return rules


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = {}
    for folder in ("include", "src"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SOURCES:
                files[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
    if not files:
        sys.exit(f"no sources under {root}")
    rules = broken_rules(root, files)
    print(f"1..{len(rules)}")
    for number, (rule, broken) in enumerate(rules.items(), 1):
        print(f"{'not ok' if broken else 'ok'} {number} - {rule}")
        for line in broken:
            print(f"# {line}")


if __name__ == "__main__":
    main()
