#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# All checks that read rather than run, one after the other, each to its end.
# Needs build/release (globals) and tools/deps.sh check.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
passed=0
failed=0
for check in layers.py banned.py headers.sh globals.sh format.sh tidy.sh; do
    if "tools/check_$check"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
echo "lint: $passed passed, $failed failed"
((failed == 0))
