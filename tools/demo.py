#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the example mesh six questions, the way an agent does.

A real MCP client over stdio, with nothing but Python's library: it starts
`gatehouse mcp`, discovers it, calls its tools, and prints question, call,
answer (the tool's own text) and a conclusion, which is taken from the
structured part of the answer alone. Ends with the shop's policy tests.
"""
import json
import os
import subprocess
import sys
import textwrap

GATEHOUSE = "build/gatehouse"
MESH = "examples/shop"
WIDTH = 78
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "demo", "version": "1"},
}


class Paint:
    """Colours on a terminal, nothing elsewhere."""

    def __init__(self, on):
        self.on = on

    def __call__(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text

    def bold(self, text):
        return self("1", text)

    def dim(self, text):
        return self("2", text)

    def good(self, text):
        return self("32", text)

    def bad(self, text):
        return self("31", text)


paint = Paint(sys.stdout.isatty() and "NO_COLOR" not in os.environ)


class Server:
    """One MCP server on the other end of two pipes."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.last_id = 0

    def ask(self, method, **params):
        self.last_id += 1
        message = {"jsonrpc": "2.0", "id": self.last_id, "method": method,
                   "params": {**params, "_meta": META}}
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") != self.last_id:
                continue  # a notification
            if "error" in answer:
                sys.exit(f"{method}: {answer['error']['message']}")
            return answer["result"]
        sys.exit(f"{method}: the server went away")

    def call(self, tool, **arguments):
        """Returns the text of the answer and its structured part."""
        arguments.setdefault("format", "table")
        result = self.ask("tools/call", name=tool, arguments=arguments)
        text = "\n".join(part["text"] for part in result["content"]
                         if part["type"] == "text")
        if result.get("isError"):
            sys.exit(f"{tool}: {text}")
        return text, result["structuredContent"]

    def close(self):
        self.process.stdin.close()
        if self.process.wait(timeout=10) != 0:
            sys.exit("gatehouse mcp did not end well")


def plural(count, noun, many=None):
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def heading(number, question):
    print()
    print(paint.bold(f"{number}. {question}"))


def show_call(tool, arguments):
    inside = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    print(paint.dim("   " + textwrap.fill(
        f"{tool}({inside})", WIDTH - 3, subsequent_indent="       ")))


def show_answer(text):
    print()
    for line in text.rstrip().splitlines():
        print(f"   {line}".rstrip())


def show_conclusion(text, good=True):
    mark = paint.good("=>") if good else paint.bad("=>")
    print()
    print(textwrap.fill(text, WIDTH, initial_indent=f"{mark} ",
                        subsequent_indent="   "))
