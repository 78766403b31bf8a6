#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the benchmarks, one after the other, each with its own table.
#
#   bench/run.sh [NAME...]                            default: all; "make bench"
#
# They measure what the code costs, not what else the machine does: the best of
# several rounds, and a peer in the same run. They gate nothing. A large mesh is
# read from GATEHOUSE_SHARED (default ../shared) where that is there; without
# it each benchmark makes its own input and says so.
set -euo pipefail
cd "$(dirname "$0")/.."

packed=${GATEHOUSE_SHARED:-../shared}/data/kube/mesh-5000.json.zst
mesh=build/bench/mesh-5000.json
if [[ -e $packed && ! -e $mesh ]] && command -v zstd >/dev/null; then
    mkdir -p build/bench
    zstd -dqf "$packed" -o "$mesh.part" && mv "$mesh.part" "$mesh"
fi
arguments=()
[[ -e $mesh ]] && arguments=("$mesh")

if (($# == 0)); then
    for source in bench/bench_*.c; do
        name=${source##*/bench_}
        set -- "$@" "${name%.c}"
    done
fi
for name; do
    printf '== %s\n' "$name"
    "build/release/bench_$name" "${arguments[@]}"
done
