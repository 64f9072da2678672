#!/bin/sh
# Builds the library with all optimisation and runs an example: earth, unless another one is named first.
#
#   examples/run.sh [name] [options and file, as for the program: see --help]
#
# Works from any folder, on a fresh Debian 12: what is missing is installed first. $BUILD_DIR says where to build
# (build/release); resulting pictures go into its folder examples, unless --out says otherwise.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD_DIR:-$root/build/release}

# A name is that of a folder with a main.cpp; anything else is for earth.
name=earth
case ${1-} in
    '' | */* | .*) ;;
    *) if [ -f "$root/examples/$1/main.cpp" ]; then name=$1; shift; fi ;;
esac

sh "$root/subprojects/install.sh" build library examples

if [ ! -f "$build/build.ninja" ]; then
    meson setup "$build" "$root" --buildtype=release -Dexamples=enabled -Dtests=disabled -Dperf=disabled
fi
# Through ninja, so that a folder configured otherwise is not changed behind its owner's back.
ninja -C "$build" "examples/$name/$name"

# Only those that write files know where to.
if grep -qs -e --out "$root/examples/$name/options.hpp"; then
    set -- --out "$build/examples" "$@"
fi
exec "$build/examples/$name/$name" "$@"
