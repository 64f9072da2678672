#!/bin/sh
# wraps.sh cache [directory] [meson options]: builds Sinter with xsimd, asmjit and oneTBB from subprojects/*.wrap instead of the system's, runs the tests
# that are not long, and those of a project that uses what it installs. The directory (build/wraps) is made anew.
#
# cache: a folder with the archives that the wraps name, so that nothing is downloaded. On Debian 12, with deb-src lines:
#   apt-get source --download-only xsimd asmjit onetbb
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: wraps.sh cache [directory] [meson options]" >&2; exit 2; }
cache=$(cd "$1" && pwd)
work=${2:-$root/build/wraps}
shift
[ $# -eq 0 ] || shift

# Wraps are unpacked into the source tree: into a copy of it.
rm -rf "$work"
mkdir -p "$work/source/subprojects/packagecache"
work=$(cd "$work" && pwd)
for part in meson.build meson_options.txt README.md include src tests perf subprojects; do cp -R "$root/$part" "$work/source"; done
for archive in $(sed -n 's/^source_filename *= *//p' "$root"/subprojects/*.wrap); do
    cp "$cache/$archive" "$work/source/subprojects/packagecache"
done

meson setup "$work/build" "$work/source" --wrap-mode=forcefallback -Dtests=enabled -Dexamples=disabled -Dbuildtype=plain -Dperf=disabled -Djit=enabled "$@"
for project in xsimd asmjit onetbb; do
    if ! meson introspect --projectinfo "$work/build" | grep -q "\"name\": \"$project\""; then
        echo "$project does not come from its wrap" >&2
        exit 1
    fi
done
meson compile -C "$work/build"
meson test -C "$work/build" --no-rebuild --print-errorlogs --no-suite long

echo "== a project that uses what was installed"
DESTDIR= meson install -C "$work/build" --no-rebuild --quiet --destdir "$work/tree"
packages=$(dirname "$(find "$work/tree" -name sinter.pc)")
cp -R "$root/tests/consumer" "$work/consumer"
export PKG_CONFIG_PATH="$packages" LD_LIBRARY_PATH="${packages%/pkgconfig}"
pkg-config --cflags --libs sinter
kind=$(meson introspect --buildoptions "$work/build" | python3 -c '
import json, sys
print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "default_library"))')
meson setup "$work/consumer/build" "$work/consumer" --buildtype=plain -Dsinter=installed -Dkind="$kind"
meson compile -C "$work/consumer/build"
meson test -C "$work/consumer/build" --no-rebuild --print-errorlogs
