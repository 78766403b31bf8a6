#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a source file includes a header of a later floor.

Floors are the folders of src/ in the order below. A floor may include itself
and what stands before it; nothing else keeps a daemon's parts apart for long.
docs/ARCHITECTURE.md says what each one is for.
"""
import pathlib
import re
import sys

FLOORS = """base wire io http store source mesh mcp tools policy gateway
inference hub audit telemetry admin app""".split()
RANK = {name: i for i, name in enumerate(FLOORS)}
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')


def faults_of(path):
    """Yields (line, text) for each include that goes up, or leads nowhere."""
    floor = path.parts[1]
    if floor not in RANK or len(path.parts) != 3:
        yield 1, "not in a floor's folder"
        return
    for n, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        other = match[1].split("/")[0]
        if other not in RANK or "/" not in match[1]:
            yield n, f'"{match[1]}": write "floor/module.h"'
        elif RANK[other] > RANK[floor]:
            yield n, f"{floor} may not include {other}"


def main():
    files = sorted(pathlib.Path("src").rglob("*.[ch]"))
    bad = 0
    for path in files:
        for line, text in faults_of(path):
            print(f"{path}:{line}: {text}")
            bad += 1
    print(f"layers: {len(files)} files, {bad} faults")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
