#!/bin/sh
# Builds the library with all optimisation and runs examples/earth, on the picture named or on its own.
#
#   examples/run.sh [options and picture, as for the program: see --help]
#
# Works from any folder, on a fresh Debian 12: what is missing is installed first. $BUILD_DIR says where to build
# (build/release); the resulting pictures go into its folder examples, unless --out says otherwise.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build/release}

sh "$root/subprojects/install.sh" build library examples

if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" "$root" --buildtype=release -Dexamples=enabled -Dtests=disabled -Dperf=disabled
fi
# Through ninja, so that a folder configured otherwise is not changed behind its owner's back.
ninja -C "$build" examples/earth/earth

exec "$build/examples/earth/earth" --out "$build/examples" "$@"
