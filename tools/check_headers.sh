#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fails when a header does not compile alone: whoever includes it must not
# have to know what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
export CC=${CC:-gcc}
flags=$(pkg-config --cflags libfyaml libzstd zlib libpcre2-8 libcrypto)
export flags

check() {
    # shellcheck disable=SC2086 # the flags are words
    "$CC" -std=gnu17 -D_GNU_SOURCE -DGH_VERSION='""' -Isrc $flags -Wall \
        -Wextra -Werror -fsyntax-only -include "$1" -x c /dev/null ||
        { echo "$1: does not compile alone"; exit 1; }
}
export -f check

mapfile -t headers < <(find src tests -name '*.h' -not -path '*/node_modules/*' | sort)
# shellcheck disable=SC2016 # the inner shell expands it
if ! printf '%s\n' "${headers[@]}" |
    xargs -P "$(nproc)" -I{} bash -c 'check "$1"' _ {}; then
    echo "headers: faults among ${#headers[@]} headers"
    exit 1
fi
echo "headers: ${#headers[@]} headers, 0 faults"
