#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs clang-tidy over the product code and its tests: bug patterns, the
# static analyser, and the limits on size and complexity of functions.
#
#   tools/check_tidy.sh [FILE...]                     default: all C files
#
# Reads compile commands of build/clang. A file that was clean is not looked at
# again until it, a header or the rules change.
set -euo pipefail
cd "$(dirname "$0")/.."
tidy=$(command -v clang-tidy-14 || command -v clang-tidy)
export tidy

[[ -f build/clang/compile_commands.json ]] ||
    cmake --preset clang >/dev/null
if (($#)); then
    files=("$@")
else
    mapfile -d '' -t files < <(git ls-files -z --cached --others \
        --exclude-standard -- 'src/*.c' 'tests/*.c' 'bench/*.c')
fi

# One stamp per file, named by all that its verdict depends on.
rules=$({ cat .clang-tidy; find src tests -name '*.h' -print0 | sort -z |
    xargs -0 cat; "$tidy" --version; } | sha256sum | cut -c1-16)
export rules
mkdir -p build/tidy

check() {
    stamp=build/tidy/$({ echo "$rules $1"; cat "$1"; } | sha256sum |
        cut -c1-32)
    [[ -e $stamp ]] && return
    if out=$("$tidy" --quiet -p build/clang "$1" 2>/dev/null); then
        touch "$stamp"
    else
        # The path that leads to a fault is long: run clang-tidy on it alone.
        grep -A 2 -E ': (error|warning):' <<<"$out"
        echo "tidy: $1" >>build/tidy/failed
    fi
}
export -f check

rm -f build/tidy/failed
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${files[@]}" |
    xargs -0 -P "$(nproc)" -I{} bash -c 'check "$1"' _ {}
bad=0
if [[ -e build/tidy/failed ]]; then
    bad=$(wc -l <build/tidy/failed)
    sort build/tidy/failed
fi
echo "tidy: ${#files[@]} files, $bad with faults"
((bad == 0))
