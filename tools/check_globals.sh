#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fails when a floor holds mutable state outside of its objects.
#
#   tools/check_globals.sh [BUILD_DIR]                default: build/release
#
# A variable in .data, .bss or thread-local storage is state that no caller
# handed in: untestable, and shared by threads that are to share nothing.
# Constants with pointers in them (.data.rel.ro) are read-only and fine. The
# few exceptions stand in tools/globals.allow, each with its reason.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-build/release}

shopt -s nullglob
archives=("$dir"/libgh_*.a)
if ((${#archives[@]} == 0)); then
    echo "globals: no archives in $dir: build first" >&2
    exit 1
fi

# archive: value flags section size name, e.g.
# 0000000000000000 l     O .bss	0000000000000008 counter
found=$(for a in "${archives[@]}"; do
    objdump -t "$a" | awk -v lib="$(basename "$a" .a)" '
        $0 ~ /:     file format/ { next }
        match($0, /[ \t](\.data|\.bss|\.tdata|\.tbss|\*COM\*)[^ \t]*/) {
            section = substr($0, RSTART + 1, RLENGTH - 1)
            flags = substr($0, 18, 7)
            if (section ~ /^\.data\.rel\.ro/ || flags ~ /d/) next
            print lib " " $NF " " section
        }'
done | sort -u)

bad=0
while read -r lib name section; do
    [[ -n $name ]] || continue
    # Sanitizers and the compiler name their own with dots; ours have none
    # but the suffix of a function's static ("seen.0").
    plain=${name%%.*}
    if ! grep -Eq "^${lib}[[:space:]]+${plain}([[:space:]]|$)" tools/globals.allow
    then
        echo "$lib: $name is mutable ($section)"
        bad=$((bad + 1))
    fi
done <<<"$found"
echo "globals: ${#archives[@]} floors, $bad faults"
((bad == 0))
