#!/bin/sh
# Builds Sinter and runs every test. Installs what is missing first (Debian).
#
#   tests/run.sh                     optimised build, every test
#   tests/run.sh --quick             without the long suites
#   tests/run.sh --sanitize          the same tests under AddressSanitizer and UBSan
#   tests/run.sh --thread-sanitize   the same tests under ThreadSanitizer
#
# BUILD_DIR: where to build (default build/release, build/sanitize, build/thread). Arguments after -- go to `meson setup`.
# The last line is `N passed, N failed`, counted in test cases; the exit code is 0 when nothing failed.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
kind=release
quick=
while [ $# -gt 0 ]; do
    case $1 in
        --sanitize) kind=sanitize ;;
        --thread-sanitize) kind=thread ;;
        --quick) quick=yes ;;
        --) shift; break ;;
        *) echo "usage: tests/run.sh [--quick] [--sanitize | --thread-sanitize] [-- meson options]" >&2; exit 2 ;;
    esac
    shift
done

"$root/subprojects/install.sh" build library tests examples
# Machines are not emulated for sanitizers.
if [ "$kind" = release ]; then "$root/subprojects/install.sh" numa; fi

build=${BUILD_DIR:-$root/build/$kind}
# Sanitizers report functions and lines; to follow variables as well makes some files take GCC three times as long.
case $kind in
    release) set -- -Dbuildtype=release "$@" ;;
    sanitize) set -- -Dbuildtype=plain -Doptimization=1 -Ddebug=true -Dcpp_args=-g1 -Db_sanitize=address,undefined -Db_lundef=false "$@" ;;
    thread) set -- -Dbuildtype=plain -Doptimization=1 -Ddebug=true -Dcpp_args=-g1 -Db_sanitize=thread -Db_lundef=false "$@" ;;
esac
if [ -f "$build/build.ninja" ]; then
    meson configure "$build" -Dtests=enabled -Dexamples=enabled "$@"
else
    meson setup "$build" "$root" -Dtests=enabled -Dexamples=enabled -Dperf=disabled "$@"
fi
meson compile -C "$build"

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}"
export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=0:suppressions=$root/tests/support/tsan.supp}"

rm -rf "$build/tests/reports" "$build/meson-logs/testlog.json"
mkdir -p "$build/tests/reports"
set -- --no-rebuild --print-errorlogs
if [ -n "$quick" ]; then set -- "$@" --no-suite long; fi
# Sanitized programs are several times slower, and other work on the machine must fail no test.
if [ "$kind" = release ]; then set -- "$@" --timeout-multiplier 3; else set -- "$@" --timeout-multiplier 12; fi
meson test -C "$build" "$@" || true
exec python3 "$root/tests/support/count.py" "$build"
