#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on what does not belong into any file of ours.

Functions that no bounded, reentrant program calls; source files without their
licence line; traces of the machine that someone happened to work on.
"""
import re
import subprocess
import sys

BANNED = {
    "sprintf": "snprintf, gh_buf_addf",
    "vsprintf": "vsnprintf",
    "strcpy": "gh_slice",
    "strcat": "gh_buf_add",
    "strncpy": "memcpy of a known length",
    "strncat": "gh_buf_add",
    "stpcpy": "gh_buf_add",
    "strtok": "gh_slice_cut",
    "strtok_r": "gh_slice_cut",
    "atoi": "gh_u64_parse",
    "atol": "gh_u64_parse",
    "atoll": "gh_u64_parse",
    "atof": "gh_json_f64",
    "gets": "getline",
    "alloca": "an arena",
    "setjmp": "return codes",
    "longjmp": "return codes",
    "signal": "sigaction",
    "tmpnam": "mkstemp",
    "mktemp": "mkstemp",
    "gmtime": "gmtime_r",
    "localtime": "localtime_r",
    "strerror": "strerrordesc_np",
    "rand": "getrandom",
    "system": "posix_spawn",
    "popen": "posix_spawn",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
# Comments, strings and characters: nothing in them is called.
QUIET = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
LICENSED = (".c", ".h", ".py", ".sh", ".cmake", ".js", ".mjs", ".ts",
            "CMakeLists.txt", "Makefile", ".ci/run")
TRACES = [
    # A machine's own folders. Written so that this line is no trace itself.
    (re.compile(r"(?<![\w./-])/(?:work|root|home/\w+|Users/\w+)/"),
     "a path of someone's machine"),
    (re.compile(r"\"resolved\": *\"https?:"),
     "a registry's address (npm: omit-lockfile-registry-resolved=true)"),
    (re.compile(r"^\s*(?:registry|index-url|extra-index-url) *=", re.M),
     "a registry's address"),
]


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def blank(match):
    return "\n" * match[0].count("\n") or " "


def faults_of(path, text):
    """Yields (line, text)."""
    if path.endswith(LICENSED):
        head = "\n".join(text.splitlines()[:3])
        if "SPDX-License-Identifier: Apache-2.0" not in head:
            yield 1, "no SPDX line"
    if path.startswith("src/") and path.endswith((".c", ".h")):
        code = QUIET.sub(blank, text)
        for match in CALL.finditer(code):
            yield (line_of(code, match.start()),
                   f"{match[1]}(): use {BANNED[match[1]]}")
    for pattern, what in TRACES:
        for match in pattern.finditer(text):
            yield line_of(text, match.start()), what


def main():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"], check=True, capture_output=True).stdout
    names = sorted(set(listed.decode().split("\0")) - {""})
    seen = bad = 0
    for path in names:
        try:
            with open(path, encoding="utf-8", newline="") as file:
                text = file.read()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # corpora hold any bytes
        if "/corpus/" in path:
            continue
        seen += 1
        for line, what in faults_of(path, text):
            print(f"{path}:{line}: {what}")
            bad += 1
    print(f"banned: {seen} files, {bad} faults")
    return 1 if bad or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
