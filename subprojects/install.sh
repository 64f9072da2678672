#!/bin/sh
# Installs the system packages that the named sections of packages.txt list and that are not there yet.
#
#   subprojects/install.sh build library tests
#   subprojects/install.sh unpack kernel folder    downloads the section's packages, and those they stand for, into the folder; installs nothing
#
# Nothing is asked of the network when nothing is missing. Where there is no dpkg, it does nothing: Meson then says
# what it cannot find.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

packages_of() {
    for section in "$@"; do
        found=$(awk -v section="$section" '$1 == section { print $2 }' "$here/packages.txt")
        if [ -z "$found" ]; then
            echo "install.sh: packages.txt has no section '$section'" >&2
            exit 2
        fi
        echo "$found"
    done | sort -u
}

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

need() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    wanted=$(packages_of "$@")
    missing=
    for package in $wanted; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" -ne 0 ]; then as_root=sudo; fi
    echo "Installing:$missing"
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive sh -ec '
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "$@"' sh $missing
}

# A package such as linux-image-cloud-amd64 has no files, only the name of the newest one.
unpack() {
    folder=$2
    mkdir -p "$folder/packages"
    wanted=$(packages_of "$1")
    names=
    for attempt in now updated; do
        for package in $wanted; do
            names="$names $(apt-cache depends --no-recommends --no-suggests "$package" 2>/dev/null | awk '$1 == "Depends:" && $2 ~ /^linux-image/ { print $2 }')"
        done
        # shellcheck disable=SC2086
        if [ -n "$(echo $names)" ] && (cd "$folder/packages" && apt-get download -qq $names); then break; fi
        [ "$attempt" = now ] || { echo "install.sh: cannot download$names" >&2; exit 1; }
        as_root=
        if [ "$(id -u)" -ne 0 ]; then as_root=sudo; fi
        $as_root apt-get update -qq
        names=
    done
    for file in "$folder"/packages/*.deb; do dpkg-deb -x "$file" "$folder"; done
    rm -rf "$folder/packages"
}

if [ "${1-}" = unpack ]; then
    if [ $# -ne 3 ]; then
        echo "usage: install.sh unpack section folder" >&2
        exit 2
    fi
    unpack "$2" "$3"
    exit
fi
if [ "${1-}" = need ]; then shift; fi
if [ $# -eq 0 ]; then
    echo "usage: install.sh section..." >&2
    exit 2
fi
need "$@"
