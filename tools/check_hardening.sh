#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fails when the release binary lacks one of its defences.
#
#   tools/check_hardening.sh [BINARY]                 default: build/gatehouse
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-build/gatehouse}
facts=$(LC_ALL=C readelf -W --file-header --segments --dynamic --notes \
    --dyn-syms "$binary")

passed=0
failed=0
need() { # WHAT PATTERN: it must be there
    if grep -Eq "$2" <<<"$facts"; then
        passed=$((passed + 1))
    else
        echo "$binary: $1 is missing"
        failed=$((failed + 1))
    fi
}
none() { # WHAT PATTERN: it must not be there
    if grep -Eq "$2" <<<"$facts"; then
        echo "$binary: $1"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

need "position independence (PIE)" 'FLAGS_1.*PIE'
need "RELRO" 'GNU_RELRO'
need "immediate binding (full RELRO)" '\((BIND_NOW|FLAGS)\).*BIND_NOW|FLAGS_1.*NOW'
need "the stack protector" '__stack_chk_fail'
need "FORTIFY_SOURCE" '__[a-z]+_chk'
none "the stack is executable" 'GNU_STACK.* RWE '
none "a segment is writable and executable" 'LOAD.* RWE '
none "a library path is built in" '\((RPATH|RUNPATH)\)'
# Debian's start files carry no CET mark, so the linker drops ours from the
# binary: look at the code instead.
if grep -Eq 'Machine:.*X86-64' <<<"$facts"; then
    facts=$(objdump -d --no-show-raw-insn --disassemble=main "$binary")
    need "control-flow protection (CET)" 'endbr64'
fi
echo "hardening: $passed passed, $failed failed"
((failed == 0))
