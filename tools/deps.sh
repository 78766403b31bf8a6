#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing on Debian 12 (or a relative of it), by package name.
#
#   tools/deps.sh [build] [test] [check] [bench]      default: build test
#
# Idempotent: it asks dpkg first and touches neither the network nor sudo when
# nothing is missing. A node that is already there, from wherever, is left
# alone. Elsewhere than on Debian it says what is needed and lets the build
# find out whether that is there.
set -euo pipefail

declare -A group=(
    [build]="gcc libc6-dev make cmake ninja-build pkg-config python3 \
             libssl-dev libfyaml-dev libzstd-dev zlib1g-dev libpcre2-dev \
             libcmocka-dev"
    [test]="zstd"
    [check]="git binutils clang clang-format clang-tidy llvm \
             libclang-rt-14-dev libcjson-dev"
    [bench]="libcjson-dev zstd"
)

say() { printf 'deps: %s\n' "$*" >&2; }

wanted=()
for name in "${@:-build test}"; do
    for one in $name; do
        [[ -v "group[$one]" ]] || { say "no group \"$one\": ${!group[*]}"; exit 2; }
        read -ra packages <<<"${group[$one]}"
        wanted+=("${packages[@]}")
        if [[ $one == test ]]; then
            command -v node >/dev/null || wanted+=(nodejs)
            command -v npm >/dev/null || wanted+=(npm)
        fi
    done
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is no Debian; needed, under whatever names: ${wanted[*]}"
    exit 0
fi

missing=()
for package in $(printf '%s\n' "${wanted[@]}" | sort -u); do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)
    [[ $state == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    exit 0
fi

root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        say "missing: ${missing[*]}"
        say "run as root:  apt-get install --no-install-recommends ${missing[*]}"
        exit 1
    fi
    root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"; }
run() { # quiet, unless it fails
    if ! "$@" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        return 1
    fi
}

say "installing ${missing[*]}"
# The lists may be absent or old: then, and only then, they are fetched.
if ! apt install -y --no-install-recommends "${missing[@]}" \
    >"$log" 2>&1 </dev/null; then
    say "fetching the package lists first"
    run apt update
    run apt install -y --no-install-recommends "${missing[@]}"
fi
say "done"
