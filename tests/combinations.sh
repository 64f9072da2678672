#!/bin/sh
# combinations.sh [--quick] [directory]: builds Sinter with every combination of its options that differs, and runs what applies.
#
# Each of jit x numa x default_library: the library and a test of its public interface. Without the JIT, and as a shared library, without
# NUMA both: the examples, the benchmarks and all tests that are not long. Neither tests nor examples nor benchmarks, and all options left to
# themselves, are built too. --quick leaves out the two that build and test everything.
# Each in a directory of its own under build/combinations, unoptimised where little runs.
# The last line is `N passed, N failed`, counted in combinations.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
"$root/subprojects/install.sh" build library tests examples perf
quick=
if [ "${1-}" = --quick ]; then
    quick=yes
    shift
fi
work=${1:-$root/build/combinations}
mkdir -p "$work"
passed=0
failed=0

# try name "targets" "tests" options...: an empty list of targets builds everything, of tests runs none, and `-` stands for all short ones.
try() {
    name=$1 targets=$2 tests=$3
    shift 3
    log=$work/$name.log
    if (
        rm -rf "${work:?}/$name"
        meson setup "$work/$name" "$root" -Dbuildtype=plain "$@"
        # shellcheck disable=SC2086
        meson compile -C "$work/$name" $targets
        case $tests in
            '') ;;
            -) meson test -C "$work/$name" --no-rebuild --print-errorlogs --no-suite long ;;
            # shellcheck disable=SC2086
            *) meson test -C "$work/$name" --no-rebuild --print-errorlogs $tests ;;
        esac
    ) >"$log" 2>&1; then
        echo "ok      $name"
        passed=$((passed + 1))
    else
        echo "FAILED  $name: see $log"
        failed=$((failed + 1))
    fi
}

for library in static shared; do
    exports=
    if [ $library = shared ]; then exports=exports; fi
    for jit in enabled disabled; do
        for numa in enabled disabled; do
            case $library-$jit-$numa in
                static-disabled-disabled | shared-enabled-disabled)
                    [ -z "$quick" ] || continue
                    try "$library-jit-$jit-numa-$numa-all" "" - -Doptimization=1 -Ddefault_library=$library -Djit=$jit -Dnuma=$numa \
                        -Dtests=enabled -Dexamples=enabled -Dperf=enabled ;;
                *)
                    try "$library-jit-$jit-numa-$numa" "smoke probe" "smoke settings $exports" -Ddefault_library=$library -Djit=$jit -Dnuma=$numa \
                        -Dtests=enabled -Dexamples=disabled -Dperf=disabled ;;
            esac
        done
    done
done
try both-libraries "smoke" smoke -Ddefault_library=both -Dtests=enabled -Dexamples=disabled -Dperf=disabled
try library-alone "" "" -Dtests=disabled -Dexamples=disabled -Dperf=disabled
try auto smoke smoke -Dauto_features=auto

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
