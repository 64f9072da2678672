#!/bin/sh
# merge.sh nm objcopy output archive asmjit linker...: our code generator and what it needs of asmjit, as one object.
#
# - asmjit's names become local. A program, or another shared object with a Sinter of its own, may use any asmjit beside ours.
# - Its references to stderr go to a pointer of ours: Debian's libasmjit.a is not position-independent, and that is the one
#   reference which keeps it out of shared objects.
#
# asmjit: an archive, or -l and a name.
set -eu

nm=$1 objcopy=$2 output=$3 archive=$4 asmjit=$5
shift 5
trap 'rm -f "$output".linked "$output".unique "$output".weak' EXIT

# Sections leave their groups: one that another object has too would else be dropped, with names in it that are local by then.
"$@" -r -nostdlib -o "$output.linked" -Wl,--force-group-allocation -Wl,--whole-archive "$archive" -Wl,--no-whole-archive "$asmjit"
# Outside of groups, names that are unique in the process are defined twice, and they do not become local; weak ones do.
"$nm" --defined-only "$output.linked" | sed -n 's/.* u //p' >"$output.unique"
"$objcopy" --redefine-sym stderr=sinter_stderr --weaken-symbols="$output.unique" "$output.linked" "$output.weak"
"$objcopy" --wildcard --localize-symbol='*asmjit*' "$output.weak" "$output"
