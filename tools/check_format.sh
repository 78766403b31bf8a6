#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fails when clang-format would change a C file; with --fix, changes it.
# Version 14 is the measure: others break lines elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
format=$(command -v clang-format-14 || command -v clang-format)

mapfile -d '' -t files < <(
    git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h')
if [[ ${1:-} == --fix ]]; then
    "$format" -i "${files[@]}"
    exit
fi
bad=0
for file in "${files[@]}"; do
    if [[ -e $file ]] && ! "$format" "$file" | cmp -s - "$file"; then
        echo "$file: clang-format would change it (make fmt)"
        bad=$((bad + 1))
    fi
done
echo "format: ${#files[@]} files, $bad faults"
((bad == 0))
