#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs fuzz targets for a while each, on a copy of their corpora.
#
#   tools/fuzz.sh SECONDS [PARSER...]                 default: all parsers
#
# What is found stays in build/fuzz/found/<parser>; a crash's input beside it.
# Take a crash into tests/fuzz/corpus/<parser> once it is fixed: the corpora
# are replayed by every ordinary test run.
set -euo pipefail
cd "$(dirname "$0")/.."
export LSAN_OPTIONS=suppressions=$PWD/tools/lsan.supp:print_suppressions=0
time=${1:?usage: tools/fuzz.sh SECONDS [PARSER...]}
shift
[[ -f build/fuzz/build.ninja ]] || cmake --preset fuzz >/dev/null

all=()
for source in tests/fuzz/fuzz_*.c; do
    [[ -e $source ]] || continue
    name=${source##*/fuzz_}
    all+=("${name%.c}")
done
if (($# == 0)); then
    set -- "${all[@]}"
fi
targets=()
for parser; do
    if [[ ! -e tests/fuzz/fuzz_$parser.c ]]; then
        echo "fuzz: no target \"$parser\"; there are: ${all[*]}" >&2
        exit 2
    fi
    targets+=("fuzz_$parser")
done
if ((${#targets[@]})); then
    cmake --build build/fuzz --target "${targets[@]}" -- --quiet
fi

passed=0
failed=0
one() {
    local found=build/fuzz/found/$1 corpus=tests/fuzz/corpus/$1
    local log=build/fuzz/$1.log rest=()
    mkdir -p "$found"
    [[ -d $corpus ]] && rest=("$corpus")
    if build/fuzz/"fuzz_$1" -max_total_time="$time" -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$1-" "$found" "${rest[@]}" \
        >"$log" 2>&1 </dev/null; then
        printf 'fuzz: %-12s %9s runs, nothing found\n' "$1" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
        passed=$((passed + 1))
    else
        printf 'fuzz: %s failed; %s ends:\n' "$1" "$log"
        tail -n 40 "$log"
        failed=$((failed + 1))
    fi
}
for parser; do
    one "$parser"
done
echo "fuzz: $passed passed, $failed failed"
((failed == 0))
